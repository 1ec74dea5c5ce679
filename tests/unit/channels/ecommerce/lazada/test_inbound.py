"""What pushes mean: each kind of the table, what is not known, and what befell a message that is known."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.channels.ecommerce.lazada.pushed import BUYER, SESSION, message, of_the_seller, push
from yizhan.channels.contract import Fact, InboundMessage, InboundReceipt
from yizhan.channels.ecommerce.lazada.facts import Pushed
from yizhan.channels.ecommerce.lazada.inbound import Place, facts_of, key_of, may_be_ours, wanted
from yizhan.channels.ecommerce.lazada.pushes import ChatMessage, Unreadable, moment, read_push, token_ends
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, GoodsCard, Image, Media, OrderCard, Text, TimelineEvent
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.messages.receipt import ReceiptState

PLACE = Place("default", "shop", datetime(2026, 11, 22, tzinfo=UTC), lambda: "an-id")
PICTURE = Media("f" * 64, "image/jpeg", "a.jpg")
URL = "https://sg-live.slatic.net/kf/a.jpg?x=1"


def read(data: dict[str, Any]) -> ChatMessage:
    found = read_push(push(data), Pushed.MESSAGE).message
    assert found is not None
    return found


def facts(data: dict[str, Any], stored: Media | None = None, ours: str = "") -> tuple[Fact, ...]:
    return facts_of(read(data), PLACE, stored, ours)


def brought(data: dict[str, Any], stored: Media | None = None) -> Message:
    (fact,) = facts(data, stored)
    assert isinstance(fact, InboundMessage)
    return fact.message


@pytest.mark.parametrize(
    ("template", "said", "content"),
    [
        pytest.param(1, {"txt": "几点开门？👋", "translateTxt": "?"}, Text("几点开门？👋"), id="text"),
        pytest.param(1, "not json", Text("[收到一条无法显示的消息：1]"), id="text that cannot be read"),
        pytest.param(1, {"txt": None}, Text("[收到一条无法显示的消息：1]"), id="text without words"),
        pytest.param(3, {"imgUrl": URL, "width": 10, "height": 10}, Image(PICTURE), id="picture"),
        pytest.param(4, {"imgUrl": URL, "txt": "[smile]"}, Text("[smile]"), id="emoji"),
        pytest.param(6, {"videoId": 7}, Text("[收到一条无法显示的消息：视频]"), id="video"),
        pytest.param(10006, {"itemId": 77, "title": "杯子"}, GoodsCard("77", "杯子"), id="goods"),
        pytest.param(10006, {"itemId": "77", "actionUrl": "javascript:1"}, GoodsCard("77", "77"), id="goods by number"),
        pytest.param(10006, {"title": "杯子"}, Text("[收到一条无法显示的消息：10006]"), id="goods without a number"),
        pytest.param(10007, {"orderId": 98765432109876543}, OrderCard("98765432109876543", ""), id="order"),
        pytest.param(10008, {}, Text("[收到一条无法显示的消息：优惠券]"), id="voucher"),
        pytest.param(10010, {}, Text("[收到一条无法显示的消息：关注店铺邀请]"), id="invitation to follow"),
        pytest.param(10011, {}, Text("[收到一条无法显示的消息：退款]"), id="refund"),
        pytest.param(99999, {"foo": 1}, Text("[收到一条无法显示的消息：99999]"), id="a kind nobody knows"),
        pytest.param(99999, {"txt": "words"}, Text("words"), id="a kind nobody knows, with words"),
    ],
)
def test_what_a_buyer_says(template: int, said: object, content: Content) -> None:
    found = brought(message(said, template_id=template), PICTURE)
    assert found.content == content
    assert found.address == Address("default", "ecommerce", "shop", BUYER, SESSION)
    assert (found.author.kind, found.external_id) == (AuthorKind.CUSTOMER, "1gxpQkhVtN1U")
    assert found.sent_at == datetime(2025, 11, 22, 5, 40, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "event"),
    [
        pytest.param(message({"txt": "x"}, status=1), "recalled_by_customer", id="the buyer took it back"),
        pytest.param(of_the_seller({"txt": "x"}, status=1), "recalled_by_business", id="the shop took it back"),
        pytest.param(message({"txt": "note"}, type=2, template_id=2), "platform_notice", id="the platform says"),
        pytest.param(of_the_seller({"txt": "x"}, process_msg="spam"), "blocked_by_platform", id="console's, blocked"),
    ],
)
def test_what_befalls_a_conversation_is_on_its_timeline(data: dict[str, Any], event: str) -> None:
    found = brought(data)
    assert isinstance(found.content, TimelineEvent)
    assert (found.content.code, found.author.kind) == (event, AuthorKind.AGENT)
    assert found.address.customer == BUYER


def test_each_thing_that_befalls_a_message_has_its_own_key() -> None:
    states: list[dict[str, Any]] = [{}, {"status": 1}, {"process_msg": "spam"}]
    keys = [key_of(read(message({"txt": "x"}, **state))) for state in states]
    assert len(set(keys)) == 3
    assert keys == [key_of(read(message({"txt": "x"}, **state, send_time=1))) for state in states]


def test_what_was_written_in_the_platforms_console_is_an_agents() -> None:
    found = brought(of_the_seller({"txt": "由我来"}))
    assert (found.content, found.author.kind, found.author.id) == (Text("由我来"), AuthorKind.AGENT, "")
    assert brought(of_the_seller({"txt": "auto"}, template_id=10015, auto_reply=True)).author.kind is AuthorKind.AGENT


def test_our_own_message_that_comes_back_is_nothing_new() -> None:
    assert may_be_ours(read(of_the_seller({"txt": "x"})))
    assert facts(of_the_seller({"txt": "x"}), ours="our-id") == ()
    assert not may_be_ours(read(message({"txt": "x"})))


def test_our_message_that_the_platform_keeps_back_has_failed_with_its_reason() -> None:
    (fact,) = facts(of_the_seller({"txt": "x"}, process_msg="contains a phone number"), ours="our-id")
    assert isinstance(fact, InboundReceipt)
    receipt = fact.receipt
    assert (receipt.state, receipt.message_id, receipt.reason) == (ReceiptState.FAILED, "our-id", "risky_content")
    assert receipt.detail == "contains a phone number"


def test_a_picture_is_wanted_by_its_address_and_missed_in_words() -> None:
    data = message({"imgUrl": URL}, template_id=3)
    found = wanted(read(data))
    assert found is not None
    assert (found.url, found.name) == (URL, "a.jpg")
    assert brought(data).content == Text("[收到图片，但未能取回]")
    for other in (message({"txt": "x"}), message({}, template_id=3), message({"imgUrl": URL}, template_id=3, status=1)):
        assert wanted(read(other)) is None


def test_ids_are_texts_however_they_come() -> None:
    found = brought(message({"txt": "x"}, from_account_id=1011822749, message_id=9007199254740993))
    assert (found.address.customer, found.external_id) == (BUYER, "9007199254740993")
    assert read_push(push(message({"txt": "x"}), seller_id=1234567), Pushed.MESSAGE).envelope.seller_id == "1234567"


@pytest.mark.parametrize(
    ("value", "second"),
    [(1763790000, 0.0), (1763790000123, 0.123), (0, None), (-1, None), (10**18, None)],
    ids=["seconds", "milliseconds", "none", "before all time", "never"],
)
def test_times_come_in_seconds_or_milliseconds(value: int, second: float | None) -> None:
    found = moment(value)
    assert (found is None) if second is None else found == datetime.fromtimestamp(1763790000 + second, UTC)


def test_what_is_no_message_is_told_apart() -> None:
    assert read_push(push({"order_status": "shipped", "trade_order_id": 1}, 0), Pushed.MESSAGE).message is None
    ends = read_push(push({"auth_expiry_time": 1763790000123, "app_key": "1"}, 8), Pushed.MESSAGE).envelope
    assert token_ends(ends) == datetime(2025, 11, 22, 5, 40, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{",
        b'{"seller_id":"1"}',
        b'{"seller_id":"1","message_type":2,"data":[]}',
        b'{"seller_id":"1","message_type":2,"data":{}}',
        push(message({"txt": "x"}, session_id="")),
        push(message({"txt": "x"}, message_id="x" * 151)),
        push(message({"txt": "x"}, from_account_type="who")),
        b'{"seller_id":"1","message_type":2,"data":' + b"[" * 100_000 + b"}",
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_push(body, Pushed.MESSAGE)
