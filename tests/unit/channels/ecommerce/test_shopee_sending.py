"""Messages to buyers on Shopee: built, signed, and what comes of the platform's answers."""

from typing import Any

import orjson
import pytest

from tests.unit.channels.ecommerce.bench import NOW, PNG, TOKEN, message, shop
from tests.unit.channels.ecommerce.shopee import BUYER, KEY, SHOP, SHOP_ID, no, ok, opened, settings
from yizhan.channels.contract import OutcomeUnknown, Refusal, Refused, RetryLater, SendError, TokenExpired
from yizhan.channels.ecommerce.platform import Asked, Consented, HasOrders, ListsOrders, Response
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.errors import CODES
from yizhan.channels.ecommerce.shopee.outgoing import ABILITIES
from yizhan.channels.ecommerce.shopee.signing import call_signature
from yizhan.channels.render import render
from yizhan.core.messages.content import Content, GoodsCard, Image, Location, LogisticsCard, Media, OrderCard, Text

PICTURE = Media("a" * 64, "image/png", "图.png", size_bytes=len(PNG))
SENT = ok({"message_id": 2302748948493123999, "conversation_id": "7", "to_id": int(BUYER)})
AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("content", "kind", "wanted"),
    [
        pytest.param(Text("您好 <b>😀"), "text", {"text": "您好 <b>😀"}, id="words"),
        pytest.param(GoodsCard("9112503530", "杯子"), "item", {"item_id": 9112503530}, id="goods"),
        pytest.param(OrderCard("220818EGS328B9", "已发货"), "order", {"order_sn": "220818EGS328B9"}, id="an order"),
    ],
)
async def test_a_message_is_sent_to_its_buyer_signed(content: Content, kind: str, wanted: object) -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.SEND, SENT)
    sent = await shopee.send(SHOP, message(BUYER, content), 0)
    assert sent.external_ids == ("2302748948493123999",)
    (request,) = bench.calls.made
    assert orjson.loads(request.body or b"") == {"to_id": int(BUYER), "message_type": kind, "content": wanted}
    assert dict(request.url.query) == {
        "partner_id": "2000001",
        "timestamp": str(AT),
        "access_token": TOKEN,
        "shop_id": SHOP_ID,
        "sign": call_signature(KEY, "2000001", paths.SEND, AT, TOKEN, SHOP_ID),
    }
    assert request.url.host == "partner.shopeemobile.com"
    assert request.sending
    assert {TOKEN, KEY} <= set(request.secrets)


async def test_a_picture_is_uploaded_once_and_sent_by_its_address() -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.SEND, SENT)
    bench.calls.answers(paths.IMAGES, ok({"url": "https://cf.shopee.co.id/file/1", "thumbnail": "t"}))
    for _ in range(2):
        await shopee.send(SHOP, message(BUYER, Image(PICTURE)), 0)
    (upload,) = bench.calls.to(paths.IMAGES)
    assert not upload.sending
    assert upload.body is not None
    assert b'name="file"; filename="\xe5\x9b\xbe.png"' in upload.body
    assert PNG in upload.body
    written = [orjson.loads(request.body or b"")["content"] for request in bench.calls.to(paths.SEND)]
    assert written == [{"image_url": "https://cf.shopee.co.id/file/1"}] * 2


async def test_a_picture_that_is_gone_and_a_buyer_who_is_none_are_refused() -> None:
    shopee, bench = opened()
    bench.files.bytes = b"x" * (3 << 20)
    with pytest.raises(Refused) as refused:
        await shopee.send(SHOP, message(BUYER, Image(PICTURE)), 0)
    assert refused.value.reason is Refusal.BAD_CONTENT
    for buyer in ("nobody", "", "１２", "9" * 40):
        with pytest.raises(Refused):
            await shopee.send(SHOP, message(buyer, Text("x")), 0)
    with pytest.raises(Refused):
        await shopee.send(SHOP, message(BUYER, Text("\ud83d")), 0)
    assert bench.calls.made == []


