"""What each decision of the assistant was made from, so that it can be made again."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.Column("after_seq", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("command", sa.LargeBinary),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Index(
            "decisions_by_command",
            "conversation_id",
            "after_seq",
            postgresql_where=sa.text("command IS NOT NULL"),
            sqlite_where=sa.text("command IS NOT NULL"),
        ),
        schema="dialogue",
    )
