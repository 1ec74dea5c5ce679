"""gRPC TicketsService: tickets as people work on them."""

from typing import Any

import grpc

from yizhan.core.messages.codec import address_from_proto
from yizhan.core.messages.ids import NewId, derived_id
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database, Transaction
from yizhan.pb.v1 import tickets_pb2 as pb
from yizhan.routing.callbacks.api import CallbackCalls
from yizhan.routing.callbacks.callback import Contact
from yizhan.routing.store import callbacks, tickets as rows, tickets_history as history, tickets_lists as lists
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.tickets.change import LONGEST_TAG, LONGEST_TITLE, MOST_TAGS, MOST_WATCHERS
from yizhan.routing.tickets.codec import (
    actor_of,
    change_of,
    event_to_proto,
    filter_of,
    link_kind,
    note_to_proto,
    priority_of,
    sort_of,
    ticket_to_proto,
    word,
)
from yizhan.routing.tickets.errors import TicketRefused, UnknownTicket, ValueTooLarge
from yizhan.routing.tickets.page_token import place_in, token_of
from yizhan.routing.tickets.refusals import refusals
from yizhan.routing.tickets.replies_api import TicketReplyCalls
from yizhan.routing.tickets.ticket import Kind, NewTicket, Priority, Role, Source, Ticket
from yizhan.routing.tickets.transitions import following_statuses
from yizhan.routing.tickets.views_api import TicketViewCalls

Context = grpc.aio.ServicerContext[Any, Any]
Status = grpc.StatusCode

PAGE = 50
MOST_ON_A_PAGE = 500
MOST_AT_ONCE = 200
BY_PEOPLE = (Source.AGENT, Source.EMAIL)


