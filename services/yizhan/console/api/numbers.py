"""The live board."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.query import number
from yizhan.console.peers import Peers
from yizhan.console.views import numbers_json
from yizhan.pb.v1 import reports_pb2, routing_pb2

MOST_SECONDS = 31 * 24 * 3600


class NumbersApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/numbers", self._access.signed_in(self.numbers, "supervisor", "agent", "editor"))]

    async def numbers(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        window = min(number(request, "window", 3600), MOST_SECONDS)
        workspace = person.user.workspace
        asked = reports_pb2.GetLiveNumbersRequest(workspace=workspace, window_seconds=window)
        live = await self._peers.reports.GetLiveNumbers(asked)
        queue = await self._peers.routing.GetQueue(routing_pb2.GetQueueRequest(workspace=workspace))
        return web.json_response(numbers_json(live, queue))
