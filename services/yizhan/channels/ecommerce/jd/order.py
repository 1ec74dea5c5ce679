"""An order as JOS tells it, and what it is to us. Pure; source: reference E.6, fields by public clients."""

from pydantic import Field

from yizhan.channels.ecommerce.order_answers import Amount, Many, Part, Text, china_time, minor
from yizhan.channels.ecommerce.order_status import (
    CANCELLED,
    PAID,
    RECEIVED,
    SHIPPED,
    UNPAID,
    Status,
    Statuses,
    status_in,
)
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.core.messages.content import GoodsCard, LogisticsCard, OrderCard

FIELDS = "orderId,orderState,orderStartTime,orderPayment,itemInfoList,waybill,pin,open_id_buyer,consigneeInfo"

STATUSES: Statuses = {
    "NOT_PAY": Status(UNPAID, "等待付款", "Awaiting payment"),
    "WAIT_SELLER_STOCK_OUT": Status(PAID, "已付款，待出库", "Paid, to be shipped"),
    "WAIT_SELLER_DELIVERY": Status(PAID, "等待发货", "To be shipped"),
    "WAIT_GOODS_RECEIVE_CONFIRM": Status(SHIPPED, "已发货，等待确认收货", "Shipped"),
    "FINISHED_L": Status(RECEIVED, "已完成", "Completed"),
    "TRADE_CANCELED": Status(CANCELLED, "已取消", "Cancelled"),
    "LOCKED": Status(PAID, "已锁定", "On hold"),
    "POP_ORDER_PAUSE": Status(PAID, "已暂停", "On hold"),
}
"""The first five of the reference; NOT_PAY, WAIT_SELLER_DELIVERY and POP_ORDER_PAUSE are memory."""


class Item(Part):
    sku_id: Text = Field("", alias="skuId")
    ware_id: Text = Field("", alias="wareId")
    name: Text = Field("", alias="skuName")
    price: Amount = Field("", alias="jdPrice")


class Receiver(Part):
    mobile: Text = ""
    telephone: Text = ""


class Order(Part):
    order_id: Text = Field(alias="orderId")
    state: Text = Field(alias="orderState")
    begun: Text = Field("", alias="orderStartTime")
    payment: Amount = Field("", alias="orderPayment")
    items: Many[Item] = Field((), alias="itemInfoList")
    waybill: Text = ""
    pin: Text = ""
    open_id: Text = Field("", alias="open_id_buyer")
    receiver: Receiver | None = Field(None, alias="consigneeInfo")


def shop_order(order: Order, buyer_as: str, locale: str) -> ShopOrder:
    """JOS names no carrier beside the waybill's number; several parcels have their numbers in one field."""
    status = status_in(STATUSES, order.state)
    numbers = dict.fromkeys(one.strip() for one in order.waybill.replace("|", ",").split(",") if one.strip())
    receiver = order.receiver or Receiver()
    return ShopOrder(
        card=OrderCard(
            order.order_id,
            status.words(locale),
            tuple(GoodsCard(one.sku_id or one.ware_id, one.name, minor(one.price, "CNY")) for one in order.items),
            minor(order.payment, "CNY"),
        ),
        phase=status.phase,
        buyer=order.open_id if buyer_as == "open_id" else order.pin,
        placed_at=china_time(order.begun),
        parcels=tuple(LogisticsCard(order.order_id, "", number) for number in numbers),
        phone=receiver.mobile or receiver.telephone,
    )
