"""Systems that are told by webhook: where, how that goes, and how far they have been told."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("older_secret", sa.LargeBinary),
        sa.Column("older_until", UtcDateTime),
        sa.Column("greeted", sa.Boolean, nullable=False),
        sa.Column("present", sa.Text, nullable=False),
        sa.Column("heard_at", UtcDateTime),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("next_try_at", UtcDateTime),
        sa.Column("problem", sa.String(40), nullable=False),
        sa.Column("dead", sa.Boolean, nullable=False),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("held_until", UtcDateTime),
        schema="routing",
    )
    op.create_table(
        "webhook_reading",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("sending", sa.BigInteger, nullable=False),
        sa.Column("note", sa.BigInteger, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        schema="routing",
    )
