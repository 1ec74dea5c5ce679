"""Orders as the console's clients see them; cards have the form that they have in a transcript."""

from yizhan.console.views import time
from yizhan.core.messages.codec import content_from_proto
from yizhan.core.messages.json_form import Json, content_json
from yizhan.pb.v1 import customers_pb2 as pb, message_pb2, orders_pb2


def orders_json(found: pb.ListCustomerOrdersResponse) -> Json:
    return {
        "connected": found.connected,
        "orders": [{**_order_json(one.order), "by": list(one.by)} for one in found.orders],
        "clues": [
            {
                "kind": one.kind,
                "shown": one.shown,
                "source": one.source,
                "outcome": one.outcome,
                "text": one.text or None,
            }
            for one in found.clues
        ],
        "more": found.more,
    }


def _order_json(order: orders_pb2.Order) -> Json:
    rule = order.after_sales
    return {
        "card": _card_json(message_pb2.Content(order=order.card)),
        "phase": order.phase,
        "placed_at": time(order, "placed_at"),
        "parcels": [_card_json(message_pb2.Content(logistics=one)) for one in order.parcels],
        "refunds": [_card_json(message_pb2.Content(refund=one)) for one in order.refunds],
        "after_sales": {"open": rule.open, "code": rule.code or None, "text": rule.text, "days": rule.days},
    }


def _card_json(content: message_pb2.Content) -> Json:
    return content_json(content_from_proto(content), lambda _media: "")
