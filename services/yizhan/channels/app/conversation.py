"""The conversation as a whole: who serves, how far it got, what was not seen."""

from aiohttp import web

from yizhan.channels.app.door import AppDoor
from yizhan.channels.app.facts import VERSION
from yizhan.channels.app.protocol import cursors
from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.history import HistoryUnavailable
from yizhan.core.runtime.http import unavailable

AT_THE_END = 2**53 - 1
"""After this seq there is no message: what is asked for is all but messages."""


class ConversationHandlers:
    """``GET /app/v1/{account}/conversation``."""

    def __init__(self, gateway: Gateway, door: AppDoor) -> None:
        self._gateway = gateway
        self._door = door

    async def show(self, request: web.Request) -> web.StreamResponse:
        """A conversation that nobody has begun is an empty one."""
        account = self._door.account(request)
        visitor = await self._door.opened(request)
        try:
            page = await self._gateway.history.after(visitor.address, AT_THE_END, 1)
        except HistoryUnavailable as error:
            raise unavailable(2.0) from error
        shown = {
            "customer_id": visitor.id,
            "head": page.head,
            "state": page.service.state,
            "agent": {"name": page.service.agent} if page.service.agent else None,
            **cursors(page),
            "account": {"name": account.settings.title or account.name, "locale": account.settings.locale},
            "limits": self._gateway.buckets.limits.shown(),
            "version": VERSION,
        }
        return web.json_response(shown, headers={"Cache-Control": "no-store"})
