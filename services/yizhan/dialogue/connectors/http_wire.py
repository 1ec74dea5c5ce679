"""The HTTP form of a connector: six POSTs with JSON, so that no customer's number stands in a URL or an access log.

``docs/connectors.md`` tells a business the same in words.
"""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from yizhan.dialogue.connectors.model import (
    AfterSales,
    AfterSalesRequest,
    Appointment,
    AppointmentRequest,
    AppointmentSlot,
    CancelRequest,
    CustomerId,
    Id,
    Name,
    Order,
    SlotsRequest,
)

GET_ORDER = "orders/get"
FIND_ORDERS = "orders/find"
CREATE_AFTER_SALES = "after-sales/create"
LIST_SLOTS = "appointments/slots"
BOOK = "appointments/book"
CANCEL = "appointments/cancel"

KEY_HEADER = "Idempotency-Key"
NOT_FOUND = "not_found"
TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class GetOrder:
    order_id: Id
    phone: Name
    locale: Name


@dataclass(frozen=True, slots=True)
class FindOrders:
    """``customer`` is left out where it is empty: a system that was not declared to know it may refuse it."""

    phone: Name
    locale: Name
    limit: int
    customer: CustomerId = ""


@dataclass(frozen=True, slots=True)
class Orders:
    orders: tuple[Order, ...] = Field(max_length=100)


@dataclass(frozen=True, slots=True)
class Slots:
    slots: tuple[AppointmentSlot, ...] = Field(max_length=200)


class Refusal(BaseModel):
    """The body of 404, 409 and 422: ``application/problem+json``. Further members are the rule's figures."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    detail: str = Field("", max_length=500)
    alternatives: tuple[AppointmentSlot, ...] = Field((), max_length=50)

    def facts(self) -> dict[str, str]:
        """The figures, as texts; what is built in other ways is left out."""
        known = {"type", "title", "status", "instance", "request_id", "retry_after"}
        extra = (self.__pydantic_extra__ or {}).items()
        return {
            name: str(value)[:100]
            for name, value in extra
            if name not in known and isinstance(value, str | int) and not isinstance(value, bool)
        }


AFTER_SALES_REQUEST = TypeAdapter(AfterSalesRequest)
AFTER_SALES = TypeAdapter(AfterSales)
APPOINTMENT = TypeAdapter(Appointment)
APPOINTMENT_REQUEST = TypeAdapter(AppointmentRequest)
CANCEL_REQUEST = TypeAdapter(CancelRequest)
GET_ORDER_REQUEST = TypeAdapter(GetOrder)
FIND_ORDERS_REQUEST = TypeAdapter(FindOrders)
ORDER = TypeAdapter(Order)
ORDERS = TypeAdapter(Orders)
SLOTS = TypeAdapter(Slots)
SLOTS_REQUEST = TypeAdapter(SlotsRequest)
