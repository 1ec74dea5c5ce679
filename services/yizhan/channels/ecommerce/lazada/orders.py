"""Orders as the platform tells them, in words for people. Source: reference channels.md E.4, H.2.

Statuses are documented; the names of the other fields are memory, and each may be absent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from yizhan.channels.ecommerce.order_answers import minor
from yizhan.channels.ecommerce.order_status import chinese as is_chinese
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.core.messages.content import GoodsCard, LogisticsCard, OrderCard, RefundCard

MOST_ITEMS: Final = 50


@dataclass(frozen=True, slots=True)
class Status:
    """``rank``: of the several statuses of an order's items, the lowest says how far the order is."""

    phase: str
    chinese: str
    english: str
    rank: int


STATUSES: Final[Mapping[str, Status]] = {
    "unpaid": Status("unpaid", "待付款", "Awaiting payment", 0),
    "pending": Status("paid", "待发货", "Being prepared", 1),
    "topack": Status("paid", "待发货", "Being prepared", 1),
    "packed": Status("paid", "已打包", "Packed", 2),
    "repacked": Status("paid", "已重新打包", "Packed again", 2),
    "ready_to_ship": Status("paid", "待揽收", "Ready to ship", 3),
    "toship": Status("paid", "待揽收", "Ready to ship", 3),
    "failed": Status("shipped", "派送失败", "Delivery failed", 4),
    "lost": Status("shipped", "包裹丢失", "Parcel lost", 4),
    "damaged": Status("shipped", "包裹破损", "Parcel damaged", 4),
    "shipped": Status("shipped", "已发货", "Shipped", 5),
    "delivered": Status("received", "已送达", "Delivered", 6),
    "shipped_back": Status("refunding", "退货途中", "Being returned", 7),
    "shipped_back_success": Status("refunding", "退货已收到", "Return received", 8),
    "shipped_back_failed": Status("refunding", "退货失败", "Return failed", 8),
    "returned": Status("refunding", "已退货", "Returned", 8),
    "canceled": Status("cancelled", "已取消", "Cancelled", 9),
}
UNKNOWN: Final = Status("", "", "", -1)

_RETURNS = frozenset({"shipped_back", "shipped_back_success", "shipped_back_failed", "returned"})


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _absent(cls, value: Any, info: ValidationInfo) -> Any:
        return cls.model_fields[info.field_name or ""].default if value is None else value


class _Order(_Loose):
    order_id: str = ""
    statuses: tuple[str, ...] = ()
    price: str = ""
    created_at: str = ""


class _Item(_Loose):
    order_item_id: str = ""
    product_id: str = ""
    sku: str = ""
    name: str = ""
    paid_price: str = ""
    currency: str = ""
    status: str = ""
    product_main_image: str = ""
    product_detail_url: str = ""
    tracking_code: str = ""
    shipment_provider: str = ""
    buyer_id: str = ""
    reverse_order_id: str = ""


class _OrderAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    data: _Order = Field(default_factory=_Order)


class _ItemsAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    data: tuple[_Item, ...] = ()


class Unreadable(ValueError):
    """The answer is not as it was documented."""


def order_of(order_id: str, order: bytes, items: bytes, locale: str, currency: str) -> ShopOrder:
    """From the answers to the two calls. ``currency`` is the country's, where the items name none. Raises Unreadable."""
    try:
        told = _OrderAnswer.model_validate_json(order).data
        parts = _ItemsAnswer.model_validate_json(items).data[:MOST_ITEMS]
    except ValidationError as error:
        raise Unreadable("order") from error
    statuses = [item.status.lower() for item in parts if item.status] or [status.lower() for status in told.statuses]
    chinese = is_chinese(locale)
    buyers = {item.buyer_id for item in parts}
    known = next((item.currency for item in parts if item.currency), currency)
    card = OrderCard(
        order_id=told.order_id or order_id,
        status=status_words(statuses, chinese),
        goods=tuple(_goods(item, known) for item in parts),
        total_minor=_minor(told.price, known),
        currency=known,
    )
    return ShopOrder(
        card=card,
        phase=phase_of(statuses),
        buyer=buyers.pop() if len(buyers) == 1 else "",
        placed_at=_time(told.created_at),
        parcels=_parcels(card.order_id, parts),
        refunds=tuple(_refund(item, card.order_id, known, chinese) for item in parts if _goes_back(item)),
    )


def phase_of(statuses: Sequence[str]) -> str:
    """How far the order is: as far as its slowest item that was not cancelled. Empty: nobody knows."""
    known = sorted((STATUSES[status] for status in statuses if status in STATUSES), key=lambda status: status.rank)
    return known[0].phase if known else ""


def status_words(statuses: Sequence[str], chinese: bool) -> str:
    """Every status of the items once; one that is not known as the platform says it."""
    found = [STATUSES.get(status, UNKNOWN) for status in statuses]
    texts = [
        (status.chinese if chinese else status.english) or raw for status, raw in zip(found, statuses, strict=True)
    ]
    return ("、" if chinese else ", ").join(dict.fromkeys(texts))


def _minor(amount: str, currency: str) -> int:
    return minor(amount.replace(",", ""), currency)


def _goods(item: _Item, currency: str) -> GoodsCard:
    return GoodsCard(
        goods_id=item.product_id or item.sku or item.order_item_id,
        title=item.name,
        price_minor=_minor(item.paid_price, currency),
        currency=currency,
        image_url=item.product_main_image,
        url=item.product_detail_url,
    )


def _parcels(order_id: str, items: Sequence[_Item]) -> tuple[LogisticsCard, ...]:
    sent = dict.fromkeys((item.shipment_provider, item.tracking_code) for item in items if item.tracking_code)
    return tuple(LogisticsCard(order_id, carrier, number) for carrier, number in sent)


def _goes_back(item: _Item) -> bool:
    return bool(item.reverse_order_id) or item.status.lower() in _RETURNS


def _refund(item: _Item, order_id: str, currency: str, chinese: bool) -> RefundCard:
    status = status_words([item.status.lower()], chinese) if item.status else ""
    return RefundCard(
        item.reverse_order_id or item.order_item_id, order_id, status, _minor(item.paid_price, currency), currency
    )


def _time(value: str) -> datetime | None:
    """As ``2026-11-20 10:12:13 +0800``; a time without its zone is nobody's."""
    try:
        return datetime.strptime(value, "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
