"""Words by which transcripts are searched."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    _searchable()
    op.create_table(
        "message_terms",
        sa.Column("workspace", sa.String(64), primary_key=True),
        sa.Column("term", sa.String(40), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False, index=True),
        sa.ForeignKeyConstraint(["number"], ["dialogue.searchable.number"], ondelete="CASCADE"),
        schema="dialogue",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_progress",
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("note", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["dialogue.conversations.id"], ondelete="CASCADE"),
        schema="dialogue",
    )
    op.create_table(
        "messages_reworded",
        sa.Column("conversation_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        _belongs("seq", "messages", "seq"),
        schema="dialogue",
    )


def _searchable() -> None:
    op.create_table(
        "searchable",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("workspace", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.BigInteger),
        sa.Column("note", sa.BigInteger),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("speaker", sa.SmallInteger, nullable=False),
        sa.Column("author_id", sa.String(200), nullable=False),
        sa.Column("whisper_to", sa.String(36), nullable=False),
        _belongs("seq", "messages", "seq"),
        _belongs("note", "notes", "number"),
        schema="dialogue",
    )
    op.create_index("searchable_message", "searchable", ["conversation_id", "seq"], unique=True, schema="dialogue")
    op.create_index(
        "searchable_note",
        "searchable",
        ["conversation_id", "note"],
        unique=True,
        schema="dialogue",
        postgresql_where=sa.text("note IS NOT NULL"),
        sqlite_where=sa.text("note IS NOT NULL"),
    )


def _belongs(column: str, table: str, key: str) -> sa.ForeignKeyConstraint:
    there = [f"dialogue.{table}.conversation_id", f"dialogue.{table}.{key}"]
    return sa.ForeignKeyConstraint(["conversation_id", column], there, ondelete="CASCADE")
