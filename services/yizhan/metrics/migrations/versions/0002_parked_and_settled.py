"""Parked messages by name, so that a replayed one is counted once; losses that a person has settled."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "parked",
        sa.Column("handled_id", sa.String(36), primary_key=True),
        sa.Column("envelope_id", sa.String(36), nullable=False),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("producer", sa.String(100), nullable=False),
        schema="metrics",
    )
    op.create_table(
        "settlements",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("producer", sa.String(100), nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Index("settlements_of_producer", "workspace", "channel", "producer"),
        schema="metrics",
    )
