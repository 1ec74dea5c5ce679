"""A business's system over gRPC (``protos/yizhan/v1/orders.proto``)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import grpc.aio
from pydantic import SecretStr

from yizhan.core.messages.codec import Undecodable, timestamp
from yizhan.core.runtime.grpc.problem import CODE_KEY, RpcProblem, from_error
from yizhan.dialogue.connectors import grpc_wire as wire
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
_MOST_SECONDS_AFTER = 3600.0


@dataclass(frozen=True, slots=True)
class GrpcPlace:
    """Where a system answers over gRPC, and how it knows us; ``header`` (in small letters) carries ``secret``."""

    address: str
    tls: bool = True
    ca: bytes | None = field(default=None, repr=False)
    header: str = "authorization"
    secret: SecretStr = field(default=SecretStr(""), repr=False)
    timeout: float = 5.0
    most_bytes: int = 256 * 1024
    keeps_keys: bool = True
    finds_by_customer: bool = False


class GrpcConnector:
    """``Connector`` over gRPC. Make it with ``open_grpc``, which owns its channel."""

    def __init__(self, channel: grpc.aio.Channel, place: GrpcPlace) -> None:
        self._stub: OrdersServiceAsyncStub = OrdersServiceStub(channel)
        self._place = place

    @property
    def keeps_keys(self) -> bool:
        return self._place.keeps_keys

    @property
    def finds_by_customer(self) -> bool:
        return self._place.finds_by_customer

    async def get_order(self, order_id: str, phone: str, locale: str) -> Order:
        asked = pb.GetOrderRequest(order_id=order_id, phone=phone, locale=locale)
        return await self._call(self._stub.GetOrder, asked, lambda answer: wire.order_from_proto(answer.order))

    async def find_orders(self, phone: str, locale: str, limit: int, customer: str = "") -> tuple[Order, ...]:
        asked = pb.FindOrdersRequest(phone=phone, locale=locale, limit=limit, customer=customer)
        return await self._call(
            self._stub.FindOrders, asked, lambda answer: tuple(map(wire.order_from_proto, answer.orders))
        )

    async def create_after_sales(self, key: str, request: AfterSalesRequest) -> AfterSales:
        asked = pb.CreateAfterSalesRequest(
            idempotency_key=key,
            order_id=request.order_id,
            item_id=request.item_id,
            type=request.type,
            reason=request.reason,
            picture=request.picture,
            phone=request.phone,
            locale=request.locale,
        )
        return await self._call(
            self._stub.CreateAfterSales, asked, lambda answer: wire.after_sales_from_proto(answer.application)
        )

    async def list_slots(self, request: SlotsRequest) -> tuple[AppointmentSlot, ...]:
        asked = pb.ListAppointmentSlotsRequest(
            service=request.service,
            place=request.place,
            store=request.store,
            not_before=timestamp(request.within.begins),
            not_after=timestamp(request.within.ends),
            limit=request.limit,
        )
        return await self._call(
            self._stub.ListAppointmentSlots, asked, lambda answer: tuple(map(wire.slot_from_proto, answer.slots))
        )

    async def book(self, key: str, request: AppointmentRequest) -> Booked | Taken:
        asked = pb.BookAppointmentRequest(
            idempotency_key=key,
            service=request.service,
            place=request.place,
            store=request.store,
            address=request.address,
            wish=wire.slot_to_proto(request.wish),
            name=request.name,
            phone=request.phone,
            locale=request.locale,
        )
        return await self._call(self._stub.BookAppointment, asked, _booked)

    async def cancel(self, key: str, request: CancelRequest) -> Appointment:
        asked = pb.CancelAppointmentRequest(
            idempotency_key=key, appointment_id=request.appointment_id, phone=request.phone, locale=request.locale
        )
        return await self._call(
            self._stub.CancelAppointment, asked, lambda answer: wire.appointment_from_proto(answer.appointment)
        )

    async def _call(self, method: Callable[..., Awaitable[Any]], asked: object, read: Callable[[Any], T]) -> T:
        """Raises ConnectorError."""
        secret = self._place.secret.get_secret_value()
        metadata = ((self._place.header, secret),) if secret else ()
        try:
            answer = await method(asked, timeout=self._place.timeout, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise _problem(error) from None
        try:
            return read(answer)
        except Undecodable:
            raise BadAnswer("not_as_agreed") from None


CONNECT_SECONDS = 3.0
"""How long connecting may take, which the library calls the least time between two attempts: TLS across a border takes its time."""


@asynccontextmanager
async def open_grpc(place: GrpcPlace) -> AsyncIterator[GrpcConnector]:
    """A connector with a channel of its own."""
    options: tuple[tuple[str, Any], ...] = (
        ("grpc.enable_http_proxy", 0),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),  # another connector's troubles with the same address are not ours
        ("grpc.max_receive_message_length", place.most_bytes),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", round(1000 * min(CONNECT_SECONDS, place.timeout))),
        ("grpc.max_reconnect_backoff_ms", 2_000),
    )
    if place.tls:
        credentials = grpc.ssl_channel_credentials(place.ca)
        channel = grpc.aio.secure_channel(place.address, credentials, options=options)
    else:
        channel = grpc.aio.insecure_channel(place.address, options=options)
    async with channel:
        yield GrpcConnector(channel, place)


def _booked(answer: pb.BookAppointmentResponse) -> Booked | Taken:
    match answer.WhichOneof("outcome"):
        case "booked":
            return Booked(wire.appointment_from_proto(answer.booked))
        case "taken":
            return Taken(tuple(map(wire.slot_from_proto, answer.taken.alternatives)))
        case _:
            raise Undecodable("neither booked nor taken")


def _problem(error: grpc.aio.AioRpcError) -> ConnectorError:
    """What a status means. The library makes some of them itself, and only its words tell."""
    problem, code, words = from_error(error), error.code(), error.details() or ""
    match code:
        case grpc.StatusCode.NOT_FOUND:
            return NotFound("not_found")
        case grpc.StatusCode.FAILED_PRECONDITION:
            return RefusedByRule(problem.code, problem.detail[:500], _facts(problem))
        case grpc.StatusCode.RESOURCE_EXHAUSTED if _is_told(error) or "larger than max" not in words:
            return Unavailable("rate_limited", sent=False, after=_after(problem))
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return BadAnswer("too_big")
        case grpc.StatusCode.UNAVAILABLE:
            sent = not words.startswith("failed to connect to all addresses")
            return Unavailable("cut_off" if sent else "unreachable", sent=sent, after=_after(problem))
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return Unavailable("too_slow", sent=True)
        case grpc.StatusCode.INTERNAL if "deserializing" in words:
            return BadAnswer("not_as_agreed")
        case grpc.StatusCode.UNAUTHENTICATED | grpc.StatusCode.PERMISSION_DENIED:
            return BadAnswer("key_refused", acted=False)
        case grpc.StatusCode.INVALID_ARGUMENT | grpc.StatusCode.UNIMPLEMENTED | grpc.StatusCode.OUT_OF_RANGE:
            return BadAnswer(code.name.lower(), acted=False)
        case _:
            return Unavailable(f"grpc_{code.name.lower()}", sent=True)


def _is_told(error: grpc.aio.AioRpcError) -> bool:
    return CODE_KEY in dict(error.trailing_metadata() or ())


def _after(problem: RpcProblem) -> timedelta | None:
    said = problem.retry_after
    return None if said is None or not said >= 0 else timedelta(seconds=min(said, _MOST_SECONDS_AFTER))


def _facts(problem: RpcProblem) -> dict[str, str]:
    return {
        name: str(value)[:100]
        for name, value in problem.extras.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }
