"""Shopify's errors: HTTP statuses, and codes in ``errors[].extensions`` of GraphQL. From the vendor's documentation."""

from yizhan.channels.contract import Refusal
from yizhan.channels.ecommerce.order_errors import (
    ACCOUNT,
    BUSY_SECONDS,
    NOT_PERMITTED,
    Meanings,
    refused,
    retry,
    token,
)

SHOPIFY: Meanings = {
    "401": token,
    "402": ACCOUNT,  # the shop has not paid and is frozen
    "403": NOT_PERMITTED,
    "404": ACCOUNT,  # no such shop, or version
    "423": ACCOUNT,  # the shop is locked
    "THROTTLED": retry(BUSY_SECONDS),
    "ACCESS_DENIED": NOT_PERMITTED,
    "SHOP_INACTIVE": ACCOUNT,
    "INTERNAL_SERVER_ERROR": retry(BUSY_SECONDS),
    "MAX_COST_EXCEEDED": refused(Refusal.OTHER),
}
