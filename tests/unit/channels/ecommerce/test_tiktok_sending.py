"""Messages to buyers on TikTok Shop: built, signed, and what comes of the platform's answers."""

from typing import Any

import orjson
import pytest

from tests.unit.channels.ecommerce.bench import NOW, PNG, TOKEN, message
from tests.unit.channels.ecommerce.tiktok import CONVERSATION, SECRET, SEND, SHOP, ok, opened
from yizhan.channels.contract import (
    OutcomeUnknown,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.ecommerce.platform import Request, Response
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.errors import CODES
from yizhan.channels.ecommerce.tiktok.outgoing import ABILITIES
from yizhan.channels.ecommerce.tiktok.signing import call_signature
from yizhan.channels.render import render
from yizhan.core.messages.content import (
    Content,
    GoodsCard,
    Image,
    Location,
    LogisticsCard,
    Media,
    Menu,
    MenuOption,
    OrderCard,
    RefundCard,
    Text,
)

GOODS = "1729382476852921560"
ORDER = "576461413038785752"
PICTURE = Media("a" * 64, "image/png", "图.png", size_bytes=len(PNG))
SENT = ok({"message_id": "722323407926368900"})


def body_of(request: Request) -> dict[str, Any]:
    """What was written; the content taken out of its string."""
    assert request.body is not None
    fields = orjson.loads(request.body)
    return {**fields, "content": orjson.loads(fields["content"])}


@pytest.mark.parametrize(
    ("content", "kind", "wanted"),
    [
        pytest.param(Text("您好 <b>😀"), "TEXT", {"content": "您好 <b>😀"}, id="words"),
        pytest.param(GoodsCard(GOODS, "杯子"), "PRODUCT_CARD", {"product_id": GOODS}, id="goods"),
        pytest.param(OrderCard(ORDER, "已发货"), "ORDER_CARD", {"order_id": ORDER}, id="an order"),
        pytest.param(LogisticsCard(ORDER, "JT", "1"), "LOGISTICS_CARD", {"order_id": ORDER}, id="a parcel"),
    ],
)
async def test_a_message_is_sent_to_its_conversation_signed(content: Content, kind: str, wanted: object) -> None:
    tiktok, bench = opened()
    bench.calls.answers(SEND, SENT)
    sent = await tiktok.send(SHOP, message(CONVERSATION, content), 0)
    assert sent.external_ids == ("722323407926368900",)
    (request,) = bench.calls.to(SEND)
    assert body_of(request) == {"type": kind, "content": wanted}
    query = dict(request.url.query)
    assert query.pop("sign") == call_signature(SECRET, SEND, query, request.body or b"")
    assert query == {"app_key": "123456", "shop_cipher": "CIPHER", "timestamp": str(int(NOW.timestamp()))}
    assert request.headers["x-tts-access-token"] == TOKEN
    assert request.sending
    assert {TOKEN, SECRET, "CIPHER"} <= set(request.secrets)


async def test_a_picture_is_uploaded_once_and_sent_by_its_address() -> None:
    tiktok, bench = opened()
    bench.calls.answers(SEND, SENT)
    bench.calls.answers(paths.IMAGES, ok({"url": "https://p16/1", "width": 8, "height": 9}))
    for _ in range(2):
        await tiktok.send(SHOP, message(CONVERSATION, Image(PICTURE)), 0)
    (upload,) = bench.calls.to(paths.IMAGES)
    assert not upload.sending
    assert upload.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert upload.body is not None
    assert b'name="data"; filename="\xe5\x9b\xbe.png"' in upload.body
    assert PNG in upload.body
    query = dict(upload.url.query)
    assert query.pop("sign") == call_signature(SECRET, paths.IMAGES, query), "files are not signed"
    written = [body_of(request) for request in bench.calls.to(SEND)]
    assert written == [{"type": "IMAGE", "content": {"url": "https://p16/1", "width": 8, "height": 9}}] * 2


async def test_a_picture_that_is_gone_is_refused() -> None:
    tiktok, bench = opened()
    bench.files.bytes = b"x" * (11 << 20)
    with pytest.raises(Refused) as refused:
        await tiktok.send(SHOP, message(CONVERSATION, Image(PICTURE)), 0)
    assert refused.value.reason is Refusal.BAD_CONTENT
    assert bench.calls.to(SEND) == []


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        pytest.param(Location(31.2, 121.4, "门店"), "门店", id="a place"),
        pytest.param(
            GoodsCard("sku-1", "杯子", 1990, "USD", url="https://s/1"), "杯子 $19.90", id="goods of the own shop"
        ),
        pytest.param(OrderCard("D-1", "已发货"), "已发货", id="an order of the own shop"),
        pytest.param(LogisticsCard("D-1", "顺丰", "SF1"), "SF1", id="a parcel of the own shop"),
        pytest.param(RefundCard("R1", ORDER, "退款中"), "退款中", id="a refund, whose card wants an article"),
        pytest.param(Menu("m", "哪个？", (MenuOption("a", "红"), MenuOption("b", "蓝"))), "2. 蓝", id="a menu"),
        pytest.param(Image(Media("a" * 64, "image/bmp", "图.bmp")), "图.bmp", id="a kind of picture that is not taken"),
        pytest.param(Image(Media("a" * 64, "image/png", size_bytes=11 << 20)), "[图片]", id="a picture too large"),
    ],
)
def test_what_cannot_be_shown_becomes_words(content: Content, wanted: str) -> None:
    (part,) = render(message(CONVERSATION, content), ABILITIES)
    assert isinstance(part.content, Text)
    assert wanted in part.content.text


