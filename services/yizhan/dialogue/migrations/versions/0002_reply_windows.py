"""What may still be sent to a customer, and what else was done for a message that is held."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("reply_until", UtcDateTime))
        table.add_column(sa.Column("reply_left", sa.Integer))
        table.add_column(sa.Column("reply_at", UtcDateTime))
    with altered(op, "dialogue", "messages") as table:
        table.add_column(sa.Column("receipt_fallback", sa.String(32)))
