"""Whatever a customer sends or does is understood as what it is, in XML as in JSON, and nothing they write is changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings as testing, strategies as st
from wechatpy.parser import parse_message

from tests.unit.channels.wechat.platform import CORP_ID, KF, MINI, OFFICIAL, in_clear, xml
from yizhan.channels.contract import CallRefused
from yizhan.channels.wechat import events as e, pushes as p
from yizhan.channels.wechat.envelope import Form, Opened, Settings
from yizhan.channels.wechat.pushes import read_push

AT = datetime(2024, 4, 26, 6, 20, 45, tzinfo=UTC)
COMMON: dict[str, Any] = {"ToUserName": "gh_1", "FromUserName": "oX", "CreateTime": 1714112445}
MSG_ID = 24539988887777666
HEAD = p.MessageHead("gh_1", "oX", AT, str(MSG_ID))


def message(kind: str, **fields: Any) -> dict[str, Any]:
    return {**COMMON, "MsgType": kind, **fields, "MsgId": MSG_ID}


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {**COMMON, "MsgType": "event", "Event": name, **fields}


def done(name: str, key: str = "", sender: str = "oX") -> e.EventHead:
    return e.EventHead("gh_1", sender, AT, name, key)


def read(fields: Mapping[str, Any], form: str = "xml", settings: Settings = OFFICIAL) -> p.WechatPush:
    return read_push(settings, in_clear(xml(fields) if form == "xml" else orjson.dumps(fields).decode()))


def refusal(opened: Opened, settings: Settings = OFFICIAL) -> tuple[int, str]:
    with pytest.raises(CallRefused) as refused:
        read_push(settings, opened)
    return refused.value.status, refused.value.code


MESSAGES: dict[str, tuple[dict[str, Any], p.WechatPush]] = {
    "a text": (message("text", Content="你好"), p.TextPush(HEAD, "你好")),
    "a text of emoji": (message("text", Content="😀👨‍👩‍👧🇨🇳"), p.TextPush(HEAD, "😀👨‍👩‍👧🇨🇳")),
    "a text of rare Han": (message("text", Content="𠮷野家 𪚥 㐂"), p.TextPush(HEAD, "𠮷野家 𪚥 㐂")),
    "a text like markup": (
        message("text", Content="<b>&amp;]]><!DOCTYPE a>"),
        p.TextPush(HEAD, "<b>&amp;]]><!DOCTYPE a>"),
    ),
    "a text of numbers": (message("text", Content="007"), p.TextPush(HEAD, "007")),
    "a text with a control character": (message("text", Content="a\x14b\x08"), p.TextPush(HEAD, "ab")),
    "a text with blanks around": (message("text", Content=" a b \n"), p.TextPush(HEAD, "a b")),
    "a text of blanks": (message("text", Content="  \n"), p.TextPush(HEAD, "")),
    "an empty text": (message("text", Content=""), p.TextPush(HEAD, "")),
    "a touch on a menu": (
        message("text", Content="满意", bizmsgmenuid="csat:5"),
        p.TextPush(HEAD, "满意", "csat:5"),
    ),
    "a text from an article": (
        message("text", Content="?", MsgDataId="2247", Idx=2),
        p.TextPush(p.MessageHead("gh_1", "oX", AT, str(MSG_ID), "2247", 2), "?"),
    ),
    "a picture": (message("image", PicUrl="http://p/1", MediaId="m1"), p.ImagePush(HEAD, "m1", "http://p/1")),
    "a picture without an address": (message("image", MediaId="m1"), p.ImagePush(HEAD, "m1", "")),
    "a voice message": (message("voice", MediaId="m1", Format="amr"), p.VoicePush(HEAD, "m1", "amr")),
    "a voice message put into words": (
        message("voice", MediaId="m1", Format="speex", Recognition="怎么退货"),
        p.VoicePush(HEAD, "m1", "speex", "怎么退货"),
    ),
    "a video": (message("video", MediaId="m1", ThumbMediaId="t1"), p.VideoPush(HEAD, "m1", "t1", short=False)),
    "a short video": (
        message("shortvideo", MediaId="m1", ThumbMediaId="t1"),
        p.VideoPush(HEAD, "m1", "t1", short=True),
    ),
    "a place": (
        message("location", Location_X=23.134521, Location_Y=113.358803, Scale=20, Label="天河区"),
        p.LocationPush(HEAD, 23.134521, 113.358803, "天河区"),
    ),
    "a place on the equator": (
        message("location", Location_X="0", Location_Y="-180", Scale=20),
        p.LocationPush(HEAD, 0.0, -180.0, ""),
    ),
    "a link": (
        message("link", Title="标题", Description="描述", Url="https://a.example/?b=1&c=2"),
        p.LinkPush(HEAD, "标题", "描述", "https://a.example/?b=1&c=2"),
    ),
    "a mini program's page": (
        message(
            "miniprogrampage", Title="鞋", AppId="wx1", PagePath="p/g?id=1", ThumbUrl="http://t", ThumbMediaId="t1"
        ),
        p.MiniProgramPush(HEAD, "鞋", "wx1", "p/g?id=1", "http://t", "t1"),
    ),
    "something new": (message("hologram", Depth=3), p.UnknownPush(HEAD, "hologram")),
}

EVENTS: dict[str, tuple[dict[str, Any], p.WechatPush]] = {
    "a subscription": (event("subscribe", EventKey=""), e.Subscribed(done("subscribe"))),
    "a subscription by a code": (
        event("subscribe", EventKey="qrscene_12", Ticket="t"),
        e.Subscribed(done("subscribe", "qrscene_12"), "12"),
    ),
    "a subscription by the code of a product": (
        event("subscribe", EventKey="scanbarcode|1|2"),
        e.Subscribed(done("subscribe", "scanbarcode|1|2")),
    ),
    "a farewell": (event("unsubscribe", EventKey=""), e.Unsubscribed(done("unsubscribe"))),
    "a scan": (event("SCAN", EventKey="12", Ticket="t"), e.Scanned(done("SCAN", "12"), "12")),
    "whereabouts": (
        event("LOCATION", Latitude="23.137466", Longitude="113.352425", Precision="119.385040"),
        e.WhereaboutsReported(done("LOCATION"), 23.137466, 113.352425),
    ),
    "a menu": (event("CLICK", EventKey="HELP"), e.MenuTouched(done("CLICK", "HELP"), "HELP")),
    "a menu in small letters": (event("click", EventKey="HELP"), e.MenuTouched(done("click", "HELP"), "HELP")),
    "a menu that opens a page": (
        event("VIEW", EventKey="https://a.example", MenuId="1"),
        e.MenuFollowed(done("VIEW", "https://a.example"), "https://a.example"),
    ),
    "a menu that opens a mini program": (
        event("view_miniprogram", EventKey="p/i", MenuId="1"),
        e.MenuFollowed(done("view_miniprogram", "p/i"), "p/i"),
    ),
    "a menu that scans": (
        event("scancode_push", EventKey="k", ScanCodeInfo={"ScanType": "qrcode", "ScanResult": "1"}),
        e.MenuScanned(done("scancode_push", "k"), "k", "1", waits=False),
    ),
    "a menu that scans and waits": (
        event("scancode_waitmsg", EventKey="k", ScanCodeInfo={"ScanType": "barcode", "ScanResult": "EAN,6"}),
        e.MenuScanned(done("scancode_waitmsg", "k"), "k", "EAN,6", waits=True),
    ),
    **{
        f"a menu that picks something ({name})": (
            event(name, EventKey="k", SendPicsInfo={"Count": 1, "PicList": {"item": {"PicMd5Sum": "5"}}}),
            e.MenuFollowed(done(name, "k"), "k"),
        )
        for name in ("pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select")
    },
    "a template that arrived": (
        event("TEMPLATESENDJOBFINISH", MsgID=200163836, Status="success"),
        e.JobFinished(done("TEMPLATESENDJOBFINISH"), e.Job.TEMPLATE, "200163836", True, "success"),
    ),
    "a template that was refused": (
        event("TEMPLATESENDJOBFINISH", MsgID=200163836, Status="failed:user block"),
        e.JobFinished(done("TEMPLATESENDJOBFINISH"), e.Job.TEMPLATE, "200163836", False, "failed:user block"),
    ),
    "a message to many that was sent": (
        event("MASSSENDJOBFINISH", MsgID=1000, Status="send success", TotalCount=100, SentCount=75, ErrorCount=5),
        e.JobFinished(done("MASSSENDJOBFINISH"), e.Job.MASS, "1000", True, "send success"),
    ),
    "WeChat's own desk": (
        event("kf_create_session", KfAccount="a@gh_1"),
        e.DeskEvent(done("kf_create_session"), "a@gh_1"),
    ),
    "WeChat's own desk, over": (
        event("kf_close_session", KfAccount="a@gh_1"),
        e.DeskEvent(done("kf_close_session"), "a@gh_1"),
    ),
    "WeChat's own desk, handed on": (
        event("kf_switch_session", FromKfAccount="a@gh_1", ToKfAccount="b@gh_1"),
        e.DeskEvent(done("kf_switch_session"), "b@gh_1", "a@gh_1"),
    ),
    "one consent": (
        event(
            "subscribe_msg_popup_event",
            SubscribeMsgPopupEvent={"List": {"TemplateId": "t1", "SubscribeStatusString": "accept", "PopupScene": 2}},
        ),
        e.Consented(done("subscribe_msg_popup_event"), (("t1", "accept"),)),
    ),
    "two consents": (
        event(
            "subscribe_msg_change_event",
            SubscribeMsgChangeEvent={
                "List": [
                    {"TemplateId": "t1", "SubscribeStatusString": "reject"},
                    {"TemplateId": "t2", "SubscribeStatusString": "accept"},
                ]
            },
        ),
        e.Consented(done("subscribe_msg_change_event"), (("t1", "reject"), ("t2", "accept"))),
    ),
    "a subscription message that was sent": (
        event(
            "subscribe_msg_sent_event",
            SubscribeMsgSentEvent={"List": {"TemplateId": "t", "MsgID": 17, "ErrorCode": 0, "ErrorStatus": "success"}},
        ),
        e.JobsFinished(
            done("subscribe_msg_sent_event"),
            (e.JobFinished(done("subscribe_msg_sent_event"), e.Job.SUBSCRIBE, "17", True, "success"),),
        ),
    ),
    "a mini program's chat opened": (
        event("user_enter_tempsession", SessionFrom="order:123"),
        e.SessionEntered(done("user_enter_tempsession"), "order:123"),
    ),
    "something new": (event("wink"), e.UnknownEvent(done("wink"))),
}


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(("fields", "expected"), MESSAGES.values(), ids=MESSAGES.keys())
def test_what_a_customer_sends_is_read(fields: Mapping[str, Any], expected: p.WechatPush, form: str) -> None:
    assert read(fields, form) == expected


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(("fields", "expected"), EVENTS.values(), ids=EVENTS.keys())
def test_what_a_customer_does_is_read(fields: Mapping[str, Any], expected: p.WechatPush, form: str) -> None:
    assert read(fields, form) == expected


@pytest.mark.parametrize("name", ["subscribe", "Subscribe", "SUBSCRIBE"])
def test_the_case_of_an_event_s_name_does_not_matter(name: str) -> None:
    assert isinstance(read(event(name)), e.Subscribed)
    assert isinstance(read({**event(name), "MsgType": "EVENT"}), e.Subscribed)


@pytest.mark.parametrize(
    ("fields", "sender", "at", "names"),
    [
        (MESSAGES["a text"][0], "oX", AT, {"content": "你好", "id": MSG_ID}),
        (MESSAGES["a picture"][0], "oX", AT, {"image": "http://p/1", "media_id": "m1"}),
        (MESSAGES["a place"][0], "oX", AT, {"label": "天河区", "location_x": "23.134521"}),
        (EVENTS["a menu"][0], "oX", AT, {"key": "HELP", "event": "click"}),
    ],
)
def test_pushes_in_these_tests_are_such_as_the_library_knows(
    fields: Mapping[str, Any], sender: str, at: datetime, names: Mapping[str, Any]
) -> None:
    known = parse_message(xml(fields))
    assert (known.source, known.create_time) == (sender, at)
    assert {name: getattr(known, name) for name in names} == names


HINT = {
    "ToUserName": CORP_ID,
    "CreateTime": 1714112445,
    "MsgType": "event",
    "Event": "kf_msg_or_event",
    "Token": "SYNC",
    "OpenKfId": "wk1",
}


def test_customer_service_says_that_there_is_something_to_fetch() -> None:
    hint = read(HINT, settings=KF)
    head = e.EventHead(CORP_ID, "", AT, "kf_msg_or_event")
    assert hint == e.KfHint(head, "wk1", "SYNC")
    assert "SYNC" not in repr(hint)


@pytest.mark.parametrize(
    ("fields", "settings"),
    [
        ({**HINT, "ToUserName": "ww0000"}, KF),
        (message("text", Content="x"), OFFICIAL.model_copy(update={"original_id": "gh_2"})),
        (event("subscribe"), MINI.model_copy(update={"original_id": "gh_2"})),
    ],
)
def test_a_push_for_another_account_is_refused(fields: Mapping[str, Any], settings: Settings) -> None:
    assert refusal(in_clear(xml(fields)), settings) == (400, "wrong_receiver")


NEEDED = [
    *(
        (message("text", Content="x"), name)
        for name in ("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId")
    ),
    (message("text", Content="x"), "Content"),
    (message("image", MediaId="m"), "MediaId"),
    (message("voice", MediaId="m", Format="amr"), "MediaId"),
    (message("video", MediaId="m"), "MediaId"),
    (message("location", Location_X=1, Location_Y=2), "Location_X"),
    (message("location", Location_X=1, Location_Y=2), "Location_Y"),
    (message("link", Url="u"), "Url"),
    (message("miniprogrampage", PagePath="p"), "PagePath"),
    (message("hologram"), "MsgId"),
    (event("subscribe"), "FromUserName"),
    (event("subscribe"), "CreateTime"),
    (event("SCAN", EventKey="1"), "EventKey"),
    (event("CLICK", EventKey="1"), "EventKey"),
    (event("TEMPLATESENDJOBFINISH", MsgID=1, Status="success"), "MsgID"),
    (event("kf_create_session", KfAccount="a"), "KfAccount"),
    (HINT, "OpenKfId"),
    (HINT, "Token"),
]


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(
    ("fields", "name"), NEEDED, ids=[f"{fields.get('Event', fields['MsgType'])} {name}" for fields, name in NEEDED]
)
def test_a_push_without_what_it_needs_is_refused(fields: Mapping[str, Any], name: str, form: str) -> None:
    settings = KF if fields is HINT else OFFICIAL
    read(fields, form, settings)
    with pytest.raises(CallRefused) as refused:
        read({key: value for key, value in fields.items() if key != name}, form, settings)
    assert (refused.value.status, refused.value.code) == (400, "missing_field")


LAUGHS = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;">]><xml><MsgType>&lol3;</MsgType></xml>"""
OUTSIDE = '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><MsgType>&f;</MsgType></xml>'
FROM_OUTSIDE = '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml><MsgType>text</MsgType></xml>'
HIDDEN = "<!-- --><!DOCTYPE xml [<!ENTITY a 'b'>]><xml><MsgType>&a;</MsgType></xml>"
DEEP = "<xml>" + "<a>" * 20_000 + "</a>" * 20_000 + "</xml>"
WIDE = f"<xml><MsgType>text</MsgType>{'<a/>' * 50_000}</xml>"


