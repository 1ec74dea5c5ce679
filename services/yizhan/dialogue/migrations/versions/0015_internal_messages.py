"""Messages that only agents see."""

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Filled in with the tables it is for."""
