"""Sellers' consents, and to whom a send went, for platforms that push our own messages back to us."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"

_ADDRESSED = sa.text("address_key IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(63), primary_key=True),
        sa.Column("consent", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("consented_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime),
        sa.Column("refused_at", UtcDateTime),
        schema="channels",
    )
    with altered(op, "channels", "sends") as table:
        table.add_column(sa.Column("address_key", sa.String(600)))
        table.create_index(
            "sends_by_address", ["address_key", "began_at"], postgresql_where=_ADDRESSED, sqlite_where=_ADDRESSED
        )
