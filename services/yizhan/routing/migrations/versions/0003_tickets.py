"""What tickets are made of: their clocks, labels, history, notes, links, the terms they are found by, and saved views."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with altered(op, "routing", "tickets") as table:
        table.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="other"))
        table.add_column(sa.Column("priority", sa.SmallInteger, nullable=False, server_default="1"))
        table.add_column(sa.Column("title", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("source", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("group_id", sa.String(36), nullable=False, server_default=""))
        for name in ("updated_at", "response_due", "solution_due", "first_response_at"):
            table.add_column(sa.Column(name, UtcDateTime))
        for name in ("solved_at", "closed_at", "paused_at", "taken_at"):
            table.add_column(sa.Column(name, UtcDateTime))
        table.add_column(sa.Column("rating", sa.SmallInteger, nullable=False, server_default="0"))
        table.add_column(sa.Column("contract_version", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("calendar_version", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("merged_into", sa.String(36), nullable=False, server_default=""))
        table.add_column(sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_tickets_merged_into", "tickets", ["merged_into"], schema="routing")
    op.create_index("ix_tickets_revision", "tickets", ["revision"], schema="routing")
    op.create_index("tickets_by_time", "tickets", ["workspace", "created_at", "id"], schema="routing")
    op.create_index("tickets_by_agent", "tickets", ["workspace", "agent_id"], schema="routing")
    _labels_and_terms()
    _history()
    op.create_table(
        "ticket_views",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("filter", sa.Text, nullable=False),
        sa.Column("sort", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("workspace", "owner_id", "name", name="ticket_views_name"),
        schema="routing",
    )


def _labels_and_terms() -> None:
    op.create_table(
        "ticket_labels",
        sa.Column("ticket_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("value", sa.String(64), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Index("ticket_labels_by_value", "workspace", "kind", "value"),
        schema="routing",
    )
    op.create_table(
        "ticket_terms",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("term", sa.String(40), primary_key=True),
        sa.Column("ticket_id", sa.String(36), primary_key=True, index=True),
        schema="routing",
        sqlite_with_rowid=False,
    )


def _history() -> None:
    op.create_table(
        "ticket_events",
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
        schema="routing",
    )
    op.create_table(
        "ticket_notes",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(36), nullable=False, index=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("author_name", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        schema="routing",
    )
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("other_id", sa.String(36), primary_key=True, index=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(36), nullable=False),
        schema="routing",
    )
