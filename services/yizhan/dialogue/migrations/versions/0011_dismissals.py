"""Why a group of misses needs no entry, who said so and when."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    with altered(op, "dialogue", "miss_groups") as table:
        table.add_column(sa.Column("dismissed_reason", sa.String(500), nullable=False, server_default=""))
        table.add_column(sa.Column("dismissed_by", sa.String(100), nullable=False, server_default=""))
        table.add_column(sa.Column("dismissed_at", UtcDateTime))
