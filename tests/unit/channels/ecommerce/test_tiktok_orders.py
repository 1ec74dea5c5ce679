"""Orders of TikTok Shop as people are told of them."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tests.unit.channels.ecommerce.bench import Bench
from tests.unit.channels.ecommerce.tiktok import BUYER, SHOP, ok, opened
from yizhan.channels.contract import Refused, RetryLater, TokenExpired
from yizhan.channels.ecommerce.platform import HasOrders, ListsOrders
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.ecommerce.tiktok.order_words import RETURNS, STATUSES
from yizhan.channels.ecommerce.tiktok.platform import TikTok
from yizhan.core.messages.content import GoodsCard, LogisticsStep, RefundCard

ID = "576461413038785752"


def order(**more: Any) -> dict[str, Any]:
    line = {
        "product_id": "1729",
        "product_name": "杯子",
        "sku_id": "1",
        "sku_name": "红",
        "sku_image": "https://p16/1.jpg",
        "sale_price": "9.99",
        "currency": "USD",
        "tracking_number": "JT100",
        "shipping_provider_name": "J&T",
    }
    return {
        "id": ID,
        "status": "IN_TRANSIT",
        "user_id": BUYER,
        "create_time": 1700000000,
        "payment": {"currency": "USD", "total_amount": "24.50"},
        "line_items": [line, line, {**line, "sku_id": "2", "sku_name": "蓝", "sale_price": "0.1"}],
        **more,
    }


def laid(*orders: object, returns: object = ()) -> tuple[TikTok, Bench]:
    tiktok, bench = opened()
    bench.calls.answers(paths.ORDERS, ok({"orders": list(orders)}))
    steps = [
        {"description": "已到达", "update_time_millis": 1700002000000},
        {"description": "已揽收", "update_time_millis": 1700001000000},
    ]
    bench.calls.answers(paths.tracking(ID), ok({"tracking": steps}))
    bench.calls.answers(paths.RETURNS, ok({"return_orders": list(returns)}))  # type: ignore[call-overload]
    return tiktok, bench


async def test_an_order_is_told_with_its_goods_its_parcel_and_its_buyer() -> None:
    tiktok, bench = laid(order())
    found = await tiktok.order(SHOP, ID, "zh-CN")
    assert found is not None
    assert (found.phase, found.buyer) == ("delivering", BUYER)
    assert found.placed_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    card = found.card
    assert (card.order_id, card.status, card.total_minor, card.currency) == (ID, "运输中", 2450, "USD")
    assert card.goods == (
        GoodsCard("1729", "杯子 红 × 2", 999, "USD", "https://p16/1.jpg"),
        GoodsCard("1729", "杯子 蓝", 10, "USD", "https://p16/1.jpg"),
    )
    (parcel,) = found.parcels
    assert (parcel.order_id, parcel.carrier, parcel.tracking_number) == (ID, "J&T", "JT100")
    assert parcel.steps == (
        LogisticsStep(datetime(2023, 11, 14, 22, 30, tzinfo=UTC), "已揽收"),
        LogisticsStep(datetime(2023, 11, 14, 22, 46, 40, tzinfo=UTC), "已到达"),
    )
    assert found.refunds == ()
    assert bench.calls.to(paths.ORDERS)[0].url.query["ids"] == ID
    assert bench.calls.to(paths.RETURNS)[0].body == b'{"order_ids":["%s"]}' % ID.encode()


@pytest.mark.parametrize("status", [*STATUSES, "FROZEN"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_each_status_has_a_phase_and_words(status: str, locale: str) -> None:
    tiktok, _ = laid(order(status=status))
    found = await tiktok.order(SHOP, ID, locale)
    assert found is not None
    phases = {"unpaid", "paid", "shipped", "delivering", "received", "cancelled", "refunding"}
    if status in STATUSES:
        assert found.phase in phases
        assert found.card.status.isascii() is (locale == "en-GB")
    else:
        assert (found.card.status, found.phase) == ("FROZEN", "")


@pytest.mark.parametrize(
    ("status", "phase", "words"),
    [
        pytest.param("RETURN_OR_REFUND_REQUEST_PENDING", "refunding", "退款申请审核中", id="being looked at"),
        pytest.param("RETURN_OR_REFUND_REQUEST_COMPLETE", "delivering", "已退款", id="paid back"),
        pytest.param("RETURN_OR_REFUND_REQUEST_CANCEL", "delivering", "退款申请已取消", id="withdrawn"),
        pytest.param("SOMETHING_NEW", "refunding", "SOMETHING_NEW", id="a state of tomorrow"),
    ],
)
async def test_a_return_is_told_with_its_order(status: str, phase: str, words: str) -> None:
    amount = {"currency": "USD", "refund_total": "9.99"}
    one = {"return_id": "R1", "order_id": ID, "return_status": status, "refund_amount": amount}
    tiktok, _ = laid(order(), returns=[one, {**one, "order_id": "1", "return_id": "R2"}])
    found = await tiktok.order(SHOP, ID, "zh")
    assert found is not None
    assert (found.phase, found.refunds) == (phase, (RefundCard("R1", ID, words, 999, "USD"),))


def test_every_return_is_open_or_not() -> None:
    assert {stage.phase for stage in RETURNS.values()} == {"", "refunding"}


async def test_an_order_is_told_though_carrier_and_returns_desk_say_nothing() -> None:
    tiktok, bench = laid(order())
    bench.calls.answers(paths.tracking(ID), {"code": 105005, "message": "no scope"})
    bench.calls.answers(paths.RETURNS, RetryLater())
    found = await tiktok.order(SHOP, ID, "zh")
    assert found is not None
    assert ([parcel.steps for parcel in found.parcels], found.refunds) == ([()], ())


async def test_of_several_parcels_nobody_knows_whose_step_it_is() -> None:
    lines = [{"tracking_number": number, "shipping_provider_name": "J&T"} for number in ("A", "B", "A")]
    tiktok, _ = laid(order(line_items=lines))
    found = await tiktok.order(SHOP, ID, "zh")
    assert found is not None
    assert [(parcel.tracking_number, parcel.steps) for parcel in found.parcels] == [("A", ()), ("B", ())]


@pytest.mark.parametrize(
    ("order_id", "answer"),
    [
        pytest.param("576461413038785753", ok({"orders": []}), id="none of this number"),
        pytest.param("576461413038785753", ok({"orders": [{"id": ID}]}), id="another one"),
        pytest.param("576461413038785753", {"code": 45101003, "message": "not found"}, id="not found"),
        pytest.param("../../x?ids=1", None, id="no number at all"),
        pytest.param("12", None, id="too short for a number"),
    ],
)
async def test_an_order_that_is_not_there_is_none(order_id: str, answer: object) -> None:
    tiktok, bench = opened()
    if answer is not None:
        bench.calls.answers(paths.ORDERS, answer)
    assert await tiktok.order(SHOP, order_id, "zh") is None


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param({"code": 105005, "message": "no scope"}, Refused, id="no scope"),
        pytest.param({"code": 105002, "message": "expired"}, TokenExpired, id="the token ended"),
        pytest.param({"code": 36009002, "message": "busy"}, RetryLater, id="busy"),
        pytest.param({"code": 0, "data": {"orders": [{"no": "id"}]}}, RetryLater, id="not readable"),
    ],
)
async def test_what_goes_wrong_with_a_look_up_is_told(answer: object, wanted: type[Exception]) -> None:
    tiktok, bench = opened()
    bench.calls.answers(paths.ORDERS, answer)
    with pytest.raises(wanted):
        await tiktok.order(SHOP, ID, "zh")


async def test_a_buyers_orders_are_theirs_alone_and_newest_first() -> None:
    tiktok, bench = opened()
    orders = [order(id="1", create_time=1), order(id="2", create_time=2), order(id="3", user_id="777"), order(id="4")]
    bench.calls.answers(paths.FIND_ORDERS, ok({"orders": orders}))
    found = await tiktok.orders(SHOP, BUYER, "zh", 2)
    assert [one.card.order_id for one in found] == ["4", "2"]
    (request,) = bench.calls.to(paths.FIND_ORDERS)
    assert orjson.loads(request.body or b"") == {"buyer_user_id": BUYER}
    assert (request.url.query["page_size"], request.url.query["sort_order"]) == ("2", "DESC")


def test_the_platform_says_that_it_has_orders() -> None:
    tiktok, _ = opened()
    assert isinstance(tiktok, HasOrders)
    assert isinstance(tiktok, ListsOrders)
