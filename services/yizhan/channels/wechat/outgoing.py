"""What 公众号 and 小程序 can show, and messages as ``custom/send`` takes them. Source: reference channels.md A.7, A.12, B."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from yizhan.channels.contract import Abilities, MenuStyle, Refusal, Refused
from yizhan.channels.render import render
from yizhan.channels.wechat.media_rules import MINI_MEDIA, OFFICIAL_MEDIA, MediaRules, taken
from yizhan.channels.wechat.replies import ArticleOut, ImageOut, Out, TextOut, VideoOut, VoiceOut
from yizhan.channels.wechat.setting_values import CardSettings
from yizhan.channels.wechat.settings import MiniSettings, OfficialSettings
from yizhan.core.messages.content import (
    Content,
    GoodsCard,
    Image,
    Link,
    LogisticsCard,
    Media,
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
"""The most of a text, in UTF-8; more is answered 45002."""
MENU_OPTIONS = 10
"""The vendor names no limit of a menu; more lines than these do not fit a phone's screen, and become numbered text."""
TITLE_CHARS = 64
DESCRIPTION_CHARS = 200
"""More is cut by the phone."""

PublicSettings = OfficialSettings | MiniSettings
OptionId = Callable[[int], str]
"""The id of a menu's option by its number, counted from 1."""

_WEB = ("https://", "http://")
_CARDS = frozenset({GoodsCard, OrderCard, LogisticsCard, RefundCard})
_TEXT_ONLY = Abilities(kinds=frozenset({Text}), max_text=TEXT_BYTES, max_text_bytes=TEXT_BYTES)

OFFICIAL = Abilities(
    kinds=frozenset({Text, Image, Voice, Video, Link, Menu}) | _CARDS,
    menu=MenuStyle.BUTTONS,
    max_text=TEXT_BYTES,
    max_text_bytes=TEXT_BYTES,
    menu_options=MENU_OPTIONS,
)
OFFICIAL_NO_MENUS = Abilities(kinds=OFFICIAL.kinds - {Menu}, max_text=TEXT_BYTES, max_text_bytes=TEXT_BYTES)
REPLIES_ONLY = Abilities(
    kinds=OFFICIAL_NO_MENUS.kinds,
    max_text=TEXT_BYTES,
    max_text_bytes=TEXT_BYTES,
    replies_only=True,
)
"""Without permission for the customer-service API: what an answer to a push can hold."""
MINI = Abilities(kinds=frozenset({Text, Image, Link}) | _CARDS, max_text=TEXT_BYTES, max_text_bytes=TEXT_BYTES)


@dataclass(frozen=True, slots=True)
class SendBody:
    """A message without the one it goes to. ``part`` is the object that is named like ``msgtype``."""

    msgtype: str
    part: Mapping[str, Any]

    def to(self, openid: str, kf_account: str = "") -> Mapping[str, Any]:
        """The whole body. ``kf_account`` (``name@gh``) shows that agent's name and picture."""
        speaker = {"customservice": {"kf_account": kf_account}} if kf_account else {}
        return {"touser": openid, "msgtype": self.msgtype, self.msgtype: self.part, **speaker}


def abilities_of(settings: PublicSettings) -> Abilities:
    """What an account can show and may do."""
    if isinstance(settings, MiniSettings):
        able = replace(MINI, window=settings.window_rules)
    elif not settings.customer_service:
        able = REPLIES_ONLY
    else:
        able = replace(OFFICIAL if settings.menus else OFFICIAL_NO_MENUS, window=settings.window_rules)
    return replace(able, takes=lambda content: takes(content, settings))


def media_rules(settings: PublicSettings) -> MediaRules:
    return OFFICIAL_MEDIA if isinstance(settings, OfficialSettings) else MINI_MEDIA


def takes(content: Content, settings: PublicSettings) -> bool:
    """Whether the file of this content goes as it is; what does not, the renderer makes a text with a link of."""
    media = media_of(content)
    return media is None or taken(content, media, media_rules(settings)) is not None


def body_of(message: Message, settings: PublicSettings, *, media_id: str = "", option_id: OptionId) -> SendBody:
    """The rendered message as the API takes it. ``media_id`` is the platform's, of the file that was uploaded for it.

    Pure. Raises Refused for content that ``Abilities`` does not have.
    """
    match message.content:
        case Text(text):
            return SendBody("text", {"content": text})
        case Image():
            return SendBody("image", {"media_id": media_id})
        case Voice():
            return SendBody("voice", {"media_id": media_id})
        case Video(media):
            return SendBody("video", {"media_id": media_id, "title": _stem(media), "description": ""})
        case Menu() as menu:
            return _menu(menu, option_id)
        case Link() | GoodsCard() | OrderCard() | LogisticsCard() | RefundCard() as card:
            if (page := _page(card, settings)) is not None:
                return page
            article = _article(message)
            return _article_body(article, settings) if article else SendBody("text", {"content": _words(message)})
        case _:
            raise Refused("", type(message.content).__name__, Refusal.BAD_CONTENT)


