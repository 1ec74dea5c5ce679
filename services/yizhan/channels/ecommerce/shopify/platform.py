"""Shopify as a platform of the channel: orders by their number and by their customer, and webhooks, verified and acknowledged."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Call, CallRefused, Push
from yizhan.channels.ecommerce.order_answers import Many, Part
from yizhan.channels.ecommerce.platform import PlatformKind, ShopOrder, Tools
from yizhan.channels.ecommerce.shopify.calls import ShopifyCalls
from yizhan.channels.ecommerce.shopify.order import QUERY, Order, shop_order
from yizhan.channels.ecommerce.shopify.settings import ShopifySettings
from yizhan.channels.ecommerce.without_chat import WithoutChat
from yizhan.channels.tokens import Fetched, TokenRefused

Shop = Account[ShopifySettings]
_NAME = re.compile(r"#?[A-Za-z0-9_-]{1,40}")
"""What may stand between quotes in a search; a shop's own prefix or suffix is part of it."""
_CUSTOMER = re.compile(r"[0-9]{1,20}")
_ALIKE = 10
"""A search by name may find others that only begin so."""


class _Nodes(Part):
    nodes: Many[Order] = ()


class _Data(Part):
    orders: _Nodes | None = None


class _Answer(Part):
    data: _Data | None = None


def push_signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class Shopify(WithoutChat[ShopifySettings]):
    """``ListsOrders`` and ``Keyed``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._calls = ShopifyCalls(tools.calls)

    async def order(self, shop: Shop, order_id: str, locale: str) -> ShopOrder | None:
        """Buyers write the number with # and without."""
        if not _NAME.fullmatch(order_id):
            return None
        wanted = order_id.removeprefix("#").lower()
        found = await self._found(shop, f'name:"{order_id.removeprefix("#")}"', _ALIKE)
        order = next((one for one in found if one.name.removeprefix("#").lower() == wanted), None)
        return None if order is None else shop_order(order, locale)

    async def orders(self, shop: Shop, buyer: str, locale: str, most: int) -> Sequence[ShopOrder]:
        if not _CUSTOMER.fullmatch(buyer):
            return ()
        return tuple(shop_order(one, locale) for one in await self._found(shop, f"customer_id:{buyer}", most))

    async def token(self, shop: Shop, *, force: bool) -> Fetched:  # noqa: ARG002 - each is a new one
        if not shop.settings.client_id:
            raise TokenRefused("no_client_id")
        return await self._calls.token(shop.settings)

    async def receive(self, shop: Shop, call: Call) -> Push:
        given = call.headers.get("x-shopify-hmac-sha256", "")
        signed = (push_signature(secret, call.body).encode() for secret in shop.settings.push_secrets)
        if not any(hmac.compare_digest(given.encode(), one) for one in signed):
            raise CallRefused(401, "bad_signature")
        if call.headers.get("x-shopify-shop-domain", shop.settings.domain) != shop.settings.domain:
            raise CallRefused(403, "other_shop")
        return Push()

    async def _found(self, shop: Shop, query: str, most: int) -> Sequence[Order]:
        own = shop.settings.access_token.get_secret_value()
        token = own or await self._tools.tokens.get(shop.id)
        variables = {"query": query, "first": most}
        answer = await self._calls.query(shop.settings, token, QUERY, variables, _Answer)
        return answer.data.orders.nodes if answer.data and answer.data.orders else ()


KIND = PlatformKind("shopify", ("Shopify", "Shopify"), ShopifySettings, Shopify, chats=False)