@pytest.mark.parametrize(
    ("opened", "code"),
    [
        (Opened(LAUGHS, Form.XML, False), "undecodable"),
        (Opened(OUTSIDE, Form.XML, False), "undecodable"),
        (Opened(FROM_OUTSIDE, Form.XML, False), "undecodable"),
        (Opened(HIDDEN, Form.XML, False), "undecodable"),
        (Opened("<xml><MsgType>&b;</MsgType></xml>", Form.XML, False), "undecodable"),
        (Opened(DEEP, Form.XML, False), "missing_field"),
        (Opened(WIDE, Form.XML, False), "missing_field"),
        (Opened("<xml></xml>", Form.XML, False), "missing_field"),
        (Opened("<xml/>", Form.XML, False), "missing_field"),
        (Opened("<xml>words</xml>", Form.XML, False), "missing_field"),
        (Opened("<xml><MsgType></MsgType></xml>", Form.XML, False), "missing_field"),
        (Opened("<xml><MsgType>text</MsgType>", Form.XML, False), "undecodable"),
        (Opened("<html><body>502</body></html>", Form.XML, False), "undecodable"),
        (Opened("<", Form.XML, False), "undecodable"),
        (Opened("{}", Form.JSON, False), "missing_field"),
        (Opened("{", Form.JSON, False), "undecodable"),
        (Opened("[]", Form.JSON, False), "undecodable"),
        (Opened('{"MsgType": ["text"]}', Form.JSON, False), "undecodable"),
        (Opened('{"MsgType": true}', Form.JSON, False), "undecodable"),
        (Opened('{"MsgType": "text", "ToUserName": "\\ud800"}', Form.JSON, False), "undecodable"),
        (Opened('{"a":' * 3000 + "1" + "}" * 3000, Form.JSON, False), "undecodable"),
    ],
    ids=[
        "a billion laughs",
        "an entity from a file",
        "a document type from elsewhere",
        "a document type behind a comment",
        "an entity nobody declared",
        "twenty thousand levels",
        "fifty thousand elements",
        "nothing",
        "nothing, shorter",
        "words alone",
        "an empty kind",
        "XML cut off",
        "a page of an error",
        "one sign",
        "no field",
        "JSON cut off",
        "a list",
        "a list as kind",
        "a truth as kind",
        "half a character",
        "three thousand levels of JSON",
    ],
)
def test_what_is_no_push_is_refused_and_never_expanded(opened: Opened, code: str) -> None:
    assert refusal(opened) == (400, code)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("什么时候发货\\ud83d", id="half an emoji"),
        pytest.param("什么时候发货\\udc00", id="its other half"),
    ],
)
def test_words_cut_in_the_middle_of_a_character_are_kept(content: str) -> None:
    whole = orjson.dumps(message("text", Content="WORDS")).decode()
    push = read_push(OFFICIAL, Opened(whole.replace("WORDS", content), Form.JSON, False))
    assert isinstance(push, p.TextPush)
    assert push.text == "什么时候发货\ufffd"


