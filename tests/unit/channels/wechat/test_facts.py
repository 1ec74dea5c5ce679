"""What a push comes to: one message once, the right to write reckoned neither too high nor too low, and nothing lost."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from tests.unit.channels.wechat.platform import CORP_ID, KF, MINI, OFFICIAL, in_clear, xml
from yizhan.channels.contract import Fact, InboundGone, InboundMessage, InboundTrigger, InboundVisit, Trigger
from yizhan.channels.wechat.envelope import Settings
from yizhan.channels.wechat.facts import MediaKind, MediaWanted, Place, Understood, facts_of, media_wanted
from yizhan.channels.wechat.pushes import WechatPush, read_push
from yizhan.core.messages.address import Address
from yizhan.core.messages.command import Command, Visit
from yizhan.core.messages.content import Content, Image, Link, Location, Media, Text, Video, Voice, plain_text
from yizhan.core.messages.message import Author, AuthorKind, Message

WRITTEN = datetime(2024, 4, 26, 6, 20, 45, tzinfo=UTC)
RECEIVED = datetime(2024, 4, 26, 6, 20, 47, tzinfo=UTC)
COMMON: dict[str, Any] = {"ToUserName": "gh_1", "FromUserName": "oX", "CreateTime": 1714112445}
ADDRESS = Address("acme", "wechat", "shop", "oX")
STORED = Media("a" * 64, "audio/amr", size_bytes=10)
AS_VOICE = OFFICIAL.model_copy(update={"recognised_voice": "voice"})
MENU = OFFICIAL.model_copy(update={"menu_keys": {"HUMAN": "人工", "ORDER": "查询订单 {result}"}})


def pushed(kind: str, settings: Settings = OFFICIAL, **fields: Any) -> WechatPush:
    return read_push(settings, in_clear(xml({**COMMON, "MsgType": kind, "MsgId": 9, **fields})))


def event(name: str, settings: Settings = OFFICIAL, **fields: Any) -> WechatPush:
    return read_push(settings, in_clear(xml({**COMMON, "MsgType": "event", "Event": name, **fields})))


def understood(push: WechatPush, settings: Settings = OFFICIAL, stored: Media | None = None) -> Understood:
    numbers = count(1)
    place = Place("acme", "shop", RECEIVED, lambda: f"id-{next(numbers)}")
    return facts_of(settings, push, place, stored)


def only_message(push: WechatPush, settings: Settings = OFFICIAL, stored: Media | None = None) -> Message:
    (fact,) = understood(push, settings, stored).facts
    assert isinstance(fact, InboundMessage)
    return fact.message


def test_a_text_becomes_one_message_with_all_that_is_known_of_it() -> None:
    message = Message(
        id="id-1",
        address=ADDRESS,
        author=Author(AuthorKind.CUSTOMER, "oX"),
        content=Text("你好😀"),
        received_at=RECEIVED,
        external_id="24539988887777666",
        dedupe_key="m:24539988887777666",
        sent_at=WRITTEN,
    )
    assert understood(pushed("text", Content="你好😀", MsgId=24539988887777666)) == Understood(
        "m:24539988887777666", ADDRESS, (InboundMessage(message, Trigger.MESSAGE),), answerable=True
    )


@pytest.mark.parametrize(
    ("push", "stored", "content"),
    [
        (pushed("text", Content=""), None, Text("[收到一条无法显示的消息：text]")),
        (pushed("hologram"), None, Text("[收到一条无法显示的消息：hologram]")),
        (pushed("image", MediaId="m", PicUrl="u"), STORED, Image(STORED)),
        (pushed("image", MediaId="m", PicUrl="u"), None, Text("[收到图片，但未能取回]")),
        (pushed("voice", MediaId="m", Format="amr"), STORED, Voice(STORED)),
        (pushed("voice", MediaId="m", Format="amr"), None, Text("[收到语音，但未能取回]")),
        (pushed("voice", MediaId="m", Format="amr", Recognition="怎么退货"), None, Text("怎么退货", heard=True)),
        (pushed("video", MediaId="m"), STORED, Video(STORED)),
        (pushed("shortvideo", MediaId="m"), STORED, Video(STORED)),
        (pushed("video", MediaId="m"), None, Text("[收到视频，但未能取回]")),
        (pushed("location", Location_X=1.5, Location_Y=2, Label="家"), None, Location(1.5, 2, "家")),
        (
            pushed("link", Title="t", Description="d", Url="https://a.example"),
            None,
            Link("https://a.example", "t", "d"),
        ),
        (pushed("miniprogrampage", Title="鞋", PagePath="p/g?id=1"), None, Link("", "鞋", "小程序页面 p/g?id=1")),
        (pushed("miniprogrampage", PagePath="p"), None, Link("", "小程序", "小程序页面 p")),
    ],
    ids=[
        "a text of blanks",
        "something new",
        "a picture",
        "a picture that is gone",
        "a voice message",
        "a voice message that is gone",
        "a voice message put into words",
        "a video",
        "a short video",
        "a video that is gone",
        "a place",
        "a link",
        "a mini program's page",
        "a mini program's page without a title",
    ],
)
def test_an_agent_sees_what_came_or_at_least_that_something_came(
    push: WechatPush, stored: Media | None, content: Content
) -> None:
    assert only_message(push, stored=stored).content == content


def test_a_voice_message_is_kept_as_a_recording_where_the_business_wants_that() -> None:
    push = pushed("voice", MediaId="m", Format="amr", Recognition="怎么退货")
    heard = only_message(push, AS_VOICE, STORED).content
    assert isinstance(heard, Voice)
    assert (heard.media.media_id, heard.media.recognised) == (STORED.media_id, "怎么退货")
    assert plain_text(heard) == "怎么退货"
    assert only_message(push, AS_VOICE, None).content == Text("怎么退货", heard=True)


@pytest.mark.parametrize(
    ("push", "settings", "wanted"),
    [
        (pushed("image", MediaId="m", PicUrl="u"), OFFICIAL, MediaWanted(MediaKind.IMAGE, "m", "u")),
        (pushed("voice", MediaId="m", Format="AMR"), OFFICIAL, MediaWanted(MediaKind.VOICE, "m", format="amr")),
        (pushed("voice", MediaId="m", Format="amr", Recognition="词"), OFFICIAL, None),
        (
            pushed("voice", MediaId="m", Format="amr", Recognition="词"),
            AS_VOICE,
            MediaWanted(MediaKind.VOICE, "m", format="amr"),
        ),
        (pushed("video", MediaId="m"), OFFICIAL, MediaWanted(MediaKind.VIDEO, "m", format="mp4")),
        (pushed("shortvideo", MediaId="m"), OFFICIAL, MediaWanted(MediaKind.VIDEO, "m", format="mp4")),
        (pushed("text", Content="x"), OFFICIAL, None),
        (event("subscribe"), OFFICIAL, None),
    ],
)
def test_only_what_will_be_shown_is_fetched(push: WechatPush, settings: Settings, wanted: MediaWanted | None) -> None:
    assert media_wanted(settings, push) == wanted


def test_a_touch_on_a_menu_gives_its_code_and_opens_no_window_of_two_days() -> None:
    (fact,) = understood(pushed("text", Content="满意", bizmsgmenuid="ab12-1")).facts
    assert isinstance(fact, InboundMessage)
    assert (fact.trigger, fact.pressed, fact.message.content) == (Trigger.MENU, "ab12-1", Text("满意"))


def trigger(kind: Trigger) -> InboundTrigger:
    return InboundTrigger(ADDRESS, kind, WRITTEN)


def visit(title: str = "") -> InboundVisit:
    return InboundVisit(Command("id-1", ADDRESS, RECEIVED, Visit(page_title=title)))


SCAN: dict[str, Any] = {"ScanCodeInfo": {"ScanType": "barcode", "ScanResult": "6901"}}
EVENTS: dict[str, tuple[WechatPush, Settings, tuple[Fact, ...], bool]] = {
    "subscribing": (event("subscribe"), OFFICIAL, (trigger(Trigger.SUBSCRIBE), visit()), True),
    "subscribing by a code": (
        event("subscribe", EventKey="qrscene_shop-1"),
        OFFICIAL,
        (trigger(Trigger.SCAN), visit("二维码：shop-1")),
        True,
    ),
    "scanning a code": (event("SCAN", EventKey="7"), OFFICIAL, (trigger(Trigger.SCAN), visit("二维码：7")), True),
    "leaving": (event("unsubscribe"), OFFICIAL, (InboundGone(ADDRESS),), False),
    "an entry of the menu": (event("CLICK", EventKey="NEWS"), MENU, (trigger(Trigger.MENU),), True),
    "a scan by the menu": (event("scancode_push", EventKey="S", **SCAN), MENU, (trigger(Trigger.MENU),), False),
    "a scan that waits": (event("scancode_waitmsg", EventKey="S", **SCAN), MENU, (trigger(Trigger.MENU),), True),
    "opening a mini program's chat": (
        event("user_enter_tempsession", MINI, SessionFrom="order:123"),
        MINI,
        (trigger(Trigger.ENTER), visit("order:123")),
        False,
    ),
    **{
        name: (event(name, EventKey="k"), OFFICIAL, (), False)
        for name in ("VIEW", "view_miniprogram", "pic_sysphoto", "location_select", "wink")
    },
    "whereabouts": (event("LOCATION", Latitude="1", Longitude="2"), OFFICIAL, (), False),
    "WeChat's own desk": (event("kf_create_session", KfAccount="a"), OFFICIAL, (), False),
}


@pytest.mark.parametrize(("push", "settings", "facts", "answerable"), EVENTS.values(), ids=EVENTS.keys())
def test_an_event_opens_what_the_platform_opens_and_no_more(
    push: WechatPush, settings: Settings, facts: tuple[Fact, ...], answerable: bool
) -> None:
    result = understood(push, settings)
    assert (result.facts, result.answerable, result.address) == (facts, answerable, ADDRESS)


@pytest.mark.parametrize(
    ("push", "key", "text"),
    [
        (event("CLICK", EventKey="HUMAN"), "e:oX:1714112445:CLICK:HUMAN", "人工"),
        (
            event("scancode_waitmsg", EventKey="ORDER", **SCAN),
            "e:oX:1714112445:scancode_waitmsg:ORDER",
            "查询订单 6901",
        ),
    ],
    ids=["an entry", "a scan"],
)
def test_an_entry_of_the_menu_can_stand_for_words_of_the_customer(push: WechatPush, key: str, text: str) -> None:
    result = understood(push, MENU)
    (fact,) = result.facts
    assert isinstance(fact, InboundMessage)
    assert (result.key, fact.message.dedupe_key) == (key, key)
    assert (fact.trigger, fact.message.content) == (Trigger.MENU, Text(text))
    assert fact.message.sent_at == WRITTEN


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (pushed("text", Content="x"), pushed("text", Content="x"), True),
        (pushed("text", Content="x"), pushed("text", Content="x", MsgId=10), False),
        (event("CLICK", EventKey="a"), event("CLICK", EventKey="a"), True),
        (event("CLICK", EventKey="a"), event("CLICK", EventKey="b"), False),
        (event("CLICK", EventKey="a"), event("CLICK", EventKey="a", CreateTime=1714112446), False),
        (event("CLICK", EventKey="a"), event("CLICK", EventKey="a", FromUserName="oY"), False),
        (event("CLICK", EventKey="a"), event("SCAN", EventKey="a"), False),
        (
            event("TEMPLATESENDJOBFINISH", MsgID=1, Status="success"),
            event("TEMPLATESENDJOBFINISH", MsgID=2, Status="success"),
            False,
        ),
    ],
    ids=[
        "a repeated message",
        "the same words again",
        "a repeated event",
        "another entry in the same second",
        "the same entry a second later",
        "the same entry, another customer",
        "another event in the same second",
        "two templates in the same second",
    ],
)
def test_a_repetition_is_known_as_one_and_nothing_else_is(one: WechatPush, other: WechatPush, same: bool) -> None:
    assert (understood(one).key == understood(other).key) is same


def test_a_code_has_one_key_whether_the_push_is_xml_or_json() -> None:
    fields = {**COMMON, "MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_1"}
    as_json = '{"ToUserName":"gh_1","FromUserName":"oX","CreateTime":1714112445,"MsgType":"event","Event":"subscribe","EventKey":"qrscene_1"}'
    keys = {understood(read_push(OFFICIAL, in_clear(text))).key for text in (xml(fields), as_json)}
    assert keys == {"e:oX:1714112445:subscribe:qrscene_1"}


def test_what_became_of_a_template_is_told_to_the_channel() -> None:
    result = understood(event("TEMPLATESENDJOBFINISH", MsgID=17, Status="failed:user block"))
    (job,) = result.finished
    assert (job.job_id, job.done, job.status, result.facts) == ("17", False, "failed:user block", ())


def test_a_hint_is_never_taken_for_a_repetition() -> None:
    fields: Mapping[str, Any] = {
        "ToUserName": CORP_ID,
        "CreateTime": 1714112445,
        "MsgType": "event",
        "Event": "kf_msg_or_event",
        "Token": "t",
        "OpenKfId": "wk1",
    }
    result = understood(read_push(KF, in_clear(xml(fields))), KF)
    assert (result.key, result.address, result.facts) == ("", None, ())
    assert result.hint is not None
    assert (result.hint.open_kfid, result.hint.token) == ("wk1", "t")


def test_a_mini_program_is_not_answered_in_the_push() -> None:
    assert not understood(pushed("text", MINI, Content="x"), MINI).answerable
