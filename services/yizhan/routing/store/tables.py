"""The routing service's tables (schema ``routing``)."""

import sqlalchemy as sa

from yizhan.core.store.inbox import inbox_table
from yizhan.core.store.outbox import outbox_table
from yizhan.core.store.tables import UtcDateTime, metadata_for
from yizhan.core.store.timers import timers_table

SERVICE = "routing"
metadata = metadata_for(SERVICE)

inbox = inbox_table(metadata, SERVICE)
outbox = outbox_table(metadata, SERVICE)
timers = timers_table(metadata, SERVICE)

desks = sa.Table(
    "desks",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("tickets", sa.BigInteger, nullable=False),
)
"""One row per workspace. Whoever changes who serves whom holds its lock; ``tickets`` counts ticket numbers."""

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("presence", sa.String(10), nullable=False),
    sa.Column("heard_at", UtcDateTime),
    sa.Column("offered_at", UtcDateTime),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("presence_reason", sa.String(16), nullable=False, server_default=""),
    sa.Column("skills", sa.Text, nullable=False, server_default="[]"),
    sa.Column("languages", sa.Text, nullable=False, server_default="[]"),
    sa.Column("supervisor", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("presence_at", UtcDateTime),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False, index=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("customer_name", sa.String(200), nullable=False),
    sa.Column("last_text", sa.String(400), nullable=False),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Column("deadline", UtcDateTime, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("offer_id", sa.String(36), nullable=False),
    sa.Column("offer_expires_at", UtcDateTime),
    sa.Column("offered_at", UtcDateTime),
    sa.Column("assigned_at", UtcDateTime),
    sa.Column("told_position", sa.Integer, nullable=False),
    sa.Column("passed", sa.Text, nullable=False),
    sa.Column("reply_until", UtcDateTime),
    sa.Column("reply_left", sa.Integer),
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Column("language", sa.String(16), nullable=False, server_default=""),
    sa.Column("skills", sa.Text, nullable=False, server_default="[]"),
    sa.Column("group_id", sa.String(36), nullable=False, server_default=""),
    sa.Column("weight", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Column("level", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("only_agent", sa.String(36), nullable=False, server_default=""),
    sa.Column("last_agent", sa.String(36), nullable=False, server_default=""),
    sa.Column("from_agent", sa.String(36), nullable=False, server_default=""),
    sa.Column("note", sa.String(1000), nullable=False, server_default=""),
    sa.Column("contract", sa.String(16), nullable=False, server_default=""),
    sa.Column("calendar", sa.String(16), nullable=False, server_default=""),
    sa.Column("told_high", sa.Integer, nullable=False, server_default="0"),
    sa.Column("told_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ticket_id", sa.String(36), nullable=False, server_default=""),
    sa.Column("choice_at", UtcDateTime),
    sa.Column("can_choose", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("cases_by_state", "workspace", "state"),
    sa.Index("cases_by_agent", "agent_id", "state"),
    sa.Index("cases_by_request", "workspace", "requested_at"),
)
