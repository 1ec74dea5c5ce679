"""Calls of TikTok Shop: each path with the version that is used. Source: reference E.3; rows marked "memory" of public clients.

The platform keeps several versions of a call at a time and says months ahead when one ends.
"""

from typing import Final
from urllib.parse import quote

SHOPS: Final = "/authorization/202309/shops"
IMAGES: Final = "/customer_service/202309/images/upload"
ORDERS: Final = "/order/202507/orders"
FIND_ORDERS: Final = "/order/202309/orders/search"
RETURNS: Final = "/return_refund/202309/returns/search"
"""Memory, as its answer: ``return_orders`` by ``order_ids``."""

TOKEN: Final = "/api/v2/token/get"  # noqa: S105 - a path, not a token
RENEWAL: Final = "/api/v2/token/refresh"

_MESSAGES: Final = "/customer_service/202309/conversations/{id}/messages"
"""Version 202606 also takes ``sender_role``; whether every shop has it is not known (reference H.5)."""

_CONVERSATION: Final = "/customer_service/202601/conversations/{id}"
_TRACKING: Final = "/fulfillment/202309/orders/{id}/tracking"
"""Memory, as its answer: ``tracking`` of ``description`` and ``update_time_millis``."""


def messages(conversation_id: str) -> str:
    """Of one conversation: to write (POST) and to read (GET)."""
    return _MESSAGES.format(id=quote(conversation_id, safe=""))


def conversation(conversation_id: str) -> str:
    return _CONVERSATION.format(id=quote(conversation_id, safe=""))


def tracking(order_id: str) -> str:
    """What the carrier told of an order."""
    return _TRACKING.format(id=quote(order_id, safe=""))
