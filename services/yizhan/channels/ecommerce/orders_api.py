"""``OrdersService`` of this channel: orders of the platforms that its conversations take place on.

Statuses are those of orders.proto. An order of somebody else is answered like one that does not exist.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
import structlog

from yizhan.channels.contract import RetryLater, SendError
from yizhan.channels.ecommerce.order_lookups import Lookups, NoOrders, NumberNeeded, within
from yizhan.channels.ecommerce.order_status import chinese
from yizhan.channels.ecommerce.order_wire import order_to_proto
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable, address_from_proto
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1 import orders_pb2 as pb
from yizhan.pb.v1.orders_pb2_grpc import OrdersServiceServicer

log = structlog.get_logger(__name__)

SECONDS = 4.5
"""Less than callers wait, so that they are told what went wrong."""
AT_ONCE = 32
LONGEST = 100
NUMBER_NEEDED = (
    "这个平台不能按买家查订单，请提供订单号",
    "This platform finds no orders by their buyer; the number is needed",
)
Asked = pb.GetOrderRequest | pb.FindOrdersRequest
T = TypeVar("T")


class ShopOrdersApi(OrdersServiceServicer):
    """The token is the server's affair (``core.runtime.grpc.server``)."""

    def __init__(self, lookups: Lookups, metrics: Metrics) -> None:
        self._lookups = lookups
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._counter = metrics.counter(
            "yizhan_order_lookups_total",
            "Orders looked up on shops' platforms, by what came of it.",
            ("operation", "outcome"),
        )

    async def GetOrder(self, request: pb.GetOrderRequest, context: Any) -> pb.GetOrderResponse:
        address, wanted = _address(request), request.order_id.strip()
        if not wanted or len(wanted) > LONGEST:
            raise RpcProblem("not_found", grpc.StatusCode.NOT_FOUND)
        found = await self._told(
            "get", request, address, lambda: self._lookups.get(address, wanted, request.phone, request.locale)
        )
        if found is None:
            raise RpcProblem("not_found", grpc.StatusCode.NOT_FOUND)
        return pb.GetOrderResponse(order=order_to_proto(found, request.locale))

    async def FindOrders(self, request: pb.FindOrdersRequest, context: Any) -> pb.FindOrdersResponse:
        address = _address(request)
        found = await self._told(
            "find", request, address, lambda: self._lookups.find(address, request.phone, request.locale, request.limit)
        )
        return pb.FindOrdersResponse(orders=[order_to_proto(order, request.locale) for order in found])

    async def CreateAfterSales(self, request: pb.CreateAfterSalesRequest, context: Any) -> pb.CreateAfterSalesResponse:
        raise _own_system()

    async def ListAppointmentSlots(
        self, request: pb.ListAppointmentSlotsRequest, context: Any
    ) -> pb.ListAppointmentSlotsResponse:
        raise _own_system()

    async def BookAppointment(self, request: pb.BookAppointmentRequest, context: Any) -> pb.BookAppointmentResponse:
        raise _own_system()

    async def CancelAppointment(
        self, request: pb.CancelAppointmentRequest, context: Any
    ) -> pb.CancelAppointmentResponse:
        raise _own_system()

    async def _told(self, operation: str, request: Asked, address: Address, call: Callable[[], Awaitable[T]]) -> T:
        """Raises RpcProblem."""
        outcome = "failed"
        try:
            found = await within(SECONDS, self._at_once, call)
            outcome = "found" if found else "none"
            return found
        except NoOrders:
            outcome = "no_orders"
            raise RpcProblem("no_orders", grpc.StatusCode.UNIMPLEMENTED) from None
        except NumberNeeded:
            outcome = "number_needed"
            words = NUMBER_NEEDED[0 if chinese(request.locale) else 1]
            raise RpcProblem("number_needed", grpc.StatusCode.FAILED_PRECONDITION, words) from None
        except RetryLater as error:
            outcome = "unavailable"
            raise RpcProblem("platform_away", grpc.StatusCode.UNAVAILABLE, retry_after=error.after) from None
        except SendError as error:
            outcome = "refused"
            log.warning("order_lookup_refused", account=address.account, error=type(error).__name__)
            raise RpcProblem("platform_refused", grpc.StatusCode.PERMISSION_DENIED) from None
        finally:
            self._counter.labels(operation, outcome).inc()


def _own_system() -> RpcProblem:
    """What changes anything is the business's own system's."""
    return RpcProblem("own_system", grpc.StatusCode.UNIMPLEMENTED)


def _address(request: Asked) -> Address:
    """The conversation's. Raises RpcProblem where none is named: then this is a question for the business's own system."""
    if not request.HasField("address"):
        raise RpcProblem("no_address", grpc.StatusCode.INVALID_ARGUMENT)
    try:
        return address_from_proto(request.address)
    except Undecodable:
        raise RpcProblem("malformed", grpc.StatusCode.INVALID_ARGUMENT) from None
