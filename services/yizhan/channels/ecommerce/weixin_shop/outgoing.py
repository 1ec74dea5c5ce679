"""What 微信小店 can show, and messages as its API takes them. Source: reference E.1."""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from yizhan.channels.contract import Abilities, Grant, Refusal, Refused, Trigger
from yizhan.core.messages.content import Content, File, GoodsCard, Image, OrderCard, Text, Video, media_of

FILE_BYTES: Final = 30 << 20
TEXT_CHARACTERS: Final = 600
"""Memory: WeChat's other customer-service calls take 2048 bytes, which these are at most."""

PICTURE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif"})
KINDS: Final[Mapping[type[Content], str]] = {Image: "image", Video: "video", File: "file"}
"""``msg_type`` of files."""

_PLATFORM_ID = re.compile(r"[0-9]{8,25}")
"""Goods and orders of the platform's have such ids; a card of others is shown as words."""


def takes(content: Content) -> bool:
    """Whether this very content goes as it is: what does not the renderer makes text of."""
    match content:
        case Image(media):
            return media.mime_type in PICTURE_TYPES and media.size_bytes <= FILE_BYTES
        case Video(media) | File(media):
            return media.size_bytes <= FILE_BYTES
        case GoodsCard(goods_id):
            return _PLATFORM_ID.fullmatch(goods_id) is not None
        case OrderCard(order_id):
            return is_order_id(order_id)
        case _:
            return True


def is_order_id(text: str) -> bool:
    """Whether this may be the number of an order there."""
    return _PLATFORM_ID.fullmatch(text) is not None


ABILITIES = Abilities(
    kinds=frozenset({Text, Image, Video, File, GoodsCard, OrderCard}),
    max_text=TEXT_CHARACTERS,
    max_text_bytes=2048,
    window={Trigger.MESSAGE: Grant(5, timedelta(hours=48))},
    idempotent=True,
    takes=takes,
)


def request_id(message_id: str, part: int) -> str:
    """What the platform knows a repetition by: follows from the message's id and the part, in 32 letters and digits."""
    return hashlib.blake2b(f"{message_id}:{part}".encode(), digest_size=16).hexdigest()


def body_of(openid: str, content: Content, request: str, cos_url: str = "") -> Mapping[str, Any]:
    """The body of ``sendmsg``. ``cos_url`` is that of an uploaded file. Raises Refused for what ``ABILITIES`` does not have."""
    kind, said = _said(content, cos_url)
    return {"request_id": request, "open_id": openid, "msg_type": kind, kind: said}


def _said(content: Content, cos_url: str) -> tuple[str, Mapping[str, Any]]:
    if media_of(content) is not None and type(content) in KINDS and cos_url:
        return KINDS[type(content)], {"cos_url": cos_url}
    match content:
        case Text(text):
            return "text", {"content": text}
        case GoodsCard(goods_id):
            return "product_share", {"product_id": goods_id}
        case OrderCard(order_id):
            return "order_share", {"order_id": order_id}
        case _:
            raise Refused("", type(content).__name__, Refusal.BAD_CONTENT)
