"""From a push to the facts that the host acts on. Pure: what has to be fetched first is named by ``media_wanted``.

Which event lets the business write is in reference A.8 and B; events that are not among them are answered and no more.
A voice message that WeChat put into words is one message, never two, since each would be answered: its words, or, where the
account says so, the recording with the words as its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from yizhan.channels.contract import (
    Fact,
    InboundGone,
    InboundMessage,
    InboundTrigger,
    InboundVisit,
    Trigger,
)
from yizhan.channels.wechat import events as e, pushes as p
from yizhan.channels.wechat.envelope import Settings
from yizhan.channels.wechat.settings import OfficialSettings
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command, Visit
from yizhan.core.messages.content import Content, Image, Link, Location, Media, Text, Video, Voice
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message

CHANNEL = "wechat"


class MediaKind(Enum):
    IMAGE = "图片"
    VOICE = "语音"
    VIDEO = "视频"


@dataclass(frozen=True, slots=True)
class MediaWanted:
    """A file to be fetched before the message is published. ``picture_url`` needs no token; ``format`` is the platform's word."""

    kind: MediaKind
    media_id: str
    picture_url: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the push came in and when, and where ids come from."""

    workspace: str
    account: str
    received_at: datetime
    new_id: NewId


@dataclass(frozen=True, slots=True)
class Understood:
    """What a push comes to.

    ``key`` is the same for every repetition of the push (empty: it may be repeated at will). ``address``: whose push it is
    (None: nobody's). ``answerable``: the platform shows the customer a message in the answer. ``finished`` and ``hint`` are
    for the channel itself.
    """

    key: str
    address: Address | None = None
    facts: tuple[Fact, ...] = ()
    answerable: bool = False
    finished: tuple[e.JobFinished, ...] = ()
    hint: e.KfHint | None = None


def media_wanted(settings: Settings, push: p.WechatPush) -> MediaWanted | None:
    """The file without which the message is not complete."""
    match push:
        case p.ImagePush(_, media_id, picture_url):
            return MediaWanted(MediaKind.IMAGE, media_id, picture_url)
        case p.VoicePush(_, media_id, format, recognition):
            as_words = bool(recognition) and _recognised(settings) == "text"
            return None if as_words else MediaWanted(MediaKind.VOICE, media_id, format=format)
        case p.VideoPush(_, media_id):
            return MediaWanted(MediaKind.VIDEO, media_id, format="mp4")
        case _:
            return None


def facts_of(settings: Settings, push: p.WechatPush, place: Place, stored: Media | None = None) -> Understood:
    """``stored`` is the file that ``media_wanted`` named; without it (it is gone, or is none that is kept) the message says
    that something was sent, so that a person asks for it.
    """
    if not isinstance(push, p.MessagePush):
        return _of_event(settings, push, place)
    head = push.head
    address = Address(place.workspace, CHANNEL, place.account, head.sender)
    key = f"m:{head.msg_id}"
    pressed = push.pressed if isinstance(push, p.TextPush) else ""
    content = _content(settings, push, stored)
    message = _message(place, address, content, head.at, key=key, external_id=head.msg_id)
    fact = InboundMessage(message, Trigger.MENU if pressed else Trigger.MESSAGE, pressed)
    return Understood(key, address, (fact,), _may_answer(settings))


def _content(settings: Settings, push: p.MessagePush, stored: Media | None) -> Content:
    match push:
        case p.TextPush(_, text):
            return Text(text or _cannot_be_shown("text"))
        case p.ImagePush():
            return Image(stored) if stored else _not_fetched(MediaKind.IMAGE)
        case p.VoicePush(_, _, _, recognition):
            return _voice(settings, recognition, stored)
        case p.VideoPush():
            return Video(stored) if stored else _not_fetched(MediaKind.VIDEO)
        case p.LocationPush(_, latitude, longitude, label):
            return Location(latitude, longitude, label)
        case p.LinkPush(_, title, description, url):
            return Link(url, title, description)
        case p.MiniProgramPush(_, title, _, page_path):
            # What it shows has no address on the web: the title and the page say to an agent what is meant.
            return Link("", title or "小程序", f"小程序页面 {page_path}")
        case p.UnknownPush(_, kind):
            return Text(_cannot_be_shown(kind))


def _voice(settings: Settings, recognition: str, stored: Media | None) -> Content:
    if recognition and (stored is None or _recognised(settings) == "text"):
        return Text(recognition, heard=True)
    if stored is None:
        return _not_fetched(MediaKind.VOICE)
    return Voice(replace(stored, recognised=recognition) if recognition else stored)


def _may_answer(settings: Settings) -> bool:
    """A mini program takes nothing in the answer but the transfer to WeChat's own desk."""
    return isinstance(settings, OfficialSettings)


def _recognised(settings: Settings) -> str:
    return settings.recognised_voice if isinstance(settings, OfficialSettings) else "text"


def _not_fetched(kind: MediaKind) -> Text:
    return Text(f"[收到{kind.value}，但未能取回]")


def _cannot_be_shown(kind: str) -> str:
    return f"[收到一条无法显示的消息：{kind}]"


def _of_event(settings: Settings, push: e.EventPush, place: Place) -> Understood:
    head = push.head
    key = f"e:{head.sender}:{int(head.at.timestamp())}:{head.name}:{head.key}"
    address = Address(place.workspace, CHANNEL, place.account, head.sender) if head.sender else None
    match push:
        case e.KfHint():
            # Each may mean a message more; following one twice does no harm.
            return Understood("", hint=push)
        case e.JobFinished():
            return Understood(key + push.job_id, address, finished=(push,))
        case e.JobsFinished(_, jobs):
            return Understood(key + ",".join(job.job_id for job in jobs), address, finished=jobs)
        case _ if address is None:
            return Understood(key)
        case e.MenuTouched() | e.MenuScanned():
            return _of_menu(settings, push, place, address, key)
        case _:
            answerable = _may_answer(settings) and isinstance(push, e.Subscribed | e.Scanned)
            return Understood(key, address, _done(push, place, address), answerable)


def _of_menu(
    settings: Settings, push: e.MenuTouched | e.MenuScanned, place: Place, address: Address, key: str
) -> Understood:
    keys: Mapping[str, str] = settings.menu_keys if isinstance(settings, OfficialSettings) else {}
    written = keys.get(push.key, "")
    answerable = _may_answer(settings) and (isinstance(push, e.MenuTouched) or push.waits)
    if not written:
        return Understood(key, address, (InboundTrigger(address, Trigger.MENU, push.head.at),), answerable)
    if isinstance(push, e.MenuScanned):
        written = written.replace("{result}", push.result)
    message = _message(place, address, Text(written), push.head.at, key=key)
    return Understood(key, address, (InboundMessage(message, Trigger.MENU),), answerable)


def _done(push: e.EventPush, place: Place, address: Address) -> tuple[Fact, ...]:
    """What a customer did that is no message."""
    at = push.head.at
    match push:
        case e.Subscribed(_, scene):
            # Who subscribes by a code did one thing, not two: one trigger, so that no more is reckoned than is allowed.
            trigger = Trigger.SCAN if scene else Trigger.SUBSCRIBE
            return InboundTrigger(address, trigger, at), _visit(place, address, _scene_title(scene))
        case e.Scanned(_, scene):
            return InboundTrigger(address, Trigger.SCAN, at), _visit(place, address, _scene_title(scene))
        case e.SessionEntered(_, origin):
            return InboundTrigger(address, Trigger.ENTER, at), _visit(place, address, origin)
        case e.Unsubscribed():
            return (InboundGone(address),)
        case _:
            return ()


def _scene_title(scene: str) -> str:
    return f"二维码：{scene}" if scene else ""


def _visit(place: Place, address: Address, title: str) -> InboundVisit:
    return InboundVisit(Command(place.new_id(), address, place.received_at, Visit(page_title=title)))


def _message(
    place: Place, address: Address, content: Content, sent_at: datetime, *, key: str, external_id: str = ""
) -> Message:
    return Message(
        id=place.new_id(),
        address=address,
        author=Author(AuthorKind.CUSTOMER, address.customer),
        content=content,
        received_at=place.received_at,
        external_id=external_id,
        dedupe_key=key,
        sent_at=sent_at,
    )
