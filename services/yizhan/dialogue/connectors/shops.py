"""Orders of shops' platforms: asked of the channel on which a conversation takes place, for its buyer alone.

Where the conversation's account has no platform with orders, the business's own system is asked as everywhere else. Whatever
is no look-up (after-sales, appointments) is that system's anyway.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import grpc.aio

from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable, address_to_proto
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.connectors import grpc_wire as wire
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.errors import BadAnswer, ConnectorError, NotFound, RefusedByRule, Unavailable
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
from yizhan.pb.v1 import orders_pb2 as pb
from yizhan.pb.v1.orders_pb2_grpc import OrdersServiceStub

if TYPE_CHECKING:
    from yizhan.pb.v1.orders_pb2_grpc import OrdersServiceAsyncStub

T = TypeVar("T")

SECONDS = 5.0
NUMBER_NEEDED = "number_needed"
"""The refusal of a platform that finds no orders by their buyer."""

_NO_ORDERS = "no_orders"


class NoOrders(Exception):
    """The account has no platform whose orders can be looked up."""


class ShopOrders:
    """The way to the channel's service. Until it is known where that is, nobody answers."""

    def __init__(self) -> None:
        self._stub: OrdersServiceAsyncStub | None = None

    def connect(self, channel: grpc.aio.Channel) -> None:
        """The service answers there, from now on."""
        self._stub = OrdersServiceStub(channel)

    def of(self, address: Address, own: Connector | None) -> "ShopConnector":
        """The orders of this conversation's buyer; ``own`` is the business's system, if it has one."""
        return ShopConnector(self, address, own)

    async def get(self, asked: pb.GetOrderRequest) -> Order:
        """Raises ConnectorError and NoOrders."""
        stub = self._connected()
        return await _told(stub.GetOrder(asked, timeout=SECONDS), lambda answer: wire.order_from_proto(answer.order))

    async def find(self, asked: pb.FindOrdersRequest) -> tuple[Order, ...]:
        """As ``get``."""
        stub = self._connected()
        return await _told(
            stub.FindOrders(asked, timeout=SECONDS),
            lambda answer: tuple(map(wire.order_from_proto, answer.orders)),
        )

    def _connected(self) -> "OrdersServiceAsyncStub":
        if self._stub is None:
            raise Unavailable("not_connected", sent=False)
        return self._stub


class ShopConnector:
    """``Connector`` for one conversation: look-ups go to its channel, everything else to the business's own system."""

    def __init__(self, shops: ShopOrders, address: Address, own: Connector | None) -> None:
        self._shops = shops
        self._address = address
        self._own = own

    @property
    def keeps_keys(self) -> bool:
        return self._own is None or self._own.keeps_keys

    @property
    def finds_by_customer(self) -> bool:
        return self._own is not None and self._own.finds_by_customer

    async def get_order(self, order_id: str, phone: str, locale: str) -> Order:
        address = address_to_proto(self._address)
        asked = pb.GetOrderRequest(order_id=order_id, phone=phone, locale=locale, address=address)
        try:
            return await self._shops.get(asked)
        except NoOrders:
            return await self._system().get_order(order_id, phone, locale)

    async def find_orders(self, phone: str, locale: str, limit: int, customer: str = "") -> tuple[Order, ...]:
        """By the buyer of the conversation; ``phone`` and ``customer`` are for the business's own system."""
        try:
            return await self.of_buyer(phone, locale, limit)
        except NoOrders:
            if not phone and not customer:
                raise RefusedByRule(NUMBER_NEEDED) from None
            return await self._system().find_orders(phone, locale, limit, customer)

    async def of_buyer(self, phone: str, locale: str, limit: int) -> tuple[Order, ...]:
        """Only by the buyer. Raises NoOrders too."""
        address = address_to_proto(self._address)
        return await self._shops.find(pb.FindOrdersRequest(phone=phone, locale=locale, limit=limit, address=address))

    async def of_own_system(self, phone: str, locale: str, limit: int, customer: str = "") -> tuple[Order, ...]:
        """Only what the business's own system knows of them."""
        return () if self._own is None else await self._own.find_orders(phone, locale, limit, customer)

    async def create_after_sales(self, key: str, request: AfterSalesRequest) -> AfterSales:
        return await self._system().create_after_sales(key, request)

    async def list_slots(self, request: SlotsRequest) -> tuple[AppointmentSlot, ...]:
        return await self._system().list_slots(request)

    async def book(self, key: str, request: AppointmentRequest) -> Booked | Taken:
        return await self._system().book(key, request)

    async def cancel(self, key: str, request: CancelRequest) -> Appointment:
        return await self._system().cancel(key, request)

    def _system(self) -> Connector:
        if self._own is None:
            raise BadAnswer("connector_missing", acted=False)
        return self._own


async def _told(answer: Awaitable[Any], read: Callable[[Any], T]) -> T:
    """Raises ConnectorError and NoOrders."""
    try:
        return read(await answer)
    except RpcProblem as problem:
        if problem.code == _NO_ORDERS:
            raise NoOrders from None
        raise _meant(problem) from None
    except Undecodable:
        raise BadAnswer("not_as_agreed", acted=False) from None


def _meant(problem: RpcProblem) -> ConnectorError:
    """What a status means; nothing is ever changed there."""
    match problem.status:
        case grpc.StatusCode.NOT_FOUND:
            return NotFound("not_found")
        case grpc.StatusCode.FAILED_PRECONDITION:
            return RefusedByRule(problem.code, problem.detail[:500])
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.RESOURCE_EXHAUSTED | grpc.StatusCode.DEADLINE_EXCEEDED:
            after = None if problem.retry_after is None else timedelta(seconds=min(problem.retry_after, 3600.0))
            return Unavailable(problem.code, sent=False, after=after)
        case _:
            return BadAnswer(problem.code, acted=False)