async def test_half_a_character_is_refused_and_hurts_nobody() -> None:
    tiktok, _ = opened()
    with pytest.raises(Refused) as refused:
        await tiktok.send(SHOP, message(CONVERSATION, Text("\ud83d")), 0)
    assert refused.value.reason is Refusal.BAD_CONTENT


@pytest.mark.parametrize(
    ("code", "wanted", "reason"),
    [
        pytest.param(105002, TokenExpired, "", id="the token ended"),
        pytest.param(36009004, TokenExpired, "", id="credentials"),
        pytest.param(105005, Refused, Refusal.NOT_PERMITTED, id="no scope"),
        pytest.param(106001, Refused, Refusal.ACCOUNT, id="a wrong app secret"),
        pytest.param(106013, Refused, Refusal.ACCOUNT, id="no cipher"),
        pytest.param(36009033, Refused, Refusal.ACCOUNT, id="an address not on the list"),
        pytest.param(36009002, RetryLater, "", id="too many calls"),
        pytest.param(36009003, RetryLater, "", id="an error of the platform's"),
        pytest.param(45101001, Refused, Refusal.BAD_CONTENT, id="not takeable"),
        pytest.param(45101003, Refused, Refusal.UNKNOWN_CUSTOMER, id="no such conversation"),
        pytest.param(45101004, RetryLater, "", id="the day's calls are spent"),
        pytest.param(45101006, Refused, Refusal.RISKY_CONTENT, id="sensitive words"),
        pytest.param(45102007, Refused, Refusal.NOT_PERMITTED, id="no access"),
        pytest.param(45109001, WindowClosed, "", id="the conversation's rules"),
        pytest.param(45111001, Refused, Refusal.BAD_CONTENT, id="not supported"),
        pytest.param(45111012, RetryLater, "", id="too many coupons"),
        pytest.param(99, Refused, Refusal.OTHER, id="a code that nobody knows"),
    ],
)
async def test_each_code_has_its_meaning(code: int, wanted: type[SendError], reason: str) -> None:
    tiktok, bench = opened()
    words = f"no {TOKEN} {SECRET} req-1"
    bench.calls.answers(SEND, Response(400, orjson.dumps({"code": code, "message": words})))
    with pytest.raises(wanted) as raised:
        await tiktok.send(SHOP, message(CONVERSATION, Text("您好")), 0)
    error = raised.value
    assert bench.calls.counted == [("tiktok send", str(code) if code in CODES else "other")]
    assert TOKEN not in f"{error!r} {error}"
    assert SECRET not in f"{error!r} {error}"
    if isinstance(error, Refused):
        assert (error.code, error.reason, "req-1" in error.text) == (str(code), reason, True)
    if isinstance(error, TokenExpired):
        assert error.token == TOKEN


def test_every_code_of_the_table_is_tried_above() -> None:
    tried = {mark.values[0] for mark in test_each_code_has_its_meaning.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert set(CODES) <= tried


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param(Response(200, b"<html>"), OutcomeUnknown, id="no JSON"),
        pytest.param(Response(200, b"{}"), OutcomeUnknown, id="no code"),
        pytest.param(Response(200, b'{"code":0,"data":{"message_id":[]}}'), OutcomeUnknown, id="an id that is none"),
        pytest.param(Response(403, b"<html>"), Refused, id="turned away on the way"),
        pytest.param(OutcomeUnknown(), OutcomeUnknown, id="no answer"),
        pytest.param(RetryLater(), RetryLater, id="nobody reached"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_no_answer(answer: object, wanted: type[SendError]) -> None:
    tiktok, bench = opened()
    bench.calls.answers(SEND, answer)
    with pytest.raises(wanted):
        await tiktok.send(SHOP, message(CONVERSATION, Text("您好")), 0)


async def test_a_message_that_is_taken_without_an_id_is_sent() -> None:
    tiktok, bench = opened()
    bench.calls.answers(SEND, ok(None))
    assert (await tiktok.send(SHOP, message(CONVERSATION, Text("您好")), 0)).external_ids == ()


async def test_a_consent_that_names_no_shop_is_told() -> None:
    tiktok, bench = opened()
    bench.tokens.known = {}
    with pytest.raises(Refused) as refused:
        await tiktok.send(SHOP, message(CONVERSATION, Text("您好")), 0)
    assert (refused.value.code, refused.value.reason) == ("shop_cipher", Refusal.ACCOUNT)
