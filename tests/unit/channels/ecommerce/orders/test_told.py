"""What each platform's orders are to us: phases, words, cards, whose they are, and what was asked for it."""

from typing import Any

import pytest

from tests.simulators.ecommerce.orders import doudian, jd, pinduoduo, shopify, taobao, woocommerce
from tests.unit.channels.ecommerce.orders import worlds
from tests.unit.channels.ecommerce.orders.shop_world import World
from yizhan.channels.ecommerce.doudian.order import STATUSES as DOUDIAN
from yizhan.channels.ecommerce.jd.order import STATUSES as JD
from yizhan.channels.ecommerce.pinduoduo.order import STATUSES as PINDUODUO
from yizhan.channels.ecommerce.platform import ListsOrders, ShopOrder
from yizhan.channels.ecommerce.shopify.order import FULFILMENT
from yizhan.channels.ecommerce.taobao.trade import STATUSES as TAOBAO
from yizhan.channels.ecommerce.woocommerce.order import STATUSES as WOOCOMMERCE
from yizhan.core.messages.content import LogisticsCard, RefundCard

PHASES = {"", "unpaid", "paid", "shipped", "delivering", "received", "cancelled", "refunding"}
TID, SN, DD = "2600000000000000001", "261120-100000001", "6920000000000000001"


def with_taobao(trade: dict[str, Any], trace: dict[str, Any] | None = None, **more: Any) -> World:
    traces = {} if trace is None else {TID: trace}
    return worlds.taobao_world(taobao.TaobaoGateway(trades={TID: trade}, traces=traces), **more)


def with_status(platform: str, status: str) -> tuple[World, str]:
    match platform:
        case "taobao":
            return with_taobao(taobao.trade(TID, status)), TID
        case "jd":
            return worlds.jd_world(jd.JdGateway(orders={"100000001": jd.order("100000001", status)})), "100000001"
        case "pinduoduo":
            order = pinduoduo.order(SN, int(status))
            return worlds.pinduoduo_world(pinduoduo.PinduoduoGateway(orders={SN: order})), SN
        case "doudian":
            return worlds.doudian_world(doudian.DoudianGateway(orders={DD: doudian.order(DD, int(status))})), DD
        case "shopify":
            return worlds.shopify_world(shopify.ShopifyShop(orders=[shopify.order("#1001", status)])), "#1001"
        case _:
            shop = woocommerce.WooCommerceShop(orders={"1001": woocommerce.order(1001, status)})
            return worlds.woocommerce_world(shop), "1001"


async def told(world: World, order_id: str, locale: str = "zh-CN") -> ShopOrder:
    found = await world.platform.order(world.shop, order_id, locale)
    assert isinstance(found, ShopOrder)
    return found


@pytest.mark.parametrize(
    ("platform", "status"),
    [
        *(("taobao", status) for status in TAOBAO),
        *(("jd", status) for status in JD),
        *(("pinduoduo", status) for status in PINDUODUO),
        *(("doudian", status) for status in DOUDIAN),
        *(("shopify", status) for status in FULFILMENT),
        *(("woocommerce", status) for status in WOOCOMMERCE),
    ],
)
async def test_every_state_is_told_in_both_languages(platform: str, status: str) -> None:
    world, number = with_status(platform, status)
    zh, en = await told(world, number, "zh-CN"), await told(world, number, "en-US")
    assert zh.phase == en.phase
    assert zh.phase in PHASES - {""}
    assert any("\u4e00" <= one <= "\u9fff" for one in zh.card.status)
    assert en.card.status.isascii()


@pytest.mark.parametrize(
    ("platform", "status", "phase", "word"),
    [
        ("taobao", "WAIT_BUYER_CONFIRM_GOODS", "shipped", "已发货"),
        ("taobao", "TRADE_CLOSED_BY_TAOBAO", "cancelled", "交易关闭"),
        ("taobao", "SOMETHING_NEW", "", "SOMETHING_NEW"),
        ("jd", "FINISHED_L", "received", "已完成"),
        ("jd", "LOCKED", "paid", "已锁定"),
        ("pinduoduo", "1", "paid", "待发货"),
        ("pinduoduo", "9", "", "9"),
        ("doudian", "105", "paid", "已支付"),
        ("doudian", "101", "shipped", "部分发货"),
        ("shopify", "UNFULFILLED", "paid", "待发货"),
        ("woocommerce", "on-hold", "unpaid", "待确认付款"),
        ("woocommerce", "wc-picking", "", "wc-picking"),
    ],
)
async def test_a_state(platform: str, status: str, phase: str, word: str) -> None:
    world, number = with_status(platform, status)
    found = await told(world, number)
    assert (found.phase, found.card.status) == (phase, word)


