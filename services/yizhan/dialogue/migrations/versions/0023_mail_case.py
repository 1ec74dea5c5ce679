"""What is kept of a conversation because it is held by mail: for which session a rating was asked."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("mail_case", sa.Text))
