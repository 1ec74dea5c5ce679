"""Canned replies of a workspace and of its agents."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("shortcut", sa.String(21), nullable=False),
        sa.Column("shortcut_key", sa.String(64)),
        sa.Column("folder", sa.String(60), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("uses", sa.BigInteger, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("updated_by", sa.String(36), nullable=False),
        sa.UniqueConstraint("workspace", "owner_id", "shortcut_key", name="canned_replies_shortcut"),
        schema="routing",
    )
    op.create_table(
        "reply_settings",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("workspace_name", sa.String(100), nullable=False),
        schema="routing",
    )
