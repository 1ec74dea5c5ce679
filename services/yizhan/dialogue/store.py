"""The dialogue service's tables (schema ``dialogue``) and every query on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.address import Address
from yizhan.core.messages.content import plain_text
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.store.bulk import BulkInsert, BulkUpdate, Write
from yizhan.core.store.direct import DirectSelect
from yizhan.core.store.inbox import inbox_table
from yizhan.core.store.membership import members_table
from yizhan.core.store.outbox import outbox_table
from yizhan.core.store.tables import UtcDateTime, among, metadata_for
from yizhan.core.store.timers import timers_table
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.receipts import Marked, Moved

SERVICE = "dialogue"
metadata = metadata_for(SERVICE)

inbox = inbox_table(metadata, SERVICE)
outbox = outbox_table(metadata, SERVICE)
timers = timers_table(metadata, SERVICE)
members = members_table(metadata, SERVICE)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("address_key", sa.String(600), nullable=False, unique=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("customer", sa.String(200), nullable=False),
    sa.Column("thread", sa.String(200), nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("session", sa.Integer, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("agent_name", sa.String(100), nullable=False),
    sa.Column("served_by", sa.String(36), nullable=False),
    sa.Column("agent_replied", sa.Boolean, nullable=False),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Column("greeted", sa.Boolean, nullable=False),
    sa.Column("told_position", sa.Integer, nullable=False),
    sa.Column("customer_name", sa.String(200), nullable=False),
    sa.Column("locale", sa.String(35), nullable=False),
    sa.Column("verified", sa.Boolean, nullable=False),
    sa.Column("page_url", sa.String(2000), nullable=False),
    sa.Column("page_title", sa.String(300), nullable=False),
    sa.Column("opened_at", UtcDateTime),
    sa.Column("last_message_at", UtcDateTime),
    sa.Column("last_customer_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("last_text", sa.String(400), nullable=False),
    sa.Column("last_author", sa.SmallInteger),
    sa.Column("handoff_reason", sa.String(32), nullable=False),
    sa.Column("handoff_at", UtcDateTime),
    sa.Column("ticket_number", sa.String(32), nullable=False),
    sa.Column("rating", sa.SmallInteger, nullable=False),
    sa.Column("delivered_seq", sa.BigInteger, nullable=False),
    sa.Column("read_seq", sa.BigInteger, nullable=False),
    sa.Column("reply_until", UtcDateTime),
    sa.Column("reply_left", sa.Integer),
    sa.Column("reply_at", UtcDateTime),
    sa.Index("conversations_by_state", "workspace", "state", "last_message_at"),
    sa.Index("conversations_by_agent", "workspace", "agent_id", "last_message_at"),
    sa.Index("conversations_by_time", "workspace", "last_message_at"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("conversation_id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("author_kind", sa.SmallInteger, nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("receipt_state", sa.SmallInteger),
    sa.Column("receipt_rank", sa.SmallInteger, nullable=False),
    sa.Column("receipt_reason", sa.String(100), nullable=False),
    sa.Column("receipt_detail", sa.String(500), nullable=False),
    sa.Column("provider_id", sa.String(200), nullable=False),
    sa.Column("receipt_fallback", sa.String(32)),
)
"""``body`` is the protobuf ``Message``; the other columns are what queries need. ``receipt_rank`` is
``NO_RECEIPT`` until a receipt marks the message.
"""

NO_RECEIPT = -2
"""Below the rank of every state of a receipt."""

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("published_by", sa.String(100), nullable=False),
    sa.Column("source_name", sa.String(200), nullable=False),
    sa.UniqueConstraint("workspace", "number", name="releases_number"),
)
"""``data`` is the release's entries as gzipped JSON lines; the newest release of a workspace is the published one."""


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


@dataclass(frozen=True, slots=True)
class StoredRelease:
    id: str
    workspace: str
    number: int
    entries: int
    published_at: datetime
    published_by: str
    source_name: str


@dataclass(frozen=True, slots=True)
class Page:
    """Which conversations to list: newest first, from ``before`` (a last-message time and id) on."""

    workspace: str
    states: tuple[State, ...] = ()
    agent_id: str = ""
    search: str = ""
    ids: tuple[str, ...] = ()
    before: tuple[datetime, str] | None = None
    size: int = 30


