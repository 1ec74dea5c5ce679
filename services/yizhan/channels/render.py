"""Degrades content to what a channel can show, so that dialogue never asks which channel it is talking to.

What a channel cannot show becomes text: a card its facts and its link, a menu its numbered options, a file its name and
(where the host can give one) its address. Text that is too long becomes several messages, cut where a reader would cut.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from yizhan.channels.contract import Abilities, MenuStyle
from yizhan.core.messages.content import (
    Content,
    File,
    GoodsCard,
    Image,
    Link,
    Location,
    LogisticsCard,
    Mail,
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
from yizhan.core.messages.money import in_words

MediaUrl = Callable[[Media], str]

_KIND_NAMES: dict[type[Content], tuple[str, str]] = {
    Image: ("图片", "Image"),
    Voice: ("语音", "Voice message"),
    Video: ("视频", "Video"),
    File: ("文件", "File"),
}
"""What a file is called in text, in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class _Labels:
    """What the lines of a card are called, and how a state follows what has it."""

    order: str
    total: str
    parcel: str
    refund: str
    amount: str
    colon: str

    def with_(self, label: str, value: str) -> str:
        return f"{label} {value}" if value else ""

    def stands(self, label: str, number: str, status: str) -> str:
        named = self.with_(label, number)
        return f"{named}{self.colon}{status}" if named and status else named or status


_LABELS = (
    _Labels("订单", "合计", "运单号", "退款", "退款金额", "："),
    _Labels("Order", "Total", "Tracking number", "Refund", "Amount", ": "),
)
"""In Chinese and in English."""

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
    mail = content.mail if isinstance(content, Text) else None
    along, left = _along(mail, abilities)
    text = _lines(_as_text(content, chinese, media_url), *(_named(media, chinese, media_url) for media in left))
    pieces = list(split(text, abilities.max_text, abilities.max_text_bytes))
    for number, piece in enumerate(pieces, 1):
        files = along if number == len(pieces) else ()
        yield Text(piece, mail=None if mail is None else replace(mail, attachments=files))


def _along(mail: Mail | None, abilities: Abilities) -> tuple[tuple[Media, ...], tuple[Media, ...]]:
    """Which files of a mail go with it, and which can only be named in it."""
    files = mail.attachments if mail is not None else ()
    takes = abilities.takes or (lambda _: True)
    along = tuple(media for media in files if File in abilities.kinds and takes(File(media)))
    return along, tuple(media for media in files if media not in along)


def _named(media: Media, chinese: bool, media_url: MediaUrl | None) -> str:
    return _as_text(File(media), chinese, media_url)


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
        case OrderCard() | LogisticsCard() | RefundCard():
            return _card(content, _LABELS[0 if chinese else 1])
        case _:
            return plain_text(content)


def _card(card: OrderCard | LogisticsCard | RefundCard, say: _Labels) -> str:
    """Its facts, a line each, every number with what it is."""
    match card:
        case OrderCard(order_id, status, goods, total, currency, url):
            price = in_words(total, currency) if total else ""
            return _lines(
                say.stands(say.order, order_id, status), *map(_goods, goods), say.with_(say.total, price), url
            )
        case LogisticsCard(order_id, carrier, number, steps, url):
            latest = max(steps, key=lambda step: step.at).text if steps else ""
            parcel = f"{carrier} {number}".strip() if carrier else say.with_(say.parcel, number)
            return _lines(say.with_(say.order, order_id), parcel, latest, url)
        case RefundCard(refund_id, order_id, status, amount, currency, url):
            price = in_words(amount, currency) if amount else ""
            named = say.stands(say.refund, refund_id, status)
            return _lines(named, say.with_(say.order, order_id), say.with_(say.amount, price), url)


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
    price = in_words(card.price_minor, card.currency) if card.price_minor else ""
    return _lines(f"{card.title} {price}".strip(), card.url)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _chinese(locale: str) -> bool:
    return not locale or locale.lower().startswith("zh")
