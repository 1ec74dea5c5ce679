"""Releases in pieces, the published one by name, drafts and who changed what."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
