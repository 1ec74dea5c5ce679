"""The demo shop over gRPC: ``protos/yizhan/v1/orders.proto``."""

from typing import Any

import grpc

from yizhan.core.messages.codec import Undecodable
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.demo.orders.book import OrderBook
from yizhan.dialogue.connectors import grpc_wire as wire
from yizhan.dialogue.connectors.errors import NotFound, RefusedByRule
from yizhan.dialogue.connectors.model import (
    AfterSalesRequest,
    AppointmentRequest,
    AppointmentSlot,
    CancelRequest,
    SlotsRequest,
    Taken,
)
from yizhan.pb.v1 import orders_pb2 as pb
from yizhan.pb.v1.orders_pb2_grpc import OrdersServiceServicer


class OrdersApi(OrdersServiceServicer):
    """The token is the server's affair (``core.runtime.grpc.server``)."""

    def __init__(self, book: OrderBook) -> None:
        self._book = book

    async def GetOrder(self, request: pb.GetOrderRequest, context: Any) -> pb.GetOrderResponse:
        with _told():
            order = self._book.get_order(request.order_id, request.phone, request.locale)
        return pb.GetOrderResponse(order=wire.order_to_proto(order))

    async def FindOrders(self, request: pb.FindOrdersRequest, context: Any) -> pb.FindOrdersResponse:
        with _told():
            found = self._book.find_orders(request.phone, request.locale, request.limit, request.customer)
        return pb.FindOrdersResponse(orders=map(wire.order_to_proto, found))

    async def CreateAfterSales(self, request: pb.CreateAfterSalesRequest, context: Any) -> pb.CreateAfterSalesResponse:
        asked = AfterSalesRequest(
            request.order_id,
            request.item_id,
            request.type,
            request.reason,
            request.picture,
            request.phone,
            request.locale,
        )
        with _told():
            application = self._book.create_after_sales(request.idempotency_key, asked)
        return pb.CreateAfterSalesResponse(application=wire.after_sales_to_proto(application))

    async def ListAppointmentSlots(
        self, request: pb.ListAppointmentSlotsRequest, context: Any
    ) -> pb.ListAppointmentSlotsResponse:
        with _told():
            within = _slot(pb.AppointmentSlot(begins=request.not_before, ends=request.not_after))
            asked = SlotsRequest(request.service, request.place, request.store, within, request.limit)
            slots = self._book.list_slots(asked)
        return pb.ListAppointmentSlotsResponse(slots=map(wire.slot_to_proto, slots))

    async def BookAppointment(self, request: pb.BookAppointmentRequest, context: Any) -> pb.BookAppointmentResponse:
        with _told():
            asked = AppointmentRequest(
                request.service,
                request.place,
                request.store,
                request.address,
                _slot(request.wish),
                request.name,
                request.phone,
                request.locale,
            )
            outcome = self._book.book(request.idempotency_key, asked)
        if isinstance(outcome, Taken):
            alternatives = map(wire.slot_to_proto, outcome.alternatives)
            return pb.BookAppointmentResponse(taken=pb.AppointmentTaken(alternatives=alternatives))
        return pb.BookAppointmentResponse(booked=wire.appointment_to_proto(outcome.appointment))

    async def CancelAppointment(
        self, request: pb.CancelAppointmentRequest, context: Any
    ) -> pb.CancelAppointmentResponse:
        asked = CancelRequest(request.appointment_id, request.phone, request.locale)
        with _told():
            appointment = self._book.cancel(request.idempotency_key, asked)
        return pb.CancelAppointmentResponse(appointment=wire.appointment_to_proto(appointment))


class _told:  # noqa: N801 - reads as what it does
    """Errors of the book as what they are over gRPC."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        match error:
            case NotFound():
                raise RpcProblem("not_found", grpc.StatusCode.NOT_FOUND) from error
            case RefusedByRule(reason=reason, text=text, facts=facts):
                raise RpcProblem(reason, grpc.StatusCode.FAILED_PRECONDITION, text, extras=facts) from error
            case Undecodable():
                raise RpcProblem("malformed", grpc.StatusCode.INVALID_ARGUMENT) from error
            case _:
                return


def _slot(slot: pb.AppointmentSlot) -> AppointmentSlot:
    return wire.slot_from_proto(slot)
