"""An order as Shopify's Admin GraphQL tells it, and what it is to us. Pure; source: reference E.6 and the vendor's documentation."""

import re

from pydantic import Field

from yizhan.channels.ecommerce.order_answers import Amount, Many, Part, Text, iso_time, minor
from yizhan.channels.ecommerce.order_status import (
    CANCELLED,
    DELIVERING,
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

QUERY = """query Orders($query: String!, $first: Int!) {
  orders(first: $first, query: $query, sortKey: CREATED_AT, reverse: true) {
    nodes {
      id name createdAt cancelledAt displayFinancialStatus displayFulfillmentStatus statusPageUrl phone
      customer { id }
      shippingAddress { phone }
      totalPriceSet { shopMoney { amount currencyCode } }
      lineItems(first: 10) {
        nodes { title product { id } image { url } originalUnitPriceSet { shopMoney { amount currencyCode } } }
      }
      fulfillments(first: 5) { displayStatus trackingInfo(first: 5) { number url company } }
      refunds(first: 5) { id createdAt totalRefundedSet { shopMoney { amount currencyCode } } }
    }
  }
}"""

FULFILMENT: Statuses = {
    "FULFILLED": Status(SHIPPED, "已发货", "Shipped"),
    "PARTIALLY_FULFILLED": Status(SHIPPED, "部分发货", "Partly shipped"),
    "IN_PROGRESS": Status(PAID, "备货中", "Being prepared"),
    "PENDING_FULFILLMENT": Status(PAID, "备货中", "Being prepared"),
    "ON_HOLD": Status(PAID, "暂缓发货", "On hold"),
    "OPEN": Status(PAID, "待发货", "To be shipped"),
    "UNFULFILLED": Status(PAID, "待发货", "To be shipped"),
    "SCHEDULED": Status(PAID, "待发货", "To be shipped"),
    "REQUEST_DECLINED": Status(PAID, "待发货", "To be shipped"),
    "RESTOCKED": Status(CANCELLED, "已退回库存", "Returned to stock"),
}
UNPAID_YET = frozenset({"PENDING", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED"})
WAITS_FOR_MONEY = Status(UNPAID, "待付款", "Awaiting payment")
GIVEN_UP = Status(CANCELLED, "已取消", "Cancelled")
PAID_BACK = Status(CANCELLED, "已退款", "Refunded")
DELIVERED = Status(RECEIVED, "已送达", "Delivered")
ON_ITS_WAY = Status(DELIVERING, "派送中", "Out for delivery")
REFUNDED = Status(REFUNDING, "已退款", "Refunded")

_LAST_NUMBER = re.compile(r"[0-9]+$")


class Money(Part):
    amount: Amount = ""
    currency: Text = Field("", alias="currencyCode")


class Price(Part):
    money: Money = Field(default_factory=Money, alias="shopMoney")

    @property
    def minor(self) -> int:
        return minor(self.money.amount, self.money.currency)


class Named(Part):
    id: Text = ""


class Image(Part):
    url: Text = ""


class Line(Part):
    title: Text = ""
    product: Named | None = None
    image: Image | None = None
    price: Price | None = Field(None, alias="originalUnitPriceSet")


class Lines(Part):
    nodes: Many[Line] = ()


class Tracking(Part):
    number: Text = ""
    url: Text = ""
    company: Text = ""


class Fulfilment(Part):
    status: Text = Field("", alias="displayStatus")
    tracking: Many[Tracking] = Field((), alias="trackingInfo")


class Refund(Part):
    id: Text = ""
    price: Price | None = Field(None, alias="totalRefundedSet")


class Place(Part):
    phone: Text = ""


class Order(Part):
    name: Text
    created: Text = Field("", alias="createdAt")
    cancelled: Text = Field("", alias="cancelledAt")
    financial: Text = Field("", alias="displayFinancialStatus")
    fulfilment: Text = Field("", alias="displayFulfillmentStatus")
    page: Text = Field("", alias="statusPageUrl")
    phone: Text = ""
    customer: Named | None = None
    address: Place | None = Field(None, alias="shippingAddress")
    total: Price | None = Field(None, alias="totalPriceSet")
    lines: Lines = Field(default_factory=Lines, alias="lineItems")
    fulfilments: Many[Fulfilment] = Field((), alias="fulfillments")
    refunds: Many[Refund] = ()


def shop_order(order: Order, locale: str) -> ShopOrder:
    """``buyer`` is the number of the customer, as in the shop's admin."""
    status, total = _status(order), order.total or Price()
    return ShopOrder(
        card=OrderCard(
            order.name,
            status.words(locale),
            tuple(_goods(line) for line in order.lines.nodes),
            total.minor,
            total.money.currency or "USD",
            order.page,
        ),
        phase=status.phase,
        buyer=_number(order.customer.id) if order.customer else "",
        placed_at=iso_time(order.created),
        parcels=tuple(
            LogisticsCard(order.name, one.company, one.number, url=one.url)
            for sent in order.fulfilments
            for one in sent.tracking
            if one.number
        ),
        refunds=tuple(
            RefundCard(
                _number(one.id),
                order.name,
                REFUNDED.words(locale),
                one.price.minor if one.price else 0,
                (one.price.money.currency if one.price else "") or total.money.currency or "USD",
            )
            for one in order.refunds
            if one.id
        ),
        phone=order.phone or (order.address.phone if order.address else ""),
    )


def _status(order: Order) -> Status:
    if order.cancelled:
        return GIVEN_UP
    if order.financial in {"REFUNDED", "VOIDED"}:
        return PAID_BACK
    sent = [one.status for one in order.fulfilments]
    if sent and order.fulfilment == "FULFILLED" and all(one == "DELIVERED" for one in sent):
        return DELIVERED
    if "OUT_FOR_DELIVERY" in sent:
        return ON_ITS_WAY
    status = status_in(FULFILMENT, order.fulfilment)
    return WAITS_FOR_MONEY if order.financial in UNPAID_YET and status.phase == PAID else status


def _goods(line: Line) -> GoodsCard:
    price = line.price or Price()
    return GoodsCard(
        _number(line.product.id) if line.product else "",
        line.title,
        price.minor,
        price.money.currency or "USD",
        line.image.url if line.image else "",
    )


def _number(gid: str) -> str:
    """The number at the end of gid://shopify/Customer/1."""
    found = _LAST_NUMBER.search(gid)
    return found[0] if found else ""
