"""微信客服: whatever the platform puts on a page, every message that somebody wrote becomes one, and nothing breaks."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from yizhan.channels.contract import InboundMessage
from yizhan.channels.wechat.facts import Place
from yizhan.channels.wechat.kf.facts import facts_of, notes_of
from yizhan.channels.wechat.kf.items import (
    CustomerSaid,
    Ignored,
    Recalled,
    SendFailed,
    ServicerSaid,
    SessionChanged,
    SessionEntered,
    Unreadable,
    read_item,
)
from yizhan.channels.wechat.kf.said import FILES
from yizhan.core.messages.content import File, Image, Media, Text
from yizhan.core.messages.ids import Uuid7

PLACE = Place("default", "desk", datetime(2026, 11, 22, tzinfo=UTC), Uuid7())
HEAD: dict[str, Any] = {"msgid": "m1", "open_kfid": "wk1", "external_userid": "wm1", "send_time": 1_790_000_000}
KINDS = (
    *("text", "image", "voice", "video", "file", "location", "link", "business_card", "miniprogram", "msgmenu"),
    *("channels_shop_product", "channels_shop_order", "merged_msg", "channels", "meeting", "schedule", "note", "new"),
)
EVENTS = ("enter_session", "msg_send_fail", "session_status_change", "user_recall_msg", "new")
FIELDS = ("content", "menu_id", "media_id", "title", "item", "list", "msg_content", "latitude", "longitude", "url")
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | TEXT, inner, max_size=4),
    max_leaves=12,
)


def event(kind: str, **fields: Any) -> dict[str, Any]:
    head = {name: value for name, value in HEAD.items() if name != "external_userid"}
    inner = {"event_type": kind, "external_userid": "wm1", "open_kfid": "wk1"} | fields
    return head | {"origin": 4, "msgtype": "event", "event": inner}


@given(JSON)
def test_no_item_breaks_the_page(values: object) -> None:
    item = read_item(values)
    facts_of(item, PLACE)
    notes_of(item, PLACE)


@given(st.sampled_from(KINDS), JSON, st.sampled_from([3, 5]))
def test_what_somebody_wrote_is_a_message_however_it_looks(kind: str, part: object, origin: int) -> None:
    item = read_item(HEAD | {"origin": origin, "msgtype": kind, kind: part})
    assert isinstance(item, CustomerSaid | ServicerSaid)
    (fact,) = facts_of(item, PLACE)
    assert isinstance(fact, InboundMessage)
    assert fact.message.dedupe_key == "k:m1"


@given(st.sampled_from(EVENTS), st.dictionaries(st.sampled_from(("fail_msgid", "fail_type", "msg_code")), JSON))
def test_no_event_breaks_the_page(kind: str, fields: dict[str, Any]) -> None:
    item = read_item(event(kind, **fields))
    facts_of(item, PLACE)
    notes_of(item, PLACE)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (event("enter_session", scene="s", welcome_code="w"), SessionEntered),
        (event("msg_send_fail", fail_msgid="x", fail_type=4), SendFailed),
        (event("msg_send_fail", fail_type=4), Unreadable),
        (event("session_status_change", change_type=1, new_servicer_userid="a", msg_code="c"), SessionChanged),
        (event("user_recall_msg", recall_msgid="m0"), Recalled),
        (event("servicer_status_change", status=1), Ignored),
        (event("something_new"), Ignored),
        (HEAD | {"origin": 9, "msgtype": "text", "text": {"content": "?"}}, Ignored),
        ({"origin": 3, "msgtype": "text", "text": {"content": "?"}}, Unreadable),
        ("no item at all", Unreadable),
    ],
)
def test_items_are_told_apart(values: object, expected: type) -> None:
    assert type(read_item(values)) is expected


@pytest.mark.parametrize(
    ("kind", "part", "text"),
    [
        ("text", {"content": "在吗"}, "在吗"),
        ("text", {"content": ""}, "[收到一条无法显示的消息：text]"),
        ("business_card", {"userid": "zhangsan"}, "[名片] zhangsan"),
        ("channels_shop_product", {"title": "包", "sales_price": "199", "product_id": "p1"}, "[视频号商品] 包 199 p1"),
        ("channels_shop_order", {"order_id": "37", "product_titles": "包"}, "[视频号订单] 37 包"),
        ("channels", {"nickname": "店", "title": "新品"}, "[视频号] 店 新品"),
        ("meeting", {}, "[会议]"),
        (
            "msgmenu",
            {"head_content": "选", "list": [{"type": "click", "click": {"id": "1", "content": "好"}}]},
            "选\n好",
        ),
        (
            "merged_msg",
            {
                "title": "群聊",
                "item": [
                    {"msgtype": "text", "sender_name": "李", "msg_content": '{"text":{"content":"好"}}'},
                    {"msgtype": "image", "sender_name": "王", "msg_content": "{"},
                ],
            },
            "[聊天记录] 群聊\n李: 好\n王: [图片]",
        ),
    ],
)
def test_what_has_no_form_of_its_own_is_readable(kind: str, part: dict[str, Any], text: str) -> None:
    (fact,) = facts_of(read_item(HEAD | {"origin": 3, "msgtype": kind, kind: part}), PLACE)
    assert isinstance(fact, InboundMessage)
    assert fact.message.content == Text(text)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_what_its_bytes_say(kind: str) -> None:
    """A picture that is none is shown as a file, so that nobody looks at a broken picture."""
    item = read_item(HEAD | {"origin": 3, "msgtype": kind, kind: {"media_id": "x"}})
    document = Media("0" * 64, "application/pdf")
    (fact,) = facts_of(item, PLACE, document)
    assert isinstance(fact, InboundMessage)
    assert fact.message.content == File(document)
    if kind == "image":
        (fact,) = facts_of(item, PLACE, Media("0" * 64, "image/png"))
        assert isinstance(fact, InboundMessage)
        assert isinstance(fact.message.content, Image)
