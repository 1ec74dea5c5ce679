"""What buyers can be shown, and messages as the platform takes them. Source: reference channels.md E.4."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from yizhan.channels.contract import Abilities, Grant, Refusal, Refused, Trigger
from yizhan.channels.ecommerce.lazada.facts import Template
from yizhan.channels.ecommerce.lazada.settings import LazadaSettings
from yizhan.core.messages.content import Content, GoodsCard, Image, Media, OrderCard, Text

MAX_TEXT: Final = 1000
"""The platform publishes no limit; longer answers are split here."""

WITHOUT_END: Final = timedelta(days=30)
"""The count has no end in time at the platform. Here it is as long as windows are kept."""

PICTURES: Final = frozenset({"image/jpeg", "image/png"})
SIDE: Final = 800
"""Pixels, of a picture whose size nobody knows: the platform wants one, to lay out its place."""

_NUMBER = re.compile(r"[0-9]{1,20}")


def abilities_of(settings: LazadaSettings) -> Abilities:
    """What a shop can show and may do."""
    return Abilities(
        kinds=frozenset({Text, Image, GoodsCard, OrderCard}),
        max_text=MAX_TEXT,
        window={Trigger.MESSAGE: Grant(settings.unanswered_messages, WITHOUT_END)},
        takes=takes,
    )


def takes(content: Content) -> bool:
    """Goods and orders of the platform's own go as cards, by their numbers; others as text."""
    match content:
        case Image(media):
            return media.mime_type in PICTURES
        case GoodsCard(goods_id=number) | OrderCard(order_id=number):
            return bool(_NUMBER.fullmatch(number))
        case _:
            return True


def parameters_of(content: Content, session: str, link: str) -> Mapping[str, str]:
    """What the call says. ``link``: where the platform finds the picture. Pure.

    Raises Refused for content that ``Abilities`` does not have.
    """
    match content:
        case Text(text):
            held = {"template_id": str(int(Template.TEXT)), "txt": text}
        case Image(media):
            width, height = _size(media)
            held = {
                "template_id": str(int(Template.PICTURE)),
                "img_url": link,
                "width": str(width),
                "height": str(height),
            }
        case GoodsCard(goods_id=number):
            held = {"template_id": str(int(Template.ITEM)), "item_id": number}
        case OrderCard(order_id=number):
            held = {"template_id": str(int(Template.ORDER)), "order_id": number}
        case _:
            raise Refused("", type(content).__name__, Refusal.BAD_CONTENT)
    return {"session_id": session, **held}


def _size(media: Media) -> tuple[int, int]:
    return media.width_px or SIDE, media.height_px or SIDE
