"""Accounts and the members of each channel."""

from alembic import op
from sqlalchemy import JSON, Boolean, Column, String

from yizhan.core.store.infrastructure import create_members
from yizhan.core.store.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_members(op, "channels")
    op.create_table(
        "accounts",
        Column("channel", String(32), primary_key=True),
        Column("account", String(63), primary_key=True),
        Column("workspace", String(63), nullable=False),
        Column("name", String(200), nullable=False),
        Column("settings", JSON, nullable=False),
        Column("enabled", Boolean, nullable=False),
        Column("created_at", UtcDateTime, nullable=False),
        schema="channels",
    )
