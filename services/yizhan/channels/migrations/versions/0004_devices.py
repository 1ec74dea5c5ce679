"""Devices of apps' users, and what they were told of messages while nobody looked."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("address_key", sa.String(600), primary_key=True),
        sa.Column("device", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(63), nullable=False),
        sa.Column("platform", sa.String(8), nullable=False),
        sa.Column("token", sa.String(1000), nullable=False),
        sa.Column("environment", sa.String(16), nullable=False),
        sa.Column("app_version", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column("put_at", UtcDateTime, nullable=False),
        sa.Index("devices_by_token", "account", "platform", "token"),
        schema="channels",
    )
    op.create_table(
        "pushes",
        sa.Column("message_id", sa.String(36), primary_key=True),
        sa.Column("device", sa.String(64), primary_key=True),
        sa.Column("address_key", sa.String(600), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("platform", sa.String(8), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("tries", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("planned_at", UtcDateTime, nullable=False),
        sa.Index("pushes_by_time", "state", "due_at"),
        sa.Index("pushes_by_address", "address_key"),
        sa.Index("pushes_by_age", "planned_at"),
        schema="channels",
    )
