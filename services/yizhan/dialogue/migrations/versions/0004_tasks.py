"""The task that a conversation is in the middle of."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass
