"""From a message on Shopee to the facts that the host acts on. Pure.

A customer is the buyer's user id: messages are sent to it without a look-up, a shop has one conversation with a buyer, and an
order names its buyer by the same id, so that who may be told of an order is seen at once. Ids are text, always.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yizhan.channels.contract import Fact, InboundMessage
from yizhan.channels.ecommerce.attached import Attachment, shown, unknown_words
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.channels.ecommerce.reading import moment
from yizhan.channels.ecommerce.shopee.pushes import (
    AFFILIATE,
    AUTOMATIC,
    BUNDLE,
    FILM,
    PICTURE,
    PICTURE_WITH_TEXT,
    ChatMessage,
    Said,
)
from yizhan.channels.ecommerce.shopee.settings import DOMAINS
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, GoodsCard, Media, OrderCard, Text
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message

ROBOT_NAME = "Shopee 自动回复"
FROM_CONSOLE = "Shopee"

FILES: Mapping[str, Attachment] = {
    PICTURE: Attachment.IMAGE,
    PICTURE_WITH_TEXT: Attachment.IMAGE,
    FILM: Attachment.VIDEO,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message came in and when, and where ids come from. ``shop_id`` is the platform's of the shop."""

    workspace: str
    account: str
    shop_id: str
    region: str
    received_at: datetime
    new_id: NewId


def address_of(message: ChatMessage, place: Place) -> Address:
    buyer = message.to_id if message.is_by(place.shop_id) else message.from_id
    return Address(place.workspace, CHANNEL, place.account, buyer)


def key_of(message: ChatMessage) -> str:
    """The same for every repetition, and in the log of the conversation."""
    return f"m:{message.message_id}"


def is_silent(message: ChatMessage, place: Place) -> bool:
    """Whether it says nothing to anybody here: affiliates are no buyers, and who is nobody cannot be answered."""
    return message.business_type == AFFILIATE or address_of(message, place).customer in {"", "0"}


def file_wanted(message: ChatMessage, place: Place) -> str:
    """The address of the file without which the message is not complete; empty: there is none."""
    if message.message_type not in FILES:
        return ""
    said = message.said
    found = said.video_url if message.message_type == FILM else said.url or said.image_url or said.thumb_url
    if not found or "://" in found:
        return found
    domain = DOMAINS.get(message.region.upper()) or DOMAINS[place.region]
    return f"https://cf.{domain}/file/{found}"


def facts_of(message: ChatMessage, place: Place, stored: Media | None = None) -> tuple[Fact, ...]:
    """``stored``: the file that was wanted (None: it could not be had)."""
    if is_silent(message, place):
        return ()
    address = address_of(message, place)
    by_shop = message.is_by(place.shop_id)
    first = _message(message, place, address, _content(message, stored))
    words = message.said.text
    if message.message_type != PICTURE_WITH_TEXT or not words:
        return (InboundMessage(first),)
    key = f"{first.dedupe_key}:text"
    second = Message(
        id=place.new_id(),
        address=address,
        author=first.author,
        content=Text(words),
        received_at=place.received_at,
        dedupe_key=key,
        sent_at=first.sent_at,
        customer_name="" if by_shop else first.customer_name,
    )
    return InboundMessage(first), InboundMessage(second)


def _message(message: ChatMessage, place: Place, address: Address, content: Content) -> Message:
    by_shop = message.is_by(place.shop_id)
    return Message(
        id=place.new_id(),
        address=address,
        author=_shops_author(message) if by_shop else Author(AuthorKind.CUSTOMER, address.customer),
        content=content,
        received_at=place.received_at,
        external_id=message.message_id,
        dedupe_key=key_of(message),
        sent_at=moment(message.created_timestamp),
        customer_name="" if by_shop else message.from_user_name,
    )


def _shops_author(message: ChatMessage) -> Author:
    """No agent of ours, so no id."""
    if message.status in AUTOMATIC:
        return Author(AuthorKind.AGENT, name=ROBOT_NAME)
    name = message.sub_account_name if message.sub_account_name not in {"", "0"} else FROM_CONSOLE
    return Author(AuthorKind.AGENT, name=name)


def _content(message: ChatMessage, stored: Media | None) -> Content:
    kind = FILES.get(message.message_type)
    if kind is not None:
        return shown(kind if stored is None else _kind_of(stored), stored)
    said = message.said
    read = _KINDS.get(message.message_type)
    return (read(said) if read else None) or (Text(said.text) if said.text else unknown_words(message.message_type))


def _kind_of(media: Media) -> Attachment:
    if media.mime_type.startswith("image/"):
        return Attachment.IMAGE
    return Attachment.VIDEO if media.mime_type.startswith("video/") else Attachment.FILE


def _goods(said: Said) -> Content | None:
    return GoodsCard(said.item_id, f"商品 {said.item_id}") if said.item_id else None


def _order(said: Said) -> Content | None:
    return OrderCard(said.order_sn, "") if said.order_sn else None


_KINDS: Mapping[str, Callable[[Said], Content | None]] = {
    "item": _goods,
    "order": _order,
    "sticker": lambda _said: Text("[表情]"),
    BUNDLE: lambda _said: Text("[收到多条消息，但未能取回]"),
}
"""Kinds of messages that are no words; None: what they are about is not said."""
