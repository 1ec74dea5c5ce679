"""Messages and notes by their words, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from yizhan.core.store.database import Transaction
from yizhan.core.store.tables import among
from yizhan.dialogue.search.limits import MOST_CHARACTERS
from yizhan.dialogue.search.place import first_of
from yizhan.dialogue.search.wanted import Speaker, Wanted
from yizhan.dialogue.store.customer_tables import identities, identity_conversations
from yizhan.dialogue.store.search_tables import message_terms, searchable
from yizhan.dialogue.store.tables import conversations, messages, notes
from yizhan.pb.v1 import message_pb2

ENOUGH = 1000
"""Messages with a term that are counted, to know which term is rarest."""

MOST_CONVERSATIONS = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message or note that has all terms, with its conversation."""

    number: int
    conversation_id: str
    seq: int
    note: int
    speaker: Speaker
    author_id: str
    author_name: str
    at: datetime
    text: str
    session: int
    channel: str
    customer_name: str


async def conversations_of(tx: Transaction, workspace: str, customer_id: str) -> Sequence[str]:
    """Conversations of a customer, whatever identity they wrote with; the newest 500."""
    query = (
        sa.select(identity_conversations.c.conversation_id)
        .join(identities, identities.c.id == identity_conversations.c.identity_id)
        .where(identities.c.workspace == workspace, identities.c.customer_id == customer_id)
        .order_by(identity_conversations.c.conversation_id.desc())
        .limit(MOST_CONVERSATIONS)
    )
    return (await tx.execute(query)).scalars().all()


async def rarest(tx: Transaction, workspace: str, terms: Sequence[str]) -> str:
    """The term that the fewest messages have, as far as they are counted; empty where a term has none."""
    counts = [
        sa.select(sa.func.count())
        .select_from(sa.select(sa.literal(1)).where(*_has(workspace, term)).limit(ENOUGH).subquery())
        .scalar_subquery()
        for term in terms
    ]
    row = (await tx.execute(sa.select(*counts))).one()
    least, term = min(zip(row, terms, strict=True))
    return term if least else ""


async def numbers_with(tx: Transaction, wanted: Wanted, term: str, before: int, limit: int) -> Sequence[int]:
    """Of the messages below a number the next ``limit`` with this term, or, where conversations are named, in them."""
    least, end = _times(wanted, before)
    if wanted.conversation_ids is None:
        number = message_terms.c.number
        query = sa.select(number).where(*_has(wanted.workspace, term), number < end, number >= least)
    else:
        number = searchable.c.number
        mine = among(searchable.c.conversation_id, sorted(wanted.conversation_ids))
        query = sa.select(number).where(searchable.c.workspace == wanted.workspace, mine, number < end, number >= least)
    return (await tx.execute(query.order_by(number.desc()).limit(limit))).scalars().all()


async def having(tx: Transaction, workspace: str, term: str, numbers: Sequence[int]) -> Sequence[int]:
    """Those of these messages that have the term, in the same order.

    One look-up for each term rather than one statement for all: it goes along the key whatever the database believes to know of
    how often words occur.
    """
    number = message_terms.c.number
    found = await tx.execute(sa.select(number).where(*_has(workspace, term), among(number, numbers)))
    there = set(found.scalars())
    return [one for one in numbers if one in there]


async def candidates(tx: Transaction, wanted: Wanted, numbers: Sequence[int]) -> Sequence[Candidate]:
    """These, as far as they are what is wanted, newest first."""
    c = searchable.c
    said = sa.and_(messages.c.conversation_id == c.conversation_id, messages.c.seq == c.seq)
    noted = sa.and_(notes.c.conversation_id == c.conversation_id, notes.c.number == c.note)
    text = sa.func.substr(sa.func.coalesce(messages.c.text, notes.c.text), 1, MOST_CHARACTERS)
    query = (
        sa.select(
            *(c[name] for name in ("number", "conversation_id", "seq", "note", "speaker", "author_id", "channel")),
            text.label("text"),
            messages.c.body,
            messages.c.decided_at,
            notes.c.seq.label("noted_after"),
            notes.c.session,
            notes.c.author_name,
            notes.c.written_at,
            conversations.c.customer_name,
        )
        .select_from(
            searchable.join(conversations, conversations.c.id == c.conversation_id)
            .outerjoin(messages, said)
            .outerjoin(notes, noted)
        )
        .where(among(c.number, numbers), *_conditions(wanted))
        .order_by(c.number.desc())
    )
    return [_candidate(row) for row in (await tx.execute(query)).mappings()]


def _has(workspace: str, term: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (message_terms.c.workspace == workspace, message_terms.c.term == term)


def _times(wanted: Wanted, before: int) -> tuple[int, int]:
    least = first_of(wanted.since) if wanted.since else 0
    return least, min(before, first_of(wanted.until)) if wanted.until else before


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    c = searchable.c
    found: list[sa.ColumnElement[bool]] = [c.workspace == wanted.workspace]
    if wanted.channels:
        found.append(c.channel.in_(wanted.channels))
    if wanted.speakers:
        found.append(c.speaker.in_([int(one) for one in wanted.speakers]))
    if wanted.agent_id:
        found += [c.author_id == wanted.agent_id, c.speaker.in_([int(Speaker.AGENT), int(Speaker.NOTE)])]
    if not wanted.reader.reads_whispers:
        found.append(sa.or_(c.whisper_to.in_(["", wanted.reader.id]), c.author_id == wanted.reader.id))
    return found


def _candidate(row: sa.RowMapping) -> Candidate:
    common: dict[str, Any] = {
        name: row[name] for name in ("number", "conversation_id", "author_id", "text", "channel", "customer_name")
    }
    common["speaker"] = Speaker(row["speaker"])
    if row["note"] is not None:
        return Candidate(
            **common,
            seq=row["noted_after"],
            note=row["note"],
            author_name=row["author_name"],
            at=row["written_at"],
            session=row["session"],
        )
    message = message_pb2.Message()
    message.ParseFromString(row["body"])
    return Candidate(
        **common, seq=row["seq"], note=0, author_name=message.author.name, at=row["decided_at"], session=message.session
    )
