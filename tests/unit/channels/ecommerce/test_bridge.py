"""What a connector posts is taken for what it says, if it is the connector's; what it answers means what the page says."""

import base64
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.unit.channels.ecommerce.bridge_world import (
    NOW,
    OTHER,
    PICTURE,
    SECRET,
    Connector,
    bridge,
    event,
    shop,
    signed,
    understood,
)
from yizhan.channels.contract import (
    CallRefused,
    InboundGone,
    InboundMessage,
    InboundReceipt,
    InboundTrigger,
    InboundTyping,
    InboundVisit,
    QuotaSpent,
    Refusal,
    Refused,
    SendError,
    Sent,
    Trigger,
    WindowClosed,
)
from yizhan.channels.ecommerce.bridge.answers import CODES
from yizhan.channels.ecommerce.platform import Response
from yizhan.channels.menus import option_code
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import (
    Content,
    GoodsCard,
    Image,
    Link,
    Location,
    Menu,
    MenuOption,
    OrderCard,
    Text,
    Voice,
)
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import ReceiptState

BUYER = Address("default", "ecommerce", "shop", "b-1")
INLINE = base64.b64encode(b"bytes").decode()
DOCS = Path(__file__).resolve().parents[4] / "docs" / "channels" / "bridge.md"


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (signed(event(), secret=OTHER), 401, "signature_wrong"),
        (signed(event(), changed={"webhook-signature": "v1,AAAA"}), 401, "signature_wrong"),
        (signed(event(), changed={"webhook-signature": ""}), 401, "signature_missing"),
        (signed(event(), changed={"webhook-id": "evt-2"}), 401, "signature_wrong"),
        (signed(event(), at=NOW - timedelta(minutes=6)), 401, "timestamp_old"),
        (signed(event(), at=NOW + timedelta(minutes=6)), 401, "timestamp_ahead"),
        (signed(event(), changed={"webhook-timestamp": "-1"}), 401, "timestamp_wrong"),
        (signed(event(), event_id="e" * 201), 400, "bad_event_id"),
        (signed(b""), 422, "bad_event"),
        (signed(b"{"), 422, "bad_event"),
        (signed(b"\xff\xfe"), 422, "bad_event"),
        (signed(b"[" * 100_000), 422, "bad_event"),
        (signed(b'{"a":' * 10_000 + b"1" + b"}" * 10_000), 422, "bad_event"),
        (signed(event(type="nonsense")), 422, "bad_event"),
        (signed(event(buyer={"id": ""})), 422, "bad_event"),
        (signed(event(buyer={"id": "x" * 121})), 422, "bad_event"),
        (signed(event(buyer={"id": "a\nb"})), 422, "bad_event"),
        (signed(event(buyer={"id": "a", "nick": "\u0000"})), 422, "bad_event"),
        (signed(event(content={"type": "text", "text": "a\u0000b"})), 422, "bad_event"),
        (signed(event(content={"type": "text", "text": ""})), 422, "bad_event"),
        (signed(event(content={"type": "text", "text": "x" * 20_001})), 422, "bad_event"),
        (signed(event(content={"type": "image", "data": "no base64!"})), 422, "bad_event"),
        (signed(event(content={"type": "location", "latitude": 91, "longitude": 0})), 422, "bad_event"),
        (signed(event(content={"type": "goods", "goods_id": "g", "price_minor": 10**13})), 422, "bad_event"),
        (signed(event(sent_at="2026-11-24T03:00:00")), 422, "bad_event"),
        (signed(event(type="receipt", state="eaten")), 422, "bad_event"),
    ],
)
async def test_what_is_not_the_connectors_or_no_event_is_turned_away(call: Any, status: int, code: str) -> None:
    with pytest.raises(CallRefused) as refused:
        await bridge(Connector()).receive(shop(), call)
    assert (refused.value.status, refused.value.code) == (status, code)


