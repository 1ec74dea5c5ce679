"""Orders in words, and whose they are."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.unit.channels.ecommerce.lazada.pushed import settings
from tests.unit.channels.ecommerce.shop_tools import TOKEN, Answer, Remembered, account_of, json_answer
from yizhan.channels.contract import Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.lazada.facts import ORDER, ORDER_ITEMS
from yizhan.channels.ecommerce.lazada.orders import STATUSES, phase_of, status_words
from yizhan.channels.ecommerce.lazada.platform import Lazada
from yizhan.channels.ecommerce.platform import HasOrders, ShopOrder
from yizhan.core.messages.content import LogisticsCard, RefundCard

PHASES = {"unpaid", "paid", "shipped", "delivering", "received", "cancelled", "refunding"}
HEAD = {
    "code": "0",
    "data": {
        "order_id": 16090,
        "statuses": ["shipped"],
        "price": "1,099.50",
        "created_at": "2026-11-20 10:12:13 +0800",
    },
}


def item(**changed: Any) -> dict[str, Any]:
    return {
        "order_item_id": 1,
        "product_id": 77,
        "name": "杯子",
        "paid_price": 99.5,
        "currency": "SGD",
        "status": "shipped",
        "tracking_code": "LX1",
        "shipment_provider": "LEX",
        "buyer_id": 1011822749,
        **changed,
    }


async def looked_up(*items: dict[str, Any], locale: str = "zh", order_id: str = "16090") -> ShopOrder | None:
    remembered = Remembered({ORDER: [json_answer(HEAD)], ORDER_ITEMS: [json_answer({"code": "0", "data": items})]})
    found = await Lazada(remembered.tools()).order(account_of(settings()), order_id, locale)
    for request in remembered.requests:
        assert (request.method, request.sending) == ("GET", False)
        assert parse_qs(request.url.query_string)["access_token"] == [TOKEN]
    return found


async def test_an_order_is_told_with_its_parcels_and_its_buyer() -> None:
    found = await looked_up(item(), item(order_item_id=2, tracking_code="LX1"))
    assert found is not None
    assert (found.phase, found.card.status, found.card.total_minor) == ("shipped", "已发货", 109950)
    assert [goods.goods_id for goods in found.card.goods] == ["77", "77"]
    assert found.buyer == "1011822749"
    assert found.placed_at == datetime(2026, 11, 20, 2, 12, 13, tzinfo=UTC)
    assert found.parcels == (LogisticsCard("16090", "LEX", "LX1"),)
    assert found.refunds == ()


async def test_what_goes_back_is_told() -> None:
    found = await looked_up(item(status="returned", reverse_order_id=5), locale="en")
    assert found is not None
    assert found.refunds == (RefundCard("5", "16090", "Returned", 9950, "SGD"),)
    assert found.phase == "refunding"


@pytest.mark.parametrize("buyers", [(None,), (1, 2), ()], ids=["not said", "two", "no items"])
async def test_an_order_of_nobody_certain_is_nobodys(buyers: tuple[int | None, ...]) -> None:
    found = await looked_up(*(item(buyer_id=buyer) for buyer in buyers))
    assert found is not None
    assert found.buyer == ""


@pytest.mark.parametrize("order_id", ["", "abc", "1 2", "１２３"])
async def test_what_is_no_order_number_is_not_asked_for(order_id: str) -> None:
    assert await looked_up(item(), order_id=order_id) is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(json_answer({"code": "16", "type": "ISV", "message": "Invalid Order ID"}), None, id="no order"),
        pytest.param(json_answer({"code": "IllegalAccessToken"}), TokenExpired, id="token"),
        pytest.param(json_answer({"code": "E1", "type": "ISP"}), RetryLater, id="later"),
        pytest.param(json_answer({"code": "0", "data": [1]}), Refused, id="another form"),
        pytest.param(RetryLater(), RetryLater, id="away"),
    ],
)
async def test_what_is_not_told(answer: Answer, error: type[Exception] | None) -> None:
    remembered = Remembered({ORDER: [answer], ORDER_ITEMS: [json_answer({"data": []})]})
    asked = Lazada(remembered.tools()).order(account_of(settings()), "16090", "zh")
    if error is None:
        assert await asked is None
        return
    with pytest.raises(error):
        await asked


@pytest.mark.parametrize(
    ("statuses", "phase", "chinese", "english"),
    [
        pytest.param(["unpaid"], "unpaid", "待付款", "Awaiting payment", id="not paid"),
        pytest.param(["pending", "shipped"], "paid", "待发货、已发货", "Being prepared, Shipped", id="partly shipped"),
        pytest.param(
            ["canceled", "delivered"], "received", "已取消、已送达", "Cancelled, Delivered", id="partly cancelled"
        ),
        pytest.param(["canceled"], "cancelled", "已取消", "Cancelled", id="cancelled"),
        pytest.param(["lost"], "shipped", "包裹丢失", "Parcel lost", id="lost"),
        pytest.param(["brand_new"], "", "brand_new", "brand_new", id="not known, as the platform says it"),
        pytest.param([], "", "", "", id="none"),
    ],
)
def test_statuses_in_words(statuses: list[str], phase: str, chinese: str, english: str) -> None:
    assert phase_of(statuses) == phase
    assert (status_words(statuses, True), status_words(statuses, False)) == (chinese, english)


def test_every_status_has_a_phase_that_programs_know() -> None:
    assert {status.phase for status in STATUSES.values()} <= PHASES


async def test_amounts_have_the_digits_of_their_currency() -> None:
    found = await looked_up(item(currency="VND", paid_price="120,000"), item(paid_price="free"))
    assert found is not None
    assert [goods.price_minor for goods in found.card.goods] == [120_000, 0]


def test_it_has_orders() -> None:
    assert isinstance(Lazada(Remembered().tools()), HasOrders)
