"""The tables by which transcripts are searched (schema ``dialogue``)."""

import sqlalchemy as sa

from yizhan.dialogue.store.tables import metadata

_CASCADE = "CASCADE"


def _belongs(*columns: str, to: str) -> sa.ForeignKeyConstraint:
    """What it is about takes the row along, whoever deletes it."""
    return sa.ForeignKeyConstraint(columns, [f"dialogue.{to}.{name}" for name in _KEYS[to]], ondelete=_CASCADE)


_KEYS = {"messages": ("conversation_id", "seq"), "notes": ("conversation_id", "number"), "conversations": ("id",)}

searchable = sa.Table(
    "searchable",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False),
    sa.Column("seq", sa.BigInteger),
    sa.Column("note", sa.BigInteger),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("speaker", sa.SmallInteger, nullable=False),
    sa.Column("author_id", sa.String(200), nullable=False),
    sa.Column("whisper_to", sa.String(36), nullable=False),
    sa.Index("searchable_message", "conversation_id", "seq", unique=True),
    sa.Index(
        "searchable_note",
        "conversation_id",
        "note",
        unique=True,
        postgresql_where=sa.text("note IS NOT NULL"),
        sqlite_where=sa.text("note IS NOT NULL"),
    ),
    _belongs("conversation_id", "seq", to="messages"),
    _belongs("conversation_id", "note", to="notes"),
)
"""What is found by its words: a message (``seq``) or a note (``note``). ``number`` grows with its time: ``search.place``."""

message_terms = sa.Table(
    "message_terms",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("term", sa.String(40), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False, index=True),
    sa.ForeignKeyConstraint(["number"], ["dialogue.searchable.number"], ondelete=_CASCADE),
    sqlite_with_rowid=False,
)
"""``core.words.terms`` of the words; the newest first along the key."""

search_progress = sa.Table(
    "search_progress",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("note", sa.BigInteger, nullable=False),
    _belongs("conversation_id", to="conversations"),
)
"""How far each conversation is searched: up to and with these."""

messages_reworded = sa.Table(
    "messages_reworded",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    _belongs("conversation_id", "seq", to="messages"),
)
"""Messages whose words have changed since: files that were put into words. A row goes when it was seen to."""
