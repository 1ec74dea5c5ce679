"""What channels with platforms behind them keep: sends, windows, waiting messages, tokens, menus, cursors."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "sends",
        sa.Column("message_id", sa.String(36), primary_key=True),
        sa.Column("part", sa.SmallInteger, primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("slot_key", sa.String(300)),
        sa.Column("body", sa.LargeBinary),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("began_at", UtcDateTime, nullable=False),
        sa.Index("sends_by_slot", "slot_key"),
        sa.Index("sends_by_time", "began_at"),
        schema="channels",
    )
    op.create_table(
        "windows",
        sa.Column("address_key", sa.String(600), primary_key=True),
        sa.Column("trigger", sa.String(16), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("spent", sa.Integer, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("by", sa.String(300), nullable=False),
        sa.Index("windows_by_time", "at"),
        schema="channels",
    )
    op.create_table(
        "waiting",
        sa.Column("message_id", sa.String(36), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("address_key", sa.String(600), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("held_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Index("waiting_by_address", "address_key", "seq"),
        sa.Index("waiting_by_time", "channel", "due_at"),
        sa.Index("waiting_by_end", "channel", "expires_at"),
        schema="channels",
    )
    op.create_table(
        "tokens",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(63), primary_key=True),
        sa.Column("token", sa.LargeBinary),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("lease_holder", sa.String(100), nullable=False),
        sa.Column("lease_until", UtcDateTime),
        schema="channels",
    )
    op.create_table(
        "menus",
        sa.Column("address_key", sa.String(600), primary_key=True),
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("menu_id", sa.String(200), nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("shown_at", UtcDateTime, nullable=False),
        sa.Index("menus_by_time", "shown_at"),
        schema="channels",
    )
    op.create_table(
        "cursors",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(63), primary_key=True),
        sa.Column("source", sa.String(128), primary_key=True),
        sa.Column("position", sa.String(200), nullable=False),
        sa.Column("hint", sa.String(200), nullable=False),
        sa.Column("hinted_at", UtcDateTime),
        sa.Column("pulled_at", UtcDateTime),
        sa.Column("lease_holder", sa.String(100), nullable=False),
        sa.Column("lease_until", UtcDateTime),
        schema="channels",
    )
    op.create_table(
        "customer_state",
        sa.Column("address_key", sa.String(600), primary_key=True),
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.String(300), nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Index("customer_state_by_time", "until"),
        schema="channels",
    )
