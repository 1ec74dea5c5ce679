"""Customers, their identities and profiles."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _identities()
    _links()
    _facts()
    op.create_table(
        "session_ratings",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("session", sa.Integer, nullable=False),
        sa.Column("score", sa.SmallInteger, nullable=False),
        sa.Column("agent_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        schema="dialogue",
    )
    op.create_index("session_ratings_by_conversation", "session_ratings", ["conversation_id"], schema="dialogue")


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("customer", sa.String(200), nullable=False),
        sa.Column("customer_id", sa.String(36), nullable=False),
        sa.Column("first_seen_at", UtcDateTime, nullable=False),
        schema="dialogue",
    )
    op.create_index("identities_by_customer", "identities", ["workspace", "customer_id"], schema="dialogue")
    op.create_index("identities_by_name", "identities", ["workspace", "customer"], schema="dialogue")
    op.create_table(
        "identity_conversations",
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("identity_id", sa.String(36), nullable=False),
        schema="dialogue",
    )
    op.create_index("identity_conversations_by_identity", "identity_conversations", ["identity_id"], schema="dialogue")
    op.create_table(
        "customers_followed",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        schema="dialogue",
    )


def _links() -> None:
    op.create_table(
        "customer_links",
        sa.Column("identity_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("from_customer_id", sa.String(36), nullable=False),
        sa.Column("to_customer_id", sa.String(36), nullable=False),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        *_by(),
        schema="dialogue",
    )
    op.create_index("customer_links_from", "customer_links", ["workspace", "from_customer_id"], schema="dialogue")
    op.create_index("customer_links_to", "customer_links", ["workspace", "to_customer_id"], schema="dialogue")


def _facts() -> None:
    op.create_table(
        "customer_tags",
        sa.Column("identity_id", sa.String(36), primary_key=True),
        sa.Column("tag", sa.String(40), primary_key=True),
        *_by(),
        schema="dialogue",
    )
    op.create_index("customer_tags_by_tag", "customer_tags", ["tag"], schema="dialogue")
    op.create_table(
        "customer_attributes",
        sa.Column("identity_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(500), nullable=False),
        *_by(),
        schema="dialogue",
    )
    op.create_table(
        "customer_notes",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("identity_id", sa.String(36), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        *_by(),
        schema="dialogue",
    )
    op.create_index("customer_notes_by_identity", "customer_notes", ["identity_id", "at"], schema="dialogue")


def _by() -> tuple[sa.Column[object], ...]:
    """Who did it and when."""
    return (
        sa.Column("by_id", sa.String(36), nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
