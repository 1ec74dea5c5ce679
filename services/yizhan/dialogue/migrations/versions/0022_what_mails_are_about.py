"""What a conversation is about, for agents: the subject of its last mail, and what it was handed off with."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("mail_subject", sa.String(300), nullable=False, server_default=""))
        table.add_column(sa.Column("topic", sa.String(100), nullable=False, server_default=""))
        table.add_column(sa.Column("urgency", sa.SmallInteger))
