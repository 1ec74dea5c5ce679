"""Tables of contracts and calendars. Versions are digests of what they hold, so that a row never changes."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.routing.store.tables import metadata

contracts = sa.Table(
    "contracts",
    metadata,
    sa.Column("version", sa.String(16), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)

contract_publications = sa.Table(
    "contract_publications",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("version", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", sa.String(100), nullable=False),
)
"""Append-only; the last number of a workspace is in force."""

calendars = sa.Table(
    "calendars",
    metadata,
    sa.Column("version", sa.String(16), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
"""Calendars as they were when a clock started under them."""

calendar_overrides = sa.Table(
    "calendar_overrides",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("calendar", sa.String(64), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("by", sa.String(100), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
"""``day`` as in ISO 8601; ``hours`` is a JSON list of minutes from and to, empty: closed."""
