"""Making transcripts searchable: what is not yet, and the rows that make it so."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from yizhan.core.store.bulk import BulkInsert, Write, write_together
from yizhan.core.store.database import Transaction
from yizhan.core.store.tables import among
from yizhan.dialogue.search.limits import MOST_CHARACTERS
from yizhan.dialogue.search.wanted import Speaker
from yizhan.dialogue.store.search_tables import message_terms, messages_reworded, search_progress, searchable
from yizhan.dialogue.store.tables import conversations, messages, notes
from yizhan.pb.v1 import message_pb2

_insert_searchable = BulkInsert(
    searchable,
    ("number", "workspace", "conversation_id", "seq", "note", "channel", "speaker", "author_id", "whisper_to"),
)
_insert_terms = BulkInsert(message_terms, ("workspace", "term", "number"))
_insert_progress = BulkInsert(search_progress, ("conversation_id", "seq", "note"), ignore_conflicts=True)
_update_progress = BulkInsert(search_progress, ("conversation_id", "seq", "note"), update_conflicts=True)
_insert_reworded = BulkInsert(messages_reworded, ("conversation_id", "seq"), ignore_conflicts=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a conversation is searched."""

    seq: int = 0
    note: int = 0


@dataclass(frozen=True, slots=True)
class Behind:
    """A conversation, how far it is searched and how far it goes."""

    id: str
    workspace: str
    channel: str
    done: Progress
    end: Progress


