"""The tables of customers: identities, links between them, what people noted, and ratings (schema ``dialogue``)."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.dialogue.store.tables import metadata

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("customer", sa.String(200), nullable=False),
    sa.Column("customer_id", sa.String(36), nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Index("identities_by_customer", "workspace", "customer_id"),
    sa.Index("identities_by_name", "workspace", "customer"),
)
"""An address without its thread; ``id`` follows from it. ``customer_id`` is what its links come to (``customers.linking``)."""

identity_conversations = sa.Table(
    "identity_conversations",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("identity_id", sa.String(36), nullable=False),
    sa.Index("identity_conversations_by_identity", "identity_id"),
)
"""Which conversations an identity has: an index of ``conversations`` that its writer need not keep."""

customers_followed = sa.Table(
    "customers_followed",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("conversation_id", sa.String(36), nullable=False),
)
"""How far conversations were looked through for new identities."""

customer_links = sa.Table(
    "customer_links",
    metadata,
    sa.Column("identity_id", sa.String(36), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("from_customer_id", sa.String(36), nullable=False),
    sa.Column("to_customer_id", sa.String(36), nullable=False),
    sa.Column("forced", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("by_id", sa.String(36), nullable=False),
    sa.Column("by_name", sa.String(100), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("customer_links_from", "workspace", "from_customer_id"),
    sa.Index("customer_links_to", "workspace", "to_customer_id"),
)
"""Only added to. ``number`` counts an identity's links and unlinks from 1; ``kind`` is ``customers.linking.Kind``."""

customer_tags = sa.Table(
    "customer_tags",
    metadata,
    sa.Column("identity_id", sa.String(36), primary_key=True),
    sa.Column("tag", sa.String(40), primary_key=True),
    sa.Column("by_id", sa.String(36), nullable=False),
    sa.Column("by_name", sa.String(100), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("customer_tags_by_tag", "tag"),
)

customer_attributes = sa.Table(
    "customer_attributes",
    metadata,
    sa.Column("identity_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.String(500), nullable=False),
    sa.Column("by_id", sa.String(36), nullable=False),
    sa.Column("by_name", sa.String(100), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

customer_notes = sa.Table(
    "customer_notes",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("identity_id", sa.String(36), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("by_id", sa.String(36), nullable=False),
    sa.Column("by_name", sa.String(100), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("customer_notes_by_identity", "identity_id", "at"),
)

session_ratings = sa.Table(
    "session_ratings",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("session", sa.Integer, nullable=False),
    sa.Column("score", sa.SmallInteger, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("session_ratings_by_conversation", "conversation_id"),
)
"""Every rating that customers gave (1 to 5), by the id of the message that it was; of a session the last one counts."""
