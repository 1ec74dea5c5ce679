"""A customer's orders beside a conversation, as the business's own system tells them."""

from typing import Annotated

import structlog
from aiohttp import web
from pydantic import Field

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import Body
from yizhan.console.order_views import orders_json
from yizhan.console.peers import Peers
from yizhan.core.runtime.http import read_json
from yizhan.pb.v1 import customers_pb2 as pb

log = structlog.get_logger(__name__)

SECONDS = 10.0
"""More than dialogue takes to ask another system and to give up."""


class OrderWords(Body):
    """A telephone number or an order's number; in a body, so that it stands in no address and no access log."""

    words: Annotated[str, Field(min_length=1, max_length=100)]
    locale: Annotated[str, Field(max_length=35)] = ""


class OrdersApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in, talk = self._access.signed_in, "/api/v1/conversations/{id}"
        return [
            web.get(f"{talk}/orders", signed_in(self.known, "agent", "supervisor")),
            web.post(f"{talk}/orders/search", signed_in(self.search, "agent", "supervisor")),
        ]

    async def known(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """By what is known of the customer."""
        return await self._ask(request, person, "", request.query.get("locale", "")[:35])

    async def search(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """By what the person typed; who looked beside which conversation is in the log, what for is not."""
        body = await read_json(request, OrderWords)
        log.info("orders_searched", user_id=person.user.id, conversation_id=request.match_info["id"])
        return await self._ask(request, person, body.words, body.locale)

    async def _ask(self, request: web.Request, person: SignedIn, words: str, locale: str) -> web.StreamResponse:
        asked = pb.ListCustomerOrdersRequest(
            workspace=person.user.workspace, conversation_id=request.match_info["id"], words=words, locale=locale
        )
        found = await self._peers.customers.ListCustomerOrders(asked, timeout=SECONDS)
        return web.json_response(orders_json(found))
