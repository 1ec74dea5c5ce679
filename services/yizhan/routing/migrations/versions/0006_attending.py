"""A business's own agent systems that attend by stream: what they are told, hold and asked for."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "attend_systems",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("agents", sa.Text, nullable=False),
        sa.Column("all_agents", sa.Boolean, nullable=False),
        sa.Column("last_cursor", sa.BigInteger, nullable=False),
        sa.Column("acknowledged", sa.BigInteger, nullable=False),
        sa.Column("said_hello_at", UtcDateTime, nullable=False),
        schema="routing",
    )
    op.create_table(
        "attend_events",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("cursor", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", UtcDateTime, nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        schema="routing",
    )
    op.create_table(
        "attend_held",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(36), primary_key=True),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        schema="routing",
    )
    op.create_table(
        "attend_requests",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False, index=True),
        sa.Column("result", sa.LargeBinary),
        schema="routing",
    )
