"""From items of ``sync_msg`` to the facts that the host acts on, and to what is kept of the customer. Pure.

A customer's recall is told on the timeline as something overheard, like what servicers write: nothing that was said is
deleted, and the assistant has nothing to answer.
"""

from collections.abc import Mapping
from datetime import timedelta

from yizhan.channels.contract import (
    Fact,
    InboundMessage,
    InboundReceipt,
    InboundTrigger,
    InboundVisit,
    Refusal,
    Trigger,
)
from yizhan.channels.outcomes import QUOTA_SPENT, WINDOW_CLOSED
from yizhan.channels.store.customer_state import StateRow
from yizhan.channels.wechat.facts import CHANNEL, Place
from yizhan.channels.wechat.kf import items as i
from yizhan.channels.wechat.kf.ids import message_id_of
from yizhan.channels.wechat.kf.said import with_file
from yizhan.channels.wechat.kf.states import (
    ENDED,
    SESSION,
    SESSION_KNOWN,
    TAKEN,
    TAKEN_SECONDS,
    WELCOME,
    WELCOME_SECONDS,
    State,
)
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command, Visit
from yizhan.core.messages.content import Content, Media, TimelineEvent
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState

RECALLED = "recalled_by_customer"
MOST_CODE_CHARS = 250
"""With the id of a message behind it, it has to fit its column."""

FAIL_REASONS: Mapping[int, str] = {
    1: Refusal.ACCOUNT,
    2: Refusal.ACCOUNT,
    4: WINDOW_CLOSED,
    5: WINDOW_CLOSED,
    6: QUOTA_SPENT,
    8: Refusal.ACCOUNT,
    10: Refusal.BLOCKED,
}
"""``fail_type`` of ``msg_send_fail``; memory. Others are a refusal without a known reason."""


def address_of(item: i.Item, place: Place) -> Address | None:
    """Whose item it is: the customer at one of the business's 微信客服 accounts."""
    if isinstance(item, i.Ignored | i.Unreadable):
        return None
    return Address(place.workspace, CHANNEL, place.account, item.head.customer, item.head.open_kfid)


def facts_of(item: i.Item, place: Place, stored: Media | None = None, name: str = "") -> tuple[Fact, ...]:
    """``stored``: the file that the item wants (None: it could not be had). ``name``: the customer's, where it is known."""
    address = address_of(item, place)
    if address is None:
        return ()
    match item:
        case i.CustomerSaid(head, said):
            author = Author(AuthorKind.CUSTOMER, address.customer)
            message = _message(head, place, address, author, with_file(said, stored), name)
            return (InboundMessage(message, Trigger.MESSAGE, said.pressed),)
        case i.ServicerSaid(head, servicer, said):
            author = Author(AuthorKind.AGENT, name=servicer)  # no agent of ours: no id
            return (InboundMessage(_message(head, place, address, author, with_file(said, stored))),)
        case i.Recalled(head):
            event = TimelineEvent(RECALLED, "[客户撤回了一条消息]")
            return (InboundMessage(_message(head, place, address, Author(AuthorKind.AGENT), event)),)
        case i.SessionEntered():
            return _entered(item, place, address, name)
        case i.SendFailed():
            return _failed(item, place, address)
        case _:
            return ()


def notes_of(item: i.Item, place: Place) -> tuple[StateRow, ...]:
    """What is kept of the customer, before the facts are given."""
    address = address_of(item, place)
    if address is None:
        return ()
    key = address.key()
    match item:
        case i.SessionEntered(head, _, code):
            # A session begins anew: who serves has to be looked at again.
            forgotten = StateRow(key, SESSION, "", head.at)
            return forgotten, *_code(key, WELCOME, code, head, WELCOME_SECONDS)
        case i.SessionChanged(head, i.ENDED, _, code):
            return StateRow(key, SESSION, "", head.at), *_code(key, ENDED, code, head, WELCOME_SECONDS)
        case i.SessionChanged(head, _, _, code):
            served = StateRow(key, SESSION, str(int(State.HUMAN)), head.at + SESSION_KNOWN)
            return served, *_code(key, TAKEN, code, head, TAKEN_SECONDS)
        case _:
            return ()


def _code(key: str, name: str, code: str, head: i.Head, seconds: float) -> tuple[StateRow, ...]:
    if not code or len(code) > MOST_CODE_CHARS:
        return ()
    return (StateRow(key, name, code, head.at + timedelta(seconds=seconds)),)


def _entered(item: i.SessionEntered, place: Place, address: Address, name: str) -> tuple[Fact, ...]:
    visit = Visit(page_title=f"微信客服：{item.scene}" if item.scene else "", customer_name=name)
    command = InboundVisit(Command(place.new_id(), address, place.received_at, visit))
    if not item.welcome_code:
        return (command,)
    return InboundTrigger(address, Trigger.ENTER, item.head.at), command


def _failed(item: i.SendFailed, place: Place, address: Address) -> tuple[Fact, ...]:
    message_id = message_id_of(item.failed_id)
    if not message_id:
        return ()
    receipt = Receipt(
        id=place.new_id(),
        address=address,
        state=ReceiptState.FAILED,
        at=item.head.at,
        message_id=message_id,
        external_id=item.failed_id,
        reason=str(FAIL_REASONS.get(item.fail_type, Refusal.OTHER)),
        detail=f"fail_type {item.fail_type}",
    )
    return (InboundReceipt(receipt),)


def _message(head: i.Head, place: Place, address: Address, author: Author, content: Content, name: str = "") -> Message:
    return Message(
        id=place.new_id(),
        address=address,
        author=author,
        content=content,
        received_at=place.received_at,
        external_id=head.msg_id,
        dedupe_key=f"k:{head.msg_id}",
        sent_at=head.at,
        customer_name=name,
    )
