"""Agents' answers against the contract, as routing reckoned them."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "answer_marks",
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("ends", sa.Boolean, primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("clock", sa.String(24), nullable=False),
        sa.Column("mark", sa.String(8), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("contract", sa.String(16), nullable=False),
        sa.Column("calendar", sa.String(16), nullable=False),
        sa.Column("open_ms", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("source", sa.String(36), nullable=False),
        sa.Index("answer_marks_by_time", "workspace", "ends", "at"),
        sa.Index("answer_marks_by_due", "workspace", "ends", "due_at"),
        sa.Index("answer_marks_of_conversation", "conversation_id"),
        schema="metrics",
    )
