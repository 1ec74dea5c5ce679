"""Registered systems of a business: their tokens, and what they may read."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "systems",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("agents", sa.Text, nullable=False),
        sa.Column("all_agents", sa.Boolean, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        schema="routing",
    )
    op.create_table(
        "system_tokens",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("system", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("ends_at", UtcDateTime),
        sa.Column("ended", sa.String(16), nullable=False),
        sa.Index("system_tokens_by_system", "workspace", "system"),
        schema="routing",
    )
    op.create_table(
        "attend_readable",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("until", UtcDateTime, nullable=False, index=True),
        schema="routing",
    )
