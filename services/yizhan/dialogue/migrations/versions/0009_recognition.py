"""The recording or picture that a conversation waits for to be put into words."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("recognition", sa.Text))
