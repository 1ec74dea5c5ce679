"""The table of what agents were and could do, and when that changed."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.store.tables import metadata

agent_history = sa.Table(
    "agent_history",
    metadata,
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
)
"""Append-only. ``presence`` is ``offline`` also from the moment an agent was given up as silent. ``abilities``: a JSON object
with skills, languages and group ids."""
