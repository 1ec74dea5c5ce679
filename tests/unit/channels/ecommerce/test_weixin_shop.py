"""微信小店: its pushes, messages, codes and orders, by the vendor's vectors and before its simulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.simulators.ecommerce.weixin_shop import AES_KEY, APP_ID, APP_SECRET, TOKEN, WeixinShopSite
from tests.unit.channels.ecommerce.at_site import AtSite, at_site
from tests.unit.channels.ecommerce.bench import NOW, PNG, facts_of, message, shop, written
from yizhan.channels.contract import (
    Call,
    CallRefused,
    Push,
    QuotaSpent,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.ecommerce.platform import Grant, HasOrders, Keyed
from yizhan.channels.ecommerce.weixin_shop.crypto import Undecryptable, decrypt, sign
from yizhan.channels.ecommerce.weixin_shop.errors import CODES, meant
from yizhan.channels.ecommerce.weixin_shop.orders import STATUSES
from yizhan.channels.ecommerce.weixin_shop.outgoing import ABILITIES, request_id
from yizhan.channels.ecommerce.weixin_shop.platform import KIND, Weixin
from yizhan.channels.ecommerce.weixin_shop.settings import WeixinShopSettings
from yizhan.channels.render import render
from yizhan.channels.tokens import TokenRefused
from yizhan.core.messages.content import (
    Content,
    File,
    GoodsCard,
    Image,
    LogisticsCard,
    Media,
    OrderCard,
    Text,
    Video,
    Voice,
)

ORDER = "3704612354559743232"
KEY = "A" * 43
VECTOR = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT"
    "740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8Y"
    "L/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
CLEAR = (
    b'{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,'
    b'"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
)
PICTURE = Media("a" * 64, "image/png", "图.png", size_bytes=len(PNG))


def settings(**more: Any) -> WeixinShopSettings:
    given = {"app_id": APP_ID, "secret": APP_SECRET, "token": TOKEN, "aes_key": AES_KEY, **more}
    return WeixinShopSettings.model_validate({"platform": "weixin_shop", **given})


@asynccontextmanager
async def shop_at(site: WeixinShopSite) -> AsyncIterator[AtSite]:
    """The shop, with a token."""
    async with at_site(KIND, settings(api_url=site.root)) as at:
        at.tokens.grant = Grant((await at.platform.token(at.shop, force=False)).token, 7200)
        yield at


@pytest.fixture
async def site() -> AsyncIterator[WeixinShopSite]:
    async with WeixinShopSite().opened() as opened:
        yield opened


async def received(platform: Weixin, site: WeixinShopSite, push: object, **changed: str) -> Push:
    envelope = site.seal(push)
    call = Call("shop", "POST", {**envelope.query, **changed}, envelope.body)
    return await platform.receive(shop(settings()), call)


# --- the vendor's vectors (reference A.9) ---


def test_the_vendors_example_of_an_encrypted_push_is_read() -> None:
    wanted = "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    assert sign("AAAAA", "1714112445", "415670741", VECTOR) == wanted
    assert decrypt([KEY], "wxba5fad812f8e6fb9", VECTOR) == CLEAR


@pytest.mark.parametrize(
    ("keys", "app_id", "sealed"),
    [
        pytest.param([AES_KEY], "wxba5fad812f8e6fb9", VECTOR, id="another key"),
        pytest.param([KEY], "wxsomebodyelse", VECTOR, id="another shop"),
        pytest.param([KEY], "wxba5fad812f8e6fb9", VECTOR[:-8], id="half of it"),
        pytest.param([KEY], "wxba5fad812f8e6fb9", "", id="nothing"),
        pytest.param([KEY], "wxba5fad812f8e6fb9", "not base64", id="no base64"),
        pytest.param([], "wxba5fad812f8e6fb9", VECTOR, id="no key"),
    ],
)
def test_what_is_not_for_us_is_not_opened(keys: list[str], app_id: str, sealed: str) -> None:
    with pytest.raises(Undecryptable):
        decrypt(keys, app_id, sealed)
    assert decrypt([AES_KEY, KEY], "wxba5fad812f8e6fb9", VECTOR) == CLEAR, "the second key opens it"


async def test_the_console_accepts_our_address() -> None:
    at, nonce = "1714036504", "1514711492"
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": at,
        "nonce": nonce,
        "echostr": "4375120948345356249",
    }
    async with WeixinShopSite().opened() as site, at_site(KIND, settings(token="AAAAA", api_url=site.root)) as shop_:
        found = await shop_.platform.receive(shop_.shop, Call("shop", "GET", query, b""))
        assert found.answer.body == b"4375120948345356249"
        with pytest.raises(CallRefused, match="bad_signature"):
            await shop_.platform.receive(shop_.shop, Call("shop", "GET", {**query, "nonce": "1"}, b""))


# --- pushes ---


@pytest.mark.parametrize(
    ("kind", "content", "wanted"),
    [
        pytest.param("text", {"content": "多少钱？👋"}, Text("多少钱？👋"), id="words"),
        pytest.param("image", {"cos_url": "u"}, Image(PICTURE), id="a picture"),
        pytest.param("video", {"cos_url": "f"}, Video(Media("b" * 64, "video/mp4")), id="a film"),
        pytest.param("voice", {"cos_url": "v"}, Voice(Media("c" * 64, "audio/mpeg")), id="a voice"),
        pytest.param("file", {"cos_url": "p"}, File(Media("d" * 64, "application/pdf")), id="a file"),
        pytest.param("image", {"cos_url": "gone"}, Text("[收到图片，但未能取回]"), id="a picture that is gone"),
        pytest.param("image", {}, Text("[收到图片，但未能取回]"), id="a picture without an address"),
        pytest.param("order_share", {"order_id": ORDER}, OrderCard(ORDER, ""), id="an order"),
        pytest.param("product_share", {"product_id": 1000}, GoodsCard("1000", "商品 1000"), id="goods"),
        pytest.param("order_share", {}, Text("[收到一条无法显示的消息：order_share]"), id="an order that is not named"),
        pytest.param("hologram", {}, Text("[收到一条无法显示的消息：hologram]"), id="a kind of tomorrow"),
    ],
)
async def test_each_kind_of_message_becomes_content(
    site: WeixinShopSite, kind: str, content: dict[str, Any], wanted: Content
) -> None:
    buyer = site.buyer()
    async with at_site(KIND, settings(api_url=site.root)) as at:
        tools = at.bench.tools()
        at.bench.files.kept = {
            "u": PICTURE,
            "f": Media("b" * 64, "video/mp4"),
            "v": Media("c" * 64, "audio/mpeg"),
            "p": Media("d" * 64, "application/pdf"),
        }
        push = site.said(buyer, kind, content)
        found = await written(await received(Weixin(tools), site, push))
    assert (found.content, found.address.customer) == (wanted, buyer.openid)
    assert (found.dedupe_key, found.external_id) == (f"m:{push['msg_id']}", push["msg_id"])
    assert found.sent_at is not None


async def test_other_events_are_answered_and_no_more(site: WeixinShopSite) -> None:
    buyer = site.buyer()
    recalled = {**site.said(buyer, "text", {"content": "x"}), "msg_event": "EVENT_TYPE_RECALL"}
    async with shop_at(site) as at:
        for push in (recalled, {"Event": "channels_ec_order_pay", "order_info": {"order_id": 1}}, {}):
            found = await received(at.platform, site, push)
            assert (await facts_of(found), found.answer.body) == ((), b"success")


async def test_a_push_by_anybody_else_is_refused(site: WeixinShopSite) -> None:
    push = site.said(site.buyer(), "text", {"content": "x"})
    async with shop_at(site) as at:
        for changed in ({"msg_signature": "0" * 40}, {"nonce": "1"}, {"timestamp": "é"}, {"msg_signature": ""}):
            with pytest.raises(CallRefused) as refused:
                await received(at.platform, site, push, **changed)
            assert (refused.value.status, refused.value.code) == (401, "bad_signature")


# --- messages ---


async def test_messages_are_shown_as_they_were_meant_and_a_repetition_shows_nothing_twice(site: WeixinShopSite) -> None:
    buyer = site.buyer()
    site.orders[ORDER] = {}
    site.said(buyer, "text", {"content": "在吗"})
    contents: list[Content] = [
        Text("您好 😀"),
        Image(PICTURE),
        File(replace(PICTURE, mime_type="application/pdf")),
        GoodsCard("10000042", "杯子"),
        OrderCard(ORDER, "已发货"),
    ]
    async with shop_at(site) as at:
        for number, content in enumerate(contents):
            one = replace(message(buyer.openid, content), id=f"m{number}")
            first, again = [await at.platform.send(at.shop, one, 0) for _ in range(2)]
            assert first.external_ids == again.external_ids
        with pytest.raises(QuotaSpent):
            await at.platform.send(at.shop, replace(message(buyer.openid, Text("第六条")), id="m9"), 0)
    seen = site.screen(buyer.openid)
    assert [one.kind for one in seen] == ["text", "image", "file", "product_share", "order_share"]
    assert (seen[0].text, seen[1].picture) == ("您好 😀", PNG)
    site.breaches.clear()  # the sixth was sent on purpose


async def test_what_the_platform_checks_of_a_call_it_refuses(site: WeixinShopSite) -> None:
    buyer = site.buyer()
    site.said(buyer, "text", {"content": "在吗"})
    greeting = message(buyer.openid, Text("您好"))
    async with shop_at(site) as at:
        with pytest.raises(Refused) as refused:
            await at.platform.send(at.shop, message("oNobody", Text("您好")), 0)
        assert refused.value.reason is Refusal.UNKNOWN_CUSTOMER
        site.clock.advance(49 * 3600.0, False)
        at.tokens.grant = Grant((await at.platform.token(at.shop, force=True)).token, 7200)
        with pytest.raises(WindowClosed):
            await at.platform.send(at.shop, greeting, 0)
        site.tokens.expire()
        with pytest.raises(TokenExpired):
            await at.platform.send(at.shop, greeting, 0)
        site.app_secret = "another"
        with pytest.raises(TokenRefused) as no_token:
            await at.platform.token(at.shop, force=False)
        assert APP_SECRET not in f"{no_token.value!r}"
    assert site.screen(buyer.openid) == []


def test_a_repetition_has_the_same_name_and_nothing_else_has() -> None:
    names = [request_id("m1", 0), request_id("m1", 1), request_id("m2", 0), request_id("m1:", 0)]
    assert len(set(names)) == 4
    assert request_id("m1", 0) == names[0]
    assert {len(name) for name in names} == {32}


@pytest.mark.parametrize(
    ("codes", "wanted", "reason"),
    [
        pytest.param([40001, 40014, 41001, 42001], TokenExpired, "", id="the token"),
        pytest.param([-1, 45009, 45011], RetryLater, "", id="later"),
        pytest.param([45015], WindowClosed, "", id="48 hours are over"),
        pytest.param([45047], QuotaSpent, "", id="five were sent"),
        pytest.param([40003], Refused, Refusal.UNKNOWN_CUSTOMER, id="nobody there"),
        pytest.param([40013, 41002, 45035, 48004, 50002, 61004], Refused, Refusal.ACCOUNT, id="the account"),
        pytest.param([48001, 50001], Refused, Refusal.NOT_PERMITTED, id="no permission"),
        pytest.param([44002, 47001], Refused, Refusal.BAD_CONTENT, id="not takeable"),
        pytest.param([45002], Refused, Refusal.TOO_LONG, id="too long"),
        pytest.param([87014], Refused, Refusal.RISKY_CONTENT, id="risky"),
        pytest.param([40066, 43002, 43003, 99999], Refused, Refusal.OTHER, id="others"),
    ],
)
def test_each_code_has_its_meaning(codes: list[int], wanted: type[SendError], reason: str) -> None:
    for code in codes:
        error = meant(code, "words", "token")
        assert isinstance(error, wanted)
        if isinstance(error, Refused):
            assert (error.code, error.reason) == (str(code), reason)


def test_every_code_of_the_table_is_tried_above() -> None:
    tried = {
        -1,
        45009,
        45011,
        45015,
        45047,
        40003,
        40013,
        41002,
        45035,
        48004,
        50002,
        61004,
        48001,
        50001,
        44002,
        47001,
    }
    tried |= {40001, 40014, 41001, 42001, 45002, 87014, 40066, 43002, 43003}
    assert set(CODES) == tried


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        pytest.param(LogisticsCard(ORDER, "顺丰", "SF1"), "SF1", id="a parcel"),
        pytest.param(GoodsCard("sku-1", "杯子", 1990), "杯子", id="goods of the own shop"),
        pytest.param(Image(Media("a" * 64, "image/webp", "图.webp")), "图.webp", id="a kind of picture"),
        pytest.param(Voice(Media("a" * 64, "audio/mpeg", "话.mp3")), "话.mp3", id="a voice"),
    ],
)
def test_what_cannot_be_shown_becomes_words(content: Content, wanted: str) -> None:
    (part,) = render(message("o1", content), ABILITIES)
    assert isinstance(part.content, Text)
    assert wanted in part.content.text


# --- orders ---


def order(**more: Any) -> dict[str, Any]:
    product = {"product_id": "1", "title": "杯子", "sku_cnt": 2, "sale_price": 990, "sku_attrs": [{"attr_value": "红"}]}
    return {
        "order_id": ORDER,
        "status": 30,
        "create_time": int(NOW.timestamp()),
        "openid": "o1",
        "order_detail": {
            "product_infos": [{**product, **more.pop("product", {})}],
            "price_info": {"order_price": 1980},
            "delivery_info": {"delivery_product_info": [{"waybill_id": "SF1", "delivery_id": "SF"}]},
        },
        **more,
    }


async def test_an_order_is_told_with_its_goods_its_parcel_and_its_buyer(site: WeixinShopSite) -> None:
    site.orders[ORDER] = order()
    async with shop_at(site) as at:
        assert isinstance(at.platform, HasOrders)
        assert isinstance(at.platform, Keyed)
        found = await at.platform.order(at.shop, ORDER, "zh-CN")
        assert await at.platform.order(at.shop, "D-1", "zh-CN") is None
        with pytest.raises(Refused):
            await at.platform.order(at.shop, "3704612354559743233", "zh-CN")
    assert found is not None
    assert (found.phase, found.buyer, found.placed_at) == ("delivering", "o1", NOW)
    assert found.card == OrderCard(ORDER, "待收货", (GoodsCard("1", "杯子 红 × 2", 990),), 1980)
    assert found.parcels == (LogisticsCard(ORDER, "SF", "SF1"),)


@pytest.mark.parametrize("status", [*STATUSES, "77"])
async def test_each_status_has_a_phase_and_words(site: WeixinShopSite, status: str) -> None:
    site.orders[ORDER] = order(status=int(status))
    async with shop_at(site) as at:
        chinese = await at.platform.order(at.shop, ORDER, "zh")
        english = await at.platform.order(at.shop, ORDER, "en")
    assert (chinese.phase in {"unpaid", "paid", "shipped", "delivering", "received", "cancelled"}) is (status != "77")
    assert english.card.status.isascii()
    assert chinese.card.status.isascii() is (status == "77")


async def test_goods_that_come_back_make_it_a_refund(site: WeixinShopSite) -> None:
    site.orders[ORDER] = order(product={"on_aftersale_sku_cnt": 1})
    async with shop_at(site) as at:
        assert (await at.platform.order(at.shop, ORDER, "zh")).phase == "refunding"


@pytest.mark.parametrize(
    "more", [{"aes_key": "short"}, {"app_id": "x"}, {"token": " "}, {"previous_aes_key": "A" * 42}]
)
def test_settings_that_cannot_work_are_refused(more: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        settings(**more)
