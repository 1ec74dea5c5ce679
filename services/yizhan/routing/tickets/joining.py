"""Tickets that belong together: links between them, and merging two into one.

A merged ticket is closed and points to the one it became part of; its notes and watchers are found there by that pointer,
nothing is copied or moved. So it can be taken apart again, and each ticket keeps its own conversation and address: what
is answered goes to whoever the answered conversation belongs to.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yizhan.core.store.database import Transaction
from yizhan.routing.store import tickets as rows, tickets_history as history
from yizhan.routing.tickets.change import Step
from yizhan.routing.tickets.errors import LinkRefused, MergeRefused, NotMerged, UnmergeRefused
from yizhan.routing.tickets.history import LinkKind, TicketLink
from yizhan.routing.tickets.ticket import UNSETTLED, Actor, Status, Ticket
from yizhan.routing.tickets.writing import TicketWriter

DECIDED_FOR_BOTH = frozenset({"status", "merged", "rated"})
"""What happens to the ticket that absorbed another, after which they cannot be taken apart any more."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What a merge changes of the merged ticket, as it was."""

    status: str
    closed_at: str

    def to_json(self) -> str:
        return json.dumps({"status": self.status, "closed_at": self.closed_at})


class Joining:
    def __init__(self, writer: TicketWriter) -> None:
        self._writer = writer

    async def link(
        self, tx: Transaction, at: datetime, workspace: str, ticket_id: str, kind: LinkKind, other_id: str, by: Actor
    ) -> None:
        """Note that one relates to, duplicates or causes the other. Raises UnknownTicket, TicketMerged, LinkRefused."""
        one, other = await self._pair(tx, workspace, ticket_id, other_id, LinkRefused)
        for known in await history.load_links(tx, one.id):
            ends = {known.ticket_id, known.other_id}
            if known.kind is kind and ends == {one.id, other.id}:
                raise LinkRefused("they are linked like this already")
        await history.add_link(tx, TicketLink(workspace, one.id, kind, other.id, at, by.id[:36]))
        await self._both(tx, at, one, other, by, "linked", kind)

    async def unlink(
        self, tx: Transaction, at: datetime, workspace: str, ticket_id: str, kind: LinkKind, other_id: str, by: Actor
    ) -> None:
        """Take a link away, seen from either end. Raises UnknownTicket, TicketMerged, LinkRefused."""
        one, other = await self._pair(tx, workspace, ticket_id, other_id, LinkRefused)
        if not await history.remove_link(tx, one.id, kind, other.id):
            if not await history.remove_link(tx, other.id, kind, one.id):
                raise LinkRefused("they are not linked like this")
            one, other = other, one
        await self._both(tx, at, one, other, by, "unlinked", kind)

    async def merge(
        self, tx: Transaction, at: datetime, workspace: str, ticket_id: str, into_id: str, by: Actor, seen: int | None
    ) -> tuple[Ticket, Ticket]:
        """Close a ticket as part of another one; (the merged, the other).

        Only tickets of one conversation or of one customer's address: an answer must never reach somebody else. Raises
        UnknownTicket, TicketChanged, TicketMerged, MergeRefused.
        """
        gone, into = await self._pair(tx, workspace, ticket_id, into_id, MergeRefused, seen)
        if gone.conversation_id != into.conversation_id and gone.address != into.address:
            raise MergeRefused("they belong to different customers")
        if gone.status not in UNSETTLED:
            raise MergeRefused("it is settled already")
        if into.status not in UNSETTLED:
            raise MergeRefused("the other one is settled already")
        before = _Before(gone.status.value, gone.closed_at.isoformat() if gone.closed_at else "")
        merged = replace(gone, status=Status.CLOSED, closed_at=at, merged_into=into.id)
        steps = [
            Step("status", gone.status.value, Status.CLOSED.value),
            Step("merged", gone.number, into.number, detail=before.to_json()),
        ]
        into_steps = [Step("absorbed", "", gone.number, detail=gone.id, quiet=True)]
        return (
            await self._writer.save(tx, at, gone, merged, by, steps),
            await self._writer.save(tx, at, into, into, by, into_steps),
        )

    async def unmerge(self, tx: Transaction, at: datetime, workspace: str, ticket_id: str, by: Actor) -> Ticket:
        """Take a merged ticket out again, exactly as it was: status, and the clock as if it had never stopped.

        Raises UnknownTicket, NotMerged, and UnmergeRefused when the other one was moved, rated or merged since, because
        that was for both.
        """
        peek = await rows.load_ticket(tx, workspace, ticket_id)
        if peek is None or not peek.merged_into:
            raise NotMerged
        loaded = [await self._writer.load(tx, workspace, one) for one in sorted((ticket_id, peek.merged_into))]
        merged, into = sorted(loaded, key=lambda ticket: ticket.id != ticket_id)
        event = await history.event_at(tx, merged.id, "merged", merged.revision)
        if event is None or merged.merged_into != into.id:
            raise UnmergeRefused("it was changed since")
        absorbed = [item for item in await history.load_events(tx, into.id) if item.detail == merged.id]
        if not absorbed or DECIDED_FOR_BOTH & await history.kinds_since(tx, into.id, absorbed[-1].revision):
            raise UnmergeRefused("the other ticket was moved, rated or merged since")
        before = json.loads(event.detail)
        closed_at = datetime.fromisoformat(before["closed_at"]) if before["closed_at"] else None
        again = replace(merged, status=Status(before["status"]), closed_at=closed_at, merged_into="", watched=False)
        await self._writer.save(tx, at, into, into, by, [Step("unmerged", merged.number, "", quiet=True)])
        steps = [Step("status", merged.status.value, again.status.value), Step("unmerged", into.number, "")]
        return await self._writer.save(tx, at, merged, again, by, steps)

    async def family(self, tx: Transaction, ticket: Ticket) -> Sequence[Ticket]:
        """The ticket and all that became part of it, also by way of others."""
        found, latest = [ticket], [ticket]
        while latest:
            latest = list(await rows.merged_into(tx, ticket.workspace, [item.id for item in latest]))
            found += latest
        return found

    async def _pair(
        self,
        tx: Transaction,
        workspace: str,
        ticket_id: str,
        other_id: str,
        same: type[LinkRefused | MergeRefused],
        seen: int | None = None,
    ) -> tuple[Ticket, Ticket]:
        """Both, locked in one order everywhere, so that two merges cannot wait for each other."""
        if ticket_id == other_id:
            raise same("it is the same ticket")
        found = {
            one: await self._writer.load_own(tx, workspace, one, seen if one == ticket_id else None)
            for one in sorted((ticket_id, other_id))
        }
        return found[ticket_id], found[other_id]

    async def _both(
        self, tx: Transaction, at: datetime, one: Ticket, other: Ticket, by: Actor, event: str, kind: LinkKind
    ) -> None:
        for end, far in ((one, other), (other, one)):
            step = Step(event, kind.value, far.number, detail=far.id, quiet=True)
            await self._writer.save(tx, at, end, end, by, [step])
