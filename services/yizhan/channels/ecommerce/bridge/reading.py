"""From an event to what it means: pure, but for the file that a message may bring."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.channels.contract import (
    Fact,
    InboundGone,
    InboundMessage,
    InboundReceipt,
    InboundTrigger,
    InboundTyping,
    InboundVisit,
    Trigger,
)
from yizhan.channels.ecommerce.attached import Attachment, unknown_words
from yizhan.channels.ecommerce.bridge import events as e
from yizhan.channels.ecommerce.bridge.answers import reason_of
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command, Visit
from yizhan.core.messages.content import Content, GoodsCard, Link, Location, OrderCard, Text
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState

_STATES = {
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.READ,
    "failed": ReceiptState.FAILED,
}
_ATTACHMENTS = {
    "image": Attachment.IMAGE,
    "voice": Attachment.VOICE,
    "video": Attachment.VIDEO,
    "file": Attachment.FILE,
}

AnyEvent = e.MessageEvent | e.ReceiptEvent | e.TypingEvent | e.EnteredEvent | e.LeftEvent | e.WindowEvent


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when it arrived."""

    workspace: str
    account: str
    now: datetime
    new_id: NewId


def address_of(event: AnyEvent, place: Place) -> Address:
    return Address(place.workspace, CHANNEL, place.account, event.buyer.id, event.thread)


def attachment_of(content: e.SaidContent) -> Attachment | None:
    """Which file has to be had before the message can be made."""
    return _ATTACHMENTS[content.type] if isinstance(content, e.FileContent) else None


def content_of(content: e.SaidContent) -> Content:
    """The content of a message without a file."""
    match content:
        case e.TextContent(text=text):
            return Text(text)
        case e.LinkContent(url=url, title=title, description=description):
            return Link(url, title, description)
        case e.LocationContent(latitude=latitude, longitude=longitude, label=label):
            return Location(latitude, longitude, label)
        case e.ChoiceContent(option_id=option_id, label=label):
            return Text(label or option_id)  # the host makes a choice of it
        case e.GoodsContent():
            return _goods(content)
        case e.OrderContent():
            goods = tuple(_goods(item) for item in content.goods)
            return OrderCard(
                content.order_id, content.status, goods, content.total_minor, content.currency, content.url
            )
        case e.OtherContent(kind=kind, text=text):
            return Text(text) if text else unknown_words(kind)
        case e.FileContent():
            raise TypeError("a file is fetched first")


def message_of(event: e.MessageEvent, content: Content, place: Place) -> InboundMessage:
    address = address_of(event, place)
    buyer = event.author == "buyer"
    author = (
        Author(AuthorKind.CUSTOMER, address.customer, event.buyer.nick)
        if buyer
        else Author(AuthorKind.AGENT, "", event.seller)
    )
    message = Message(
        id=place.new_id(),
        address=address,
        author=author,
        content=content,
        received_at=place.now,
        external_id=event.message_id,
        dedupe_key=f"bridge:{event.message_id}",
        sent_at=e.sent(event, place.now),
        locale=event.locale,
        customer_name=event.buyer.nick,
    )
    pressed = event.content.option_id if isinstance(event.content, e.ChoiceContent) else ""
    return InboundMessage(message, pressed=pressed)


def facts_of(event: AnyEvent, place: Place) -> tuple[Fact, ...]:
    """What an event means that is no message."""
    address, at = address_of(event, place), e.sent(event, place.now)
    match event:
        case e.ReceiptEvent():
            failed = event.state == "failed"
            receipt = Receipt(
                place.new_id(),
                address,
                _STATES[event.state],
                at,
                message_id=event.message_id,
                reason=reason_of(event.code) if failed else "",
                detail=f"{event.code} {event.text}".strip() if failed else "",
            )
            return (InboundReceipt(receipt),)
        case e.TypingEvent():
            return (InboundTyping(address, Author(AuthorKind.CUSTOMER, address.customer, event.buyer.nick)),)
        case e.EnteredEvent():
            visit = Visit(
                locale=event.locale, page_url=event.page_url, page_title=event.page, customer_name=event.buyer.nick
            )
            return (
                InboundTrigger(address, Trigger.ENTER, at),
                InboundVisit(Command(place.new_id(), address, place.now, visit)),
            )
        case e.WindowEvent(open=True):
            return (InboundTrigger(address, Trigger.MESSAGE, at),)
        case e.LeftEvent() | e.WindowEvent():
            return (InboundGone(address),)
        case e.MessageEvent():
            raise TypeError("a message is made by message_of")


def _goods(card: e.Goods) -> GoodsCard:
    return GoodsCard(card.goods_id, card.title, card.price_minor, card.currency, card.image_url, card.url)
