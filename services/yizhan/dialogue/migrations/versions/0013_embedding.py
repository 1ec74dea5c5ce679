"""Which model made the vectors of a release, or why there are none."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    with altered(op, "dialogue", "built_releases") as table:
        table.add_column(sa.Column("embedding_model", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("embedding_failed", sa.String(40), nullable=False, server_default=""))
