"""What a customer does instead of waiting: a message that they leave, a callback that they arrange."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("instead", sa.Text))
