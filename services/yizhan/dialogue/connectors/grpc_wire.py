"""Between the values of a connector and the Orders proto. What the other side leaves out that is needed is ``Undecodable``."""

from yizhan.core.messages.codec import Undecodable, content_from_proto, content_to_proto, moment, timestamp
from yizhan.core.messages.content import LogisticsCard, OrderCard, RefundCard
from yizhan.dialogue.connectors.model import AfterSales, AfterSalesRule, Appointment, AppointmentSlot, Order
from yizhan.pb.v1 import message_pb2, orders_pb2 as pb


def order_to_proto(order: Order) -> pb.Order:
    rule = order.after_sales
    return pb.Order(
        card=content_to_proto(order.card).order,
        phase=order.phase,
        placed_at=timestamp(order.placed_at),
        parcels=[content_to_proto(parcel).logistics for parcel in order.parcels],
        refunds=[content_to_proto(refund).refund for refund in order.refunds],
        after_sales=pb.AfterSalesRule(open=rule.open, code=rule.code, text=rule.text, days=rule.days),
    )


def order_from_proto(order: pb.Order) -> Order:
    """Raises Undecodable."""
    card = content_from_proto(message_pb2.Content(order=order.card))
    if not isinstance(card, OrderCard) or not card.order_id:
        raise Undecodable("an order without number")
    rule = order.after_sales
    return Order(
        card=card,
        phase=order.phase,
        placed_at=moment(order.placed_at) if order.HasField("placed_at") else None,
        parcels=tuple(map(_parcel, order.parcels)),
        refunds=tuple(map(_refund, order.refunds)),
        after_sales=AfterSalesRule(rule.open, rule.code, rule.text, rule.days),
    )


def slot_to_proto(slot: AppointmentSlot) -> pb.AppointmentSlot:
    return pb.AppointmentSlot(begins=timestamp(slot.begins), ends=timestamp(slot.ends))


def slot_from_proto(slot: pb.AppointmentSlot) -> AppointmentSlot:
    """Raises Undecodable."""
    if not slot.HasField("begins") or not slot.HasField("ends"):
        raise Undecodable("a time without begin or end")
    return AppointmentSlot(moment(slot.begins), moment(slot.ends))


def appointment_to_proto(appointment: Appointment) -> pb.Appointment:
    return pb.Appointment(
        appointment_id=appointment.appointment_id,
        service=appointment.service,
        slot=slot_to_proto(appointment.slot),
        status=appointment.status,
    )


def appointment_from_proto(appointment: pb.Appointment) -> Appointment:
    """Raises Undecodable."""
    if not appointment.appointment_id:
        raise Undecodable("an appointment without number")
    slot = slot_from_proto(appointment.slot)
    return Appointment(appointment.appointment_id, appointment.service, slot, appointment.status)


def after_sales_to_proto(application: AfterSales) -> pb.AfterSales:
    return pb.AfterSales(
        application_id=application.application_id,
        order_id=application.order_id,
        status=application.status,
        refund=None if application.refund is None else content_to_proto(application.refund).refund,
    )


def after_sales_from_proto(application: pb.AfterSales) -> AfterSales:
    """Raises Undecodable."""
    if not application.application_id:
        raise Undecodable("an application without number")
    refund = _refund(application.refund) if application.HasField("refund") else None
    return AfterSales(application.application_id, application.order_id, application.status, refund)


def _parcel(parcel: message_pb2.LogisticsCard) -> LogisticsCard:
    card = content_from_proto(message_pb2.Content(logistics=parcel))
    if not isinstance(card, LogisticsCard):
        raise Undecodable("not a parcel")
    return card


def _refund(refund: message_pb2.RefundCard) -> RefundCard:
    card = content_from_proto(message_pb2.Content(refund=refund))
    if not isinstance(card, RefundCard):
        raise Undecodable("not a refund")
    return card
