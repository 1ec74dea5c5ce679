"""An order as 抖店 tells it, and what it is to us. Pure; source: reference E.6, fields by the vendor's SDK. Amounts are in fen."""

from yizhan.channels.ecommerce.order_answers import Many, Part, Text, unix_time
from yizhan.channels.ecommerce.order_status import (
    CANCELLED,
    PAID,
    RECEIVED,
    REFUNDING,
    SHIPPED,
    UNPAID,
    Status,
    Statuses,
    status_in,
)
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.core.messages.content import GoodsCard, LogisticsCard, OrderCard, RefundCard

STATUSES: Statuses = {
    "1": Status(UNPAID, "待支付", "Awaiting payment"),
    "105": Status(PAID, "已支付", "Paid"),
    "2": Status(PAID, "备货中", "To be shipped"),
    "101": Status(SHIPPED, "部分发货", "Partly shipped"),
    "3": Status(SHIPPED, "已发货", "Shipped"),
    "4": Status(CANCELLED, "已取消", "Cancelled"),
    "5": Status(RECEIVED, "已完成", "Completed"),
}
REFUNDS: Statuses = {
    "1": Status(REFUNDING, "待退款", "Requested"),
    "2": Status(REFUNDING, "退款中", "Refund on its way"),
    "3": Status(CANCELLED, "退款成功", "Refunded"),
    "4": Status(PAID, "退款失败", "Refund failed"),
}
"""``refund_status``; 0 is none. Memory."""


class AfterSale(Part):
    refund_status: Text = "0"


class Item(Part):
    order_id: Text = ""
    product_id_str: Text = ""
    product_name: Text = ""
    product_pic: Text = ""
    origin_amount: int = 0
    after_sale_info: AfterSale | None = None


class Parcel(Part):
    tracking_no: Text = ""
    company_name: Text = ""


class Order(Part):
    order_id: Text
    order_status: Text
    create_time: int = 0
    pay_amount: int = 0
    doudian_open_id: Text = ""
    mask_post_tel: Text = ""
    sku_order_list: Many[Item] = ()
    logistics_info: Many[Parcel] = ()


def shop_order(order: Order, locale: str) -> ShopOrder:
    status = status_in(STATUSES, order.order_status)
    refunds = tuple(
        (item.order_id, REFUNDS[item.after_sale_info.refund_status])
        for item in order.sku_order_list
        if item.after_sale_info is not None and item.after_sale_info.refund_status in REFUNDS
    )
    return ShopOrder(
        card=OrderCard(
            order.order_id,
            status.words(locale),
            tuple(
                GoodsCard(one.product_id_str, one.product_name, one.origin_amount, "CNY", one.product_pic)
                for one in order.sku_order_list
            ),
            order.pay_amount,
        ),
        phase=REFUNDING if any(refund.phase == REFUNDING for _, refund in refunds) else status.phase,
        buyer=order.doudian_open_id,
        placed_at=unix_time(order.create_time),
        parcels=tuple(
            LogisticsCard(order.order_id, one.company_name, one.tracking_no)
            for one in order.logistics_info
            if one.tracking_no
        ),
        refunds=tuple(RefundCard(number, order.order_id, refund.words(locale)) for number, refund in refunds),
        phone=order.mask_post_tel,
    )
