"""The table of erasures: which customer, as a digest, was erased when, by whom, and what went (schema ``dialogue``)."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.dialogue.store.tables import metadata

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("customer", sa.String(64), nullable=False),
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("begun_by", sa.String(100), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("done", sa.Text, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Index("erasures_by_customer", "workspace", "customer"),
)
"""``customer`` is a keyed digest of the customer's id. ``subject`` is what the customer's rows are found by, as JSON: kept
while the erasure is under way, so that one that was killed goes on, and NULL when it is finished. ``done`` is the JSON list
of what became of the rows.
"""
