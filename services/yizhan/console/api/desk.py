"""Offers and presence: the agent's desk."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import PresenceChoice
from yizhan.console.api.users import put_agent
from yizhan.console.peers import Peers
from yizhan.console.views import offer_json
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.http import read_json
from yizhan.pb.v1 import routing_pb2


class DeskApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        return [
            web.get("/api/v1/offers", signed_in(self.offers, "agent")),
            web.post("/api/v1/offers/{id}/accept", signed_in(self.accept, "agent")),
            web.post("/api/v1/offers/{id}/decline", signed_in(self.decline, "agent")),
            web.get("/api/v1/presence", signed_in(self.presence)),
            web.post("/api/v1/presence", signed_in(self.set_presence, "agent")),
        ]

    async def offers(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = routing_pb2.ListOffersRequest(workspace=person.user.workspace, agent_id=person.user.id)
        found = await self._peers.routing.ListOffers(asked)
        return web.json_response({"items": [offer_json(offer) for offer in found.offers]})

    async def accept(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = routing_pb2.AcceptOfferRequest(
            workspace=person.user.workspace, agent_id=person.user.id, offer_id=request.match_info["id"]
        )
        assignment = (await self._peers.routing.AcceptOffer(asked)).assignment
        return web.json_response({"conversation_id": assignment.conversation_id, "epoch": assignment.epoch})

    async def decline(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = routing_pb2.DeclineOfferRequest(
            workspace=person.user.workspace, agent_id=person.user.id, offer_id=request.match_info["id"]
        )
        await self._peers.routing.DeclineOffer(asked)
        return web.Response(status=204)

    async def presence(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = routing_pb2.ListAgentsRequest(workspace=person.user.workspace, agent_id=person.user.id)
        agents = (await self._peers.routing.ListAgents(asked)).agents
        # A routing of the version before answers with everybody.
        own = next((agent for agent in agents if agent.id == person.user.id), routing_pb2.Agent(presence="offline"))
        return web.json_response({"state": own.presence, "reason": own.presence_reason or None})

    async def set_presence(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, PresenceChoice)
        asked = routing_pb2.SetPresenceRequest(
            workspace=person.user.workspace, agent_id=person.user.id, state=body.state, reason=body.reason or ""
        )
        try:
            agent = (await self._peers.routing.SetPresence(asked)).agent
        except RpcProblem as error:
            if error.code != "unknown_agent":
                raise
            await put_agent(self._peers, person.user)  # added on the command line a moment ago
            agent = (await self._peers.routing.SetPresence(asked)).agent
        return web.json_response({"state": agent.presence, "reason": agent.presence_reason or None})
