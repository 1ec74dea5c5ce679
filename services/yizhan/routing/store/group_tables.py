"""Tables of groups, of what is asked for by which case, and of why an agent was chosen."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.store.tables import metadata

groups = sa.Table(
    "agent_groups",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("wider", sa.Text, nullable=False),
)

group_members = sa.Table(
    "group_members",
    metadata,
    sa.Column("group_id", sa.String(36), primary_key=True),
    sa.Column("agent_id", sa.String(36), primary_key=True),
)

routes = sa.Table(
    "routes",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

transfers = sa.Table(
    "transfers",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("epoch", sa.BigInteger, primary_key=True),
    sa.Column("to_agent", sa.String(36), nullable=False),
    sa.Column("to_group", sa.String(36), nullable=False),
    sa.Column("from_agent", sa.String(36), nullable=False),
    sa.Column("note", sa.String(1000), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
"""Where conversations that are on their way back to the queue are to go. ``epoch`` is that under which it was decided."""

decisions = sa.Table(
    "routing_decisions",
    metadata,
    sa.Column("case_id", sa.String(36), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("record", sa.Text, nullable=False),
    sa.Index("routing_decisions_by_conversation", "conversation_id"),
)
"""Append-only. ``agent_id`` is empty where nobody could be asked."""
