"""Until when the customer of a case can be answered."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with altered(op, "routing", "cases") as table:
        table.add_column(sa.Column("reply_until", UtcDateTime))
        table.add_column(sa.Column("reply_left", sa.Integer))
