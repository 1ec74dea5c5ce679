"""The calls of TicketsService about answers on tickets."""

from typing import Any

import grpc

from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import derived_id
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import tickets_pb2 as pb, tickets_pb2_grpc
from yizhan.routing.store import tickets as rows, tickets_replies as replies
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.tickets.codec import actor_of
from yizhan.routing.tickets.errors import UnknownTicket
from yizhan.routing.tickets.refusals import refusals
from yizhan.routing.tickets.reply import TicketReply

Context = grpc.aio.ServicerContext[Any, Any]

MOST_REPLIES = 100


class TicketReplyCalls(tickets_pb2_grpc.TicketsServiceServicer):
    """To be mixed into the servicer of TicketsService."""

    _switchboard: Switchboard
    _database: Database

    async def ReplyToTicket(self, request: pb.ReplyToTicketRequest, context: Context) -> pb.ReplyToTicketResponse:
        """Repeating a call with the same client id says it once."""
        if not request.client_id or not request.by.id:
            raise RpcProblem("client_id_missing", grpc.StatusCode.INVALID_ARGUMENT)
        by = actor_of(request.by)
        reply_id = derived_id("ticket reply", by.id, request.ticket_id, request.client_id)
        with refusals():
            async with self._switchboard.aside(request.workspace) as shift:
                reply = await self._switchboard.tickets.replying.write(
                    shift, request.ticket_id, reply_id, request.text, request.client_id, by
                )
        return pb.ReplyToTicketResponse(reply=reply_to_proto(reply))

    async def ListTicketReplies(
        self, request: pb.ListTicketRepliesRequest, context: Context
    ) -> pb.ListTicketRepliesResponse:
        with refusals():
            async with self._database.read() as tx:
                ticket = await rows.ticket_named(tx, request.workspace, request.ticket_id)
                if ticket is None:
                    raise UnknownTicket
                found = await replies.load_replies(tx, ticket.id, MOST_REPLIES)
        return pb.ListTicketRepliesResponse(replies=map(reply_to_proto, found), conversation_id=ticket.conversation_id)


def reply_to_proto(reply: TicketReply) -> pb.TicketReplyItem:
    return pb.TicketReplyItem(
        id=reply.id,
        ticket_id=reply.ticket_id,
        at=timestamp(reply.at),
        author_id=reply.author_id,
        author_name=reply.author_name,
        text=reply.text,
        state=reply.state.value,
        reason=reply.reason,
    )
