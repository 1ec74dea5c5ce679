"""An order of a platform as the Orders proto has it."""

from yizhan.channels.ecommerce.order_status import chinese
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.core.messages.codec import content_to_proto, timestamp
from yizhan.pb.v1 import orders_pb2 as pb

MOST_PARCELS = 20


ON_PLATFORM = ("售后请在平台的订单页申请", "After-sales are applied for on the platform's own order page")


def order_to_proto(order: ShopOrder, locale: str) -> pb.Order:
    """Nothing of who ordered it goes along. Whether it can be returned, the platform's own pages know."""
    return pb.Order(
        card=content_to_proto(order.card).order,
        phase=order.phase,
        placed_at=timestamp(order.placed_at),
        parcels=[content_to_proto(parcel).logistics for parcel in order.parcels[:MOST_PARCELS]],
        after_sales=pb.AfterSalesRule(code="on_platform", text=ON_PLATFORM[0 if chinese(locale) else 1]),
        refunds=[content_to_proto(refund).refund for refund in order.refunds[:MOST_PARCELS]],
    )
