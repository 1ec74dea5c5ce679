"""What an order's status on Shopee is called. Source: reference E.5, "Orders". Phases are those of ``Order`` in orders.proto."""

from typing import Final

from yizhan.channels.ecommerce.order_status import (
    CANCELLED,
    DELIVERING,
    PAID,
    RECEIVED,
    REFUNDING,
    UNPAID,
    Status,
    Statuses,
)

STATUSES: Final[Statuses] = {
    "UNPAID": Status(UNPAID, "待付款", "Awaiting payment"),
    "READY_TO_SHIP": Status(PAID, "待发货", "Paid, not shipped yet"),
    "PROCESSED": Status(PAID, "已安排发货，待揽收", "Being handed to the carrier"),
    "RETRY_SHIP": Status(PAID, "揽收失败，将重新发货", "Being handed to the carrier again"),
    "SHIPPED": Status(DELIVERING, "运输中", "On its way"),
    "TO_CONFIRM_RECEIVE": Status(RECEIVED, "已送达，待确认收货", "Delivered, to be confirmed"),
    "IN_CANCEL": Status(REFUNDING, "取消申请处理中", "Cancellation requested"),
    "CANCELLED": Status(CANCELLED, "已取消", "Cancelled"),
    "TO_RETURN": Status(REFUNDING, "退货/退款处理中", "Return or refund under way"),
    "COMPLETED": Status(RECEIVED, "已完成", "Completed"),
}
