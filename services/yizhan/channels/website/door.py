"""Who may come in on a website: visitors with a token that we gave them."""

from typing import Literal

from aiohttp import web

from yizhan.channels.accounts import AccountBook
from yizhan.channels.screens.door import AccountDoor, token_of, token_refused
from yizhan.channels.screens.protocol import Hello
from yizhan.channels.screens.visitor import Holder
from yizhan.channels.website.settings import WebsiteAccountSettings
from yizhan.channels.website.visitors import TokenRefused, Visitors


class WebsiteDoor(AccountDoor[WebsiteAccountSettings]):
    """A connection outlives its token: only a new one needs a token that is still good."""

    def __init__(self, accounts: AccountBook[WebsiteAccountSettings], visitors: Visitors) -> None:
        super().__init__(accounts)
        self.visitors = visitors

    async def holder(self, request: web.Request, token: str) -> Holder:
        return self._holder(request, token, "token")

    async def greeted(self, request: web.Request, hello: Hello) -> Holder:
        return self._holder(request, hello.token, "token")

    async def listener(self, request: web.Request) -> Holder:
        """By the header, or by a ticket in the address, where a browser's EventSource cannot set headers."""
        ticket = request.query.get("ticket") or request.query.get("token")
        if ticket:
            return self._holder(request, ticket, "ticket")
        self.known(request)
        return self._holder(request, token_of(request), "token")

    def _holder(self, request: web.Request, token: str, kind: Literal["token", "ticket"]) -> Holder:
        try:
            return Holder(self.visitors.check(self.account(request), token, kind).visitor)
        except TokenRefused as error:
            raise token_refused(expired=error.reason == "expired") from error
