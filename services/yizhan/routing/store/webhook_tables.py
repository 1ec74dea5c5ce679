"""Tables of systems that are told by webhook: where, how that goes, and how far they have been told."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.store.tables import metadata

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(64), primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("older_secret", sa.LargeBinary),
    sa.Column("older_until", UtcDateTime),
    sa.Column("greeted", sa.Boolean, nullable=False),
    sa.Column("present", sa.Text, nullable=False),
    sa.Column("heard_at", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("failing_since", UtcDateTime),
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("problem", sa.String(40), nullable=False),
    sa.Column("dead", sa.Boolean, nullable=False),
    sa.Column("holder", sa.String(100), nullable=False),
    sa.Column("held_until", UtcDateTime),
)
"""Secrets are sealed. ``greeted``: it was told how things stand; ``present``: a JSON list of the agents who came by it.
``heard_at``: its last sign of life. ``tries`` that failed in a row; ``dead``: nothing is posted any more until somebody says
so. ``holder``: the process that tells it, until ``held_until`` by the database's clock."""

webhook_reading = sa.Table(
    "webhook_reading",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("sending", sa.BigInteger, nullable=False),
    sa.Column("note", sa.BigInteger, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
)
"""How far a system was told a conversation's messages and notes. ``sending``: up to this seq they are on their way, so that
a repetition is the same; 0: none are. ``open``: its agents have the conversation, as far as it was told."""
