"""What 微信客服 can show, and messages as ``kf/send_msg`` takes them. Source: reference C.3."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from yizhan.channels.contract import Abilities, Grant, MenuStyle, Refusal, Refused, Trigger
from yizhan.channels.render import render
from yizhan.channels.wechat.kf.states import WELCOME_SECONDS
from yizhan.channels.wechat.media_rules import KF_MEDIA, taken
from yizhan.channels.wechat.settings import KfSettings
from yizhan.core.messages.content import (
    Content,
    File,
    GoodsCard,
    Image,
    Link,
    Location,
    LogisticsCard,
    Menu,
    OrderCard,
    RefundCard,
    Text,
    Video,
    Voice,
    media_of,
)
from yizhan.core.messages.message import Message

TEXT_BYTES = 2048
HEAD_BYTES = 1024
LABEL_BYTES = 128
MENU_OPTIONS = 10
TITLE_BYTES = 128
DESCRIPTION_BYTES = 512
URL_BYTES = 2048
"""Of texts the most by the reference, of menus and links by memory."""

OptionId = Callable[[int], str]
"""The id of a menu's option by its number, counted from 1."""

_WEB = ("https://", "http://")
_CARDS = frozenset({GoodsCard, OrderCard, LogisticsCard, RefundCard})


def takes(content: Content) -> bool:
    """Whether this very content goes as it is: what does not the renderer makes text of."""
    media = media_of(content)
    if media is not None:
        return taken(content, media, KF_MEDIA) is not None
    match content:
        case Menu(_, prompt, options):
            return _bytes(prompt) <= HEAD_BYTES and all(0 < _bytes(option.label) <= LABEL_BYTES for option in options)
        case Link(url=url) | GoodsCard(url=url) | OrderCard(url=url) | LogisticsCard(url=url) | RefundCard(url=url):
            return url.startswith(_WEB) and _bytes(url) <= URL_BYTES
        case _:
            return True


ABILITIES = Abilities(
    kinds=frozenset({Text, Image, Voice, Video, File, Link, Location, Menu}) | _CARDS,
    menu=MenuStyle.BUTTONS,
    max_text=TEXT_BYTES,
    max_text_bytes=TEXT_BYTES,
    menu_options=MENU_OPTIONS,
    window={
        Trigger.MESSAGE: Grant(5, timedelta(hours=48)),
        # One message by the code that is given when a customer comes in.
        Trigger.ENTER: Grant(1, timedelta(seconds=WELCOME_SECONDS)),
    },
    idempotent=True,
    takes=takes,
)


def abilities_of(settings: KfSettings) -> Abilities:
    """What an account can show and may do."""
    kinds = ABILITIES.kinds if settings.menus else ABILITIES.kinds - {Menu}
    return replace(ABILITIES, kinds=kinds, window={**(ABILITIES.window or {}), **settings.window_rules})


@dataclass(frozen=True, slots=True)
class KfBody:
    """A message without the one it goes to. ``part`` is the object that is named like ``msgtype``."""

    msgtype: str
    part: Mapping[str, Any]

    def to(self, customer: str, open_kfid: str, msgid: str) -> Mapping[str, Any]:
        """The body of ``send_msg``."""
        return {"touser": customer, "open_kfid": open_kfid, "msgid": msgid, **self._said()}

    def by(self, code: str, msgid: str) -> Mapping[str, Any]:
        """The body of ``send_msg_on_event``."""
        return {"code": code, "msgid": msgid, **self._said()}

    def _said(self) -> Mapping[str, Any]:
        return {"msgtype": self.msgtype, self.msgtype: self.part}


def is_linked(content: Content) -> bool:
    """Whether it is shown as a link, which needs a picture."""
    return isinstance(content, Link | GoodsCard | OrderCard | LogisticsCard | RefundCard)


def body_of(message: Message, *, media_id: str = "", option_id: OptionId) -> KfBody:
    """The rendered message. ``media_id`` is the platform's: of the content's file, or of a link's picture.

    Pure. Raises Refused for content that ``ABILITIES`` does not have.
    """
    match message.content:
        case Text(text):
            return KfBody("text", {"content": text})
        case Image() | Voice() | Video() | File() as content:
            return KfBody(KF_MEDIA[type(content)].kind, {"media_id": media_id})
        case Location(latitude, longitude, label):
            where = {"name": label, "address": label, "latitude": latitude, "longitude": longitude}
            return KfBody("location", where)
        case Menu() as menu:
            return KfBody("msgmenu", _menu(menu, option_id))
        case Link(url, title, description):
            return _link(url, title or url, description, media_id)
        case GoodsCard(url=url) | OrderCard(url=url) | LogisticsCard(url=url) | RefundCard(url=url):
            title, _, rest = _words(message).replace(url, "").strip().partition("\n")
            return _link(url, title or url, rest.strip(), media_id)
        case _:
            raise Refused("", type(message.content).__name__, Refusal.BAD_CONTENT)


def _menu(menu: Menu, option_id: OptionId) -> Mapping[str, Any]:
    options = [
        {"type": "click", "click": {"id": option_id(number), "content": option.label}}
        for number, option in enumerate(menu.options, 1)
    ]
    return {"head_content": menu.prompt, "list": options, "tail_content": ""}


def _link(url: str, title: str, description: str, picture_id: str) -> KfBody:
    part = {
        "title": _cut(title, TITLE_BYTES),
        "desc": _cut(description, DESCRIPTION_BYTES),
        "url": url,
        "thumb_media_id": picture_id,
    }
    return KfBody("link", part)


def _words(message: Message) -> str:
    parts = render(message, Abilities(kinds=frozenset({Text})))
    return "\n".join(part.content.text for part in parts if isinstance(part.content, Text))


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


def _cut(text: str, most: int) -> str:
    if _bytes(text) <= most:
        return text
    return text.encode(errors="replace")[: most - len("…".encode())].decode(errors="ignore") + "…"
