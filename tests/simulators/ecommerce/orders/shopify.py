"""One shop's Admin API at Shopify, and its webhooks."""

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.ecommerce.orders.asked import Answered, Asked, answered


@dataclass(slots=True)
class ShopifyShop:
    """``errors``: HTTP statuses as numbers, or codes of GraphQL."""

    client_id: str = "shopify-client"
    secret: str = "hush"
    tokens: set[str] = field(default_factory=lambda: {"shpat_1"})
    orders: list[dict[str, Any]] = field(default_factory=list)
    errors: deque[int | str] = field(default_factory=deque)

    def answer(self, asked: Asked) -> Answered:
        if self.errors:
            error = self.errors.popleft()
            if isinstance(error, int):
                return answered({"errors": "no"}, error)
            return answered({"data": None, "errors": [{"message": "no", "extensions": {"code": error}}]})
        given = json.loads(asked.body)
        if asked.path == "/admin/oauth/access_token":
            wanted = {"client_id": self.client_id, "client_secret": self.secret, "grant_type": "client_credentials"}
            if given != wanted:
                return answered({"error": "invalid_client"}, 400)
            self.tokens.add("shpat_day")
            return answered({"access_token": "shpat_day", "scope": "read_orders", "expires_in": 86399})
        if not re.fullmatch(r"/admin/api/20\d\d-\d\d/graphql\.json", asked.path):
            return answered({"errors": "Not Found"}, 404)
        if asked.headers.get("x-shopify-access-token") not in self.tokens:
            return answered({"errors": "[API] Invalid API key or access token"}, 401)
        nodes = self._found(given["variables"]["query"])
        return answered({"data": {"orders": {"nodes": nodes[: given["variables"]["first"]]}}})

    def _found(self, query: str) -> list[dict[str, Any]]:
        """By name as a search does it: whatever begins so."""
        name, customer = re.fullmatch(r'name:"([^"]*)"', query), re.fullmatch(r"customer_id:(\d+)", query)
        if name:
            return [one for one in self.orders if one["name"].lstrip("#").lower().startswith(name[1].lower())]
        wanted = f"gid://shopify/Customer/{customer[1]}" if customer else ""
        return [one for one in self.orders if (one["customer"] or {}).get("id") == wanted]

    def push(self, body: bytes, secret: str = "") -> dict[str, str]:
        digest = hmac.digest((secret or self.secret).encode(), body, hashlib.sha256)
        return {"x-shopify-hmac-sha256": base64.b64encode(digest).decode(), "x-shopify-topic": "orders/updated"}


def money(amount: str, currency: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def order(name: str, fulfilment: str, **more: Any) -> dict[str, Any]:
    currency = more.pop("currency", "USD")
    amount = more.pop("amount", "89.50")
    return {
        "id": f"gid://shopify/Order/{abs(hash(name))}",
        "name": name,
        "createdAt": "2026-11-20T12:31:00Z",
        "cancelledAt": None,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": fulfilment,
        "statusPageUrl": "https://shop.example.com/orders/x",
        "phone": None,
        "customer": {"id": "gid://shopify/Customer/501"},
        "shippingAddress": {"phone": "+86 138 0013 8000"},
        "totalPriceSet": money(amount, currency),
        "lineItems": {
            "nodes": [
                {
                    "title": "Oak stool",
                    "product": {"id": "gid://shopify/Product/77"},
                    "image": None,
                    "originalUnitPriceSet": money(amount, currency),
                }
            ]
        },
        "fulfillments": [],
        "refunds": [],
        **more,
    }
