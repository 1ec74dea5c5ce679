"""A seller's consent in the browser: off to the platform's page, and back with a code that is exchanged once."""

import asyncio
import secrets
from collections import OrderedDict
from typing import Any

import structlog
from aiohttp import web

from yizhan.channels.contract import Refused, RetryLater, SendError
from yizhan.channels.ecommerce.consent_page import Shown, page
from yizhan.channels.ecommerce.consent_tickets import STATE_FOR, ConsentTickets, connected_url
from yizhan.channels.ecommerce.grants import Grants
from yizhan.channels.ecommerce.platform import Consented
from yizhan.channels.ecommerce.shops import Shop, Shops
from yizhan.channels.tokens import TokenManager
from yizhan.core.security.compare import same
from yizhan.core.security.tokens import TokenInvalid
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

COOKIE = "yizhan_consent"
EXCHANGE_SECONDS = 20.0
MOST_USED = 10_000
MOST_PARAMETERS = 40
LONGEST_PARAMETER = 4_000


class Consenting:
    """The two addresses of a consent. ``public_url`` is where platforms and browsers reach this deployment."""

    def __init__(
        self, shops: Shops, grants: Grants, tokens: TokenManager, tickets: ConsentTickets, public_url: str
    ) -> None:
        self._shops = shops
        self._grants = grants
        self._tokens = tokens
        self._tickets = tickets
        self._public_url = public_url
        self._used: OrderedDict[str, None] = OrderedDict()

    def routes(self) -> list[web.RouteDef]:
        path = "/ecommerce/{platform}/{account}"
        return [
            web.get(f"{path}/connect", self.connect, allow_head=False),
            web.get(f"{path}/connected", self.connected, allow_head=False),
        ]

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Send the browser to the platform's page, with a cookie that must come back with the answer."""
        platform, account = request.match_info["platform"], request.match_info["account"]
        try:
            ticket = self._tickets.check_ticket(request.query.get("ticket", ""))
        except TokenInvalid:
            return page(Shown.TICKET)
        if (ticket.platform, ticket.account) != (platform, account):
            return page(Shown.TICKET)
        shop = self._shops.at(platform, account)
        if shop is None or not isinstance(shop.platform, Consented):
            return page(Shown.NOTHING)
        if not self._public_url:
            return page(Shown.NO_PUBLIC_URL)
        nonce = secrets.token_urlsafe(24)
        state = self._tickets.state(platform, account, nonce)
        url = shop.platform.consent_url(shop.account, connected_url(self._public_url, platform, account), state)
        answer = web.Response(status=303, headers={"Location": str(url), "Cache-Control": "no-store"})
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.set_cookie(
            COOKIE,
            nonce,
            max_age=int(STATE_FOR.total_seconds()),
            path=f"/ecommerce/{platform}/{account}",
            httponly=True,
            secure=self._public_url.startswith("https:"),
            samesite="Lax",
        )
        return answer

    async def connected(self, request: web.Request) -> web.StreamResponse:
        """The platform sent the browser back: exchange the code, and say what came of it."""
        platform, account = request.match_info["platform"], request.match_info["account"]
        shop = self._shops.at(platform, account)
        if shop is None or not isinstance(shop.platform, Consented):
            return page(Shown.NOTHING)
        if not self._proved(request, platform, account):
            log.warning("consent_not_proved", platform=platform, account=account)
            return page(Shown.STATE)
        shown = await self._exchanged(request, shop, shop.platform)
        log.info("consent_answered", platform=platform, account=account, outcome=shown.name.lower())
        answer = page(shown)
        answer.del_cookie(COOKIE, path=f"/ecommerce/{platform}/{account}")
        return answer

    def _proved(self, request: web.Request, platform: str, account: str) -> bool:
        """Whether this browser was sent off by us, for this account, and has not come back before."""
        try:
            state = self._tickets.check_state(request.query.get("state", ""))
        except TokenInvalid:
            return False
        cookie = request.cookies.get(COOKIE, "")
        if (state.platform, state.account) != (platform, account) or not cookie.isascii():
            return False
        if not same(state.nonce, cookie) or state.nonce in self._used:
            return False
        self._used[state.nonce] = None
        if len(self._used) > MOST_USED:
            self._used.popitem(last=False)
        return True

    async def _exchanged(self, request: web.Request, shop: Shop, platform: Consented[Any]) -> Shown:
        query = dict(request.query)
        if len(query) > MOST_PARAMETERS or any(len(value) > LONGEST_PARAMETER for value in query.values()):
            return Shown.REFUSED
        back = connected_url(self._public_url, shop.kind.key, shop.account.id)
        try:
            async with asyncio.timeout(EXCHANGE_SECONDS):
                grant = await platform.consented(shop.account, query, back)
            await self._tokens.adopt(shop.account.id, self._grants.consented(shop, grant))
        except Refused as error:
            log.warning("consent_refused", platform=shop.kind.key, account=shop.account.id, code=error.code)
            return Shown.REFUSED
        except (RetryLater, TimeoutError, StoreError) as error:
            log.warning("consent_not_kept", account=shop.account.id, error=type(error).__name__)
            return Shown.LATER
        except SendError as error:
            log.warning("consent_failed", account=shop.account.id, error=type(error).__name__)
            return Shown.REFUSED
        return Shown.DONE
