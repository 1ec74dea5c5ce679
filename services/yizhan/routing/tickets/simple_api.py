"""The ticket calls of RoutingService: a list in four states, take, resolve. What more there is, TicketsService has."""

from typing import Any

import grpc

from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database, Transaction
from yizhan.pb.v1 import routing_pb2 as pb, routing_pb2_grpc
from yizhan.routing import store
from yizhan.routing.desk import BUSY, Agent, Case
from yizhan.routing.store import tickets_lists as lists
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.tickets.change import TicketChange
from yizhan.routing.tickets.refusals import refusals
from yizhan.routing.tickets.ticket import UNSETTLED, Actor, Role, Status as TicketStatus, Ticket

Context = grpc.aio.ServicerContext[Any, Any]
Status = grpc.StatusCode

MOST_TICKETS = 100


class SimpleTicketCalls(routing_pb2_grpc.RoutingServiceServicer):
    """To be mixed into the servicer of RoutingService."""

    _switchboard: Switchboard
    _database: Database

    async def ListTickets(self, request: pb.ListTicketsRequest, context: Context) -> pb.ListTicketsResponse:
        size = max(1, min(request.page_size or 30, MOST_TICKETS))
        offset = _offset(request.page_token)
        async with self._database.read() as tx:
            found = await lists.simple_list(tx, request.workspace, request.status, offset, size)
        following = str(offset + size) if len(found) > size else ""
        return pb.ListTicketsResponse(tickets=[simple_ticket(item) for item in found[:size]], next_page_token=following)

    async def TakeTicket(self, request: pb.TakeTicketRequest, context: Context) -> pb.TakeTicketResponse:
        """The conversation becomes the agent's. A ticket that was given to somebody else is theirs to take."""
        async with self._switchboard.shift(request.workspace) as shift:
            ticket = await _ticket_in(shift.tx, request.workspace, request.ticket_id)
            if ticket.status not in UNSETTLED or ticket.agent_id not in ("", request.agent_id):
                raise RpcProblem("ticket_not_open", Status.FAILED_PRECONDITION)
            busy = await store.open_case(shift.tx, request.workspace, ticket.conversation_id)
            if busy is not None and busy.state in BUSY:
                raise RpcProblem("conversation_taken", Status.FAILED_PRECONDITION)
            if busy is not None:
                await self._switchboard.finish(shift, busy)
            agent = await _agent_in(shift.tx, request.workspace, request.agent_id)
            with refusals():
                case = await self._switchboard.take_ticket(shift, ticket, agent)
            taken = await _ticket_in(shift.tx, request.workspace, request.ticket_id)
        return pb.TakeTicketResponse(ticket=simple_ticket(taken), assignment=_assignment(case))

    async def ResolveTicket(self, request: pb.ResolveTicketRequest, context: Context) -> pb.ResolveTicketResponse:
        async with self._switchboard.shift(request.workspace) as shift:
            ticket = await _ticket_in(shift.tx, request.workspace, request.ticket_id)
            if ticket.status not in UNSETTLED:
                raise RpcProblem("ticket_not_open", Status.FAILED_PRECONDITION)
            agent = await store.load_agent(shift.tx, request.workspace, request.agent_id)
            by = Actor(request.agent_id, agent.name if agent else "", Role.AGENT)
            given = request.agent_id if agent is not None and not ticket.agent_id else None
            change = TicketChange(status=TicketStatus.SOLVED, agent_id=given)
            with refusals():
                solved = await self._switchboard.tickets.change(
                    shift.tx, shift.now, request.workspace, ticket.id, change, by, seen=None
                )
        return pb.ResolveTicketResponse(ticket=simple_ticket(solved))


def simple_ticket(ticket: Ticket) -> pb.Ticket:
    """The ticket as RoutingService tells of it."""
    return pb.Ticket(
        id=ticket.id,
        number=ticket.number,
        conversation_id=ticket.conversation_id,
        address=address_to_proto(ticket.address),
        status=_simple_status(ticket),
        reason=ticket.reason,
        created_at=timestamp(ticket.created_at),
        promised_by=timestamp(ticket.promised_by),
        agent_id=ticket.agent_id,
        customer_name=ticket.customer_name,
        last_text=ticket.last_text,
    )


def _simple_status(ticket: Ticket) -> str:
    if ticket.status in UNSETTLED:
        return "taken" if ticket.agent_id else "open"
    return "resolved" if ticket.solved_at is not None else "cancelled"


async def _ticket_in(tx: Transaction, workspace: str, ticket_id: str) -> Ticket:
    ticket = await store.load_ticket(tx, workspace, ticket_id, lock=True)
    if ticket is None:
        raise RpcProblem("unknown_ticket", Status.NOT_FOUND)
    return ticket


async def _agent_in(tx: Transaction, workspace: str, agent_id: str) -> Agent:
    agent = await store.load_agent(tx, workspace, agent_id)
    if agent is None:
        raise RpcProblem("unknown_agent", Status.NOT_FOUND)
    return agent


def _offset(token: str) -> int:
    if not token:
        return 0
    if not (token.isascii() and token.isdigit()) or len(token) > 9:
        raise RpcProblem("bad_page_token", Status.INVALID_ARGUMENT)
    return int(token)


def _assignment(case: Case) -> pb.Assignment:
    return pb.Assignment(
        id=case.id,
        conversation_id=case.conversation_id,
        address=address_to_proto(case.address),
        agent_id=case.agent_id,
        epoch=case.epoch,
        assigned_at=timestamp(case.assigned_at),
    )
