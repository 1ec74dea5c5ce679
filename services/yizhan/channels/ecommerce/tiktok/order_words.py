"""What an order's status on TikTok Shop is called. Source: reference E.3, "Orders"; of returns from memory.

Phases are those of ``Order`` in orders.proto.
"""

from typing import Final

from yizhan.channels.ecommerce.order_status import (
    CANCELLED,
    DELIVERING,
    PAID,
    RECEIVED,
    REFUNDING,
    SHIPPED,
    UNPAID,
    Status,
    Statuses,
)

STATUSES: Final[Statuses] = {
    "UNPAID": Status(UNPAID, "待付款", "Awaiting payment"),
    "ON_HOLD": Status(PAID, "已付款，处理中", "Paid, being checked"),
    "AWAITING_SHIPMENT": Status(PAID, "待发货", "Paid, not shipped yet"),
    "PARTIALLY_SHIPPING": Status(SHIPPED, "部分已发货", "Partly shipped"),
    "AWAITING_COLLECTION": Status(SHIPPED, "已打包，待物流揽收", "Packed, awaiting the carrier"),
    "IN_TRANSIT": Status(DELIVERING, "运输中", "On its way"),
    "DELIVERED": Status(RECEIVED, "已送达", "Delivered"),
    "COMPLETED": Status(RECEIVED, "已完成", "Completed"),
    "CANCELLED": Status(CANCELLED, "已取消", "Cancelled"),
}

RETURNS: Final[Statuses] = {
    "RETURN_OR_REFUND_REQUEST_PENDING": Status(REFUNDING, "退款申请审核中", "Refund requested"),
    "REFUND_OR_RETURN_REQUEST_REJECT": Status("", "退款申请被拒绝", "Refund declined"),
    "AWAITING_BUYER_SHIP": Status(REFUNDING, "待寄回商品", "Awaiting the returned goods"),
    "BUYER_SHIPPED_ITEM": Status(REFUNDING, "商品寄回中", "Goods on their way back"),
    "REJECT_RECEIVE_PACKAGE": Status("", "退货被拒收", "Returned goods declined"),
    "RETURN_OR_REFUND_REQUEST_SUCCESS": Status(REFUNDING, "退款处理中", "Refund being paid"),
    "RETURN_OR_REFUND_REQUEST_CANCEL": Status("", "退款申请已取消", "Refund request withdrawn"),
    "RETURN_OR_REFUND_REQUEST_COMPLETE": Status("", "已退款", "Refunded"),
    "REPLACEMENT_REQUEST_PENDING": Status(REFUNDING, "换货申请审核中", "Replacement requested"),
    "REPLACEMENT_REQUEST_REJECT": Status("", "换货申请被拒绝", "Replacement declined"),
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": Status(REFUNDING, "换货转退款", "Refunded instead of replaced"),
    "REPLACEMENT_REQUEST_CANCEL": Status("", "换货申请已取消", "Replacement request withdrawn"),
    "REPLACEMENT_REQUEST_COMPLETE": Status("", "换货已完成", "Replaced"),
}
"""``phase`` is the order's while the return is in this state; empty: the order's own."""
