"""What every connector can do, whichever way it speaks."""

from typing import Protocol

from yizhan.dialogue.connectors.model import (
    AfterSales,
    AfterSalesRequest,
    Appointment,
    AppointmentRequest,
    AppointmentSlot,
    Booked,
    CancelRequest,
    Order,
    SlotsRequest,
    Taken,
)


class Connector(Protocol):
    """A business's order system. Every method makes one call, within the connector's own time limit, and raises ConnectorError.

    ``key`` is the idempotency key of a change: the same key again gives the answer that was given before. Nothing is
    tried again here: that is the job runner's decision.
    """

    @property
    def keeps_keys(self) -> bool:
        """Whether the system keeps idempotency keys; where it does not, a change is never repeated."""

    @property
    def finds_by_customer(self) -> bool:
        """Whether the system knows customers by the business's own ids; only then one is given to ``find_orders``."""

    async def get_order(self, order_id: str, phone: str, locale: str) -> Order: ...

    async def find_orders(self, phone: str, locale: str, limit: int, customer: str = "") -> tuple[Order, ...]:
        """Newest first, by the telephone number, or by the business's own id of a customer whom it vouches for."""
        ...

    async def create_after_sales(self, key: str, request: AfterSalesRequest) -> AfterSales: ...

    async def list_slots(self, request: SlotsRequest) -> tuple[AppointmentSlot, ...]: ...

    async def book(self, key: str, request: AppointmentRequest) -> Booked | Taken: ...

    async def cancel(self, key: str, request: CancelRequest) -> Appointment: ...
