"""Why the assistant said what it said."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.decision_views import decision_json
from yizhan.console.peers import Peers
from yizhan.pb.v1 import decision_pb2 as pb

OPENING_SECONDS = 60.0
"""A large release that is not published any more may have to be opened first."""


class DecisionsApi:
    """For whoever may read transcripts: a decision tells what the transcript of its message tells."""

    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/messages/{id}/decision", self._access.signed_in(self.show, "agent", "supervisor"))]

    async def show(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """By the id of a customer's message or of an answer; 409 with the reason where there is nothing to make again."""
        asked = pb.ExplainRequest(workspace=person.user.workspace, message_id=request.match_info["id"])
        found = await self._peers.decisions.Explain(asked, timeout=OPENING_SECONDS)
        return web.json_response(decision_json(found))
