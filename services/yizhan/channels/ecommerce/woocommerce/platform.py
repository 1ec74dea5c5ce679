"""WooCommerce as a platform of the channel: orders by number and by customer, and webhooks, verified and acknowledged."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from pydantic import RootModel
from yarl import URL

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Call, CallRefused, Push, Refused, RetryLater
from yizhan.channels.ecommerce.order_answers import Part, Text, read
from yizhan.channels.ecommerce.order_errors import NoSuchOrder, Told, known, meant, words
from yizhan.channels.ecommerce.platform import PlatformKind, Request, ShopOrder, Tools
from yizhan.channels.ecommerce.without_chat import WithoutChat
from yizhan.channels.ecommerce.woocommerce.errors import WOOCOMMERCE
from yizhan.channels.ecommerce.woocommerce.order import Order, shop_order
from yizhan.channels.ecommerce.woocommerce.settings import WooCommerceSettings

Shop = Account[WooCommerceSettings]
_NUMBER = re.compile(r"#?([0-9]{1,18})")
_PING = re.compile(rb"webhook_id=[0-9]{1,18}")
"""The body of the first call of a new webhook, which is not signed; memory."""
MOST = 100


class _Orders(RootModel[tuple[Order, ...]]):
    """A list, newest first."""


class _Error(Part):
    code: Text = ""
    message: Text = ""


def push_signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class WooCommerce(WithoutChat[WooCommerceSettings]):
    """``ListsOrders``."""

    def __init__(self, tools: Tools) -> None:
        self._calls = tools.calls

    async def order(self, shop: Shop, order_id: str, locale: str) -> ShopOrder | None:
        number = _NUMBER.fullmatch(order_id)
        if number is None:
            return None
        try:
            return shop_order(read(Order, await self._get(shop.settings, f"orders/{number[1]}", {})), locale)
        except NoSuchOrder:
            return None

    async def orders(self, shop: Shop, buyer: str, locale: str, most: int) -> Sequence[ShopOrder]:
        if not buyer.isascii() or not buyer.isdigit() or int(buyer) == 0:
            return ()
        query = {"customer": buyer, "per_page": str(min(most, MOST)), "orderby": "date", "order": "desc"}
        found = read(_Orders, await self._get(shop.settings, "orders", query))
        return tuple(shop_order(one, locale) for one in found.root)

    async def receive(self, shop: Shop, call: Call) -> Push:
        secret = shop.settings.webhook_secret.get_secret_value()
        if _PING.fullmatch(call.body):
            return Push()
        wanted = push_signature(secret, call.body)
        given = call.headers.get("x-wc-webhook-signature", "")
        if not secret or not hmac.compare_digest(given.encode(), wanted.encode()):
            raise CallRefused(401, "bad_signature")
        return Push()

    async def _get(self, settings: WooCommerceSettings, path: str, query: Mapping[str, str]) -> bytes:
        """Raises RetryLater, Refused and NoSuchOrder."""
        secret = settings.consumer_secret.get_secret_value()
        basic = base64.b64encode(f"{settings.consumer_key}:{secret}".encode()).decode()
        url = URL(f"{settings.api_url}/wp-json/wc/v3/{path}").with_query(dict(query))
        request = Request("orders", "GET", url, {"authorization": f"Basic {basic}"}, secrets=(secret, basic))
        answer = await self._calls(request)
        if answer.status == 200:
            return answer.body
        error = _error(answer.body)
        code = error.code if error.code in WOOCOMMERCE else str(answer.status)
        self._calls.refused("orders", known(code, WOOCOMMERCE))
        raise meant(Told(code, words(error.message, (secret, settings.consumer_key))), WOOCOMMERCE)


def _error(body: bytes) -> _Error:
    """What it says; a page of a web server says nothing."""
    try:
        return read(_Error, body)
    except (Refused, RetryLater):
        return _Error()


KIND = PlatformKind("woocommerce", ("WooCommerce", "WooCommerce"), WooCommerceSettings, WooCommerce, chats=False)
