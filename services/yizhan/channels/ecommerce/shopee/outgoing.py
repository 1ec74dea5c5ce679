"""What Shopee can show, and messages as its API takes them. Source: reference E.5.

The platform publishes neither a time in which a buyer must be answered nor a number of messages.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from yizhan.channels.contract import Abilities, Refusal, Refused
from yizhan.core.messages.content import Content, GoodsCard, Image, OrderCard, Text

TEXT_CHARACTERS: Final = 1000
"""Memory; the reference says nothing of it."""

PICTURE_BYTES: Final = 2 << 20
PICTURE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif"})

_ITEM_ID = re.compile(r"[0-9]{6,18}")
_ORDER_SN = re.compile(r"[0-9]{6}[0-9A-Z]{6,14}")
"""Six digits of a date and letters: other goods and orders are the own shop's, shown as words."""


def takes(content: Content) -> bool:
    """Whether this very content goes as it is: what does not the renderer makes text of."""
    match content:
        case Image(media):
            return media.mime_type in PICTURE_TYPES and media.size_bytes <= PICTURE_BYTES
        case GoodsCard(goods_id):
            return _ITEM_ID.fullmatch(goods_id) is not None
        case OrderCard(order_id):
            return is_order_sn(order_id)
        case _:
            return True


def is_order_sn(text: str) -> bool:
    """Whether this may be the number of an order there."""
    return _ORDER_SN.fullmatch(text) is not None


ABILITIES = Abilities(kinds=frozenset({Text, Image, GoodsCard, OrderCard}), max_text=TEXT_CHARACTERS, takes=takes)


def body_of(buyer: str, content: Content, picture_url: str = "") -> Mapping[str, Any]:
    """The body of ``send_message``. ``picture_url`` is that of an uploaded Image.

    Raises Refused for a buyer who is none, and for what ``ABILITIES`` does not have.
    """
    if not (buyer.isascii() and buyer.isdigit()):
        raise Refused("", "no id of a buyer", Refusal.UNKNOWN_CUSTOMER)
    kind, said = _said(content, picture_url)
    return {"to_id": int(buyer), "message_type": kind, "content": said}


def _said(content: Content, picture_url: str) -> tuple[str, Mapping[str, Any]]:
    match content:
        case Text(text):
            return "text", {"text": text}
        case Image() if picture_url:
            return "image", {"image_url": picture_url}
        case GoodsCard(goods_id):
            return "item", {"item_id": int(goods_id)}
        case OrderCard(order_id):
            return "order", {"order_sn": order_id}
        case _:
            raise Refused("", type(content).__name__, Refusal.BAD_CONTENT)
