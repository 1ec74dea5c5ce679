"""Saved views of tickets: one's own and everybody's."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.peers import Peers
from yizhan.console.ticket_input import ViewBody, actor
from yizhan.console.ticket_json import view_json
from yizhan.core.runtime.http import read_json
from yizhan.pb.v1 import tickets_pb2 as pb


class TicketViewsApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        people = ("agent", "supervisor")
        base = "/api/v1/tickets/views"
        return [
            web.get(base, signed_in(self.list, *people)),
            web.post(base, signed_in(self.create, *people)),
            web.put(f"{base}/{{id}}", signed_in(self.change, *people)),
            web.delete(f"{base}/{{id}}", signed_in(self.delete, *people)),
        ]

    async def list(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListTicketViewsRequest(workspace=person.user.workspace, viewer_id=person.user.id)
        found = await self._peers.tickets.ListTicketViews(asked)
        return web.json_response({"items": [view_json(one.view) | {"count": one.count} for one in found.views]})

    async def create(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        return web.json_response({"view": await self._put(request, person, "")}, status=201)

    async def change(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """A view stays whose it is: ``shared`` counts only when it is made."""
        return web.json_response({"view": await self._put(request, person, request.match_info["id"])})

    async def delete(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.DeleteTicketViewRequest(
            workspace=person.user.workspace, view_id=request.match_info["id"], by=actor(person)
        )
        await self._peers.tickets.DeleteTicketView(asked)
        return web.Response(status=204)

    async def _put(self, request: web.Request, person: SignedIn, view_id: str) -> dict[str, object]:
        body = await read_json(request, ViewBody)
        view = pb.TicketViewRecord(
            id=view_id,
            owner_id="" if body.shared else person.user.id,
            name=body.name,
            filter=body.filter.spec(),
            sort=body.sort,
            revision=body.revision,
        )
        asked = pb.PutTicketViewRequest(workspace=person.user.workspace, view=view, by=actor(person))
        return view_json((await self._peers.tickets.PutTicketView(asked)).view)
