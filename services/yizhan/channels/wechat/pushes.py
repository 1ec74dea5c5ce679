"""What a push says: one type for each kind of message, and the events of ``events``.

Source: reference A.4, A.5 and B. A kind that is not known is a message all the same: somebody wrote something.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yizhan.channels.contract import CallRefused
from yizhan.channels.wechat.envelope import Opened, Settings
from yizhan.channels.wechat.event_reading import read_event
from yizhan.channels.wechat.events import EventPush
from yizhan.channels.wechat.fields import Fields, read_fields
from yizhan.channels.wechat.settings import KfSettings


@dataclass(frozen=True, slots=True)
class MessageHead:
    """Common to messages. ``receiver``: the account's original id (gh_…), ``sender``: the customer's openid.

    ``article_id`` and ``article_index`` (from 1) where the customer wrote from an article.
    """

    receiver: str
    sender: str
    at: datetime
    msg_id: str
    article_id: str = ""
    article_index: int = 0


@dataclass(frozen=True, slots=True)
class TextPush:
    """``pressed``: the id of the entry of a msgmenu that was touched; ``text`` is that entry's text then."""

    head: MessageHead
    text: str
    pressed: str = ""


@dataclass(frozen=True, slots=True)
class ImagePush:
    """One of both is there. ``picture_url`` needs no token and is good for some days, ``media_id`` for three."""

    head: MessageHead
    media_id: str
    picture_url: str


@dataclass(frozen=True, slots=True)
class VoicePush:
    """``format``: amr or speex. ``recognition``: what WeChat understood, where the account has that switched on."""

    head: MessageHead
    media_id: str
    format: str
    recognition: str = ""


@dataclass(frozen=True, slots=True)
class VideoPush:
    head: MessageHead
    media_id: str
    thumb_media_id: str
    short: bool


@dataclass(frozen=True, slots=True)
class LocationPush:
    head: MessageHead
    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True, slots=True)
class LinkPush:
    head: MessageHead
    title: str
    description: str
    url: str


@dataclass(frozen=True, slots=True)
class MiniProgramPush:
    """A page of a mini program that the customer sent as a card."""

    head: MessageHead
    title: str
    app_id: str
    page_path: str
    thumb_url: str
    thumb_media_id: str


@dataclass(frozen=True, slots=True)
class UnknownPush:
    """A message of a kind that is not in the reference."""

    head: MessageHead
    kind: str


MessagePush = TextPush | ImagePush | VoicePush | VideoPush | LocationPush | LinkPush | MiniProgramPush | UnknownPush
WechatPush = MessagePush | EventPush


def read_push(settings: Settings, opened: Opened) -> WechatPush:
    """Raises CallRefused: 400 ``undecodable``, ``missing_field`` or ``wrong_receiver``."""
    fields = read_fields(opened)
    kind = fields.id("MsgType")
    receiver = fields.id("ToUserName")
    if not _is_ours(settings, receiver):
        raise CallRefused(400, "wrong_receiver")
    if kind.lower() == "event":
        return read_event(fields, receiver)
    return _read_message(fields, receiver, kind)


def _is_ours(settings: Settings, receiver: str) -> bool:
    """Mini programs and official accounts are named by an id that need not be known here."""
    if isinstance(settings, KfSettings):
        return receiver == settings.corp_id
    return settings.original_id in {"", receiver}


def _read_message(fields: Fields, receiver: str, kind: str) -> MessagePush:
    head = MessageHead(
        receiver=receiver,
        sender=fields.id("FromUserName"),
        at=fields.moment("CreateTime"),
        msg_id=fields.id("MsgId"),
        article_id=fields.text_or_empty("MsgDataId"),
        article_index=fields.whole("Idx"),
    )
    read = _MESSAGES.get(kind.lower())
    return read(head, fields) if read else UnknownPush(head, kind)


def _text(head: MessageHead, fields: Fields) -> TextPush:
    # A text of blanks alone is there and empty: the customer wrote, if not much.
    if "Content" not in fields:
        raise CallRefused(400, "missing_field")
    return TextPush(head, fields.text_or_empty("Content").strip(), fields.text_or_empty("bizmsgmenuid"))


def _image(head: MessageHead, fields: Fields) -> ImagePush:
    media_id, picture_url = fields.text_or_empty("MediaId"), fields.text_or_empty("PicUrl")
    if not (media_id or picture_url):
        raise CallRefused(400, "missing_field")
    return ImagePush(head, media_id, picture_url)


def _voice(head: MessageHead, fields: Fields) -> VoicePush:
    return VoicePush(
        head, fields.text("MediaId"), fields.text_or_empty("Format").lower(), fields.text_or_empty("Recognition")
    )


def _video(head: MessageHead, fields: Fields) -> VideoPush:
    return VideoPush(head, fields.text("MediaId"), fields.text_or_empty("ThumbMediaId"), short=False)


def _short_video(head: MessageHead, fields: Fields) -> VideoPush:
    return VideoPush(head, fields.text("MediaId"), fields.text_or_empty("ThumbMediaId"), short=True)


def _location(head: MessageHead, fields: Fields) -> LocationPush:
    return LocationPush(
        head, fields.decimal("Location_X", 90), fields.decimal("Location_Y", 180), fields.text_or_empty("Label")
    )


def _link(head: MessageHead, fields: Fields) -> LinkPush:
    return LinkPush(head, fields.text_or_empty("Title"), fields.text_or_empty("Description"), fields.text("Url"))


def _mini_program(head: MessageHead, fields: Fields) -> MiniProgramPush:
    return MiniProgramPush(
        head,
        title=fields.text_or_empty("Title"),
        app_id=fields.text_or_empty("AppId"),
        page_path=fields.text("PagePath"),
        thumb_url=fields.text_or_empty("ThumbUrl"),
        thumb_media_id=fields.text_or_empty("ThumbMediaId"),
    )


_MESSAGES: Mapping[str, Callable[[MessageHead, Fields], MessagePush]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _short_video,
    "location": _location,
    "link": _link,
    "miniprogrampage": _mini_program,
}