def reply_of(message: Message, *, media_id: str = "") -> Out | None:
    """The rendered message as the answer to a push takes it; None: it has no form there (a menu with buttons)."""
    match message.content:
        case Text(text):
            return TextOut(text)
        case Image():
            return ImageOut(media_id)
        case Voice():
            return VoiceOut(media_id)
        case Video(media):
            return VideoOut(media_id, _stem(media))
        case Link() | GoodsCard() | OrderCard() | LogisticsCard() | RefundCard():
            article = _article(message)
            if article is None:
                return TextOut(_words(message))
            return ArticleOut(article.title, article.url, article.description, article.picture_url)
        case _:
            return None


def numbered(message: Message) -> tuple[Message, ...]:
    """A menu as text with numbers, for an account that may not send menus after all."""
    return render(message, _TEXT_ONLY)


def _menu(menu: Menu, option_id: OptionId) -> SendBody:
    options = [{"id": option_id(number), "content": option.label} for number, option in enumerate(menu.options, 1)]
    return SendBody("msgmenu", {"head_content": menu.prompt, "list": options, "tail_content": ""})


def _words(message: Message) -> str:
    """A card or link in words; cut, and it shows, where it is too long for one message."""
    parts = [part.content.text for part in render(message, _TEXT_ONLY) if isinstance(part.content, Text)]
    if len(parts) == 1:
        return parts[0]
    return parts[0].encode()[: TEXT_BYTES - len("…".encode())].decode(errors="ignore") + "…"


@dataclass(frozen=True, slots=True)
class _Article:
    title: str
    description: str
    url: str
    picture_url: str = ""


def _article(message: Message) -> _Article | None:
    """What opens an address by a touch; None: there is no address, or none that a phone opens."""
    match message.content:
        case Link(url, title, description):
            picture = ""
        case GoodsCard(url=url, image_url=picture):
            title, description = _heading(message, url)
        case OrderCard(url=url) | LogisticsCard(url=url) | RefundCard(url=url):
            (title, description), picture = _heading(message, url), ""
        case _:
            return None
    if not url.startswith(_WEB):
        return None
    picture = picture if picture.startswith(_WEB) else ""
    return _Article(_cut(title or url, TITLE_CHARS), _cut(description, DESCRIPTION_CHARS), url, picture)


def _heading(message: Message, url: str) -> tuple[str, str]:
    """The first line of a card's words and the others, without the address."""
    title, _, rest = _words(message).replace(url, "").strip().partition("\n")
    return title, rest.strip()


def _article_body(article: _Article, settings: PublicSettings) -> SendBody:
    """An article with 公众号, a link with 小程序."""
    part = {"title": article.title, "description": article.description, "url": article.url}
    if isinstance(settings, MiniSettings):
        return SendBody("link", {**part, "thumb_url": article.picture_url})
    return SendBody("news", {"articles": [{**part, "picurl": article.picture_url}]})


def _page(card: Content, settings: PublicSettings) -> SendBody | None:
    """Goods and orders as a card of the mini program that the account names for it."""
    to, item = settings.card, _id_of(card)
    if to is None or not item or (isinstance(settings, OfficialSettings) and not to.app_id):
        return None
    page = {"title": _cut(_title(card), TITLE_CHARS), "pagepath": _path(to, item), "thumb_media_id": to.thumb_media_id}
    if isinstance(settings, OfficialSettings):
        page["appid"] = to.app_id
    return SendBody("miniprogrampage", page)


def _id_of(card: Content) -> str:
    match card:
        case GoodsCard(goods_id):
            return goods_id
        case OrderCard(order_id):
            return order_id
        case _:
            return ""


def _title(card: Content) -> str:
    match card:
        case GoodsCard(goods_id, title):
            return title or goods_id
        case OrderCard(order_id, status):
            return f"{order_id} {status}".strip()
        case _:
            return ""


def _path(to: CardSettings, item: str) -> str:
    return to.page_path.replace("{id}", quote(item, safe=""))


def _stem(media: Media) -> str:
    return _cut(media.name.rpartition(".")[0] or media.name, TITLE_CHARS)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
