"""Notes that only agents see, and the wait that a customer was told."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("session", sa.Integer, nullable=False),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("author_name", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("whisper_to", sa.String(36), nullable=False),
        sa.Column("client_id", sa.String(200), nullable=False),
        sa.Column("written_at", UtcDateTime, nullable=False),
        schema="dialogue",
    )
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("last_note", sa.BigInteger, nullable=False, server_default="0"))
        table.add_column(sa.Column("told_wait", sa.Integer, nullable=False, server_default="0"))
