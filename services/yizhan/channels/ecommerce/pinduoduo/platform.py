"""拼多多 as a platform of the channel: orders by their number."""

import re
from collections.abc import Mapping

from pydantic import Field
from yarl import URL

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Refused, TokenExpired
from yizhan.channels.ecommerce.order_answers import Part, Text
from yizhan.channels.ecommerce.order_errors import NoSuchOrder
from yizhan.channels.ecommerce.pinduoduo.calls import PinduoduoCalls
from yizhan.channels.ecommerce.pinduoduo.order import Order, shop_order
from yizhan.channels.ecommerce.pinduoduo.settings import PinduoduoSettings
from yizhan.channels.ecommerce.platform import Grant, PlatformKind, ShopOrder, Tools
from yizhan.channels.ecommerce.without_chat import WithoutChat
from yizhan.channels.tokens import TokenRefused

Shop = Account[PinduoduoSettings]
_ORDER_SN = re.compile(r"[0-9]{6}-[0-9]{6,20}")


class _Info(Part):
    order: Order | None = Field(None, alias="order_info")


class _OrderAnswer(Part):
    found: _Info = Field(alias="order_info_get_response")


class _Token(Part):
    access_token: Text
    expires_in: float
    refresh_token: Text = ""
    refresh_token_expires_in: float = 0


class _Created(Part):
    found: _Token = Field(alias="pop_auth_token_create_response")


class _Renewed(Part):
    found: _Token = Field(alias="pop_auth_token_refresh_response")


class Pinduoduo(WithoutChat[PinduoduoSettings]):
    """``HasOrders`` and ``Consented``; the names of the calls for tokens are memory."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._call = PinduoduoCalls(tools.calls, tools.clock)

    async def order(self, shop: Shop, order_id: str, locale: str) -> ShopOrder | None:
        if not _ORDER_SN.fullmatch(order_id):
            return None
        own = shop.settings.access_token.get_secret_value()
        token = own or await self._tools.tokens.get(shop.id)
        given = {"order_sn": order_id}
        try:
            answer = await self._call(shop.settings, token, "pdd.order.information.get", given, _OrderAnswer)
        except NoSuchOrder:
            return None
        return None if answer.found.order is None else shop_order(answer.found.order, locale)

    def consent_url(self, shop: Shop, redirect_url: str, state: str) -> URL:
        settings = shop.settings
        return URL(settings.consent_url).with_query(
            response_type="code", client_id=settings.client_id, redirect_uri=redirect_url, state=state
        )

    async def consented(
        self,
        shop: Shop,
        query: Mapping[str, str],
        redirect_url: str,  # noqa: ARG002 - this platform does not ask for it again
    ) -> Grant:
        given = {"code": query.get("code", "")}
        try:
            answer = await self._call(shop.settings, "", "pdd.pop.auth.token.create", given, _Created)
        except (Refused, TokenExpired) as error:
            raise _no_token(error) from None
        return _grant(answer.found)

    async def renewed(self, shop: Shop, grant: Grant) -> Grant:
        given = {"refresh_token": grant.refresh}
        try:
            answer = await self._call(shop.settings, "", "pdd.pop.auth.token.refresh", given, _Renewed)
        except (Refused, TokenExpired) as error:
            raise _no_token(error) from None
        return _grant(answer.found)


def _grant(found: _Token) -> Grant:
    return Grant(found.access_token, found.expires_in, found.refresh_token, found.refresh_token_expires_in or None)


def _no_token(error: Refused | TokenExpired) -> TokenRefused:
    return TokenRefused(error.code, error.text) if isinstance(error, Refused) else TokenRefused("token_expired")


KIND = PlatformKind("pinduoduo", ("拼多多", "Pinduoduo"), PinduoduoSettings, Pinduoduo, chats=False)
