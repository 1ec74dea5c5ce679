"""淘宝/天猫 as a platform of the channel: orders by their number and by their buyer."""

import re
from collections.abc import Mapping, Sequence

from pydantic import Field
from yarl import URL

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Refused
from yizhan.channels.ecommerce.order_answers import Many, Part
from yizhan.channels.ecommerce.order_errors import NoSuchOrder
from yizhan.channels.ecommerce.platform import Grant, PlatformKind, ShopOrder, Tools
from yizhan.channels.ecommerce.taobao import consent
from yizhan.channels.ecommerce.taobao.calls import TopCalls
from yizhan.channels.ecommerce.taobao.settings import TaobaoSettings
from yizhan.channels.ecommerce.taobao.trade import FIELDS, SENT, Trace, Trade, shop_order
from yizhan.channels.ecommerce.without_chat import WithoutChat

Shop = Account[TaobaoSettings]
_TID = re.compile(r"[0-9]{8,20}")


class _Found(Part):
    trade: Trade | None = None


class _FoundAnswer(Part):
    found: _Found = Field(alias="trade_fullinfo_get_response")


class _Trades(Part):
    trade: Many[Trade] = ()


class _Sold(Part):
    trades: _Trades | None = None


class _SoldAnswer(Part):
    found: _Sold = Field(alias="trades_sold_get_response")


class _TraceAnswer(Part):
    found: Trace = Field(alias="logistics_trace_search_response")


class Taobao(WithoutChat[TaobaoSettings]):
    """``ListsOrders`` and ``Consented``."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._call = TopCalls(tools.calls, tools.clock)

    async def order(self, shop: Shop, order_id: str, locale: str) -> ShopOrder | None:
        if not _TID.fullmatch(order_id):
            return None
        session, settings = await self._session(shop), shop.settings
        try:
            answer = await self._call(
                settings, session, "taobao.trade.fullinfo.get", {"tid": order_id, "fields": FIELDS}, _FoundAnswer
            )
        except NoSuchOrder:
            return None
        trade = answer.found.trade
        if trade is None:
            return None
        return shop_order(trade, await self._trace(shop, session, trade), settings.buyer_as, locale)

    async def orders(self, shop: Shop, buyer: str, locale: str, most: int) -> Sequence[ShopOrder]:
        session, settings = await self._session(shop), shop.settings
        by = "buyer_open_id" if settings.buyer_as == "open_uid" else "buyer_nick"
        given = {by: buyer, "fields": FIELDS, "page_no": "1", "page_size": str(min(most, 40))}
        answer = await self._call(settings, session, "taobao.trades.sold.get", given, _SoldAnswer)
        trades = answer.found.trades.trade if answer.found.trades else ()
        return tuple(shop_order(trade, None, settings.buyer_as, locale) for trade in trades[:most])

    async def _trace(self, shop: Shop, session: str, trade: Trade) -> Trace | None:
        """Where the parcel is; an order is told without it where the platform does not say."""
        if trade.status not in SENT:
            return None
        try:
            answer = await self._call(
                shop.settings, session, "taobao.logistics.trace.search", {"tid": trade.tid}, _TraceAnswer
            )
        except Refused:
            return None
        return answer.found

    async def _session(self, shop: Shop) -> str:
        own = shop.settings.session.get_secret_value()
        return own or await self._tools.tokens.get(shop.id)

    def consent_url(self, shop: Shop, redirect_url: str, state: str) -> URL:
        return consent.consent_url(shop.settings, redirect_url, state)

    async def consented(self, shop: Shop, query: Mapping[str, str], redirect_url: str) -> Grant:
        given = {"grant_type": "authorization_code", "code": query.get("code", ""), "redirect_uri": redirect_url}
        return await consent.exchanged(self._tools.calls, shop.settings, given)

    async def renewed(self, shop: Shop, grant: Grant) -> Grant:
        given = {"grant_type": "refresh_token", "refresh_token": grant.refresh}
        return await consent.exchanged(self._tools.calls, shop.settings, given)


KIND = PlatformKind("taobao", ("淘宝/天猫", "Taobao/Tmall"), TaobaoSettings, Taobao, chats=False)
