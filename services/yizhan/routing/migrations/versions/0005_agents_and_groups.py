"""Groups, skills, and what a case asks for."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Filled in with the tables it is for."""
