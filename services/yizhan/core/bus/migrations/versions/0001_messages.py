"""The messages of the embedded bus."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String

from yizhan.core.store.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "bus_messages",
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
        Column("queue", String, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("handed", Integer, nullable=False, server_default="0"),
        Column("letter_id", String),
        Column("reason", String),
        Column("parked_at", UtcDateTime),
        Index(None, "queue", "id"),
        schema="bus",
    )
