"""From a push of 微信小店 to the facts that the host acts on. Pure.

A customer is the buyer's openid at this shop: messages are sent to it without a look-up, and orders name their buyer by it.
What the business sends by the API is not pushed back, and in this mode nobody writes elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yizhan.channels.contract import Fact, InboundMessage
from yizhan.channels.ecommerce.attached import Attachment, shown, unknown_words
from yizhan.channels.ecommerce.platform import CHANNEL
from yizhan.channels.ecommerce.reading import moment
from yizhan.channels.ecommerce.weixin_shop.pushes import WRITTEN, BuyerMessage, Said
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, GoodsCard, Media, OrderCard, Text
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message

FILES: Mapping[str, Attachment] = {
    "image": Attachment.IMAGE,
    "video": Attachment.VIDEO,
    "voice": Attachment.VOICE,
    "file": Attachment.FILE,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a push came in and when, and where ids come from."""

    workspace: str
    account: str
    received_at: datetime
    new_id: NewId


def address_of(message: BuyerMessage, place: Place) -> Address:
    return Address(place.workspace, CHANNEL, place.account, message.openid)


def key_of(message: BuyerMessage) -> str:
    """The same for every repetition, and nowhere else."""
    return f"m:{message.msg_id}"


def is_silent(message: BuyerMessage) -> bool:
    return message.msg_event not in WRITTEN


def file_wanted(message: BuyerMessage) -> str:
    """The address of the file without which the message is not complete; empty: there is none."""
    return message.said.cos_url if message.msg_type in FILES else ""


def facts_of(message: BuyerMessage, place: Place, stored: Media | None = None) -> tuple[Fact, ...]:
    """``stored``: the file that was wanted (None: it could not be had)."""
    address = address_of(message, place)
    written = Message(
        id=place.new_id(),
        address=address,
        author=Author(AuthorKind.CUSTOMER, address.customer),
        content=_content(message, stored),
        received_at=place.received_at,
        external_id=message.msg_id,
        dedupe_key=key_of(message),
        sent_at=moment(message.at),
    )
    return (InboundMessage(written),)


def _content(message: BuyerMessage, stored: Media | None) -> Content:
    kind = FILES.get(message.msg_type)
    if kind is not None:
        return shown(kind if stored is None else _kind_of(stored), stored)
    said = message.said
    read = _KINDS.get(message.msg_type)
    return (read(said) if read else None) or (Text(said.content) if said.content else unknown_words(message.msg_type))


def _kind_of(media: Media) -> Attachment:
    """By what the file is, whatever it was called."""
    kinds = {"image": Attachment.IMAGE, "video": Attachment.VIDEO, "audio": Attachment.VOICE}
    return kinds.get(media.mime_type.partition("/")[0], Attachment.FILE)


def _goods(said: Said) -> Content | None:
    return GoodsCard(said.product_id, f"商品 {said.product_id}") if said.product_id else None


def _order(said: Said) -> Content | None:
    return OrderCard(said.order_id, "") if said.order_id else None


_KINDS: Mapping[str, Callable[[Said], Content | None]] = {"product_share": _goods, "order_share": _order}
"""Kinds of messages that are no words; None: what they are about is not said."""
