"""What a customer wants, for whoever takes over: their last words are often only that they want a person."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("asked_text", sa.String(400), nullable=False, server_default=""))