async def test_repetitions_of_an_event_are_one_push_and_either_secret_is_taken_while_it_is_changed() -> None:
    one, account = bridge(Connector()), shop(secret=OTHER, previous_secret=SECRET)
    pushes = [await one.receive(account, signed(event(), secret=secret)) for secret in (SECRET, OTHER)]
    assert {push.key for push in pushes} == {"evt-1"}
    assert {push.lane for push in pushes} == {BUYER.key()}


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"type": "text", "text": "两\n行"}, Text("两\n行")),
        ({"type": "link", "url": "https://x.example.com", "title": "t"}, Link("https://x.example.com", "t")),
        ({"type": "location", "latitude": 31.2, "longitude": 121.5, "label": "店"}, Location(31.2, 121.5, "店")),
        (
            {"type": "goods", "goods_id": "g-1", "title": "红苹果", "price_minor": 1990},
            GoodsCard("g-1", "红苹果", 1990),
        ),
        (
            {"type": "order", "order_id": "o-1", "status": "已发货", "goods": [{"goods_id": "g-1"}]},
            OrderCard("o-1", "已发货", (GoodsCard("g-1", ""),)),
        ),
        ({"type": "other", "kind": "红包"}, Text("[收到一条无法显示的消息：红包]")),
        ({"type": "other", "text": "红包"}, Text("红包")),
        ({"type": "image", "url": "https://img.example.com/1.png"}, Image(PICTURE)),
        ({"type": "image", "url": "https://gone.example.com/1.png"}, Text("[收到图片，但未能取回]")),
        ({"type": "image", "data": INLINE, "name": "../../x.png"}, Image(PICTURE)),
        ({"type": "voice", "url": "https://gone.example.com/1.amr"}, Text("[收到语音，但未能取回]")),
    ],
)
async def test_every_kind_of_content_is_understood(content: dict[str, Any], wanted: Content) -> None:
    connector = Connector(files={"https://img.example.com/1.png": PICTURE})
    (fact,) = await understood(bridge(connector), shop(), event(content=content, sent_at="2026-11-24T10:59:00+08:00"))
    assert isinstance(fact, InboundMessage)
    message = fact.message
    assert (message.content, message.address) == (wanted, BUYER)
    assert (message.external_id, message.dedupe_key, message.customer_name) == ("m-1", "bridge:m-1", "小王")
    assert message.sent_at == NOW - timedelta(minutes=1)


async def test_the_words_of_a_recording_come_with_it() -> None:
    content = {"type": "voice", "data": INLINE, "duration_ms": 1500, "recognised": "发货了吗"}
    (fact,) = await understood(bridge(Connector()), shop(), event(content=content))
    assert isinstance(fact, InboundMessage)
    assert isinstance(fact.message.content, Voice)
    assert (fact.message.content.media.duration_ms, fact.message.content.media.recognised) == (1500, "发货了吗")


async def test_a_pressed_option_comes_back_as_such() -> None:
    content = {"type": "choice", "option_id": "abc-2", "label": "香蕉"}
    (fact,) = await understood(bridge(Connector()), shop(), event(content=content))
    assert isinstance(fact, InboundMessage)
    assert (fact.pressed, fact.message.content) == ("abc-2", Text("香蕉"))


async def test_what_the_seller_wrote_elsewhere_is_told_and_what_we_wrote_is_not() -> None:
    one = bridge(Connector(own=frozenset({"out-1"})))
    assert await understood(one, shop(), event(author="seller", message_id="out-1")) == ()
    (fact,) = await understood(one, shop(), event(author="seller", message_id="m-2", seller="小李"))
    assert isinstance(fact, InboundMessage)
    assert fact.message.author == Author(AuthorKind.AGENT, "", "小李")


async def test_what_is_no_message_is_what_it_says() -> None:
    one = bridge(Connector())
    kinds = {
        "typing": [InboundTyping],
        "entered": [InboundTrigger, InboundVisit],
        "left": [InboundGone],
    }
    for kind, wanted in kinds.items():
        assert [type(fact) for fact in await understood(one, shop(), event(type=kind))] == wanted
    (opened,) = await understood(one, shop(), event(type="window", open=True))
    assert isinstance(opened, InboundTrigger)
    assert opened.trigger is Trigger.MESSAGE
    assert await understood(one, shop(), event(type="window", open=False)) == (InboundGone(BUYER),)
    (told,) = await understood(one, shop(), event(type="receipt", state="failed", code="blocked", text="拉黑"))
    assert isinstance(told, InboundReceipt)
    assert (told.receipt.state, told.receipt.message_id) == (ReceiptState.FAILED, "m-1")
    assert (told.receipt.reason, told.receipt.detail) == (Refusal.BLOCKED, "blocked 拉黑")


