"""People whom a platform wants to be erased."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "erasure_requests",
        sa.Column("workspace", sa.String(63), primary_key=True),
        sa.Column("identity_id", sa.String(36), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(63), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Index("erasure_requests_by_time", "asked_at"),
        schema="channels",
    )
