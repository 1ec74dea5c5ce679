"""From a message on TikTok Shop to the facts that the host acts on. Pure.

A customer is a conversation here: TikTok keeps one for a buyer and a shop, every push names it, of the shop's own messages too,
and a message is sent to it without a look-up. The buyer's other ids (im_user_id in chats, user_id among orders) are noted
beside it. The platform's system speaks about the conversation, not in it; its robot speaks to the buyer, so that agents are
shown what it said as they are shown what colleagues wrote in Seller Center.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yizhan.channels.contract import Fact, InboundMessage, InboundVisit
from yizhan.channels.ecommerce.attached import Attachment, shown, unknown_words
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.channels.ecommerce.reading import moment
from yizhan.channels.ecommerce.tiktok.pushes import (
    BUYER,
    CAME_FROM,
    FILES,
    FILM,
    NOTICES,
    ROBOT,
    SYSTEM,
    MessagePush,
    Said,
)
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command, Visit
from yizhan.core.messages.content import (
    Content,
    GoodsCard,
    LogisticsCard,
    Media,
    OrderCard,
    RefundCard,
    Text,
)
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message

ROBOT_NAME = "TikTok Shop 自动回复"
FROM_CONSOLE = "TikTok Shop"
"""Who wrote in the platform's own console; which of the business's people it was is not told."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a push came in and when, and where ids come from."""

    workspace: str
    account: str
    received_at: datetime
    new_id: NewId


def address_of(message: MessagePush, place: Place) -> Address:
    return Address(place.workspace, CHANNEL, place.account, message.conversation_id)


def key_of(message: MessagePush) -> str:
    """The same for every repetition, and nowhere else."""
    return f"m:{message.message_id}"


def is_silent(message: MessagePush) -> bool:
    """Whether it says nothing to anybody."""
    return not message.is_visible or message.type in NOTICES or (message.sender.role == SYSTEM and not _came(message))


def file_wanted(message: MessagePush) -> str:
    """The address of the file without which the message is not complete; empty: there is none."""
    return message.said.url if message.type in FILES else ""


def facts_of(message: MessagePush, place: Place, *, stored: Media | None = None, name: str = "") -> tuple[Fact, ...]:
    """``stored``: the file that was wanted (None: it could not be had). ``name``: the buyer's, where it is known."""
    address = address_of(message, place)
    if is_silent(message):
        return ()
    if _came(message):
        visit = Visit(page_title=_came_from(message), customer_name=name)
        return (InboundVisit(Command(place.new_id(), address, place.received_at, visit)),)
    written = Message(
        id=place.new_id(),
        address=address,
        author=_author(message, address),
        content=_content(message, stored),
        received_at=place.received_at,
        external_id=message.message_id,
        dedupe_key=key_of(message),
        sent_at=moment(message.create_time),
        customer_name=name if message.sender.role == BUYER else "",
    )
    return (InboundMessage(written),)


def _author(message: MessagePush, address: Address) -> Author:
    if message.sender.role == BUYER:
        return Author(AuthorKind.CUSTOMER, address.customer)
    # No agent of ours, so no id.
    return Author(AuthorKind.AGENT, name=ROBOT_NAME if message.sender.role == ROBOT else FROM_CONSOLE)


def _came(message: MessagePush) -> bool:
    return message.type in CAME_FROM


def _came_from(message: MessagePush) -> str:
    what, said = CAME_FROM[message.type], message.said
    return f"{what} {said.product_id or said.order_id}".strip() if what else ""


def _content(message: MessagePush, stored: Media | None) -> Content:
    if message.type in FILES:
        return _file(message.type, stored)
    said = message.said
    read = _KINDS.get(message.type)
    return (read(said) if read else None) or (Text(said.content) if said.content else unknown_words(message.type))


def _file(kind: str, stored: Media | None) -> Content:
    if stored is not None and not stored.mime_type.startswith(("image/", "video/")):
        return shown(Attachment.FILE, stored)
    is_film = kind == FILM if stored is None else stored.mime_type.startswith("video/")
    return shown(Attachment.VIDEO if is_film else Attachment.IMAGE, stored)


def _goods(said: Said) -> Content | None:
    return GoodsCard(said.product_id, f"商品 {said.product_id}") if said.product_id else None


def _order(said: Said) -> Content | None:
    return OrderCard(said.order_id, "") if said.order_id else None


def _logistics(said: Said) -> Content | None:
    return LogisticsCard(said.order_id, "", "") if said.order_id else None


def _refund(said: Said) -> Content | None:
    return RefundCard("", said.order_id, "售后") if said.order_id else None


def _coupon(said: Said) -> Content | None:
    return Text(f"[优惠券 {said.coupon_id}]") if said.coupon_id else None


_KINDS: Mapping[str, Callable[[Said], Content | None]] = {
    "PRODUCT_CARD": _goods,
    "ORDER_CARD": _order,
    "LOGISTICS_CARD": _logistics,
    "RETURN_REFUND_CARD": _refund,
    "COUPON_CARD": _coupon,
}
"""Kinds of messages that are no words; None: what they are about is not said."""
