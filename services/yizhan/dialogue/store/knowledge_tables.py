"""The tables of knowledge as it is edited, built and published (schema ``dialogue``)."""

import sqlalchemy as sa

from yizhan.core.store.tables import UtcDateTime
from yizhan.dialogue.store.tables import metadata

built_releases = sa.Table(
    "built_releases",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("built_at", UtcDateTime, nullable=False),
    sa.Column("built_by", sa.String(100), nullable=False),
    sa.Column("source_name", sa.String(200), nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    sa.Column("parts", sa.Text, nullable=False),
    sa.Column("removed_at", UtcDateTime),
    sa.Column("embedding_model", sa.String(200), nullable=False, server_default=""),
    sa.Column("embedding_failed", sa.String(40), nullable=False, server_default=""),
    sa.UniqueConstraint("workspace", "number", name="built_releases_number"),
)
"""Every release there is, published or not. One with ``removed_at`` was, and has no pieces any more. ``parts`` is the JSON
list of its ``Part``; empty for a release of the old form, whose entries are in ``releases.data``. A row is written after all
its pieces. ``embedding_*`` are those of its report; both are empty for releases of a version before there were these columns.
"""

release_parts = sa.Table(
    "release_parts",
    metadata,
    sa.Column("release_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
"""What releases consist of, in pieces that a short transaction can write."""

published = sa.Table(
    "published",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("release_id", sa.String(36), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("published_by", sa.String(100), nullable=False),
    sa.Column("forced_reason", sa.String(500), nullable=False),
)
"""Which release a workspace is answered from: the one row that publishing and rolling back change."""

publications = sa.Table(
    "publications",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("release_id", sa.String(36), nullable=False),
    sa.Column("replaced_id", sa.String(36), nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("published_by", sa.String(100), nullable=False),
    sa.Column("rolled_back", sa.Boolean, nullable=False),
    sa.Column("forced_reason", sa.String(500), nullable=False),
    sa.Index("publications_by_time", "workspace", "published_at"),
)
"""Every row that ``published`` ever had."""

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("generation", sa.String(36), nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("source_name", sa.String(200), nullable=False),
)
"""``revision`` counts every change of the draft; ``generation`` names its rows in ``draft_entries``: an import writes new
ones in short transactions and then changes this one row.
"""

draft_entries = sa.Table(
    "draft_entries",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("generation", sa.String(36), primary_key=True),
    sa.Column("entry_id", sa.String(64), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("changed_by", sa.String(100), nullable=False),
)
"""``body`` is the entry as JSON; ``revision`` is the draft's when the entry was last changed."""

draft_documents = sa.Table(
    "draft_documents",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("changed_by", sa.String(100), nullable=False),
)

draft_changes = sa.Table(
    "draft_changes",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("changed_by", sa.String(100), nullable=False),
    sa.Column("before", sa.LargeBinary),
    sa.Column("after", sa.LargeBinary),
    sa.Column("import_id", sa.String(36), nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    sa.Index("draft_changes_by_time", "workspace", "id"),
    sa.Index("draft_changes_by_name", "workspace", "name", "id"),
)
"""Who changed what. ``kind`` is ``entry``, ``document`` or ``import``. What an import changed is written ahead of it, with
its ``import_id``, and happened only when the row of the import itself is there.
"""

builds = sa.Table(
    "builds",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("started_by", sa.String(100), nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    sa.Column("release_id", sa.String(36), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("detail", sa.String(500), nullable=False),
    sa.Index("builds_by_time", "workspace", "id"),
)
"""Builds of releases: ``asked`` for, ``running`` (``seen_at`` says that somebody still works on it), ``done`` or ``failed``."""
