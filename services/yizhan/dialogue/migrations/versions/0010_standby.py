"""An answer that waits a moment for a job goes out once, whatever happens meanwhile."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    with altered(op, "dialogue", "conversations") as table:
        table.add_column(sa.Column("standby", sa.Text))
