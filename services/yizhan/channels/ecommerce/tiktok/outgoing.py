"""What TikTok Shop can show, and messages as its API takes them. Source: reference E.3.

What a seller may write is bound to a conversation of the last 30 days (or an order of the last 60): for that long after the
buyer's message it is tried, and the platform's own rules (45109001) have the last word. It publishes no number of messages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson

from yizhan.channels.contract import Abilities, Grant, Refusal, Refused, Trigger
from yizhan.core.messages.content import Content, GoodsCard, Image, LogisticsCard, OrderCard, Text

TEXT_CHARACTERS: Final = 2000
PICTURE_BYTES: Final = 10 << 20
PICTURE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
WRITABLE: Final = timedelta(days=30)
UNCOUNTED: Final = 1000
"""Messages in that time: more than anybody writes."""

_PLATFORM_ID = re.compile(r"[0-9]{15,20}")
"""Goods and orders of TikTok's have such ids; a card of other goods is shown as words."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was uploaded."""

    url: str
    width: int = 0
    height: int = 0


def takes(content: Content) -> bool:
    """Whether this very content goes as it is: what does not the renderer makes text of."""
    match content:
        case Image(media):
            return media.mime_type in PICTURE_TYPES and media.size_bytes <= PICTURE_BYTES
        case GoodsCard(goods_id):
            return _PLATFORM_ID.fullmatch(goods_id) is not None
        case OrderCard(order_id) | LogisticsCard(order_id):
            return _PLATFORM_ID.fullmatch(order_id) is not None
        case _:
            return True


ABILITIES = Abilities(
    kinds=frozenset({Text, Image, GoodsCard, OrderCard, LogisticsCard}),
    max_text=TEXT_CHARACTERS,
    window={Trigger.MESSAGE: Grant(UNCOUNTED, WRITABLE)},
    takes=takes,
)


def body_of(content: Content, picture: Picture | None = None) -> Mapping[str, Any]:
    """The body of a message. ``picture`` is that of an Image. Raises Refused for what ``ABILITIES`` does not have."""
    match content:
        case Text(text):
            return _body("TEXT", {"content": text})
        case Image() if picture is not None:
            return _body("IMAGE", {"url": picture.url, "width": picture.width, "height": picture.height})
        case GoodsCard(goods_id):
            return _body("PRODUCT_CARD", {"product_id": goods_id})
        case OrderCard(order_id):
            return _body("ORDER_CARD", {"order_id": order_id})
        case LogisticsCard(order_id):
            return _body("LOGISTICS_CARD", {"order_id": order_id})
        case _:
            raise Refused("", type(content).__name__, Refusal.BAD_CONTENT)


def _body(kind: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return {"type": kind, "content": orjson.dumps(content).decode()}
    except orjson.JSONEncodeError:  # half of a surrogate pair is no text
        raise Refused("", "", Refusal.BAD_CONTENT) from None
