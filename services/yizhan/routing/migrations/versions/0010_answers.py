"""What agents owe their customers next, by the contract of the case."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("contract", sa.String(16), nullable=False),
        sa.Column("calendar", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("answered_seq", sa.BigInteger, nullable=False),
        sa.Column("clock", sa.String(24), nullable=False),
        sa.Column("since", UtcDateTime),
        sa.Column("risk_at", UtcDateTime),
        sa.Column("due_at", UtcDateTime),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Index("answers_of_conversation", "workspace", "conversation_id"),
        sa.Index("answers_by_due", "workspace", "due_at"),
        schema="routing",
    )
