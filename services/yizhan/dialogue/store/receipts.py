"""How far messages to customers got: watermarks of a conversation, and marks of single messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.message import AuthorKind
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.store.direct import DirectSelect
from yizhan.core.store.tables import among
from yizhan.dialogue.receipts import Marked, Moved
from yizhan.dialogue.store.tables import messages


@dataclass(frozen=True, slots=True)
class Reached:
    """A message to the customer that a watermark went past."""

    conversation_id: str
    message_id: str
    seq: int
    author: AuthorKind
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """A message to the customer, as protobuf bytes, whose own mark a receipt has moved on."""

    conversation_id: str
    body: bytes
    receipt: Receipt
    was_held: bool


_mark_message = (
    messages.update()
    .where(messages.c.id == sa.bindparam("key_id"), messages.c.receipt_rank <= sa.bindparam("new_rank"))
    .values(
        receipt_state=sa.bindparam("new_state"),
        receipt_rank=sa.bindparam("new_rank"),
        receipt_reason=sa.bindparam("new_reason"),
        receipt_detail=sa.bindparam("new_detail"),
        receipt_fallback=sa.bindparam("new_fallback"),
        provider_id=sa.bindparam("new_provider_id"),
    )
)
_REACHED = ("conversation_id", "id", "seq", "author_kind", "decided_at")
_in_spans = DirectSelect(
    messages,
    _REACHED,
    postgresql="unnest($1::varchar[], $2::bigint[], $3::bigint[]) AS span (conversation, after, up_to) JOIN {table} ON"
    f" conversation_id = conversation AND seq > after AND seq <= up_to AND author_kind <> {int(AuthorKind.CUSTOMER)}",
    # CROSS JOIN is how SQLite is told to go from the spans to the messages.
    sqlite="json_each(?) AS span CROSS JOIN {table} ON conversation_id = json_extract(span.value, '$[0]')"
    " AND seq > json_extract(span.value, '$[1]') AND seq <= json_extract(span.value, '$[2]')"
    f" AND author_kind <> {int(AuthorKind.CUSTOMER)}",
)


async def reached(tx: AsyncConnection, moves: Sequence[Moved]) -> Sequence[Reached]:
    """The messages to the customer inside these ranges."""
    rows = await _in_spans.fetch(tx, [(move.conversation_id, move.after, move.up_to) for move in moves])
    return [Reached(row[0], row[1], row[2], AuthorKind(row[3]), row[4]) for row in rows]


async def mark(tx: AsyncConnection, marks: Sequence[Marked]) -> Sequence[Noted]:
    """Write receipts onto messages (later knowledge wins); those that moved one on."""
    if not marks:
        return ()
    newest: dict[str, Receipt] = {}
    for item in marks:
        known = newest.get(item.message_id)
        if known is None or known.state.rank <= item.receipt.state.rank:
            newest[item.message_id] = item.receipt
    query = sa.select(messages).where(among(messages.c.id, list(newest)))
    rows = [row for row in (await tx.execute(query)).mappings() if _moves(row, newest[row["id"]])]
    if rows:
        await tx.execute(_mark_message, [_mark_row(row["id"], newest[row["id"]]) for row in rows])
    return [
        Noted(
            row["conversation_id"], row["body"], newest[row["id"]], was_held=row["receipt_state"] == ReceiptState.HELD
        )
        for row in rows
    ]


def _moves(row: sa.RowMapping, receipt: Receipt) -> bool:
    """Whether a receipt says more than is known. A message that is still held may wait for something else by now."""
    if receipt.state is ReceiptState.HELD and row["receipt_state"] == ReceiptState.HELD:
        return (row["receipt_reason"], row["receipt_fallback"] or "") != (receipt.reason, receipt.fallback)
    rank: int = row["receipt_rank"]
    return receipt.state.rank > rank


def _mark_row(message_id: str, receipt: Receipt) -> dict[str, object]:
    return {
        "key_id": message_id,
        "new_state": int(receipt.state),
        "new_rank": receipt.state.rank,
        "new_reason": receipt.reason[:100],
        "new_detail": receipt.detail[:500],
        "new_fallback": receipt.fallback[:32],
        "new_provider_id": receipt.external_id[:200],
    }
