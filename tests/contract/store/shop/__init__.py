"""A service that exists only in tests: its tables as code has them, and its revisions beside them."""

from pathlib import Path

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from yizhan.core.store.inbox import inbox_table
from yizhan.core.store.membership import members_table
from yizhan.core.store.migrate import Migrations
from yizhan.core.store.outbox import outbox_table
from yizhan.core.store.tables import UtcDateTime, metadata_for
from yizhan.core.store.timers import timers_table

VERSIONS = Path(__file__).parent / "versions"
SHOP = Migrations("shop", VERSIONS)

metadata = metadata_for("shop")
outbox = outbox_table(metadata, "shop")
inbox = inbox_table(metadata, "shop")
timers = timers_table(metadata, "shop")
members = members_table(metadata, "shop")

customers = Table(
    "shop_customers",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
)
orders = Table(
    "shop_orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("customer_id", String, ForeignKey("shop.shop_customers.id", ondelete="CASCADE"), nullable=False),
    Column("pieces", Integer, nullable=False, server_default="1"),
    Column("made_at", UtcDateTime, nullable=False),
    Index(None, "customer_id"),
)
