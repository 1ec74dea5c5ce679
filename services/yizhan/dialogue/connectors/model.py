"""What a business's order system is asked and says, as values; over HTTP these are the JSON bodies, field by field.

Times are aware; amounts are in the currency's minor unit; texts for the customer are in the language of ``locale``.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from yizhan.core.messages.content import GoodsCard, LogisticsCard, LogisticsStep, OrderCard, RefundCard
from yizhan.core.messages.moment import Moment

__all__ = [
    "AfterSales",
    "AfterSalesRequest",
    "AfterSalesRule",
    "Appointment",
    "AppointmentRequest",
    "AppointmentSlot",
    "Booked",
    "CancelRequest",
    "GoodsCard",
    "LogisticsCard",
    "LogisticsStep",
    "Order",
    "OrderCard",
    "RefundCard",
    "SlotsRequest",
    "Taken",
]

Id = Annotated[str, Field(min_length=1, max_length=100)]
Name = Annotated[str, Field(max_length=64)]
CustomerId = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=500)]


@dataclass(frozen=True, slots=True)
class AfterSalesRule:
    """Whether after-sales can be applied for now. ``code`` is a static name of why not, ``text`` the same for the customer.

    ``days`` after receipt in which it is possible; 0: there is no such rule.
    """

    open: bool
    code: Name = ""
    text: Words = ""
    days: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """``card`` is what is shown: its status is for the customer, a ``goods_id`` names an item. ``phase`` is for programs.

    ``placed_at`` None: the system does not say.
    """

    card: OrderCard
    phase: Name
    placed_at: Moment | None
    parcels: Annotated[tuple[LogisticsCard, ...], Field(max_length=20)] = ()
    refunds: Annotated[tuple[RefundCard, ...], Field(max_length=20)] = ()
    after_sales: AfterSalesRule = AfterSalesRule(open=False)


@dataclass(frozen=True, slots=True)
class AfterSalesRequest:
    """``item_id`` empty: the whole order. ``picture`` is a media id."""

    order_id: Id
    item_id: Name
    type: Name
    reason: Words
    picture: Name
    phone: Name
    locale: Name = ""


@dataclass(frozen=True, slots=True)
class AfterSales:
    """An application that was registered; ``refund`` where money goes back."""

    application_id: Id
    order_id: Id
    status: Words
    refund: RefundCard | None = None


@dataclass(frozen=True, slots=True)
class AppointmentSlot:
    """A time that can be booked, or inside which one is wished for."""

    begins: Moment
    ends: Moment


@dataclass(frozen=True, slots=True)
class SlotsRequest:
    """``place`` is "store" or "home"; ``store`` only with the first. At most ``limit``, earliest first."""

    service: Name
    place: Name
    store: Name
    within: AppointmentSlot
    limit: int = 10


@dataclass(frozen=True, slots=True)
class AppointmentRequest:
    """Any free time inside ``wish`` will do."""

    service: Name
    place: Name
    store: Name
    address: Words
    wish: AppointmentSlot
    name: Name
    phone: Name
    locale: Name = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    appointment_id: Id
    service: Name
    slot: AppointmentSlot
    status: Words


@dataclass(frozen=True, slots=True)
class Booked:
    appointment: Appointment


@dataclass(frozen=True, slots=True)
class Taken:
    """Nothing is free inside the wish; ``alternatives`` are the nearest."""

    alternatives: Annotated[tuple[AppointmentSlot, ...], Field(max_length=50)]


@dataclass(frozen=True, slots=True)
class CancelRequest:
    appointment_id: Id
    phone: Name
    locale: Name = ""
