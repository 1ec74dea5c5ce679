"""Releases in pieces, the published one by name, drafts and who changed what.

The version before knows only ``releases``, whose newest row it serves. It finds there what is published: nothing unpublished
is ever written to that table, and ``built_releases`` lists the releases of both forms.
"""

import sqlalchemy as sa
from alembic import op

from yizhan.core.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "built_releases",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("built_at", UtcDateTime, nullable=False),
        sa.Column("built_by", sa.String(100), nullable=False),
        sa.Column("source_name", sa.String(200), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.UniqueConstraint("workspace", "number", name="built_releases_number"),
        schema="dialogue",
    )
    op.create_table(
        "release_parts",
        sa.Column("release_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
        schema="dialogue",
    )
    op.create_table(
        "published",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("release_id", sa.String(36), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("published_by", sa.String(100), nullable=False),
        sa.Column("forced_reason", sa.String(500), nullable=False),
        schema="dialogue",
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("release_id", sa.String(36), nullable=False),
        sa.Column("replaced_id", sa.String(36), nullable=False),
        sa.Column("published_at", UtcDateTime, nullable=False),
        sa.Column("published_by", sa.String(100), nullable=False),
        sa.Column("rolled_back", sa.Boolean, nullable=False),
        sa.Column("forced_reason", sa.String(500), nullable=False),
        sa.Index("publications_by_time", "workspace", "published_at"),
        schema="dialogue",
    )
    _drafts()
    op.create_table(
        "builds",
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
        schema="dialogue",
    )
    _carry_over()


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("generation", sa.String(36), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("source_name", sa.String(200), nullable=False),
        schema="dialogue",
    )
    op.create_table(
        "draft_entries",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("generation", sa.String(36), primary_key=True),
        sa.Column("entry_id", sa.String(64), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("changed_by", sa.String(100), nullable=False),
        schema="dialogue",
    )
    op.create_table(
        "draft_documents",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("changed_by", sa.String(100), nullable=False),
        schema="dialogue",
    )
    op.create_table(
        "draft_changes",
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
        schema="dialogue",
    )


def _carry_over() -> None:
    """Every release was published when it was made; the newest of a workspace is what it is answered from."""
    schema = "" if op.get_bind().dialect.name == "sqlite" else "dialogue."
    op.execute(
        f"INSERT INTO {schema}built_releases (id, workspace, number, entries, built_at, built_by, source_name, note, parts) "  # noqa: S608
        "SELECT id, workspace, number, entries, published_at, published_by, source_name, '', '' "
        f"FROM {schema}releases"
    )
    op.execute(
        f"INSERT INTO {schema}publications "  # noqa: S608
        "(id, workspace, release_id, replaced_id, published_at, published_by, rolled_back, forced_reason) "
        "SELECT r.id, r.workspace, r.id, COALESCE((SELECT b.id FROM "
        f"{schema}releases b WHERE b.workspace = r.workspace AND b.number = (SELECT MAX(c.number) FROM {schema}releases c "
        "WHERE c.workspace = r.workspace AND c.number < r.number)), ''), "
        f"r.published_at, r.published_by, FALSE, '' FROM {schema}releases r"
    )
    op.execute(
        f"INSERT INTO {schema}published (workspace, release_id, since, published_by, forced_reason) "  # noqa: S608
        f"SELECT workspace, id, published_at, published_by, '' FROM {schema}releases r "
        f"WHERE number = (SELECT MAX(number) FROM {schema}releases n WHERE n.workspace = r.workspace)"
    )