@pytest.mark.parametrize(
    ("platform", "status", "buyer", "phone", "total", "currency"),
    [
        ("taobao", "WAIT_SELLER_SEND_GOODS", "AAE-lin", "138****8000", 119800, "CNY"),
        ("jd", "FINISHED_L", "open-lin", "138****8000", 59900, "CNY"),
        ("pinduoduo", "2", "", "1380013****", 5990, "CNY"),
        ("doudian", "2", "dd-lin", "1********00", 5990, "CNY"),
        ("shopify", "OPEN", "501", "+86 138 0013 8000", 8950, "USD"),
        ("woocommerce", "processing", "501", "+49 170 1234567", 4990, "EUR"),
    ],
)
async def test_whose_it_is_and_what_it_cost(
    platform: str, status: str, buyer: str, phone: str, total: int, currency: str
) -> None:
    world, number = with_status(platform, status)
    found = await told(world, number)
    assert (found.buyer, found.phone) == (buyer, phone)
    assert (found.card.total_minor, found.card.currency) == (total, currency)
    assert found.card.goods
    assert found.placed_at is not None
    assert found.placed_at.astimezone().year in {2025, 2026}
    assert phone not in repr(found)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1000.0", "JPY", 1000), ("99000.00", "IDR", 9_900_000), ("3.500", "KWD", 3500), ("150000.0", "VND", 150_000)],
)
async def test_amounts_in_the_minor_unit_of_their_currency(amount: str, currency: str, minor: int) -> None:
    order = shopify.order("#7", "OPEN", amount=amount, currency=currency)
    found = await told(worlds.shopify_world(shopify.ShopifyShop(orders=[order])), "7")
    assert (found.card.total_minor, found.card.goods[0].price_minor) == (minor, minor)


@pytest.mark.parametrize(
    ("platform", "status"),
    [
        ("taobao", "TRADE_FINISHED"),
        ("jd", "FINISHED_L"),
        ("pinduoduo", "1"),
        ("doudian", "1"),
        ("shopify", "OPEN"),
        ("woocommerce", "pending"),
    ],
)
@pytest.mark.parametrize(
    "number",
    [
        "",
        "2600000000000000009",
        "261120-999999999",
        "1002",
        "#1",
        'x" OR status:any',
        "../customers",
        "1001&x=1",
        "订单",
    ],
)
async def test_a_number_that_is_no_order_of_the_shop(platform: str, status: str, number: str) -> None:
    world, _ = with_status(platform, status)
    assert await world.platform.order(world.shop, number, "zh-CN") is None


async def test_taobao_tells_the_way_of_the_parcel() -> None:
    trace = {
        "company_name": "顺丰速运",
        "out_sid": "SF1390000100001",
        "trace_list": {
            "transit_step_info": [
                {"status_time": "2026-11-21 18:20:00", "status_desc": "快件已由杭州仓发出"},
                {"status_time": "gone wrong", "status_desc": "x"},
            ]
        },
    }
    found = await told(with_taobao(taobao.trade(TID, "WAIT_BUYER_CONFIRM_GOODS"), trace), TID)
    assert found.phase == "delivering"
    assert [(one.carrier, one.tracking_number) for one in found.parcels] == [("顺丰速运", "SF1390000100001")]
    assert [(one.at.hour, one.text) for one in found.parcels[0].steps] == [(18, "快件已由杭州仓发出")]


async def test_taobao_tells_the_order_where_the_way_is_not_known() -> None:
    found = await told(with_taobao(taobao.trade(TID, "WAIT_BUYER_CONFIRM_GOODS")), TID)
    assert found.parcels == (LogisticsCard(TID, "顺丰速运", "SF1390000100001"),)


async def test_taobao_tells_refunds_and_other_ids_of_the_buyer() -> None:
    refunded = taobao.trade(TID, "WAIT_SELLER_SEND_GOODS")
    refunded["orders"]["order"][0].update(refund_id="77", refund_status="WAIT_SELLER_AGREE")
    found = await told(with_taobao(refunded, buyer_as="nick"), TID, "en")
    assert (found.phase, found.buyer) == ("refunding", "l**n")
    assert found.refunds == (RefundCard("77", TID, "Requested, waiting for the seller"),)


@pytest.mark.parametrize(
    ("more", "phase", "status"),
    [
        ({"confirm_status": 0}, "unpaid", "待成交"),
        ({"confirm_status": 2}, "cancelled", "已取消"),
        ({"refund_status": 3}, "refunding", "待发货"),
        ({"refund_status": 4}, "cancelled", "待发货"),
    ],
)
async def test_pinduoduo_says_it_in_several_fields(more: dict[str, int], phase: str, status: str) -> None:
    gateway = pinduoduo.PinduoduoGateway(orders={SN: pinduoduo.order(SN, 1, **more)})
    found = await told(worlds.pinduoduo_world(gateway), SN)
    assert (found.phase, found.card.status) == (phase, status)
    assert bool(found.refunds) == ("refund_status" in more)


async def test_jd_tells_each_parcel_and_the_pin_where_it_is_wanted() -> None:
    order = jd.order("100000001", "WAIT_GOODS_RECEIVE_CONFIRM", waybill="JD001, JD002|JD001")
    found = await told(worlds.jd_world(jd.JdGateway(orders={"100000001": order}), buyer_as="pin"), "100000001")
    assert found.buyer == "jd_lin"
    assert [one.tracking_number for one in found.parcels] == ["JD001", "JD002"]


