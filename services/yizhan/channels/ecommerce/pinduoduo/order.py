"""An order as Pinduoduo tells it, and what it is to us. Pure; source: reference E.6, fields by a public SDK."""

from yizhan.channels.ecommerce.order_answers import Amount, Many, Part, Text, china_time, minor
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
    "1": Status(PAID, "待发货", "To be shipped"),
    "2": Status(SHIPPED, "已发货，待签收", "Shipped"),
    "3": Status(RECEIVED, "已签收", "Received"),
}
NOT_AGREED = Status(UNPAID, "待成交", "Not concluded yet")
GIVEN_UP = Status(CANCELLED, "已取消", "Cancelled")

REFUNDS: Statuses = {
    "2": Status(REFUNDING, "售后处理中", "Being looked at"),
    "3": Status(REFUNDING, "退款中", "Refund on its way"),
    "4": Status(CANCELLED, "退款成功", "Refunded"),
}
"""1 is none, or over."""


class Item(Part):
    goods_id: Text = ""
    goods_name: Text = ""
    goods_price: Amount = ""
    goods_img: Text = ""


class Order(Part):
    order_sn: Text
    order_status: Text
    confirm_status: Text = "1"
    refund_status: Text = "1"
    created_time: Text = ""
    confirm_time: Text = ""
    pay_amount: Amount = ""
    receiver_phone: Text = ""
    tracking_number: Text = ""
    item_list: Many[Item] = ()


def shop_order(order: Order, locale: str) -> ShopOrder:
    """The platform names no buyer: whose an order is shows by its telephone number only.

    It names the carrier by a number of its own, and the refund not at all: the refund's card has the order's number.
    """
    status = _status(order)
    refund = REFUNDS.get(order.refund_status)
    return ShopOrder(
        card=OrderCard(
            order.order_sn,
            status.words(locale),
            tuple(
                GoodsCard(one.goods_id, one.goods_name, minor(one.goods_price, "CNY"), "CNY", one.goods_img)
                for one in order.item_list
            ),
            minor(order.pay_amount, "CNY"),
        ),
        phase=refund.phase if refund is not None else status.phase,
        buyer="",
        placed_at=china_time(order.created_time) or china_time(order.confirm_time),
        parcels=(LogisticsCard(order.order_sn, "", order.tracking_number),) if order.tracking_number else (),
        refunds=(RefundCard(order.order_sn, order.order_sn, refund.words(locale)),) if refund is not None else (),
        phone=order.receiver_phone,
    )


def _status(order: Order) -> Status:
    match order.confirm_status:
        case "0":
            return NOT_AGREED
        case "2":
            return GIVEN_UP
        case _:
            return status_in(STATUSES, order.order_status)
