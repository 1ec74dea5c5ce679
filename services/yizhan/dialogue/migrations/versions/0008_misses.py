"""What was not answered well, in groups, and what agents made of suggested answers."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("trail", sa.Text))
    op.create_table(
        "misses",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("entry_id", sa.String(200), nullable=False),
        sa.Column("candidates", sa.Text, nullable=False),
        sa.Column("release_id", sa.String(36), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("group_id", sa.String(36)),
        sa.Column("leads", sa.Boolean, nullable=False, server_default=sa.false()),
        schema="dialogue",
    )
    op.create_index("misses_by_group", "misses", ["workspace", "group_id", "at"], schema="dialogue")
    op.create_index("misses_by_key", "misses", ["workspace", "key"], schema="dialogue")
    op.create_index("misses_by_conversation", "misses", ["conversation_id"], schema="dialogue")
    op.create_table(
        "miss_groups",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("entry_id", sa.String(200), nullable=False),
        sa.Column("drafted_at", UtcDateTime),
        sa.Column("drafted_by", sa.String(100), nullable=False),
        schema="dialogue",
    )
    op.create_index("miss_groups_by_time", "miss_groups", ["workspace", "last_at"], schema="dialogue")
    op.create_table(
        "miss_grouping",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="dialogue",
    )
    op.create_table(
        "suggestion_uses",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("entry_id", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        schema="dialogue",
    )
    op.create_index("suggestion_uses_by_time", "suggestion_uses", ["workspace", "at"], schema="dialogue")
