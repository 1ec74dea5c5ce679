"""An order as WooCommerce tells it, and what it is to us. Pure; source: reference E.6, H.2 and the vendor's documentation."""

from pydantic import Field

from yizhan.channels.ecommerce.order_answers import Amount, Many, Part, Text, iso_time, minor
from yizhan.channels.ecommerce.order_status import (
    CANCELLED,
    PAID,
    RECEIVED,
    REFUNDING,
    UNPAID,
    Status,
    Statuses,
    status_in,
)
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.core.messages.content import GoodsCard, OrderCard, RefundCard

STATUSES: Statuses = {
    "pending": Status(UNPAID, "待付款", "Awaiting payment"),
    "on-hold": Status(UNPAID, "待确认付款", "On hold until payment is confirmed"),
    "processing": Status(PAID, "处理中", "Being processed"),
    "completed": Status(RECEIVED, "已完成", "Completed"),
    "cancelled": Status(CANCELLED, "已取消", "Cancelled"),
    "refunded": Status(CANCELLED, "已退款", "Refunded"),
    "failed": Status(UNPAID, "付款失败", "Payment failed"),
    "trash": Status(CANCELLED, "已取消", "Cancelled"),
}
REFUNDED = Status(REFUNDING, "已退款", "Refunded")


class Image(Part):
    src: Text = ""


class Line(Part):
    product_id: Text = ""
    name: Text = ""
    price: Amount = ""
    image: Image | None = None


class Refund(Part):
    id: Text = ""
    total: Amount = ""


class Billing(Part):
    phone: Text = ""


class Order(Part):
    number: Text
    status: Text
    currency: Text = "USD"
    created: Text = Field("", alias="date_created_gmt")
    total: Amount = ""
    customer_id: Text = ""
    billing: Billing = Field(default_factory=Billing)
    line_items: Many[Line] = ()
    refunds: Many[Refund] = ()


def shop_order(order: Order, locale: str) -> ShopOrder:
    """``buyer`` is the customer's number; guests have none. A refund's total is below zero there. Parcels are a matter of plug-ins."""
    status, currency = status_in(STATUSES, order.status), order.currency
    return ShopOrder(
        card=OrderCard(
            order.number,
            status.words(locale),
            tuple(
                GoodsCard(
                    one.product_id, one.name, minor(one.price, currency), currency, one.image.src if one.image else ""
                )
                for one in order.line_items
            ),
            minor(order.total, currency),
            currency,
        ),
        phase=status.phase,
        buyer="" if order.customer_id == "0" else order.customer_id,
        placed_at=iso_time(order.created),
        refunds=tuple(
            RefundCard(one.id, order.number, REFUNDED.words(locale), abs(minor(one.total, currency)), currency)
            for one in order.refunds
        ),
        phone=order.billing.phone,
    )