_FIELDS = tuple(
    column.name
    for column in conversations.columns
    if column.name not in {"address_key", "workspace", "channel", "account", "customer", "thread"}
)
_ADDRESS = ("address_key", "workspace", "channel", "account", "customer", "thread")
_CHANGING = tuple(name for name in _FIELDS if name != "first_seen_at")
_insert_conversations = BulkInsert(conversations, (*_FIELDS, *_ADDRESS))
_update_conversations = BulkUpdate(conversations, _CHANGING)
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
_by_key = sa.select(conversations).where(conversations.c.address_key == sa.bindparam("key"))
_by_keys_locked = DirectSelect(
    conversations,
    (*_FIELDS, *_ADDRESS),
    postgresql="{table} WHERE address_key = ANY($1::varchar[]) ORDER BY id FOR UPDATE",
    sqlite="{table} WHERE address_key IN (SELECT json_extract(value, '$[0]') FROM json_each(?))",
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


async def load(tx: AsyncConnection, keys: Sequence[str]) -> dict[str, Conversation]:
    """Conversations by ``Address.key()``, locked until the transaction ends: a second writer waits."""
    rows = await _by_keys_locked.fetch(tx, [(key,) for key in keys])
    found = (dict(zip((*_FIELDS, *_ADDRESS), row, strict=True)) for row in rows)
    return {row["address_key"]: _conversation(row) for row in found}


def saved(new: Sequence[Conversation], changed: Sequence[Conversation]) -> Sequence[Write]:
    """Inserts and updates of conversations. IntegrityConflict: an address has come into being meanwhile."""
    return (
        _insert_conversations.of([_row(item) for item in new]),
        _update_conversations.of([_values(item, _CHANGING) for item in changed]),
    )


def appended(items: Sequence[tuple[Message, bytes]]) -> Write:
    """Messages, each with its protobuf form, at their places. IntegrityConflict: a place is taken."""
    return _insert_messages.of([_message_row(item, body) for item, body in items])


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


async def conversation_by_id(tx: AsyncConnection, workspace: str, conversation_id: str) -> Conversation | None:
    query = sa.select(conversations).where(
        conversations.c.id == conversation_id, conversations.c.workspace == workspace
    )
    row = (await tx.execute(query)).mappings().first()
    return _conversation(row) if row else None


async def conversation_by_address(tx: AsyncConnection, address: Address) -> Conversation | None:
    rows = await tx.execute(_by_key, {"key": address.key()})
    row = rows.mappings().first()
    return _conversation(row) if row else None


async def list_conversations(tx: AsyncConnection, page: Page) -> Sequence[Conversation]:
    """At most ``page.size`` + 1 conversations, newest message first: the one too many tells that there are more."""
    table = conversations.c
    query = sa.select(conversations).where(table.workspace == page.workspace, table.last_message_at.is_not(None))
    if page.states:
        query = query.where(table.state.in_([int(state) for state in page.states]))
    if page.agent_id:
        query = query.where(table.agent_id == page.agent_id)
    if page.ids:
        query = query.where(table.id.in_(page.ids))
    if page.search:
        query = query.where(
            sa.or_(
                table.customer_name.icontains(page.search, autoescape=True),
                table.customer == page.search,
                table.id == page.search,
            )
        )
    if page.before:
        at, last_id = page.before
        query = query.where(
            sa.or_(table.last_message_at < at, sa.and_(table.last_message_at == at, table.id < last_id))
        )
    query = query.order_by(table.last_message_at.desc(), table.id.desc()).limit(page.size + 1)
    rows = await tx.execute(query)
    return [_conversation(row) for row in rows.mappings()]


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


async def heads(tx: AsyncConnection, addresses: Sequence[Address]) -> Mapping[Address, int]:
    """The last seq by address; addresses without a conversation are left out."""
    if not addresses:
        return {}
    query = sa.select(conversations.c.address_key, conversations.c.last_seq).where(
        among(conversations.c.address_key, [address.key() for address in addresses])
    )
    found = {row[0]: row[1] for row in await tx.execute(query)}
    return {address: found[address.key()] for address in addresses if address.key() in found}


async def add_release(tx: AsyncConnection, release: StoredRelease, data: bytes) -> None:
    """Raises IntegrityConflict when another release took the number meanwhile."""
    await tx.execute(
        releases.insert(),
        [
            {
                "id": release.id,
                "workspace": release.workspace,
                "number": release.number,
                "entries": release.entries,
                "data": data,
                "published_at": release.published_at,
                "published_by": release.published_by,
                "source_name": release.source_name,
            }
        ],
    )


async def last_release_number(tx: AsyncConnection, workspace: str) -> int:
    query = sa.select(sa.func.max(releases.c.number)).where(releases.c.workspace == workspace)
    return (await tx.execute(query)).scalar() or 0


async def published_numbers(tx: AsyncConnection) -> Mapping[str, int]:
    """The number of the published release of every workspace that has one."""
    query = sa.select(releases.c.workspace, sa.func.max(releases.c.number)).group_by(releases.c.workspace)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def release_data(tx: AsyncConnection, workspace: str, number: int) -> tuple[StoredRelease, bytes] | None:
    query = sa.select(releases).where(releases.c.workspace == workspace, releases.c.number == number)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    release = StoredRelease(
        row["id"],
        row["workspace"],
        row["number"],
        row["entries"],
        row["published_at"],
        row["published_by"],
        row["source_name"],
    )
    return release, row["data"]


def _conversation(row: Mapping[Any, Any]) -> Conversation:
    fields = {name: row[name] for name in _FIELDS}
    author = fields.pop("last_author")
    address = Address(row["workspace"], row["channel"], row["account"], row["customer"], row["thread"])
    return Conversation(
        address=address,
        state=State(fields.pop("state")),
        last_author=AuthorKind(author) if author else None,
        **fields,
    )


def _values(item: Conversation, names: Sequence[str]) -> tuple[object, ...]:
    return tuple(_plain(getattr(item, name)) for name in names)


def _plain(value: object) -> object:
    """An enumeration's number; everything else as it is."""
    return int(value) if isinstance(value, IntEnum) else value


def _row(item: Conversation) -> tuple[object, ...]:
    address = item.address
    where = (address.key(), address.workspace, address.channel, address.account, address.customer, address.thread)
    return _values(item, _FIELDS) + where


def _message_row(item: Message, body: bytes) -> tuple[object, ...]:
    # PostgreSQL takes no NUL in text; the body keeps what was written.
    text = plain_text(item.content).replace("\x00", "")
    kind = int(item.author.kind)
    return (item.conversation_id, item.seq, item.id, kind, item.decided_at, text, body, NO_RECEIPT, "", "", "")


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
