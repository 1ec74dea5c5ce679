"""The task that a conversation is in the middle of, and the guards that have fired in its session."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("task", sa.Text))
        table.add_column(sa.Column("fired", sa.Text))
