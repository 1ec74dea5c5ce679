"""Conversations: loaded under a lock by the writer, read and listed for screens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.address import Address
from yizhan.core.messages.message import AuthorKind
from yizhan.core.store.bulk import BulkInsert, BulkUpdate, Write
from yizhan.core.store.direct import DirectSelect
from yizhan.core.store.tables import among
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.instead.state import Instead, InsteadUnreadable, dump as dump_instead, load as load_instead
from yizhan.dialogue.mail_case import NO_MAIL, MailCase, MailCaseUnreadable, dump_mail_case, load_mail_case
from yizhan.dialogue.misses.miss import Trail, dump_trail, load_trail
from yizhan.dialogue.recognition.pending import Pending, PendingUnreadable, dump_pending, load_pending
from yizhan.dialogue.standby.state import Standby, StandbyUnreadable, dump as dump_standby, load as load_standby
from yizhan.dialogue.store.tables import conversations
from yizhan.dialogue.tasks.state import StateUnreadable, TaskState, dump as dump_task, load as load_task
from yizhan.dialogue.tickets.ties import NO_TIES, TicketTies, TiesUnreadable, dump_ties, load_ties

log = structlog.get_logger(__name__)


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
_by_key = sa.select(conversations).where(conversations.c.address_key == sa.bindparam("key"))
_by_keys_locked = DirectSelect(
    conversations,
    (*_FIELDS, *_ADDRESS),
    postgresql="{table} WHERE address_key = ANY($1::varchar[]) ORDER BY id FOR UPDATE",
    sqlite="{table} WHERE address_key IN (SELECT json_extract(value, '$[0]') FROM json_each(?))",
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


async def heads(tx: AsyncConnection, addresses: Sequence[Address]) -> Mapping[Address, int]:
    """The last seq by address; addresses without a conversation are left out."""
    if not addresses:
        return {}
    query = sa.select(conversations.c.address_key, conversations.c.last_seq).where(
        among(conversations.c.address_key, [address.key() for address in addresses])
    )
    found = {row[0]: row[1] for row in await tx.execute(query)}
    return {address: found[address.key()] for address in addresses if address.key() in found}


def _conversation(row: Mapping[Any, Any]) -> Conversation:
    fields = {name: row[name] for name in _FIELDS}
    author = fields.pop("last_author")
    task = fields.pop("task")
    fired = fields.pop("fired") or ""
    trail = fields.pop("trail")
    standby = fields.pop("standby")
    recognition = fields.pop("recognition")
    ties = fields.pop("ties")
    instead = fields.pop("instead")
    urgency = fields.pop("urgency")
    mail_case = fields.pop("mail_case")
    address = Address(row["workspace"], row["channel"], row["account"], row["customer"], row["thread"])
    return Conversation(
        address=address,
        state=State(fields.pop("state")),
        last_author=AuthorKind(author) if author else None,
        fired=tuple(fired.split()),
        task=_task(task, row["id"]) if task else None,
        trail=load_trail(trail) if trail else None,
        standby=_standby(standby, row["id"]) if standby else None,
        recognition=_pending(recognition, row["id"]) if recognition else None,
        ties=_ties(ties, row["id"]) if ties else NO_TIES,
        instead=_instead(instead, row["id"]) if instead else None,
        urgency=Urgency(urgency) if urgency else None,
        mail_case=_mail_case(mail_case, row["id"]) if mail_case else NO_MAIL,
        **fields,
    )


def _task(text: str, conversation_id: str) -> TaskState | None:
    """A state that another version of the program wrote and this one cannot read is dropped: the customer starts anew."""
    try:
        return load_task(text)
    except StateUnreadable:
        log.warning("task_state_unreadable", conversation_id=conversation_id)
        return None


def _pending(text: str, conversation_id: str) -> Pending | None:
    """One that this version cannot read is dropped; the result finds nobody waiting and is counted as late."""
    try:
        return load_pending(text)
    except PendingUnreadable:
        log.warning("recognition_unreadable", conversation_id=conversation_id)
        return None


def _ties(text: str, conversation_id: str) -> TicketTies:
    """Those that this version cannot read are dropped: what the customer writes is on the transcript, and the ticket stays."""
    try:
        return load_ties(text)
    except TiesUnreadable:
        log.warning("ticket_ties_unreadable", conversation_id=conversation_id)
        return NO_TIES


def _instead(text: str, conversation_id: str) -> Instead | None:
    """One that this version cannot read is dropped: what the customer said is on the transcript, and routing has promises."""
    try:
        return load_instead(text)
    except InsteadUnreadable:
        log.warning("instead_unreadable", conversation_id=conversation_id)
        return None


def _mail_case(text: str, conversation_id: str) -> MailCase:
    """One that this version cannot read is dropped: a rating of an earlier session is taken for one that is over."""
    try:
        return load_mail_case(text)
    except MailCaseUnreadable:
        log.warning("mail_case_unreadable", conversation_id=conversation_id)
        return NO_MAIL


def _standby(text: str, conversation_id: str) -> Standby | None:
    """One that another version of the program wrote and this one cannot read is lost; its question is on the transcript."""
    try:
        return load_standby(text)
    except StandbyUnreadable:
        log.warning("standby_unreadable", conversation_id=conversation_id)
        return None


def _values(item: Conversation, names: Sequence[str]) -> tuple[object, ...]:
    return tuple(_plain(getattr(item, name)) for name in names)


def _plain(value: object) -> object:
    """An enumeration's number, a task's state, a trail and a recognition as JSON, names beside each other; all else as it is."""
    if isinstance(value, TaskState):
        return dump_task(value)
    if isinstance(value, Trail):
        return dump_trail(value)
    if isinstance(value, Standby):
        return dump_standby(value)
    if isinstance(value, Pending):
        return dump_pending(value)
    if isinstance(value, TicketTies):
        return dump_ties(value)
    if isinstance(value, Instead):
        return dump_instead(value)
    if isinstance(value, MailCase):
        return dump_mail_case(value)
    if isinstance(value, tuple):
        return " ".join(value)
    return int(value) if isinstance(value, IntEnum) else value


def _row(item: Conversation) -> tuple[object, ...]:
    address = item.address
    where = (address.key(), address.workspace, address.channel, address.account, address.customer, address.thread)
    return _values(item, _FIELDS) + where
