"""抖店 as a platform of the channel: orders by their number, and its pushes, which are verified and acknowledged."""

import hmac
import re

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Answer, Call, CallRefused, Push, Refused, TokenExpired
from yizhan.channels.ecommerce.doudian.calls import DoudianCalls
from yizhan.channels.ecommerce.doudian.order import Order, shop_order
from yizhan.channels.ecommerce.doudian.settings import DoudianSettings
from yizhan.channels.ecommerce.doudian.signing import push_signature
from yizhan.channels.ecommerce.order_answers import Part, Text
from yizhan.channels.ecommerce.order_errors import NoSuchOrder
from yizhan.channels.ecommerce.platform import PlatformKind, ShopOrder, Tools
from yizhan.channels.ecommerce.without_chat import WithoutChat
from yizhan.channels.tokens import Fetched, TokenRefused

Shop = Account[DoudianSettings]
TAKEN = Answer(b'{"code":0,"msg":"success"}', "application/json")
_ORDER_ID = re.compile(r"[0-9]{8,24}")


class _Detail(Part):
    shop_order_detail: Order | None = None


class _OrderAnswer(Part):
    data: _Detail | None = None


class _Token(Part):
    access_token: Text
    expires_in: float


class _TokenAnswer(Part):
    data: _Token


class Doudian(WithoutChat[DoudianSettings]):
    """``HasOrders`` and ``Keyed``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._call = DoudianCalls(tools.calls, tools.clock)

    async def order(self, shop: Shop, order_id: str, locale: str) -> ShopOrder | None:
        if not _ORDER_ID.fullmatch(order_id):
            return None
        token = await self._tools.tokens.get(shop.id)
        given = {"shop_order_id": order_id}
        try:
            answer = await self._call(shop.settings, token, "/order/orderDetail", given, _OrderAnswer)
        except NoSuchOrder:
            return None
        found = answer.data.shop_order_detail if answer.data else None
        return None if found is None else shop_order(found, locale)

    async def token(self, shop: Shop, *, force: bool) -> Fetched:  # noqa: ARG002 - each is a new one
        given = {"code": "", "grant_type": "authorization_self", "shop_id": shop.settings.shop_id}
        try:
            answer = await self._call(shop.settings, "", "/token/create", given, _TokenAnswer)
        except TokenExpired:
            raise TokenRefused("token_expired") from None
        except Refused as error:
            raise TokenRefused(error.code, error.text) from None
        return Fetched(answer.data.access_token, answer.data.expires_in)

    async def receive(self, shop: Shop, call: Call) -> Push:
        settings = shop.settings
        wanted = push_signature(settings.app_key, settings.app_secret.get_secret_value(), call.body)
        given = call.headers.get("event-sign", "")
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise CallRefused(403, "bad_signature")
        if call.headers.get("app-id", settings.app_key) != settings.app_key:
            raise CallRefused(403, "other_app")
        return Push(answer=TAKEN)


KIND = PlatformKind("doudian", ("抖店", "Douyin shop"), DoudianSettings, Doudian, chats=False)
