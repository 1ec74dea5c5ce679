"""Answers to customers on tickets: written here, without the conversation becoming whose they are."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.peers import Peers
from yizhan.console.ticket_input import ReplyBody, actor
from yizhan.console.ticket_json import replies_json, reply_json
from yizhan.core.runtime.http import read_json
from yizhan.pb.v1 import conversations_pb2, tickets_pb2 as pb


class TicketRepliesApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in, path = self._access.signed_in, "/api/v1/tickets/{id}/replies"
        people = ("agent", "supervisor")
        return [web.get(path, signed_in(self.list, *people)), web.post(path, signed_in(self.reply, *people))]

    async def list(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """What was answered and how far it got, and who has the customer's conversation now."""
        workspace = person.user.workspace
        found = await self._peers.tickets.ListTicketReplies(
            pb.ListTicketRepliesRequest(workspace=workspace, ticket_id=request.match_info["id"])
        )
        # An id that is nobody's asks for no message, and still tells of the conversation.
        said = [reply.id for reply in found.replies if reply.state != "refused"] or [found.conversation_id]
        there = await self._peers.conversations.ListMessages(
            conversations_pb2.ListMessagesRequest(
                workspace=workspace, conversation_id=found.conversation_id, ids=said, limit=1
            )
        )
        return web.json_response(replies_json(found, there))

    async def reply(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Returns once it is durable; what became of it is in the list. Repeating a client id says it once."""
        body = await read_json(request, ReplyBody)
        asked = pb.ReplyToTicketRequest(
            workspace=person.user.workspace,
            ticket_id=request.match_info["id"],
            client_id=body.client_id,
            text=body.text,
            by=actor(person),
        )
        written = (await self._peers.tickets.ReplyToTicket(asked)).reply
        return web.json_response({"reply": reply_json(written, None)}, status=202)
