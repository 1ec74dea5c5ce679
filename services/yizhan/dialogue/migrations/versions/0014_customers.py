"""Customers, their identities and profiles."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Filled in with the tables it is for."""
