"""The first tables of a service: the infrastructure every service has, and its own."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Index, Integer, String

from yizhan.core.store.infrastructure import create_inbox, create_members, create_outbox, create_timers
from yizhan.core.store.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_outbox(op, "shop")
    create_inbox(op, "shop")
    create_timers(op, "shop")
    create_members(op, "shop")
    op.create_table(
        "shop_customers",
        Column("id", String, primary_key=True),
        Column("name", String, nullable=False),
        schema="shop",
    )
    op.create_table(
        "shop_orders",
        Column("id", String, primary_key=True),
        Column("customer_id", String, ForeignKey("shop.shop_customers.id", ondelete="CASCADE"), nullable=False),
        Column("pieces", Integer, nullable=False, server_default="1"),
        Column("made_at", UtcDateTime, nullable=False),
        Index(None, "customer_id"),
        schema="shop",
    )
