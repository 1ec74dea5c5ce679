"""The tables of metrics."""

import sqlalchemy as sa

from yizhan.core.store.inbox import inbox_table
from yizhan.core.store.tables import UtcDateTime, metadata_for

SERVICE = "metrics"
metadata = metadata_for(SERVICE)

inbox = inbox_table(metadata, SERVICE)

ledger = sa.Table(
    "ledger",
    metadata,
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
)
"""Append-only: a row is never changed. A clock's first start and first stop count; later ones find the place taken."""

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("session", sa.Integer, primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("score", sa.SmallInteger, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

minutes = sa.Table(
    "message_minutes",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("minute", UtcDateTime, primary_key=True),
    sa.Column("disposition", sa.String(12), primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)

producers = sa.Table(
    "producers",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("producer", sa.String(100), primary_key=True),
    sa.Column("disposition", sa.String(12), primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)
"""``accepted`` is what the channel process itself counted; the other dispositions are what became of its messages."""

parked = sa.Table(
    "parked",
    metadata,
    sa.Column("handled_id", sa.String(36), primary_key=True),
    sa.Column("envelope_id", sa.String(36), nullable=False),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("producer", sa.String(100), nullable=False),
)
"""Customers' messages that are counted as ``dead`` now. A row goes when its message is handled after all."""

settlements = sa.Table(
    "settlements",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("producer", sa.String(100), nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("settlements_of_producer", "workspace", "channel", "producer"),
)
"""Append-only: messages that a person has declared lost."""

latencies = sa.Table(
    "latency_minutes",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("step", sa.String(24), primary_key=True),
    sa.Column("minute", UtcDateTime, primary_key=True),
    sa.Column("bucket", sa.Integer, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)

ticket_ratings = sa.Table(
    "ticket_ratings",
    metadata,
    sa.Column("ticket_id", sa.String(36), primary_key=True),
    sa.Column("solving", sa.Integer, primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("score", sa.SmallInteger, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("by", sa.String(12), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ticket_ratings_by_time", "workspace", "at"),
)
"""The last rating of each solution of a ticket."""

ticket_surveys = sa.Table(
    "ticket_surveys",
    metadata,
    sa.Column("ticket_id", sa.String(36), primary_key=True),
    sa.Column("solving", sa.Integer, primary_key=True),
    sa.Column("outcome", sa.String(16), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ticket_surveys_by_time", "workspace", "at"),
)
"""Append-only: whether customers were asked about the solutions of tickets."""

answer_marks = sa.Table(
    "answer_marks",
    metadata,
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
)
"""Append-only: the starts and ends of the clocks of agents' answers. A clock's first start and first end count."""