@dataclass(frozen=True, slots=True)
class Words:
    """A message (``seq``) or a note (``note``), cut to what is searched of it. ``after`` is its place in the transcript."""

    seq: int | None
    note: int | None
    after: int
    at: datetime
    text: str
    speaker: int
    author_id: str
    whisper_to: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of ``searchable``."""

    number: int
    workspace: str
    conversation_id: str
    channel: str
    words: Words


def reworded(items: Collection[tuple[str, int]]) -> Write:
    """Remember that the words of these messages (conversation, seq) have changed; written along with them."""
    return _insert_reworded.of(sorted(items))


async def all_behind(tx: Transaction, before: str, limit: int) -> tuple[Sequence[str], str]:
    """Of the ``limit`` conversations with the next lower ids those that are behind, and the last id that was looked at.

    Empty: there was none.
    """
    c, p = conversations.c, search_progress.c
    behind = sa.or_(c.last_seq > sa.func.coalesce(p.seq, 0), c.last_note > sa.func.coalesce(p.note, 0))
    query = (
        sa.select(c.id, behind.label("behind"))
        .select_from(conversations.outerjoin(search_progress, p.conversation_id == c.id))
        .where(c.id < before)
        .order_by(c.id.desc())
        .limit(limit)
    )
    rows = (await tx.execute(query)).all()
    return [row.id for row in rows if row.behind], rows[-1].id if rows else ""


async def behind(tx: Transaction, ids: Collection[str]) -> Sequence[Behind]:
    """What is known of these conversations, in the order of their ids."""
    c, p = conversations.c, search_progress.c
    query = (
        sa.select(c.id, c.workspace, c.channel, c.last_seq, c.last_note, p.seq, p.note)
        .select_from(conversations.outerjoin(search_progress, p.conversation_id == c.id))
        .where(among(c.id, sorted(ids)))
        .order_by(c.id)
    )
    return [
        Behind(row.id, row.workspace, row.channel, Progress(row.seq or 0, row.note or 0), Progress(*row[3:5]))
        for row in await tx.execute(query)
    ]


async def messages_of(tx: Transaction, conversation_id: str, after: int, end: int, limit: int) -> Sequence[Words]:
    """At most ``limit`` messages after a place and not after ``end``, oldest first."""
    c = messages.c
    query = _messages().where(c.conversation_id == conversation_id, c.seq > after, c.seq <= end)
    return [_said(row) for row in await tx.execute(query.order_by(c.seq).limit(limit))]


async def message_at(tx: Transaction, conversation_id: str, seq: int) -> Words | None:
    query = _messages().where(messages.c.conversation_id == conversation_id, messages.c.seq == seq)
    row = (await tx.execute(query)).first()
    return _said(row) if row else None


async def notes_of(tx: Transaction, conversation_id: str, after: int, end: int, limit: int) -> Sequence[Words]:
    c = notes.c
    text = sa.func.substr(c.text, 1, MOST_CHARACTERS).label("text")
    query = (
        sa.select(c.number, c.seq, text, c.author_id, c.whisper_to, c.written_at)
        .where(c.conversation_id == conversation_id, c.number > after, c.number <= end)
        .order_by(c.number)
        .limit(limit)
    )
    return [
        Words(None, row.number, row.seq, row.written_at, row.text, Speaker.NOTE, row.author_id, row.whisper_to)
        for row in await tx.execute(query)
    ]


async def lock(tx: Transaction, ids: Collection[str]) -> Mapping[str, Progress]:
    """How far these conversations are searched; nobody else takes them further until the transaction ends."""
    await _insert_progress.insert(tx, [(one, 0, 0) for one in sorted(ids)])
    query = (
        sa.select(search_progress)
        .where(among(search_progress.c.conversation_id, sorted(ids)))
        .order_by(search_progress.c.conversation_id)
        .with_for_update()
    )
    return {row.conversation_id: Progress(row.seq, row.note) for row in await tx.execute(query)}


async def numbers_taken(tx: Transaction, numbers: Collection[int]) -> frozenset[int]:
    query = sa.select(searchable.c.number).where(among(searchable.c.number, sorted(numbers)))
    return frozenset((await tx.execute(query)).scalars())


async def add(tx: Transaction, entries: Sequence[Entry], terms: Sequence[tuple[str, str, int]]) -> None:
    """Rows and their terms (workspace, term, number). IntegrityConflict: a number is taken, or a message is gone."""
    rows = [
        (
            entry.number,
            entry.workspace,
            entry.conversation_id,
            entry.words.seq,
            entry.words.note,
            entry.channel,
            entry.words.speaker,
            entry.words.author_id,
            entry.words.whisper_to,
        )
        for entry in entries
    ]
    await _insert_searchable.insert(tx, rows)
    await _insert_terms.insert(tx, sorted(terms))


async def advance(tx: Transaction, done: Mapping[str, Progress]) -> None:
    """Remember how far conversations are searched."""
    rows = [(one, progress.seq, progress.note) for one, progress in sorted(done.items())]
    await write_together(tx, [_update_progress.of(rows)])


async def rewordings(tx: Transaction, limit: int) -> Sequence[tuple[str, int]]:
    """Messages whose words have changed, and that were searched by their old ones: (conversation, seq)."""
    c, p = messages_reworded.c, search_progress.c
    query = (
        sa.select(c.conversation_id, c.seq)
        .join(search_progress, sa.and_(p.conversation_id == c.conversation_id, p.seq >= c.seq))
        .order_by(c.conversation_id, c.seq)
        .limit(limit)
    )
    return [(row.conversation_id, row.seq) for row in await tx.execute(query)]


async def forget(tx: Transaction, conversation_id: str, seq: int) -> None:
    """A message is not found any more, and its changed words are seen to."""
    for table in (searchable, messages_reworded):
        await tx.execute(table.delete().where(table.c.conversation_id == conversation_id, table.c.seq == seq))


async def drop_searchable(tx: Transaction, before: int, limit: int) -> int:
    """What has a lower number is not found any more; how many went, at most ``limit``, the oldest first."""
    c = searchable.c
    old = sa.select(c.number).where(c.number < before).order_by(c.number).limit(limit)
    return (await tx.execute(searchable.delete().where(c.number.in_(old)))).rowcount


def _messages() -> sa.Select[tuple[object, ...]]:
    c = messages.c
    text = sa.func.substr(c.text, 1, MOST_CHARACTERS).label("text")
    return sa.select(c.seq, c.author_kind, c.decided_at, text, c.body)


def _said(row: sa.Row[tuple[object, ...]]) -> Words:
    message = message_pb2.Message()
    message.ParseFromString(row.body)
    return Words(row.seq, None, row.seq, row.decided_at, row.text, row.author_kind, message.author.id)