async def test_doudian_tells_parcels_and_refunds() -> None:
    order = doudian.order(DD, 3)
    order["sku_order_list"][0]["after_sale_info"]["refund_status"] = 2
    found = await told(worlds.doudian_world(doudian.DoudianGateway(orders={DD: order})), DD)
    assert found.phase == "refunding"
    assert found.parcels == (LogisticsCard(DD, "中通快递", "ZT01"),)
    assert found.refunds == (RefundCard(DD + "1", DD, "退款中"),)


@pytest.mark.parametrize(
    ("more", "phase", "status"),
    [
        ({"displayFinancialStatus": "PENDING"}, "unpaid", "Awaiting payment"),
        ({"cancelledAt": "2026-11-21T00:00:00Z"}, "cancelled", "Cancelled"),
        ({"displayFinancialStatus": "REFUNDED"}, "cancelled", "Refunded"),
        (
            {"fulfillments": [{"displayStatus": "OUT_FOR_DELIVERY", "trackingInfo": []}]},
            "delivering",
            "Out for delivery",
        ),
        ({"fulfillments": [{"displayStatus": "DELIVERED", "trackingInfo": []}]}, "received", "Delivered"),
        (
            {"fulfillments": [{"displayStatus": one, "trackingInfo": []} for one in ("DELIVERED", "IN_TRANSIT")]},
            "shipped",
            "Shipped",
        ),
    ],
)
async def test_shopify_says_it_in_several_fields(more: dict[str, Any], phase: str, status: str) -> None:
    fulfilment = "FULFILLED" if "fulfillments" in more else "UNFULFILLED"
    shop = shopify.ShopifyShop(orders=[shopify.order("#1001", fulfilment, **more)])
    found = await told(worlds.shopify_world(shop), "1001", "en")
    assert (found.phase, found.card.status) == (phase, status)


async def test_shopify_tells_parcels_refunds_and_its_page() -> None:
    tracking = [{"number": "1Z1", "url": "https://ups.example.com/1Z1", "company": "UPS"}, {"number": None}]
    order = shopify.order(
        "OAK-1001-B",
        "FULFILLED",
        fulfillments=[{"displayStatus": None, "trackingInfo": tracking}],
        refunds=[{"id": "gid://shopify/Refund/9", "totalRefundedSet": shopify.money("10.00", "USD")}],
        customer=None,
    )
    others = [shopify.order("OAK-1001-BB", "OPEN")]
    found = await told(worlds.shopify_world(shopify.ShopifyShop(orders=[*others, order])), "oak-1001-b", "en")
    assert found.card.url == "https://shop.example.com/orders/x"
    assert found.parcels == (LogisticsCard("OAK-1001-B", "UPS", "1Z1", url="https://ups.example.com/1Z1"),)
    assert found.refunds == (RefundCard("9", "OAK-1001-B", "Refunded", 1000, "USD"),)
    assert found.buyer == ""


async def test_woocommerce_tells_refunds_and_knows_no_guest() -> None:
    order = woocommerce.order(1001, "processing", customer_id=0, refunds=[{"id": 3, "reason": "", "total": "-9.90"}])
    found = await told(worlds.woocommerce_world(woocommerce.WooCommerceShop(orders={"1001": order})), "1001", "en")
    assert found.refunds == (RefundCard("3", "1001", "Refunded", 990, "EUR"),)
    assert found.buyer == ""


@pytest.mark.parametrize("platform", ["taobao", "shopify", "woocommerce"])
async def test_orders_of_a_buyer(platform: str) -> None:
    match platform:
        case "taobao":
            trades = {TID: taobao.trade(TID, "TRADE_FINISHED"), "2": taobao.trade("2", "PAY", buyer_open_uid="other")}
            world, buyer = worlds.taobao_world(taobao.TaobaoGateway(trades=trades)), "AAE-lin"
        case "shopify":
            shop = shopify.ShopifyShop(orders=[shopify.order("#1", "OPEN"), shopify.order("#2", "OPEN", customer=None)])
            world, buyer = worlds.shopify_world(shop), "501"
        case _:
            mine, others = woocommerce.order(1, "pending"), woocommerce.order(2, "pending", customer_id=9)
            world, buyer = worlds.woocommerce_world(woocommerce.WooCommerceShop(orders={"1": mine, "2": others})), "501"
    assert isinstance(world.platform, ListsOrders)
    found = await world.platform.orders(world.shop, buyer, "zh-CN", 5)
    assert [one.buyer for one in found] == [buyer]
    assert await world.platform.orders(world.shop, "nobody", "zh-CN", 5) == ()
    assert await world.platform.orders(world.shop, "0", "zh-CN", 5) == ()


@pytest.mark.parametrize("platform", ["jd", "pinduoduo", "doudian"])
async def test_platforms_that_find_no_orders_of_a_buyer(platform: str) -> None:
    world, _ = with_status(platform, {"jd": "LOCKED"}.get(platform, "1"))
    assert not isinstance(world.platform, ListsOrders)
