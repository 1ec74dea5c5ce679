"""京东 as a platform of the channel: orders by their number."""

import re
from collections.abc import Mapping

from pydantic import Field
from yarl import URL

from yizhan.channels.accounts import Account
from yizhan.channels.ecommerce.jd import consent
from yizhan.channels.ecommerce.jd.calls import JosCalls
from yizhan.channels.ecommerce.jd.order import FIELDS, Order, shop_order
from yizhan.channels.ecommerce.jd.settings import JdSettings
from yizhan.channels.ecommerce.order_answers import Part
from yizhan.channels.ecommerce.order_errors import NoSuchOrder
from yizhan.channels.ecommerce.platform import Grant, PlatformKind, ShopOrder, Tools
from yizhan.channels.ecommerce.without_chat import WithoutChat

Shop = Account[JdSettings]
METHOD = "jingdong.pop.order.get"
_ORDER_ID = re.compile(r"[0-9]{8,20}")


class _Details(Part):
    order: Order | None = Field(None, alias="orderInfo")


class _Response(Part):
    details: _Details | None = Field(None, alias="orderDetailInfo")


class _Answer(Part):
    """The platform spells its answers so."""

    response: _Response = Field(alias="jingdong_pop_order_get_responce")


class Jd(WithoutChat[JdSettings]):
    """``HasOrders`` and ``Consented``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._call = JosCalls(tools.calls, tools.clock)

    async def order(self, shop: Shop, order_id: str, locale: str) -> ShopOrder | None:
        if not _ORDER_ID.fullmatch(order_id):
            return None
        own = shop.settings.access_token.get_secret_value()
        token = own or await self._tools.tokens.get(shop.id)
        given = {"order_id": order_id, "optional_fields": FIELDS}
        try:
            answer = await self._call(shop.settings, token, METHOD, given, _Answer)
        except NoSuchOrder:
            return None
        order = answer.response.details.order if answer.response.details else None
        return None if order is None else shop_order(order, shop.settings.buyer_as, locale)

    def consent_url(self, shop: Shop, redirect_url: str, state: str) -> URL:
        return consent.consent_url(shop.settings, redirect_url, state)

    async def consented(
        self,
        shop: Shop,
        query: Mapping[str, str],
        redirect_url: str,  # noqa: ARG002 - this platform does not ask for it again
    ) -> Grant:
        given = {"grant_type": "authorization_code", "code": query.get("code", "")}
        return await consent.exchanged(self._tools.calls, shop.settings, "access_token", given)

    async def renewed(self, shop: Shop, grant: Grant) -> Grant:
        given = {"grant_type": "refresh_token", "refresh_token": grant.refresh}
        return await consent.exchanged(self._tools.calls, shop.settings, "refresh_token", given)


KIND = PlatformKind("jd", ("京东", "JD"), JdSettings, Jd, chats=False)
