"""Orders of Shopee as people are told of them, and the seller's consent."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tests.unit.channels.ecommerce.bench import NOW, Bench, shop
from tests.unit.channels.ecommerce.shopee import BUYER, KEY, SHOP, SHOP_ID, no, ok, opened, settings
from yizhan.channels.contract import Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.platform import Grant, Response
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.order_words import STATUSES
from yizhan.channels.ecommerce.shopee.platform import Shopee
from yizhan.channels.ecommerce.shopee.signing import call_signature
from yizhan.channels.tokens import TokenRefused
from yizhan.core.messages.content import GoodsCard, LogisticsCard, LogisticsStep

SN = "220818EGS328B9"
AT = int(NOW.timestamp())
BACK = "https://gw.example.com/ecommerce/shopee/shop/connected"


def order(**more: Any) -> dict[str, Any]:
    item = {
        "item_id": 9112503530,
        "item_name": "杯子",
        "model_name": "红",
        "model_quantity_purchased": 2,
        "model_discounted_price": 15000.5,
        "image_info": {"image_url": "https://cf.shopee.co.id/file/1"},
    }
    return {
        "order_sn": SN,
        "order_status": "SHIPPED",
        "buyer_user_id": int(BUYER),
        "create_time": 1700000000,
        "currency": "IDR",
        "total_amount": 30001,
        "item_list": [item],
        "package_list": [{"package_number": "P1", "shipping_carrier": "J&T"}],
        **more,
    }


def laid(*orders: object) -> tuple[Shopee, Bench]:
    shopee, bench = opened()
    bench.calls.answers(paths.ORDER, ok({"order_list": list(orders)}))
    bench.calls.answers(paths.TRACKING_NUMBER, ok({"tracking_number": "JT100"}))
    steps = [{"update_time": 1700002000, "description": "已到达"}, {"update_time": 1700001000, "description": "已揽收"}]
    bench.calls.answers(paths.TRACKING, ok({"tracking_info": steps}))
    return shopee, bench


async def test_an_order_is_told_with_its_goods_its_parcel_and_its_buyer() -> None:
    shopee, bench = laid(order())
    found = await shopee.order(SHOP, SN.lower(), "zh-CN")
    assert found is not None
    assert (found.phase, found.buyer) == ("delivering", BUYER)
    assert found.placed_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    card = found.card
    assert (card.order_id, card.status, card.total_minor, card.currency) == (SN, "运输中", 3000100, "IDR")
    assert card.goods == (GoodsCard("9112503530", "杯子 红 × 2", 1500050, "IDR", "https://cf.shopee.co.id/file/1"),)
    steps = (
        LogisticsStep(datetime(2023, 11, 14, 22, 30, tzinfo=UTC), "已揽收"),
        LogisticsStep(datetime(2023, 11, 14, 22, 46, 40, tzinfo=UTC), "已到达"),
    )
    assert found.parcels == (LogisticsCard(SN, "J&T", "JT100", steps),)
    (asked,) = bench.calls.to(paths.ORDER)
    assert asked.url.query["order_sn_list"] == SN
    assert "buyer_user_id" in asked.url.query["response_optional_fields"]
    assert bench.calls.to(paths.TRACKING)[0].url.query["package_number"] == "P1"


@pytest.mark.parametrize("status", [*STATUSES, "FROZEN"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_each_status_has_a_phase_and_words(status: str, locale: str) -> None:
    shopee, _ = laid(order(order_status=status))
    found = await shopee.order(SHOP, SN, locale)
    assert found is not None
    if status in STATUSES:
        assert found.phase in {"unpaid", "paid", "shipped", "delivering", "received", "cancelled", "refunding"}
        assert found.card.status.isascii() is (locale == "en-GB")
    else:
        assert (found.card.status, found.phase) == ("FROZEN", "")
    assert bool(found.parcels) is (status not in {"UNPAID", "CANCELLED"})


async def test_an_order_is_told_though_the_carrier_says_nothing() -> None:
    shopee, bench = laid(order())
    bench.calls.answers(paths.TRACKING, no("error_permission"))
    found = await shopee.order(SHOP, SN, "zh")
    assert found is not None
    assert found.parcels == ()
    bench.calls.answers(paths.TRACKING_NUMBER, ok({"tracking_number": ""}))
    found = await shopee.order(SHOP, SN, "zh")
    assert found is not None
    assert found.parcels == ()


@pytest.mark.parametrize(
    ("order_id", "answer"),
    [
        pytest.param(SN, ok({"order_list": []}), id="none of this number"),
        pytest.param(SN, ok({"order_list": [{"order_sn": "220818EGS328B8"}]}), id="another one"),
        pytest.param(SN, no("error_not_found"), id="not found"),
        pytest.param(SN, no("order.error_param"), id="not known"),
        pytest.param("D-2026", None, id="no number of theirs"),
    ],
)
async def test_an_order_that_is_not_there_is_none(order_id: str, answer: object) -> None:
    shopee, bench = opened()
    if answer is not None:
        bench.calls.answers(paths.ORDER, answer)
    assert await shopee.order(SHOP, order_id, "zh") is None


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param(no("error_permission"), Refused, id="no permission"),
        pytest.param(no("error_auth"), TokenExpired, id="the token ended"),
        pytest.param(no("system_busy"), RetryLater, id="busy"),
        pytest.param(ok({"order_list": [{"no": "number"}]}), RetryLater, id="not readable"),
    ],
)
async def test_what_goes_wrong_with_a_look_up_is_told(answer: object, wanted: type[Exception]) -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.ORDER, answer)
    with pytest.raises(wanted):
        await shopee.order(SHOP, SN, "zh")


# --- consent ---

TOKENS = {
    "request_id": "r",
    "error": "",
    "message": "",
    "access_token": "A1",
    "refresh_token": "R1",
    "expire_in": 14400,
}


def test_the_seller_is_sent_off_signed_and_comes_back_with_the_state() -> None:
    shopee, _ = opened()
    url = shopee.consent_url(SHOP, BACK, "st/ate")
    assert (url.host, url.path) == ("partner.shopeemobile.com", paths.CONSENT)
    assert dict(url.query) == {
        "partner_id": "2000001",
        "redirect": f"{BACK}?state=st/ate",
        "timestamp": str(AT),
        "sign": call_signature(KEY, "2000001", paths.CONSENT, AT),
    }
    assert shopee.consent_url(shop(settings(host="br")), BACK, "s").host == "openplatform.shopee.com.br"


async def test_a_code_is_exchanged_and_a_grant_renewed_with_another_refresh_token() -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.TOKEN, TOKENS)
    bench.calls.answers(paths.RENEWAL, {**TOKENS, "access_token": "A2", "refresh_token": "R2"})
    grant = await shopee.consented(SHOP, {"code": "CODE", "shop_id": SHOP_ID, "state": "s"}, BACK)
    assert (grant.access, grant.refresh, grant.expires_in, grant.refresh_expires_in) == ("A1", "R1", 14400, 30 * 86400)
    renewed = await shopee.renewed(SHOP, grant)
    assert (renewed.access, renewed.refresh) == ("A2", "R2")
    first, second = bench.calls.made
    common = {"partner_id": 2000001, "shop_id": int(SHOP_ID)}
    assert orjson.loads(first.body or b"") == {"code": "CODE", **common}
    assert orjson.loads(second.body or b"") == {"refresh_token": "R1", **common}
    assert "access_token" not in first.url.query
    assert {"CODE", KEY} <= set(first.secrets)
    assert "R1" in second.secrets


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param(no("error_auth", "Invalid code"), TokenRefused, id="refused"),
        pytest.param(no("error_param", f"bad {KEY}"), TokenRefused, id="a bad code"),
        pytest.param({**TOKENS, "refresh_token": ""}, RetryLater, id="half of what is wanted"),
        pytest.param(no("error_server"), RetryLater, id="an error of the platform's"),
        pytest.param(Response(200, b"<html>"), RetryLater, id="no JSON"),
        pytest.param(RetryLater(), RetryLater, id="nobody there"),
    ],
)
async def test_a_token_that_is_not_given_is_told(answer: object, wanted: type[Exception]) -> None:
    shopee, bench = opened()
    for path in (paths.TOKEN, paths.RENEWAL):
        bench.calls.answers(path, answer)
    with pytest.raises(wanted) as first:
        await shopee.consented(SHOP, {"code": "CODE", "shop_id": SHOP_ID}, BACK)
    with pytest.raises(wanted) as second:
        await shopee.renewed(SHOP, Grant("OLD", 1, "REFRESH"))
    assert KEY not in f"{first.value!r}{second.value!r}"


@pytest.mark.parametrize("query", [{}, {"code": "C"}, {"code": "C", "shop_id": "5"}, {"shop_id": SHOP_ID}])
async def test_a_consent_for_another_shop_and_one_without_a_code_are_refused(query: dict[str, str]) -> None:
    shopee, bench = opened()
    with pytest.raises(TokenRefused):
        await shopee.consented(SHOP, query, BACK)
    assert bench.calls.made == []
