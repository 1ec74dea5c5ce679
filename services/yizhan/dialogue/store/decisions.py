"""Decisions of the assistant: written with their effects, read when somebody asks why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.message import AuthorKind
from yizhan.core.store.bulk import BulkInsert, Write
from yizhan.dialogue.decisions import Decision, dump_basis
from yizhan.dialogue.store.tables import decisions, messages


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """As it lies in the table; ``document`` is for ``decisions.load_basis``."""

    id: str
    conversation_id: str
    decided_at: datetime
    after_seq: int
    last_seq: int
    command: bytes | None
    document: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands; ``body`` is its protobuf form."""

    conversation_id: str
    seq: int
    author: AuthorKind
    body: bytes


# One that is there is the same one: a command that was handed in again after the inbox had forgotten it.
_insert_decisions = BulkInsert(
    decisions,
    ("id", "conversation_id", "decided_at", "after_seq", "last_seq", "command", "document", "release_id"),
    ignore_conflicts=True,
)


def remembered(made: Sequence[Decision]) -> Write:
    return _insert_decisions.of([_row(decision) for decision in made])


async def decision_by_id(tx: AsyncConnection, decision_id: str) -> StoredDecision | None:
    query = sa.select(decisions).where(decisions.c.id == decision_id)
    return _decision((await tx.execute(query)).mappings().first())


async def decision_by_command(tx: AsyncConnection, conversation_id: str, seq: int) -> StoredDecision | None:
    """The decision about a command that brought about the message at this place."""
    query = (
        sa.select(decisions)
        .where(decisions.c.conversation_id == conversation_id, decisions.c.command.is_not(None))
        .where(decisions.c.after_seq < seq, decisions.c.last_seq >= seq)
        .limit(1)
    )
    return _decision((await tx.execute(query)).mappings().first())


async def decision_after(tx: AsyncConnection, conversation_id: str, seq: int) -> StoredDecision | None:
    """The decision about the customer's next message after this place."""
    following = (
        sa.select(messages.c.id)
        .where(messages.c.conversation_id == conversation_id, messages.c.seq > seq)
        .where(messages.c.author_kind == int(AuthorKind.CUSTOMER))
        .order_by(messages.c.seq)
        .limit(1)
    )
    query = sa.select(decisions).where(decisions.c.id == following.scalar_subquery())
    return _decision((await tx.execute(query)).mappings().first())


async def message_place(tx: AsyncConnection, message_id: str) -> Place | None:
    query = sa.select(messages.c.conversation_id, messages.c.seq, messages.c.author_kind, messages.c.body)
    row = (await tx.execute(query.where(messages.c.id == message_id))).first()
    return Place(row[0], row[1], AuthorKind(row[2]), row[3]) if row else None


async def bodies_between(tx: AsyncConnection, conversation_id: str, after_seq: int, last_seq: int) -> Sequence[bytes]:
    """The protobuf forms of the messages after one place up to another."""
    query = (
        sa.select(messages.c.body)
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.seq > after_seq, messages.c.seq <= last_seq)
        .order_by(messages.c.seq)
    )
    return [row[0] for row in await tx.execute(query)]


def _row(decision: Decision) -> tuple[object, ...]:
    before = decision.basis.before
    return (
        decision.id,
        before.id,
        decision.decided_at,
        before.last_seq,
        decision.last_seq,
        decision.command,
        dump_basis(decision.basis),
        decision.basis.circumstances.release_id,
    )


def _decision(row: Mapping[Any, Any] | None) -> StoredDecision | None:
    if row is None:
        return None
    return StoredDecision(**{field.name: row[field.name] for field in fields(StoredDecision)})
