"""What agents were and could do, and when that changed: a day can be played again."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "agent_history",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("presence", sa.String(10), nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("supervisor", sa.Boolean, nullable=False),
        sa.Column("abilities", sa.Text, nullable=False),
        sa.Index("agent_history_by_time", "workspace", "at"),
        sa.Index("agent_history_of_agent", "agent_id", "at"),
        schema="routing",
    )