async def test_shops_of_a_market_without_sending_say_so() -> None:
    shopee, bench = opened()
    with pytest.raises(Refused) as refused:
        await shopee.send(shop(settings(region="TW")), message(BUYER, Text("x")), 0)
    assert (refused.value.code, refused.value.reason) == ("region", Refusal.NOT_PERMITTED)
    assert bench.calls.made == []


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        pytest.param(Location(31.2, 121.4, "门店"), "门店", id="a place"),
        pytest.param(GoodsCard("sku-1", "杯子", 1990, "USD"), "杯子 $19.90", id="goods of the own shop"),
        pytest.param(OrderCard("D-1", "已发货"), "已发货", id="an order of the own shop"),
        pytest.param(LogisticsCard("220818EGS328B9", "J&T", "JT1"), "JT1", id="a parcel"),
        pytest.param(
            Image(Media("a" * 64, "image/webp", "图.webp")), "图.webp", id="a kind of picture that is not taken"
        ),
        pytest.param(Image(Media("a" * 64, "image/png", size_bytes=3 << 20)), "[图片]", id="a picture too large"),
    ],
)
def test_what_cannot_be_shown_becomes_words(content: Content, wanted: str) -> None:
    (part,) = render(message(BUYER, content), ABILITIES)
    assert isinstance(part.content, Text)
    assert wanted in part.content.text


TABLE = [
    pytest.param("error_auth", TokenExpired, "", id="the token ended"),
    pytest.param("invalid_access_token", TokenExpired, "", id="no such token"),
    pytest.param("invalid_acceess_token", TokenExpired, "", id="no such token, as it is also spelled"),
    pytest.param("error_sign", Refused, Refusal.ACCOUNT, id="a wrong key"),
    pytest.param("error_shop", Refused, Refusal.ACCOUNT, id="a wrong shop"),
    pytest.param("error_permission", Refused, Refusal.NOT_PERMITTED, id="no permission"),
    pytest.param("error_param", Refused, Refusal.BAD_CONTENT, id="not takeable"),
    pytest.param("error_data", Refused, Refusal.BAD_CONTENT, id="bad data"),
    pytest.param("error_not_found", Refused, Refusal.UNKNOWN_CUSTOMER, id="nobody there"),
    pytest.param("error_server", RetryLater, "", id="an error of the platform's"),
    pytest.param("error_network", RetryLater, "", id="its network"),
    pytest.param("system_busy", RetryLater, "", id="busy"),
    pytest.param("error_limit", RetryLater, "", id="too many calls"),
    pytest.param("sellerchat.error_param", Refused, Refusal.BAD_CONTENT, id="with its part of the API"),
    pytest.param("something_new", Refused, Refusal.OTHER, id="a code that nobody knows"),
]


@pytest.mark.parametrize(("code", "wanted", "reason"), TABLE)
async def test_each_code_has_its_meaning(code: str, wanted: type[SendError], reason: str) -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.SEND, Response(403, orjson.dumps(no(code, f"no {TOKEN} {KEY} req-1"))))
    with pytest.raises(wanted) as raised:
        await shopee.send(SHOP, message(BUYER, Text("您好")), 0)
    error: Any = raised.value
    name = code.rpartition(".")[2]
    assert bench.calls.counted == [("shopee send", name if name in CODES else "other")]
    assert TOKEN not in f"{error!r} {error}"
    assert KEY not in f"{error!r} {error}"
    if isinstance(error, Refused):
        assert (error.code, error.reason, "req-1" in error.text) == (name, reason, True)
    if isinstance(error, TokenExpired):
        assert error.token == TOKEN


def test_every_code_of_the_table_is_tried_above() -> None:
    assert set(CODES) <= {case.values[0] for case in TABLE}


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param(Response(200, b"<html>"), OutcomeUnknown, id="no JSON"),
        pytest.param(Response(200, b"{}"), OutcomeUnknown, id="neither error nor answer"),
        pytest.param(
            Response(200, b'{"error":"","response":{"message_id":[]}}'), OutcomeUnknown, id="an id that is none"
        ),
        pytest.param(Response(403, b"<html>"), Refused, id="turned away on the way"),
        pytest.param(Response(403, b"{}"), Refused, id="turned away without a code"),
        pytest.param(OutcomeUnknown(), OutcomeUnknown, id="no answer"),
        pytest.param(RetryLater(), RetryLater, id="nobody reached"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_no_answer(answer: object, wanted: type[SendError]) -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.SEND, answer)
    with pytest.raises(wanted):
        await shopee.send(SHOP, message(BUYER, Text("您好")), 0)


def test_the_platform_says_what_it_can() -> None:
    shopee, _ = opened()
    assert isinstance(shopee, HasOrders)
    assert isinstance(shopee, Asked)
    assert isinstance(shopee, Consented)
    assert not isinstance(shopee, ListsOrders), "the platform finds orders by time only"
