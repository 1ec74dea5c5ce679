"""Tables of callbacks, and of how customers of tickets want to be reached."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.store.tables import metadata

ticket_contacts = sa.Table(
    "ticket_contacts",
    metadata,
    sa.Column("ticket_id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False, index=True),
    sa.Column("phone", sa.String(40), nullable=False),
    sa.Column("callback_at", UtcDateTime),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("taken_at", UtcDateTime),
    sa.Column("language", sa.String(16), nullable=False, server_default=""),
    sa.Index("ticket_contacts_by_time", "workspace", "callback_at"),
)
"""``state`` is empty where no callback was promised. ``case_id``: the case by which agents are offered it."""
