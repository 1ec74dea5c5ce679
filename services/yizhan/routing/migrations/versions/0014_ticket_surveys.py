"""Customers are asked how satisfied they are with each solution of a ticket."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    with altered(op, "routing", "tickets") as table:
        table.add_column(sa.Column("rating_comment", sa.Text, nullable=False, server_default=""))
        table.add_column(sa.Column("rated_at", UtcDateTime))
        table.add_column(sa.Column("solvings", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("survey", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("survey_reason", sa.String(32), nullable=False, server_default=""))
        table.add_column(sa.Column("surveyed_at", UtcDateTime))
