"""Tables of tickets."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.store.tables import metadata

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False, index=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("customer_name", sa.String(200), nullable=False),
    sa.Column("last_text", sa.String(400), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("promised_by", UtcDateTime, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False, server_default="other"),
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Column("title", sa.String(200), nullable=False, server_default=""),
    sa.Column("source", sa.String(16), nullable=False, server_default=""),
    sa.Column("group_id", sa.String(36), nullable=False, server_default=""),
    sa.Column("updated_at", UtcDateTime),
    sa.Column("response_due", UtcDateTime),
    sa.Column("solution_due", UtcDateTime),
    sa.Column("first_response_at", UtcDateTime),
    sa.Column("solved_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("paused_at", UtcDateTime),
    sa.Column("taken_at", UtcDateTime),
    sa.Column("status_at", UtcDateTime),
    sa.Column("customer_waiting_since", UtcDateTime),
    sa.Column("attended_at", UtcDateTime),
    sa.Column("watched", sa.Boolean, nullable=False, server_default=sa.false(), index=True),
    sa.Column("rating", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("rating_comment", sa.Text, nullable=False, server_default=""),
    sa.Column("rated_at", UtcDateTime),
    sa.Column("solvings", sa.Integer, nullable=False, server_default="0"),
    sa.Column("survey", sa.String(16), nullable=False, server_default=""),
    sa.Column("survey_reason", sa.String(32), nullable=False, server_default=""),
    sa.Column("surveyed_at", UtcDateTime),
    sa.Column("contract_version", sa.String(16), nullable=False, server_default=""),
    sa.Column("calendar_version", sa.String(16), nullable=False, server_default=""),
    sa.Column("merged_into", sa.String(36), nullable=False, server_default="", index=True),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0", index=True),
    sa.UniqueConstraint("workspace", "number", name="tickets_number"),
    sa.Index("tickets_by_status", "workspace", "status", "created_at"),
    sa.Index("tickets_by_time", "workspace", "created_at", "id"),
    sa.Index("tickets_by_agent", "workspace", "agent_id"),
)
"""``source`` is empty and ``revision`` 0 in rows of the version that knew neither; ``watched``: dialogue tells what is written."""

ticket_labels = sa.Table(
    "ticket_labels",
    metadata,
    sa.Column("ticket_id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("value", sa.String(64), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Index("ticket_labels_by_value", "workspace", "kind", "value"),
)
"""Tags and watchers: the kinds ``tag`` and ``watcher``."""

ticket_events = sa.Table(
    "ticket_events",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("ticket_id", sa.String(36), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_id", sa.String(36), nullable=False),
    sa.Column("by_name", sa.String(100), nullable=False),
    sa.Column("by_role", sa.String(12), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("before", sa.String(400), nullable=False),
    sa.Column("after", sa.String(400), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("note_id", sa.String(36), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index("ticket_events_in_order", "ticket_id", "revision", "id"),
)
"""Rows are only ever added."""

ticket_notes = sa.Table(
    "ticket_notes",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("ticket_id", sa.String(36), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("author_id", sa.String(36), nullable=False),
    sa.Column("author_name", sa.String(100), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

ticket_replies = sa.Table(
    "ticket_replies",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("ticket_id", sa.String(36), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("author_id", sa.String(36), nullable=False),
    sa.Column("author_name", sa.String(100), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False, server_default=""),
)

ticket_links = sa.Table(
    "ticket_links",
    metadata,
    sa.Column("ticket_id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(12), primary_key=True),
    sa.Column("other_id", sa.String(36), primary_key=True, index=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", sa.String(36), nullable=False),
)

ticket_terms = sa.Table(
    "ticket_terms",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("term", sa.String(40), primary_key=True),
    sa.Column("ticket_id", sa.String(36), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

ticket_views = sa.Table(
    "ticket_views",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("owner_id", sa.String(36), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("filter", sa.Text, nullable=False),
    sa.Column("sort", sa.String(16), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.UniqueConstraint("workspace", "owner_id", "name", name="ticket_views_name"),
)
