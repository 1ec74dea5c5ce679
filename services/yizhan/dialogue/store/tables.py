"""The dialogue service's tables (schema ``dialogue``)."""

import sqlalchemy as sa

from yizhan.core.store.inbox import inbox_table
from yizhan.core.store.membership import members_table
from yizhan.core.store.outbox import outbox_table
from yizhan.core.store.tables import UtcDateTime, metadata_for
from yizhan.core.store.timers import timers_table

SERVICE = "dialogue"
metadata = metadata_for(SERVICE)

inbox = inbox_table(metadata, SERVICE)
outbox = outbox_table(metadata, SERVICE)
timers = timers_table(metadata, SERVICE)
members = members_table(metadata, SERVICE)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("address_key", sa.String(600), nullable=False, unique=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("customer", sa.String(200), nullable=False),
    sa.Column("thread", sa.String(200), nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("last_note", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("session", sa.Integer, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("agent_name", sa.String(100), nullable=False),
    sa.Column("served_by", sa.String(36), nullable=False),
    sa.Column("agent_replied", sa.Boolean, nullable=False),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Column("greeted", sa.Boolean, nullable=False),
    sa.Column("told_position", sa.Integer, nullable=False),
    sa.Column("told_wait", sa.Integer, nullable=False, server_default="0"),
    sa.Column("customer_name", sa.String(200), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.Column("page_url", sa.String(2000), nullable=False),
    sa.Column("page_title", sa.String(300), nullable=False),
    sa.Column("opened_at", UtcDateTime),
    sa.Column("last_message_at", UtcDateTime),
    sa.Column("last_customer_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("last_text", sa.String(400), nullable=False),
    sa.Column("asked_text", sa.String(400), nullable=False, server_default=""),
    sa.Column("last_author", sa.SmallInteger),
    sa.Column("handoff_reason", sa.String(32), nullable=False),
    sa.Column("handoff_at", UtcDateTime),
    sa.Column("ticket_number", sa.String(32), nullable=False),
    sa.Column("rating", sa.SmallInteger, nullable=False),
    sa.Column("delivered_seq", sa.BigInteger, nullable=False),
    sa.Column("read_seq", sa.BigInteger, nullable=False),
    sa.Column("reply_until", UtcDateTime),
    sa.Column("reply_left", sa.Integer),
    sa.Column("reply_at", UtcDateTime),
    sa.Column("task", sa.Text),
    sa.Column("fired", sa.Text),
    sa.Column("trail", sa.Text),
    sa.Column("standby", sa.Text),
    sa.Column("recognition", sa.Text),
    sa.Column("ties", sa.Text),
    sa.Column("instead", sa.Text),
    sa.Column("acknowledged_at", UtcDateTime),
    sa.Column("mail_subject", sa.String(300), nullable=False, server_default=""),
    sa.Column("topic", sa.String(100), nullable=False, server_default=""),
    sa.Column("urgency", sa.SmallInteger),
    sa.Column("mail_case", sa.Text),
    sa.Index("conversations_by_state", "workspace", "state", "last_message_at"),
    sa.Index("conversations_by_agent", "workspace", "agent_id", "last_message_at"),
    sa.Index("conversations_by_time", "workspace", "last_message_at"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("author_kind", sa.SmallInteger, nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("receipt_state", sa.SmallInteger),
    sa.Column("receipt_rank", sa.SmallInteger, nullable=False),
    sa.Column("receipt_reason", sa.String(100), nullable=False),
    sa.Column("receipt_detail", sa.String(500), nullable=False),
    sa.Column("provider_id", sa.String(200), nullable=False),
    sa.Column("receipt_fallback", sa.String(32)),
)
"""``body`` is the protobuf ``Message``; the other columns are what queries need. ``receipt_rank`` is
``NO_RECEIPT`` until a receipt marks the message.
"""

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("session", sa.Integer, nullable=False),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("author_id", sa.String(36), nullable=False),
    sa.Column("author_name", sa.String(100), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("whisper_to", sa.String(36), nullable=False),
    sa.Column("client_id", sa.String(200), nullable=False),
    sa.Column("written_at", UtcDateTime, nullable=False),
)
"""What only agents may see. A table of its own: no query over messages can come upon one. ``seq`` is the message that the
note stands after.
"""

NO_RECEIPT = -2
"""Below the rank of every state of a receipt."""

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("published_by", sa.String(100), nullable=False),
    sa.Column("source_name", sa.String(200), nullable=False),
    sa.UniqueConstraint("workspace", "number", name="releases_number"),
)
"""``data`` is the release's entries as gzipped JSON lines; the newest release of a workspace is the published one."""

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("address", sa.String(1200), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime),
    sa.Column("deadline", UtcDateTime, nullable=False),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("claim", sa.String(36)),
    sa.Index("jobs_by_age", "kind", "created_at"),
)
"""A row lives until its ``JobFinished`` is on the bus. ``address`` is a JSON list of the five parts; ``state`` is
``jobs.job.JobState``; ``due_at`` is when the next try may begin, empty for the
first: it begins at once, whatever the clocks of two machines say.
"""

model_spending = sa.Table(
    "model_spending",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("tokens", sa.BigInteger, nullable=False),
)
"""What the optional models were given in a day (UTC, YYYY-MM-DD). Kept only while a budget is set."""

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("after_seq", sa.BigInteger, nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("command", sa.LargeBinary),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("release_id", sa.String(36)),
    sa.Index("decisions_by_release", "release_id"),
    sa.Index("decisions_by_time", "decided_at"),
    sa.Index(
        "decisions_by_command",
        "conversation_id",
        "after_seq",
        postgresql_where=sa.text("command IS NOT NULL"),
        sqlite_where=sa.text("command IS NOT NULL"),
    ),
)
"""``id`` is that of the customer's message, or of the command whose bytes are ``command``. What was stored for it are the
messages after ``after_seq`` up to ``last_seq``; ``document`` is ``decisions.Basis`` as JSON.
``release_id`` is that of its release, empty where none was published; NULL: the version before wrote the row.
"""
