"""Jobs: what must not be waited for inside the single writer."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
