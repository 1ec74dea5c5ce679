"""Orders in words, and whose they are."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.channels.ecommerce.ebay.seller import BUYER, settings
from tests.unit.channels.ecommerce.shop_tools import Answer, Remembered, account_of, json_answer
from yizhan.channels.contract import Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.ebay.orders import SHIPPING, status_of
from yizhan.channels.ecommerce.ebay.platform import Ebay
from yizhan.channels.ecommerce.platform import HasOrders, ShopOrder
from yizhan.core.messages.content import LogisticsCard, RefundCard

NUMBER = "14-12345-67890"
PATH = f"/sell/fulfillment/v1/order/{NUMBER}"


def order(**changed: Any) -> dict[str, Any]:
    return {
        "orderId": NUMBER,
        "creationDate": "2026-11-20T10:12:13.000Z",
        "orderFulfillmentStatus": "FULFILLED",
        "orderPaymentStatus": "PAID",
        "buyer": {"username": BUYER},
        "pricingSummary": {"total": {"value": "99.50", "currency": "USD"}},
        "lineItems": [
            {
                "lineItemId": "1",
                "legacyItemId": 110,
                "title": "Cup",
                "lineItemCost": {"value": "9.5", "currency": "USD"},
            }
        ],
        "fulfillmentHrefs": [f"https://api.ebay.com{PATH}/shipping_fulfillment/9"],
        **changed,
    }


PARCELS = {"fulfillments": [{"shipmentTrackingNumber": "1Z9", "shippingCarrierCode": "UPS"}, {}]}


async def looked_up(told: Answer, order_id: str = NUMBER, locale: str = "en") -> tuple[ShopOrder | None, Remembered]:
    remembered = Remembered({"order": [told], "parcels": [json_answer(PARCELS)]})
    platform = Ebay(remembered.tools())
    assert isinstance(platform, HasOrders)
    return await platform.order(account_of(settings()), order_id, locale), remembered


async def test_an_order_is_told_with_its_parcels_and_its_buyer() -> None:
    found, remembered = await looked_up(json_answer(order()))
    assert found is not None
    assert (found.phase, found.card.status, found.card.total_minor) == ("shipped", "Shipped", 9950)
    assert [(goods.goods_id, goods.price_minor, goods.url) for goods in found.card.goods] == [
        ("110", 950, "https://www.ebay.com/itm/110")
    ]
    assert (found.buyer, found.placed_at) == (BUYER, datetime(2026, 11, 20, 10, 12, 13, tzinfo=UTC))
    assert found.parcels == (LogisticsCard(NUMBER, "UPS", "1Z9"),)
    assert [request.url.path for request in remembered.requests] == [PATH, f"{PATH}/shipping_fulfillment"]


async def test_what_was_not_shipped_has_no_parcels_to_ask_for() -> None:
    found, remembered = await looked_up(json_answer(order(fulfillmentHrefs=None, orderFulfillmentStatus="NOT_STARTED")))
    assert found is not None
    assert (found.parcels, len(remembered.requests)) == ((), 1)


async def test_what_is_given_back_is_told() -> None:
    refund = {"refundId": "r1", "refundStatus": "PENDING", "amount": {"value": "9.50", "currency": "USD"}}
    found, _ = await looked_up(json_answer(order(paymentSummary={"refunds": [refund]})), locale="zh")
    assert found is not None
    assert found.refunds == (RefundCard("r1", NUMBER, "退款处理中", 950, "USD"),)


async def test_an_order_without_a_buyer_is_nobodys() -> None:
    found, _ = await looked_up(json_answer(order(buyer=None)))
    assert found is not None
    assert found.buyer == ""


@pytest.mark.parametrize("order_id", ["", "../token", "a b", "x" * 65, "１２"])
async def test_what_is_no_order_number_is_not_asked_for(order_id: str) -> None:
    found, remembered = await looked_up(json_answer(order()), order_id)
    assert (found, remembered.requests) == (None, [])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(json_answer({"errors": [{"errorId": 32100}]}, 400), None, id="no such order"),
        pytest.param(json_answer({}, 404), None, id="not found"),
        pytest.param(json_answer({}, 401), TokenExpired, id="token"),
        pytest.param(json_answer({}, 403), Refused, id="no right"),
        pytest.param(json_answer([]), Refused, id="another form"),
        pytest.param(RetryLater(), RetryLater, id="later"),
    ],
)
async def test_what_is_not_told(answer: Answer, error: type[Exception] | None) -> None:
    if error is None:
        assert (await looked_up(answer))[0] is None
        return
    with pytest.raises(error):
        await looked_up(answer)


@pytest.mark.parametrize(
    ("fulfilment", "payment", "cancel", "phase"),
    [
        ("NOT_STARTED", "PENDING", "NONE_REQUESTED", "unpaid"),
        ("NOT_STARTED", "PAID", "NONE_REQUESTED", "paid"),
        ("IN_PROGRESS", "PAID", "", "shipped"),
        ("FULFILLED", "FULLY_REFUNDED", "", "refunding"),
        ("NOT_STARTED", "FULLY_REFUNDED", "CANCELED", "cancelled"),
        ("TELEPORTED", "PAID", "", ""),
    ],
)
def test_how_far_an_order_is(fulfilment: str, payment: str, cancel: str, phase: str) -> None:
    status = status_of(fulfilment, payment, cancel)
    assert (status.phase if status else "") == phase


def test_every_status_of_shipping_has_words() -> None:
    assert all(status.chinese and status.english for status in SHIPPING.values())
