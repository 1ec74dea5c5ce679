"""A shop on WooCommerce: its REST API, and its webhooks."""

import base64
import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.ecommerce.orders.asked import Answered, Asked, answered

ROOT = "/wp-json/wc/v3/orders"


@dataclass(slots=True)
class WooCommerceShop:
    """``errors``: (HTTP status, code)."""

    key: str = "ck_1"
    secret: str = "cs_1"
    webhook_secret: str = "wh"
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: deque[tuple[int, str]] = field(default_factory=deque)

    def answer(self, asked: Asked) -> Answered:
        if self.errors:
            return _error(*self.errors.popleft())
        scheme, _, given = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or base64.b64decode(given) != f"{self.key}:{self.secret}".encode():
            return _error(401, "woocommerce_rest_cannot_view")
        if asked.path == ROOT:
            theirs = [one for one in self.orders.values() if str(one["customer_id"]) == asked.query["customer"]]
            return answered(theirs[: int(asked.query["per_page"])])
        order = self.orders.get(asked.path.removeprefix(f"{ROOT}/"))
        return answered(order) if order else _error(404, "woocommerce_rest_shop_order_invalid_id")

    def push(self, body: bytes) -> dict[str, str]:
        digest = hmac.new(self.webhook_secret.encode(), body, hashlib.sha256).digest()
        return {
            "x-wc-webhook-signature": base64.standard_b64encode(digest).decode(),
            "x-wc-webhook-topic": "order.updated",
        }


def _error(status: int, code: str) -> Answered:
    return answered({"code": code, "message": "no", "data": {"status": status}}, status)


def order(number: int, status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "number": str(number),
        "status": status,
        "currency": "EUR",
        "date_created_gmt": "2026-11-20T12:31:00",
        "total": "49.90",
        "customer_id": 501,
        "billing": {"first_name": "L", "phone": "+49 170 1234567"},
        "line_items": [{"product_id": 77, "name": "Oak stool", "price": 49.9, "image": {"src": ""}}],
        "refunds": [],
        **more,
    }
