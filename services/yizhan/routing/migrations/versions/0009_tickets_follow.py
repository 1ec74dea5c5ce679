"""Tickets follow what the customer writes: since when a message waits, when somebody saw to it, and who is told of it."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with altered(op, "routing", "tickets") as table:
        table.add_column(sa.Column("status_at", UtcDateTime))
        table.add_column(sa.Column("customer_waiting_since", UtcDateTime))
        table.add_column(sa.Column("attended_at", UtcDateTime))
        table.add_column(sa.Column("watched", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_tickets_watched", "tickets", ["watched"], schema="routing")
