"""What customers choose instead of waiting: messages that they leave, and callbacks at promised times."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with altered(op, "routing", "cases") as table:
        table.add_column(sa.Column("ticket_id", sa.String(36), nullable=False, server_default=""))
        table.add_column(sa.Column("choice_at", UtcDateTime))
        table.add_column(sa.Column("can_choose", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "ticket_contacts",
        sa.Column("ticket_id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("callback_at", UtcDateTime),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("taken_at", UtcDateTime),
        sa.Column("language", sa.String(16), nullable=False, server_default=""),
        schema="routing",
    )
    op.create_index("ix_ticket_contacts_conversation_id", "ticket_contacts", ["conversation_id"], schema="routing")
    op.create_index("ticket_contacts_by_time", "ticket_contacts", ["workspace", "callback_at"], schema="routing")
