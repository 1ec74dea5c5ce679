"""A routing service with its tickets, as whoever works on them calls it."""

from dataclasses import dataclass
from typing import Any

from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.messages.ids import new_id
from yizhan.pb.v1 import tickets_pb2 as pb
from yizhan.routing.tickets.tickets_api import TicketsApi

ANN = pb.TicketActor(id="ann", name="安", role="agent")
BOB = pb.TicketActor(id="bob", name="鲍勃", role="agent")
SUE = pb.TicketActor(id="sue", name="苏", role="supervisor")


@dataclass
class TicketDesk:
    """The desk, and the calls of TicketsService."""

    desk: Desk
    api: TicketsApi

    async def make(self, conversation: str = "c1", *, by: pb.TicketActor = ANN, **fields: Any) -> pb.TicketRecord:
        """A ticket made by hand."""
        customer = fields.pop("customer", conversation)
        asked = pb.CreateTicketRequest(
            workspace=SHOP,
            client_id=fields.pop("client_id", "") or new_id(),
            conversation_id=conversation,
            address=address_to_proto(Address(SHOP, "website", "demo", customer)),
            by=by,
            **fields,
        )
        return (await self.api.CreateTicket(asked, NO_CONTEXT)).ticket

    async def get(self, ticket: pb.TicketRecord | str, role: str = "agent") -> pb.GetTicketResponse:
        name = ticket if isinstance(ticket, str) else ticket.id
        return await self.api.GetTicket(
            pb.GetTicketRequest(workspace=SHOP, ticket_id=name, viewer_role=role), NO_CONTEXT
        )

    async def edit(
        self, ticket: pb.TicketRecord, by: pb.TicketActor = ANN, *, seen: int | None = None, **fields: Any
    ) -> pb.TicketRecord:
        """Edit it from the revision that this record has, or from ``seen``."""
        asked = pb.ChangeTicketRequest(
            workspace=SHOP,
            ticket_id=ticket.id,
            seen_revision=ticket.revision if seen is None else seen,
            edit=pb.TicketEdit(**fields),
            by=by,
        )
        return (await self.api.ChangeTicket(asked, NO_CONTEXT)).ticket

    async def bulk(self, ids: list[str], by: pb.TicketActor = ANN, **fields: Any) -> list[pb.TicketOutcome]:
        asked = pb.ChangeTicketsRequest(workspace=SHOP, ticket_ids=ids, edit=pb.TicketEdit(**fields), by=by)
        return list((await self.api.ChangeTickets(asked, NO_CONTEXT)).outcomes)

    async def note(
        self, ticket: pb.TicketRecord, text: str, by: pb.TicketActor = ANN, client_id: str = ""
    ) -> pb.AddTicketNoteResponse:
        asked = pb.AddTicketNoteRequest(workspace=SHOP, ticket_id=ticket.id, text=text, by=by, client_id=client_id)
        return await self.api.AddTicketNote(asked, NO_CONTEXT)

    async def merge(
        self, ticket: pb.TicketRecord, into: pb.TicketRecord, by: pb.TicketActor = ANN
    ) -> pb.MergeTicketsResponse:
        asked = pb.MergeTicketsRequest(
            workspace=SHOP, ticket_id=ticket.id, seen_revision=ticket.revision, into_id=into.id, by=by
        )
        return await self.api.MergeTickets(asked, NO_CONTEXT)

    async def unmerge(self, ticket: pb.TicketRecord, by: pb.TicketActor = ANN) -> pb.TicketRecord:
        asked = pb.UnmergeTicketRequest(workspace=SHOP, ticket_id=ticket.id, by=by)
        return (await self.api.UnmergeTicket(asked, NO_CONTEXT)).ticket

    async def link(self, ticket: pb.TicketRecord, kind: str, other: pb.TicketRecord) -> None:
        asked = pb.LinkTicketsRequest(workspace=SHOP, ticket_id=ticket.id, kind=kind, other_id=other.id, by=ANN)
        await self.api.LinkTickets(asked, NO_CONTEXT)

    async def page(
        self, *, sort: str = "created", token: str = "", size: int = 50, viewer: str = "ann", **wanted: Any
    ) -> pb.FindTicketsResponse:
        asked = pb.FindTicketsRequest(
            workspace=SHOP,
            filter=pb.TicketFilterSpec(**wanted),
            sort=sort,
            page_token=token,
            page_size=size,
            viewer_id=viewer,
        )
        return await self.api.FindTickets(asked, NO_CONTEXT)

    async def found(self, **wanted: Any) -> list[str]:
        """The titles of what is found, in order."""
        return [ticket.title for ticket in (await self.page(**wanted)).tickets]

    async def count(self, **wanted: Any) -> int:
        asked = pb.CountTicketsRequest(workspace=SHOP, filter=pb.TicketFilterSpec(**wanted), viewer_id="ann")
        return (await self.api.CountTickets(asked, NO_CONTEXT)).count

    async def history(self, ticket: pb.TicketRecord) -> list[tuple[str, str, str]]:
        """What happened, as (kind, before, after)."""
        return [(item.kind, item.before, item.after) for item in (await self.get(ticket)).history]


def tickets_on(desk: Desk) -> TicketDesk:
    api = TicketsApi(switchboard=desk.switchboard, database=desk.database, clock=desk.clock, new_id=new_id)
    return TicketDesk(desk, api)