def said(content: Content) -> Message:
    return Message("message-1", BUYER, Author(AuthorKind.BOT, "", "智能客服"), content, NOW)


def no(status: int, code: str = "", text: str = "") -> Response:
    return Response(status, json.dumps({"code": code, "text": text}).encode() if code else b"")


@pytest.mark.parametrize(
    ("response", "wanted"),
    [
        (Response(200, b'{"id":"out-1"}'), Sent(("out-1",))),
        (Response(204, b""), Sent()),
        (Response(200, b"<html>thanks"), Sent()),
        (no(422, "window_closed", "超过48小时"), WindowClosed("window_closed", "超过48小时")),
        (no(409, "quota_spent"), QuotaSpent("quota_spent")),
        (no(422, "blocked", " 已\n拉黑 "), Refused("blocked", "已 拉黑", Refusal.BLOCKED)),
        (no(422, "unknown_customer"), Refused("unknown_customer", "", Refusal.UNKNOWN_CUSTOMER)),
        (no(422, "too_long"), Refused("too_long", "", Refusal.TOO_LONG)),
        (no(422, "bad_content"), Refused("bad_content", "", Refusal.BAD_CONTENT)),
        (no(422, "risky_content"), Refused("risky_content", "", Refusal.RISKY_CONTENT)),
        (no(422, "not_permitted"), Refused("not_permitted", "", Refusal.NOT_PERMITTED)),
        (no(422, "hiccup"), Refused("refused", "", Refusal.OTHER)),
        (no(422), Refused("refused", "", Refusal.OTHER)),
        (Response(422, b"\xff"), Refused("refused", "", Refusal.OTHER)),
        (no(401), Refused("http_401", "the connector does not know our signature", Refusal.ACCOUNT)),
        (no(403), Refused("http_403", "the connector does not know our signature", Refusal.ACCOUNT)),
        (no(413), Refused("http_413", "", Refusal.TOO_LONG)),
        (no(302), Refused("http_302")),
        (no(404), Refused("http_404")),
    ],
)
async def test_what_a_connector_answers_means_what_the_page_says(response: Response, wanted: Sent | SendError) -> None:
    connector = Connector(answers=[response])
    sending = bridge(connector).send(shop(), said(Text("hi")), 0)
    if isinstance(wanted, Sent):
        assert await sending == wanted
        return
    with pytest.raises(type(wanted)) as error:
        await sending
    assert error.value.args == wanted.args
    assert connector.codes == [getattr(wanted, "code", "")]


async def test_a_repetition_of_a_post_has_the_same_key_and_the_same_body() -> None:
    connector = Connector(answers=[Response(204, b"")] * 3)
    one, account = bridge(connector), shop(previous_secret=OTHER)
    for part in (0, 0, 1):
        await one.send(account, said(Text("hi")), part)
    first, again, other = connector.requests
    assert (first.body, first.headers) == (again.body, again.headers)
    assert first.headers["Idempotency-Key"] == first.headers["webhook-id"] == "message-1:0"
    assert other.headers["Idempotency-Key"] == "message-1:1"
    assert len(first.headers["webhook-signature"].split(" ")) == 2, "both secrets sign while they are changed"
    assert first.sending


async def test_options_have_ids_that_come_back_and_files_are_links() -> None:
    connector = Connector(answers=[Response(204, b"")] * 2)
    one = bridge(connector)
    await one.send(shop(), said(Menu("fruit", "哪种？", (MenuOption("a", "苹果"), MenuOption("b", "梨")))), 0)
    await one.send(shop(), said(Image(PICTURE)), 0)
    menu, picture = (orjson.loads(request.body or b"")["content"] for request in connector.requests)
    assert [option["id"] for option in menu["options"]] == [option_code("message-1", 1), option_code("message-1", 2)]
    assert picture["media"]["url"] == f"https://service.example.com/media/{PICTURE.media_id}"


async def test_without_an_address_nothing_is_sent() -> None:
    with pytest.raises(Refused) as refused:
        await bridge(Connector()).send(shop(callback_url=""), said(Text("hi")), 0)
    assert refused.value.reason is Refusal.ACCOUNT


def test_the_page_names_every_code() -> None:
    table = DOCS.read_text("utf-8").partition("| `code` | what happens |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) - {"text"} == set(CODES)
