"""The supervisor's board: the queue as it stands, promises as they come due, and who is there."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.board_views import board_json
from yizhan.console.peers import Peers
from yizhan.console.ticket_json import ticket_record_json
from yizhan.pb.v1 import routing_pb2, tickets_pb2

MOST_PROMISES = 100
MOST_TICKETS = 20


class BoardApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/board", self._access.signed_in(self.board, "supervisor"))]

    async def board(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        workspace, viewer = person.user.workspace, person.user.id
        queue = await self._peers.routing.GetQueue(
            routing_pb2.GetQueueRequest(workspace=workspace, most_promises=MOST_PROMISES)
        )
        agents = (await self._peers.routing.ListAgents(routing_pb2.ListAgentsRequest(workspace=workspace))).agents
        overdue = tickets_pb2.TicketFilterSpec(overdue=True)
        late = await self._peers.tickets.FindTickets(
            tickets_pb2.FindTicketsRequest(
                workspace=workspace, filter=overdue, sort="due", page_size=MOST_TICKETS, viewer_id=viewer
            )
        )
        count = await self._peers.tickets.CountTickets(
            tickets_pb2.CountTicketsRequest(workspace=workspace, filter=overdue, viewer_id=viewer)
        )
        names = {agent.id: agent.name for agent in agents}
        tickets = [ticket_record_json(ticket, names) for ticket in late.tickets]
        return web.json_response(board_json(queue, agents, tickets, count.count))
