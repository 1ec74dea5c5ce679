"""What each decision of the assistant was made from, so that it can be made again."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
