"""Tickets: found, worked on one by one and many at once, linked and merged."""

from collections.abc import Mapping

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.query import number
from yizhan.console.peers import Peers
from yizhan.console.ticket_input import (
    BulkBody,
    CallbackBody,
    LinkBody,
    MergeBody,
    NewTicketBody,
    NoteBody,
    RatingBody,
    TicketChangeBody,
    actor,
    filter_in,
)
from yizhan.console.ticket_json import note_json, outcome_json, ticket_details_json, ticket_record_json
from yizhan.console.views import ticket_json
from yizhan.core.runtime.http import bad_request, read_json
from yizhan.pb.v1 import conversations_pb2, message_pb2, routing_pb2, tickets_pb2 as pb

SIMPLE_STATES = ("", "open", "taken", "resolved", "cancelled")
SIMPLE_PAGE = 30
MOST_ON_A_PAGE = 200
BULK_SECONDS = 30.0
LAST_MESSAGES = 30


class TicketsApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        people = ("agent", "supervisor")
        all_of_them, one = "/api/v1/tickets", "/api/v1/tickets/{id}"
        return [
            web.get(all_of_them, signed_in(self.simple_list, *people)),
            web.post(all_of_them, signed_in(self.create, *people)),
            web.get(f"{all_of_them}/search", signed_in(self.search, *people)),
            web.get(f"{all_of_them}/count", signed_in(self.count, *people)),
            web.post(f"{all_of_them}/bulk", signed_in(self.change_many, *people)),
            web.get(one, signed_in(self.show, *people)),
            web.patch(one, signed_in(self.change, *people)),
            web.post(f"{one}/take", signed_in(self.take, "agent")),
            web.post(f"{one}/resolve", signed_in(self.resolve, *people)),
            web.post(f"{one}/notes", signed_in(self.note, *people)),
            web.post(f"{one}/links", signed_in(self.link, *people)),
            web.delete(f"{one}/links", signed_in(self.unlink, *people)),
            web.post(f"{one}/merge", signed_in(self.merge, *people)),
            web.post(f"{one}/unmerge", signed_in(self.unmerge, *people)),
            web.post(f"{one}/rating", signed_in(self.rate, *people)),
            web.post(f"{one}/callback", signed_in(self.called, *people)),
        ]

    async def simple_list(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """The list in four states that there was first; ``search`` knows more."""
        status = request.query.get("status", "")
        if status not in SIMPLE_STATES:
            raise bad_request("unknown_status", "status is open, taken, resolved or cancelled")
        asked = routing_pb2.ListTicketsRequest(
            workspace=person.user.workspace,
            status=status,
            page_token=request.query.get("cursor", ""),
            page_size=SIMPLE_PAGE,
        )
        found = await self._peers.routing.ListTickets(asked)
        names = await agent_names(self._peers, person)
        items = [ticket_json(ticket, names) for ticket in found.tickets]
        return web.json_response({"items": items, "next": found.next_page_token or None})

    async def search(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.FindTicketsRequest(
            workspace=person.user.workspace,
            filter=filter_in(request),
            sort=request.query.get("sort", ""),
            page_token=request.query.get("cursor", ""),
            page_size=min(number(request, "limit", 50) or 50, MOST_ON_A_PAGE),
            viewer_id=person.user.id,
        )
        found = await self._peers.tickets.FindTickets(asked)
        names = await agent_names(self._peers, person)
        items = [ticket_record_json(ticket, names) for ticket in found.tickets]
        return web.json_response({"items": items, "next": found.next_page_token or None})

    async def count(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.CountTicketsRequest(
            workspace=person.user.workspace, filter=filter_in(request), viewer_id=person.user.id
        )
        return web.json_response({"count": (await self._peers.tickets.CountTickets(asked)).count})

    async def create(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """A ticket for a conversation; who it is for is taken from there. The customer is told nothing of it."""
        body = await read_json(request, NewTicketBody)
        wanted = conversations_pb2.GetConversationRequest(
            workspace=person.user.workspace, conversation_id=body.conversation_id
        )
        conversation = (await self._peers.conversations.GetConversation(wanted)).conversation
        asked = pb.CreateTicketRequest(
            workspace=person.user.workspace,
            client_id=body.client_id,
            conversation_id=conversation.id,
            address=conversation.address,
            customer_name=conversation.customer_name,
            last_text=await self._last_words(conversation),
            title=body.title,
            type=body.type,
            priority=body.priority,
            agent_id=body.assignee,
            group_id=body.group,
            tags=body.tags,
            watchers=body.watchers,
            by=actor(person),
        )
        made = (await self._peers.tickets.CreateTicket(asked)).ticket
        return web.json_response({"ticket": await self._shown(made, person)}, status=201)

    async def show(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """By id or by number."""
        asked = pb.GetTicketRequest(
            workspace=person.user.workspace, ticket_id=request.match_info["id"], viewer_role=actor(person).role
        )
        found = await self._peers.tickets.GetTicket(asked)
        return web.json_response(ticket_details_json(found, await agent_names(self._peers, person)))

    async def change(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, TicketChangeBody)
        asked = pb.ChangeTicketRequest(
            workspace=person.user.workspace,
            ticket_id=request.match_info["id"],
            seen_revision=body.revision,
            edit=body.edit(),
            by=actor(person),
        )
        changed = (await self._peers.tickets.ChangeTicket(asked)).ticket
        return web.json_response({"ticket": await self._shown(changed, person)})

    async def change_many(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """One outcome for each ticket, in the order in which they were named."""
        body = await read_json(request, BulkBody)
        asked = pb.ChangeTicketsRequest(
            workspace=person.user.workspace, ticket_ids=body.ids, edit=body.change.edit(), by=actor(person)
        )
        done = await self._peers.tickets.ChangeTickets(asked, timeout=BULK_SECONDS)
        names = await agent_names(self._peers, person)
        failed = sum(bool(outcome.code) for outcome in done.outcomes)
        return web.json_response(
            {
                "outcomes": [outcome_json(outcome, names) for outcome in done.outcomes],
                "done": len(done.outcomes) - failed,
                "failed": failed,
            }
        )

    async def take(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = routing_pb2.TakeTicketRequest(
            workspace=person.user.workspace, agent_id=person.user.id, ticket_id=request.match_info["id"]
        )
        taken = await self._peers.routing.TakeTicket(asked)
        return web.json_response({"conversation_id": taken.assignment.conversation_id})

    async def resolve(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = routing_pb2.ResolveTicketRequest(
            workspace=person.user.workspace, agent_id=person.user.id, ticket_id=request.match_info["id"]
        )
        await self._peers.routing.ResolveTicket(asked)
        return web.Response(status=204)

    async def note(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, NoteBody)
        asked = pb.AddTicketNoteRequest(
            workspace=person.user.workspace,
            ticket_id=request.match_info["id"],
            client_id=body.client_id,
            text=body.text,
            by=actor(person),
        )
        noted = await self._peers.tickets.AddTicketNote(asked)
        names = await agent_names(self._peers, person)
        shown = {"note": note_json(noted.note, names), "ticket": ticket_record_json(noted.ticket, names)}
        return web.json_response(shown, status=201)

    async def link(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, LinkBody)
        asked = pb.LinkTicketsRequest(
            workspace=person.user.workspace,
            ticket_id=request.match_info["id"],
            kind=body.kind,
            other_id=body.other,
            by=actor(person),
        )
        await self._peers.tickets.LinkTickets(asked)
        return web.Response(status=204)

    async def unlink(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """``?kind=…&other=…``, seen from either end."""
        asked = pb.UnlinkTicketsRequest(
            workspace=person.user.workspace,
            ticket_id=request.match_info["id"],
            kind=request.query.get("kind", ""),
            other_id=request.query.get("other", ""),
            by=actor(person),
        )
        await self._peers.tickets.UnlinkTickets(asked)
        return web.Response(status=204)

    async def merge(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, MergeBody)
        asked = pb.MergeTicketsRequest(
            workspace=person.user.workspace,
            ticket_id=request.match_info["id"],
            seen_revision=body.revision,
            into_id=body.into,
            by=actor(person),
        )
        done = await self._peers.tickets.MergeTickets(asked)
        names = await agent_names(self._peers, person)
        return web.json_response(
            {"ticket": ticket_record_json(done.ticket, names), "into": ticket_record_json(done.into, names)}
        )

    async def unmerge(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.UnmergeTicketRequest(
            workspace=person.user.workspace, ticket_id=request.match_info["id"], by=actor(person)
        )
        again = (await self._peers.tickets.UnmergeTicket(asked)).ticket
        return web.json_response({"ticket": await self._shown(again, person)})

    async def rate(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """What the customer told somebody of the solution, by telephone for example."""
        body = await read_json(request, RatingBody)
        asked = pb.RateTicketRequest(
            workspace=person.user.workspace, ticket_id=request.match_info["id"], score=body.score, by=actor(person)
        )
        rated = (await self._peers.tickets.RateTicket(asked)).ticket
        return web.json_response({"ticket": await self._shown(rated, person)})

    async def called(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """What came of the call that the ticket's customer was promised."""
        body = await read_json(request, CallbackBody)
        asked = pb.RecordCallbackRequest(
            workspace=person.user.workspace,
            ticket_id=request.match_info["id"],
            outcome=body.outcome,
            tries=body.tries,
            by=actor(person),
        )
        recorded = (await self._peers.tickets.RecordCallback(asked)).ticket
        return web.json_response({"ticket": await self._shown(recorded, person)})

    async def _last_words(self, conversation: conversations_pb2.Conversation) -> str:
        """What the customer said last, in writing; among the last messages only."""
        asked = conversations_pb2.ListMessagesRequest(
            workspace=conversation.address.workspace,
            conversation_id=conversation.id,
            before_seq=conversation.last_seq + 1,
            limit=LAST_MESSAGES,
        )
        for stored in reversed((await self._peers.conversations.ListMessages(asked)).messages):
            message = stored.message
            if message.author.kind == message_pb2.AUTHOR_KIND_CUSTOMER and message.content.HasField("text"):
                return message.content.text.text[:400]
        return ""

    async def _shown(self, ticket: pb.TicketRecord, person: SignedIn) -> dict[str, object]:
        return ticket_record_json(ticket, await agent_names(self._peers, person))


async def agent_names(peers: Peers, person: SignedIn) -> Mapping[str, str]:
    """The names of the workspace's agents by id."""
    asked = routing_pb2.ListAgentsRequest(workspace=person.user.workspace)
    return {agent.id: agent.name for agent in (await peers.routing.ListAgents(asked)).agents}
