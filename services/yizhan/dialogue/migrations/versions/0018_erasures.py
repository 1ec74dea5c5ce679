"""Erasures of customers, and how far they have come."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("customer", sa.String(64), nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("begun_by", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("done", sa.Text, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        schema="dialogue",
    )
    op.create_index("erasures_by_customer", "erasures", ["workspace", "customer"], schema="dialogue")
