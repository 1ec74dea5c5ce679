"""Orders as the platform tells them, in words for people. Source: reference channels.md E.2 (memory); each field may be absent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from yizhan.channels.ecommerce.ebay.pushes import moment
from yizhan.channels.ecommerce.order_answers import minor
from yizhan.channels.ecommerce.order_status import chinese as is_chinese
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.core.messages.content import GoodsCard, LogisticsCard, OrderCard, RefundCard

ORDER_ID: Final = re.compile(r"[0-9A-Za-z!_-]{1,64}")
MOST_ITEMS: Final = 50
USUAL: Final = "USD"
"""Where an amount has no currency."""


@dataclass(frozen=True, slots=True)
class Status:
    phase: str
    chinese: str
    english: str


CANCELLED: Final = Status("cancelled", "已取消", "Cancelled")
REFUNDED: Final = Status("refunding", "已退款", "Refunded")
UNPAID: Final = Status("unpaid", "待付款", "Awaiting payment")
SHIPPING: Final = {
    "NOT_STARTED": Status("paid", "待发货", "Being prepared"),
    "IN_PROGRESS": Status("shipped", "部分发货", "Partly shipped"),
    "FULFILLED": Status("shipped", "已发货", "Shipped"),
}
"""By ``orderFulfillmentStatus``; that a parcel arrived, the platform does not say here."""

NOT_PAID: Final = frozenset({"PENDING", "FAILED"})
GIVEN_BACK: Final = frozenset({"FULLY_REFUNDED"})
REFUND_WORDS: Final = {
    "PENDING": ("退款处理中", "Refund pending"),
    "REFUNDED": ("已退款", "Refunded"),
    "FAILED": ("退款失败", "Refund failed"),
}


class Unreadable(ValueError):
    """The answer is not as it was documented."""


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _absent(cls, value: Any, info: ValidationInfo) -> Any:
        known = cls.model_fields[info.field_name or ""]
        return known.get_default(call_default_factory=True) if value is None else value


class _Amount(_Loose):
    value: str = ""
    currency: str = ""


class _Item(_Loose):
    line_item_id: str = Field("", alias="lineItemId")
    item_id: str = Field("", alias="legacyItemId")
    title: str = ""
    cost: _Amount = Field(default_factory=_Amount, alias="lineItemCost")


class _Refund(_Loose):
    refund_id: str = Field("", alias="refundId")
    status: str = Field("", alias="refundStatus")
    amount: _Amount = Field(default_factory=_Amount)


class _Payments(_Loose):
    refunds: tuple[_Refund, ...] = ()


class _Cancel(_Loose):
    state: str = Field("", alias="cancelState")


class _Buyer(_Loose):
    username: str = ""


class _Pricing(_Loose):
    total: _Amount = Field(default_factory=_Amount)


class _Order(_Loose):
    order_id: str = Field("", alias="orderId")
    created: str = Field("", alias="creationDate")
    fulfilment: str = Field("", alias="orderFulfillmentStatus")
    payment: str = Field("", alias="orderPaymentStatus")
    cancel: _Cancel = Field(default_factory=_Cancel, alias="cancelStatus")
    buyer: _Buyer = Field(default_factory=_Buyer)
    pricing: _Pricing = Field(default_factory=_Pricing, alias="pricingSummary")
    payments: _Payments = Field(default_factory=_Payments, alias="paymentSummary")
    items: tuple[_Item, ...] = Field((), alias="lineItems")
    hrefs: tuple[str, ...] = Field((), alias="fulfillmentHrefs")


class _Parcel(_Loose):
    number: str = Field("", alias="shipmentTrackingNumber")
    carrier: str = Field("", alias="shippingCarrierCode")


class _Parcels(_Loose):
    fulfillments: tuple[_Parcel, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """An order, without its parcels where it has any."""

    order: ShopOrder
    has_parcels: bool


def order_of(order_id: str, body: bytes, locale: str) -> Told:
    """Raises Unreadable."""
    try:
        told = _Order.model_validate_json(body)
    except ValidationError as error:
        raise Unreadable("order") from error
    chinese = is_chinese(locale)
    status = status_of(told.fulfilment, told.payment, told.cancel.state)
    number = told.order_id or order_id
    total = told.pricing.total
    card = OrderCard(
        order_id=number,
        status=(status.chinese if chinese else status.english) if status else told.fulfilment,
        goods=tuple(_goods(item) for item in told.items[:MOST_ITEMS]),
        total_minor=minor(total.value, total.currency or USUAL),
        currency=total.currency or USUAL,
    )
    order = ShopOrder(
        card=card,
        phase=status.phase if status else "",
        buyer=told.buyer.username,
        placed_at=moment(told.created),
        refunds=tuple(_refund(refund, number, chinese) for refund in told.payments.refunds),
    )
    return Told(order, bool(told.hrefs))


def parcels_of(order_id: str, body: bytes) -> tuple[LogisticsCard, ...]:
    """Raises Unreadable."""
    try:
        parcels: Sequence[_Parcel] = _Parcels.model_validate_json(body).fulfillments
    except ValidationError as error:
        raise Unreadable("parcels") from error
    return tuple(LogisticsCard(order_id, parcel.carrier, parcel.number) for parcel in parcels if parcel.number)


def status_of(fulfilment: str, payment: str, cancel: str) -> Status | None:
    """How far an order is. None: the platform says something new."""
    if cancel == "CANCELED":
        return CANCELLED
    if payment in GIVEN_BACK:
        return REFUNDED
    if payment in NOT_PAID:
        return UNPAID
    return SHIPPING.get(fulfilment)


def _goods(item: _Item) -> GoodsCard:
    number = item.item_id or item.line_item_id
    url = f"https://www.ebay.com/itm/{item.item_id}" if item.item_id.isdigit() else ""
    currency = item.cost.currency or USUAL
    return GoodsCard(number, item.title, minor(item.cost.value, currency), currency, url=url)


def _refund(refund: _Refund, order_id: str, chinese: bool) -> RefundCard:
    words = REFUND_WORDS.get(refund.status)
    status = (words[0] if chinese else words[1]) if words else refund.status
    currency = refund.amount.currency or USUAL
    return RefundCard(refund.refund_id, order_id, status, minor(refund.amount.value, currency), currency)
