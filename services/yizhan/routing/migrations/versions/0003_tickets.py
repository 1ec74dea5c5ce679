"""What tickets are made of."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Filled in with the tables it is for."""
