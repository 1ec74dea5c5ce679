"""Canned replies of a workspace."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Filled in with the tables it is for."""
