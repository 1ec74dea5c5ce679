"""Degrades content to what a channel can show, so that dialogue never asks which channel it is talking to.

What a channel cannot show becomes text: a card its facts and its link, a menu its numbered options, a file its name and
(where the host can give one) its address. Text that is too long becomes several messages, cut where a reader would cut.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

from yizhan.channels.contract import Abilities, MenuStyle
from yizhan.core.messages.content import (
    Content,
    File,
    GoodsCard,
    Image,
    Link,
    Location,
    LogisticsCard,
    Media,
    Menu,
    OrderCard,
    RefundCard,
    Text,
    Video,
    Voice,
    plain_text,
)
from yizhan.core.messages.message import Message

MediaUrl = Callable[[Media], str]

_KIND_NAMES: dict[type[Content], tuple[str, str]] = {
    Image: ("图片", "Image"),
    Voice: ("语音", "Voice message"),
    Video: ("视频", "Video"),
    File: ("文件", "File"),
}
"""What a file is called in text, in Chinese and in English."""

_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€"}

_BREAKS = ("\n\n", "\n", "。", "！", "？", ". ", "；", "; ", "，", ", ", " ")
"""Where a long text is cut, best first; the separator stays with what is before it."""


def render(message: Message, abilities: Abilities, media_url: MediaUrl | None = None) -> tuple[Message, ...]:
    """The message as the channel can show it: one part or several, in order, all with the id of the whole."""
    contents = tuple(_fitting(message.content, abilities, _chinese(message.locale), media_url))
    if contents == (message.content,):
        return (message,)
    return tuple(replace(message, content=content) for content in contents)


def _fitting(content: Content, abilities: Abilities, chinese: bool, media_url: MediaUrl | None) -> Iterator[Content]:
    shown = type(content) in abilities.kinds and (abilities.takes is None or abilities.takes(content))
    if isinstance(content, Menu):
        fits = not abilities.menu_options or len(content.options) <= abilities.menu_options
        shown = shown and abilities.menu is MenuStyle.BUTTONS and fits
    if shown and not isinstance(content, Text):
        yield content
        return
    for piece in split(_as_text(content, chinese, media_url), abilities.max_text, abilities.max_text_bytes):
        yield Text(piece)


def _as_text(content: Content, chinese: bool, media_url: MediaUrl | None) -> str:
    match content:
        case Image(media) | Voice(media) | Video(media) | File(media):
            name = _KIND_NAMES[type(content)][0 if chinese else 1]
            return _lines(f"[{name}] {media.name}".strip(), media_url(media) if media_url else "")
        case Link(url, title, description):
            return _lines(title, description, url)
        case Location(latitude, longitude, label):
            return _lines(label, f"{latitude:.6f}, {longitude:.6f}")
        case GoodsCard():
            return _goods(content)
        case OrderCard(order_id, status, goods, total, currency, url):
            price = _amount(total, currency) if total else ""
            return _lines(f"{order_id} {status}".strip(), *map(_goods, goods), price, url)
        case LogisticsCard(order_id, carrier, number, steps, url):
            latest = max(steps, key=lambda step: step.at).text if steps else ""
            return _lines(order_id, f"{carrier} {number}".strip(), latest, url)
        case RefundCard(refund_id, order_id, status, amount, currency, url):
            return _lines(f"{refund_id} {status}".strip(), order_id, _amount(amount, currency) if amount else "", url)
        case _:
            return plain_text(content)


def split(text: str, limit: int, limit_bytes: int = 0) -> Iterator[str]:
    """Pieces of at most ``limit`` characters (and ``limit_bytes`` bytes of UTF-8) that together are the text, without
    blanks at the seams.
    """
    rest = text
    while (most := _fitting_characters(rest, limit, limit_bytes)) < len(rest):
        cut = _cut(rest, most)
        if piece := rest[:cut].rstrip():
            yield piece
        rest = rest[cut:].lstrip()
    yield rest


def _fitting_characters(text: str, limit: int, limit_bytes: int) -> int:
    """How many characters of the text fit; at least one."""
    if not limit_bytes or len(text.encode()) <= limit_bytes:
        return min(len(text), limit)
    fitting = text.encode()[:limit_bytes].decode(errors="ignore")
    return max(1, min(len(fitting), limit))


def _cut(text: str, limit: int) -> int:
    for mark in _BREAKS:
        found = text.rfind(mark, 0, limit)
        if found >= limit // 2:
            return min(found + len(mark), limit)
    return limit


def _goods(card: GoodsCard) -> str:
    price = _amount(card.price_minor, card.currency) if card.price_minor else ""
    return _lines(f"{card.title} {price}".strip(), card.url)


def _amount(minor: int, currency: str) -> str:
    number = f"{Decimal(minor) / 100:.2f}"
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency}"


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _chinese(locale: str) -> bool:
    return not locale or locale.lower().startswith("zh")
