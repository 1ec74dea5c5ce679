"""Tables of a business's own agent systems that attend by stream."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.store.tables import metadata

attend_systems = sa.Table(
    "attend_systems",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(64), primary_key=True),
    sa.Column("session", sa.String(36), nullable=False),
    sa.Column("agents", sa.Text, nullable=False),
    sa.Column("all_agents", sa.Boolean, nullable=False),
    sa.Column("last_cursor", sa.BigInteger, nullable=False),
    sa.Column("acknowledged", sa.BigInteger, nullable=False),
    sa.Column("said_hello_at", UtcDateTime, nullable=False),
)
"""One row per system that ever said hello. ``session`` is its newest stream; ``agents`` a JSON list of ids."""

attend_events = sa.Table(
    "attend_events",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(64), primary_key=True),
    sa.Column("cursor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
"""What a system is told, in order and without gaps. ``body`` is an ``AttendEvent``."""

attend_held = sa.Table(
    "attend_held",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(64), primary_key=True),
    sa.Column("case_id", sa.String(36), primary_key=True),
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
)
"""The assignments that a system was told it has."""

attend_requests = sa.Table(
    "attend_requests",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("result", sa.LargeBinary),
)
"""What a system asked for. ``result`` is an ``AttendResult``, NULL while it is not known."""