class TicketsApi(TicketViewCalls, CallbackCalls, TicketReplyCalls):
    def __init__(self, *, switchboard: Switchboard, database: Database, clock: Clock, new_id: NewId) -> None:
        self._switchboard = switchboard
        self._book = switchboard.tickets
        self._database = database
        self._clock = clock
        self._new_id = new_id

    async def CreateTicket(self, request: pb.CreateTicketRequest, context: Context) -> pb.CreateTicketResponse:
        """Repeating a call with the same client id makes one ticket. The customer is told nothing: whoever makes it does."""
        by = actor_of(request.by)
        new = _new_ticket(request)
        with refusals():
            async with self._switchboard.shift(request.workspace) as shift:
                ticket = await rows.load_ticket(shift.tx, request.workspace, new.id)
                if ticket is None:
                    ticket = await self._switchboard.open_ticket(shift, new, by)
        return pb.CreateTicketResponse(ticket=await self._shown(ticket))

    async def GetTicket(self, request: pb.GetTicketRequest, context: Context) -> pb.GetTicketResponse:
        with refusals():
            async with self._database.read() as tx:
                ticket = await rows.ticket_named(tx, request.workspace, request.ticket_id)
                if ticket is None:
                    raise UnknownTicket
                family = await self._book.family(tx, ticket)
                events = await history.load_events(tx, ticket.id)
                notes = await history.load_notes(tx, [member.id for member in family])
                links = await self._links(tx, ticket)
        return pb.GetTicketResponse(
            ticket=await self._shown(ticket),
            history=map(event_to_proto, events),
            notes=map(note_to_proto, notes),
            links=links,
            merged=[await self._listed(member) for member in family[1:]],
            followers=sorted({agent for member in family for agent in member.watchers}),
            next_statuses=following_statuses(ticket, word(request.viewer_role or Role.AGENT, Role, "unknown_role")),
        )

    async def FindTickets(self, request: pb.FindTicketsRequest, context: Context) -> pb.FindTicketsResponse:
        size = max(1, min(request.page_size or PAGE, MOST_ON_A_PAGE))
        sort = sort_of(request.sort)
        async with self._database.read() as tx:
            found = await lists.find_tickets(
                tx,
                request.workspace,
                filter_of(request.filter),
                sort,
                place_in(request.page_token, sort),
                size + 1,
                viewer=request.viewer_id,
                now=self._clock(),
            )
            contacts = await callbacks.load_contacts(tx, [ticket.id for ticket in found[:size]])
        shown = (ticket_to_proto(ticket, self._clock(), contacts.get(ticket.id)) for ticket in found[:size])
        following = token_of(lists.place_of(found[size - 1], sort), sort) if len(found) > size else ""
        return pb.FindTicketsResponse(tickets=shown, next_page_token=following)

    async def CountTickets(self, request: pb.CountTicketsRequest, context: Context) -> pb.CountTicketsResponse:
        wanted = filter_of(request.filter)
        async with self._database.read() as tx:
            count = await lists.count_tickets(
                tx, request.workspace, wanted, viewer=request.viewer_id, now=self._clock()
            )
        return pb.CountTicketsResponse(count=count)

    async def ChangeTicket(self, request: pb.ChangeTicketRequest, context: Context) -> pb.ChangeTicketResponse:
        by, change = actor_of(request.by), change_of(request.edit)
        with refusals():
            async with self._switchboard.ticket_work() as tx:
                ticket = await self._book.change(
                    tx, self._clock(), request.workspace, request.ticket_id, change, by, request.seen_revision
                )
        return pb.ChangeTicketResponse(ticket=await self._shown(ticket))

    async def ChangeTickets(self, request: pb.ChangeTicketsRequest, context: Context) -> pb.ChangeTicketsResponse:
        """Each in a transaction of its own: what one is refused for stops no other."""
        by, change = actor_of(request.by), change_of(request.edit)
        if len(request.ticket_ids) > MOST_AT_ONCE:
            raise RpcProblem("too_many_tickets", Status.INVALID_ARGUMENT, f"at most {MOST_AT_ONCE} at once")
        outcomes = []
        for ticket_id in request.ticket_ids:
            outcome = pb.TicketOutcome(ticket_id=ticket_id)
            try:
                async with self._switchboard.ticket_work() as tx:
                    ticket = await self._book.change(
                        tx, self._clock(), request.workspace, ticket_id, change, by, seen=None
                    )
                outcome.ticket.CopyFrom(await self._listed(ticket))
            except TicketRefused as error:
                outcome.code, outcome.detail = error.code, error.detail
            outcomes.append(outcome)
        return pb.ChangeTicketsResponse(outcomes=outcomes)

    async def AddTicketNote(self, request: pb.AddTicketNoteRequest, context: Context) -> pb.AddTicketNoteResponse:
        by = actor_of(request.by)
        note_id = derived_id("ticket note", by.id, request.ticket_id, request.client_id) if request.client_id else ""
        with refusals():
            async with self._switchboard.ticket_work() as tx:
                ticket, note = await self._book.note(
                    tx, self._clock(), request.workspace, request.ticket_id, note_id, request.text, by
                )
        return pb.AddTicketNoteResponse(note=note_to_proto(note), ticket=await self._shown(ticket))

    async def LinkTickets(self, request: pb.LinkTicketsRequest, context: Context) -> pb.LinkTicketsResponse:
        by, kind = actor_of(request.by), link_kind(request.kind)
        with refusals():
            async with self._switchboard.ticket_work() as tx:
                await self._book.joining.link(
                    tx, self._clock(), request.workspace, request.ticket_id, kind, request.other_id, by
                )
        return pb.LinkTicketsResponse()

    async def UnlinkTickets(self, request: pb.UnlinkTicketsRequest, context: Context) -> pb.UnlinkTicketsResponse:
        by, kind = actor_of(request.by), link_kind(request.kind)
        with refusals():
            async with self._switchboard.ticket_work() as tx:
                await self._book.joining.unlink(
                    tx, self._clock(), request.workspace, request.ticket_id, kind, request.other_id, by
                )
        return pb.UnlinkTicketsResponse()

    async def MergeTickets(self, request: pb.MergeTicketsRequest, context: Context) -> pb.MergeTicketsResponse:
        by = actor_of(request.by)
        with refusals():
            async with self._switchboard.ticket_work() as tx:
                merged, into = await self._book.joining.merge(
                    tx,
                    self._clock(),
                    request.workspace,
                    request.ticket_id,
                    request.into_id,
                    by,
                    request.seen_revision,
                )
        return pb.MergeTicketsResponse(ticket=await self._shown(merged), into=await self._shown(into))

    async def UnmergeTicket(self, request: pb.UnmergeTicketRequest, context: Context) -> pb.UnmergeTicketResponse:
        by = actor_of(request.by)
        with refusals():
            async with self._switchboard.ticket_work() as tx:
                ticket = await self._book.joining.unmerge(tx, self._clock(), request.workspace, request.ticket_id, by)
        return pb.UnmergeTicketResponse(ticket=await self._shown(ticket))

    async def RateTicket(self, request: pb.RateTicketRequest, context: Context) -> pb.RateTicketResponse:
        by = actor_of(request.by)
        with refusals():
            async with self._switchboard.ticket_work() as tx:
                ticket = await self._book.rate(
                    tx, self._clock(), request.workspace, request.ticket_id, request.score, by
                )
        return pb.RateTicketResponse(ticket=await self._shown(ticket))

    async def _links(self, tx: Transaction, ticket: Ticket) -> list[pb.TicketLinkItem]:
        shown = []
        for link in await history.load_links(tx, ticket.id):
            outgoing = link.ticket_id == ticket.id
            other = await rows.load_ticket(tx, ticket.workspace, link.other_id if outgoing else link.ticket_id)
            if other is not None:
                item = pb.TicketLinkItem(
                    kind=link.kind.value, outgoing=outgoing, other=await self._listed(other), by_id=link.by
                )
                item.at.FromDatetime(link.at)
                shown.append(item)
        return shown

    async def _shown(self, ticket: Ticket) -> pb.TicketRecord:
        """To whoever opened it: how the customer is reached in full."""
        return ticket_to_proto(ticket, self._clock(), await self._contact(ticket), whole=True)

    async def _listed(self, ticket: Ticket) -> pb.TicketRecord:
        return ticket_to_proto(ticket, self._clock(), await self._contact(ticket))

    async def _contact(self, ticket: Ticket) -> Contact | None:
        async with self._database.read() as tx:
            return await callbacks.load_contact(tx, ticket.id)