def test_a_sender_cut_in_the_middle_of_a_character_is_refused() -> None:
    fields = {**message("text", Content="x"), "FromUserName": "SENDER"}
    whole = orjson.dumps(fields).decode().replace("SENDER", "o\\ud83d")
    assert refusal(Opened(whole, Form.JSON, False)) == (400, "undecodable")


@pytest.mark.parametrize(
    "fields",
    [
        message("text", Content={"a": "b"}),
        message("text", Content=["a", "b"]),
        {**message("text", Content="x"), "CreateTime": "soon"},
        {**message("text", Content="x"), "CreateTime": "-1"},
        {**message("text", Content="x"), "CreateTime": "99999999999999"},
        {**message("text", Content="x"), "CreateTime": "9" * 5000},
        {**message("text", Content="x"), "FromUserName": "o" * 200},
        {**message("text", Content="x"), "MsgId": "9" * 200},
        {**message("text", Content="x"), "MsgType": {"a": "text"}},
        message("location", Location_X="north", Location_Y="1"),
        message("location", Location_X="nan", Location_Y="1"),
        message("location", Location_X="1e400", Location_Y="1"),
        message("location", Location_X="91", Location_Y="1"),
        event("scancode_push", EventKey="k", ScanCodeInfo="none"),
        event("subscribe", EventKey={"a": "b"}),
        event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": "x"}),
    ],
)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_field_of_the_wrong_kind_is_refused(fields: Mapping[str, Any], form: str) -> None:
    with pytest.raises(CallRefused) as refused:
        read(fields, form)
    assert refused.value.status == 400


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = sorted({name for fields, _ in (*MESSAGES.values(), *EVENTS.values()) for name in fields})
ALL = [fields for fields, _ in (*MESSAGES.values(), *EVENTS.values())]


@testing(deadline=None)
@given(
    st.sampled_from(ALL), st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4), st.sets(st.sampled_from(NAMES))
)
def test_whatever_the_fields_are_a_push_is_read_or_refused(
    fields: dict[str, Any], changed: dict[str, Any], missing: set[str]
) -> None:
    mixed = {name: value for name, value in {**fields, **changed}.items() if name not in missing}
    for opened in (
        Opened(orjson.dumps(mixed).decode(), Form.JSON, False),
        Opened(xml(mixed), Form.XML, False),
    ):
        try:
            read_push(OFFICIAL, opened)
        except CallRefused:
            pass


@testing(deadline=None)
@given(st.text(), st.sampled_from(["", "<xml>", "<xml><MsgType>", "{", '{"MsgType":']))
def test_whatever_the_text_is_it_is_read_or_refused(text: str, before: str) -> None:
    for form in Form:
        with pytest.raises(CallRefused):
            read_push(OFFICIAL, Opened(before + text, form, False))
