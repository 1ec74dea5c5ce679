"""Who may come in at an app: users whom the business vouches for, for as long as it does."""

import structlog
from aiohttp import web

from yizhan.channels.accounts import AccountBook
from yizhan.channels.app.facts import CHANNEL
from yizhan.channels.app.figures import AppFigures
from yizhan.channels.app.jwks import Jwks, KeysUnavailable
from yizhan.channels.app.protocol import AppHello
from yizhan.channels.app.settings import AppAccountSettings
from yizhan.channels.app.tokens import TokenRejected, user_of
from yizhan.channels.app.version import check_version
from yizhan.channels.app.visits import Visits
from yizhan.channels.screens.door import AccountDoor, token_of, token_refused
from yizhan.channels.screens.protocol import Hello
from yizhan.channels.screens.visitor import Holder, Visitor
from yizhan.core.messages.address import Address
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http import unavailable

log = structlog.get_logger(__name__)


class AppDoor(AccountDoor[AppAccountSettings]):
    """The same user on several devices is one customer, and so one conversation."""

    def __init__(
        self, accounts: AccountBook[AppAccountSettings], jwks: Jwks, clock: Clock, figures: AppFigures, visits: Visits
    ) -> None:
        super().__init__(accounts)
        self._jwks = jwks
        self._clock = clock
        self._figures = figures
        self._visits = visits

    async def holder(self, request: web.Request, token: str) -> Holder:
        account = self.account(request)
        try:
            user = await user_of(token, account.settings, self._jwks, self._clock)
        except TokenRejected as error:
            self._figures.rejected(error.reason)
            log.info("app_token_rejected", account=account.id, reason=error.reason)
            raise token_refused(expired=error.reason == "expired") from error
        except KeysUnavailable as error:
            self._figures.rejected("keys_unavailable")
            raise unavailable(5.0) from error
        address = Address(account.workspace, CHANNEL, account.id, f"u:{user.id}")
        visitor = Visitor(address, user.name, user.locale or account.settings.locale, verified=True)
        return Holder(visitor, user.until)

    async def greeted(self, request: web.Request, hello: Hello) -> Holder:
        """By the first frame or, where that has no token, by the handshake's header."""
        if isinstance(hello, AppHello):
            check_version(hello.version)
        holder = await self.holder(request, hello.token or token_of(request))
        self._visits.came(holder.visitor)
        return holder

    async def opened(self, request: web.Request) -> Visitor:
        """Who opens the app: dialogue is told."""
        visitor = (await self.holder(request, token_of(request))).visitor
        self._visits.came(visitor)
        return visitor

    async def listener(self, request: web.Request) -> Holder:
        """By the header alone: what is part of an address ends up in logs."""
        return await self.holder(request, token_of(request))
