"""Messages at their places in a conversation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.content import plain_text
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.messages.receipt import ReceiptState
from yizhan.core.store.bulk import BulkInsert, BulkUpdate, Write
from yizhan.core.store.tables import among
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.store.tables import NO_RECEIPT, messages
from yizhan.dialogue.turn import Recognised


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it lies in the table: protobuf bytes, and its own receipt mark if it has one."""

    seq: int
    author: AuthorKind
    body: bytes
    receipt: ReceiptState | None
    reason: str
    detail: str
    fallback: str


_insert_messages = BulkInsert(
    messages,
    (
        "conversation_id",
        "seq",
        "id",
        "author_kind",
        "decided_at",
        "text",
        "body",
        "receipt_rank",
        "receipt_reason",
        "receipt_detail",
        "provider_id",
    ),
)


_word_messages = BulkUpdate(messages, ("conversation_id", "seq", "text"))


def worded(items: Iterable[tuple[Conversation, Recognised]]) -> Write:
    """The words for files that a recogniser has put into words, so that they are found like written ones."""
    return _word_messages.of([(where.id, one.seq, one.words) for where, one in items if one.words])


def appended(items: Sequence[tuple[Message, bytes]]) -> Write:
    """Messages, each with its protobuf form, at their places. IntegrityConflict: a place is taken."""
    return _insert_messages.of([_message_row(item, body) for item, body in items])


async def messages_after(tx: AsyncConnection, conversation_id: str, seq: int, limit: int) -> Sequence[Stored]:
    """At most ``limit`` messages after a place, oldest first."""
    query = (
        _select_stored()
        .where(messages.c.conversation_id == conversation_id, messages.c.seq > seq)
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return [_stored(row) for row in (await tx.execute(query)).mappings()]


async def messages_before(tx: AsyncConnection, conversation_id: str, seq: int, limit: int) -> Sequence[Stored]:
    """The last ``limit`` messages before a place, oldest first."""
    query = (
        _select_stored()
        .where(messages.c.conversation_id == conversation_id, messages.c.seq < seq)
        .order_by(messages.c.seq.desc())
        .limit(limit)
    )
    return [_stored(row) for row in (await tx.execute(query)).mappings()][::-1]


async def count_unread(tx: AsyncConnection, conversation: Conversation) -> int:
    """Messages to the customer after the last one that they have seen."""
    unseen = sa.select(sa.func.count()).where(
        messages.c.conversation_id == conversation.id,
        messages.c.seq > conversation.read_seq,
        messages.c.author_kind != AuthorKind.CUSTOMER,
    )
    return int((await tx.execute(unseen)).scalar_one())


async def messages_named(tx: AsyncConnection, conversation_id: str, ids: Sequence[str]) -> Sequence[Stored]:
    """Those of these messages that are there, oldest first."""
    query = (
        _select_stored()
        .where(messages.c.conversation_id == conversation_id, among(messages.c.id, ids))
        .order_by(messages.c.seq)
    )
    return [_stored(row) for row in (await tx.execute(query)).mappings()]


def _message_row(item: Message, body: bytes) -> tuple[object, ...]:
    # PostgreSQL takes no NUL in text; the body keeps what was written.
    text = plain_text(item.content).replace("\x00", "")
    kind = int(item.author.kind)
    return (item.conversation_id, item.seq, item.id, kind, item.decided_at, text, body, NO_RECEIPT, "", "", "")


def _select_stored() -> sa.Select[Any]:
    return sa.select(
        messages.c.seq,
        messages.c.author_kind,
        messages.c.body,
        messages.c.receipt_state,
        messages.c.receipt_reason,
        messages.c.receipt_detail,
        messages.c.receipt_fallback,
    )


def _stored(row: sa.RowMapping) -> Stored:
    state = row["receipt_state"]
    return Stored(
        row["seq"],
        AuthorKind(row["author_kind"]),
        row["body"],
        ReceiptState(state) if state else None,
        row["receipt_reason"],
        row["receipt_detail"],
        row["receipt_fallback"] or "",
    )