def _new_ticket(request: pb.CreateTicketRequest) -> NewTicket:
    """Raises RpcProblem for what is missing, unknown or too large."""
    if not (request.workspace and request.client_id and request.conversation_id and request.address.channel):
        raise RpcProblem("ticket_incomplete", Status.INVALID_ARGUMENT)
    source = word(request.source, Source, "unknown_source") if request.source else Source.AGENT
    if source not in BY_PEOPLE:
        raise RpcProblem("unknown_source", Status.INVALID_ARGUMENT, "one of agent, email")
    tags = tuple(tag.strip() for tag in request.tags if tag.strip())
    with refusals():
        if len(request.title) > LONGEST_TITLE or len(tags) > MOST_TAGS or len(request.watchers) > MOST_WATCHERS:
            raise ValueTooLarge
        if any(len(tag) > LONGEST_TAG for tag in tags):
            raise ValueTooLarge
    return NewTicket(
        id=derived_id("ticket", request.workspace, request.by.id, request.client_id),
        workspace=request.workspace,
        conversation_id=request.conversation_id,
        address=address_from_proto(request.address),
        source=source,
        reason=source.value,
        customer_name=request.customer_name,
        last_text=request.last_text,
        title=request.title.strip(),
        kind=word(request.type, Kind, "unknown_type") if request.type else Kind.OTHER,
        priority=priority_of(request.priority) if request.priority else Priority.NORMAL,
        agent_id=request.agent_id,
        group_id=request.group_id[:36],
        tags=tags,
        watchers=tuple(request.watchers),
    )
