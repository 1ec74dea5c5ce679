"""The first tables of metrics."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import create_inbox
from yizhan.core.store.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_inbox(op, "metrics")
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("case_key", sa.String(80), nullable=False),
        sa.Column("clock", sa.String(24), nullable=False),
        sa.Column("mark", sa.String(8), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("source", sa.String(36), nullable=False),
        sa.UniqueConstraint("clock", "case_key", "mark", name="ledger_once"),
        sa.Index("ledger_by_time", "workspace", "clock", "mark", "at"),
        sqlite_autoincrement=True,
        schema="metrics",
    )
    op.create_table(
        "ratings",
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("session", sa.Integer, primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("score", sa.SmallInteger, nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        schema="metrics",
    )
    op.create_table(
        "message_minutes",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("minute", UtcDateTime, primary_key=True),
        sa.Column("disposition", sa.String(12), primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
        schema="metrics",
    )
    op.create_table(
        "producers",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("producer", sa.String(100), primary_key=True),
        sa.Column("disposition", sa.String(12), primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
        schema="metrics",
    )
    op.create_table(
        "latency_minutes",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("step", sa.String(24), primary_key=True),
        sa.Column("minute", UtcDateTime, primary_key=True),
        sa.Column("bucket", sa.Integer, primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
        schema="metrics",
    )
