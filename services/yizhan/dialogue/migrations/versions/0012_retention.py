"""What is kept only for a time: found by its age, and releases by the decisions that need them."""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.infrastructure import altered
from yizhan.core.store.tables import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with altered(op, "dialogue", "decisions") as table:
        table.add_column(sa.Column("release_id", sa.String(36)))
    op.create_index("decisions_by_release", "decisions", ["release_id"], schema="dialogue")
    op.create_index("decisions_by_time", "decisions", ["decided_at"], schema="dialogue")
    op.create_index("misses_by_time", "misses", ["at"], schema="dialogue")
    with altered(op, "dialogue", "built_releases") as table:
        table.add_column(sa.Column("removed_at", UtcDateTime))
