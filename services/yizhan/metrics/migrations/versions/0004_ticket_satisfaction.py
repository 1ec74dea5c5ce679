"""How satisfied customers are with the solutions of tickets, and whether they were asked."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "ticket_ratings",
        sa.Column("ticket_id", sa.String(36), primary_key=True),
        sa.Column("solving", sa.Integer, primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("score", sa.SmallInteger, nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Index("ticket_ratings_by_time", "workspace", "at"),
        schema="metrics",
    )
    op.create_table(
        "ticket_surveys",
        sa.Column("ticket_id", sa.String(36), primary_key=True),
        sa.Column("solving", sa.Integer, primary_key=True),
        sa.Column("outcome", sa.String(16), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Index("ticket_surveys_by_time", "workspace", "at"),
        schema="metrics",
    )
