"""From a message that was pushed to the facts that the host acts on. Pure; what has to be fetched first, ``wanted`` names.

A buyer is their account id at the platform, and the session, which is all that a call can be sent to, is the thread: so
no note of ours can go missing between a message and its answer, and an order's buyer can be compared.
Taking a message back comes as the same message with another status, and a message that the platform keeps from the buyer
as our own with a reason: each has a key of its own, so that neither is passed over as a repetition.
"""

from dataclasses import dataclass
from datetime import datetime

from yizhan.channels.contract import Fact, InboundMessage, InboundReceipt, Refusal
from yizhan.channels.ecommerce.attached import Attachment, shown, unknown_words
from yizhan.channels.ecommerce.lazada.facts import RECALLED, SYSTEM_TYPE, Template, Who
from yizhan.channels.ecommerce.lazada.pushes import ChatMessage, Said, said
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, GoodsCard, Media, OrderCard, Text, TimelineEvent
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState

CONSOLE = "Lazada Seller Center"
"""Whose words they are that were written in the platform's own console."""

TAKEN_BACK = {
    Who.BUYER: TimelineEvent("recalled_by_customer", "[客户撤回了一条消息]"),
    Who.SELLER: TimelineEvent("recalled_by_business", "[我方撤回了一条消息]"),
}
NAMES = {
    Template.VIDEO: "视频",
    Template.VOUCHER: "优惠券",
    Template.FOLLOW: "关注店铺邀请",
    Template.REFUND: "退款",
}
"""What is told in a word because what it holds is not documented."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the push came in and when, and where ids come from."""

    workspace: str
    account: str
    received_at: datetime
    new_id: NewId


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be fetched before the message is brought."""

    url: str
    name: str


def address_of(message: ChatMessage, place: Place) -> Address:
    """The buyer, whoever of the two wrote."""
    buyer = message.to_account_id if is_the_sellers(message) else message.from_account_id
    return Address(place.workspace, CHANNEL, place.account, buyer or message.session_id, message.session_id)


def is_the_sellers(message: ChatMessage) -> bool:
    """Written by our side: by us, or in the platform's own console."""
    return message.from_account_type == Who.SELLER


def key_of(message: ChatMessage) -> str:
    """The same for every repetition, and another one for what befell the message."""
    what = ":recalled" if message.status == RECALLED else ":blocked" if message.process_msg else ""
    return f"m:{message.session_id}:{message.message_id}{what}"


def may_be_ours(message: ChatMessage) -> bool:
    """Whether it has to be asked if we sent it."""
    return is_the_sellers(message) and message.status != RECALLED and not _systems(message)


def wanted(message: ChatMessage) -> Wanted | None:
    """The picture without which the message is not complete."""
    if message.status == RECALLED or message.process_msg or message.template_id != Template.PICTURE:
        return None
    held = said(message)
    if held is None or not held.img_url:
        return None
    return Wanted(held.img_url, held.img_url.partition("?")[0].rpartition("/")[2][-100:] or "picture")


def facts_of(message: ChatMessage, place: Place, stored: Media | None = None, ours: str = "") -> tuple[Fact, ...]:
    """``stored``: the picture that was wanted. ``ours``: the id of our message that this is, where we sent it."""
    address = address_of(message, place)
    if message.status == RECALLED:
        by = Who.SELLER if is_the_sellers(message) else Who.BUYER
        return (_told(message, place, address, TAKEN_BACK[by]),)
    if message.process_msg and is_the_sellers(message):
        return (_blocked(message, place, address, ours),)
    if ours:
        return ()
    if _systems(message):
        return (_told(message, place, address, TimelineEvent("platform_notice", _words(said(message), message))),)
    if is_the_sellers(message):
        author = Author(AuthorKind.AGENT, name=CONSOLE)
    else:
        author = Author(AuthorKind.CUSTOMER, address.customer)
    return (InboundMessage(_message(message, place, address, author, content_of(message, stored))),)


def content_of(message: ChatMessage, stored: Media | None) -> Content:
    """What it says. A kind that is not known is told in words."""
    held = said(message)
    match message.template_id:
        case Template.PICTURE:
            return shown(Attachment.IMAGE, stored)
        case Template.ITEM if held is not None and held.item_id:
            return GoodsCard(held.item_id, held.title or held.item_id, url=_web(held.action_url))
        case Template.ORDER if held is not None and held.order_id:
            return OrderCard(held.order_id, held.status, url=_web(held.action_url))
        case _:
            return Text(_words(held, message))


def _systems(message: ChatMessage) -> bool:
    return message.type == SYSTEM_TYPE or message.template_id == Template.SYSTEM


def _words(held: Said | None, message: ChatMessage) -> str:
    if held is not None and held.txt.strip():
        return held.txt
    name = next((name for template, name in NAMES.items() if template == message.template_id), "")
    return unknown_words(name or str(message.template_id)).text


def _web(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""


def _blocked(message: ChatMessage, place: Place, address: Address, ours: str) -> Fact:
    """The buyer never sees it. What we sent has failed after all; what somebody else sent is told of."""
    if not ours:
        event = TimelineEvent("blocked_by_platform", f"[平台拦截了一条我方消息：{message.process_msg[:200]}]")
        return _told(message, place, address, event)
    receipt = Receipt(
        id=place.new_id(),
        address=address,
        state=ReceiptState.FAILED,
        at=message.sent_at or place.received_at,
        message_id=ours,
        external_id=message.message_id,
        reason=str(Refusal.RISKY_CONTENT),
        detail=message.process_msg[:300],
    )
    return InboundReceipt(receipt)


def _told(message: ChatMessage, place: Place, address: Address, event: TimelineEvent) -> Fact:
    """Something overheard: it is on the timeline, and the assistant has nothing to answer."""
    return InboundMessage(_message(message, place, address, Author(AuthorKind.AGENT, name=CONSOLE), event))


def _message(message: ChatMessage, place: Place, address: Address, author: Author, content: Content) -> Message:
    return Message(
        id=place.new_id(),
        address=address,
        author=author,
        content=content,
        received_at=place.received_at,
        external_id=message.message_id,
        dedupe_key=key_of(message),
        sent_at=message.sent_at,
    )
