"""What people do to a ticket: make it, edit it, note something on it, rate it; and what time does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from yizhan.core.messages.ids import NewId
from yizhan.core.store.database import Transaction
from yizhan.core.store.timers import Timers
from yizhan.routing.store import agents, groups, tickets_history as history
from yizhan.routing.tickets.change import Step, TicketChange, changed
from yizhan.routing.tickets.due import Rules
from yizhan.routing.tickets.errors import NotSolved, UnknownAgent, UnknownGroup, ValueTooLarge
from yizhan.routing.tickets.following import Following
from yizhan.routing.tickets.history import TicketNote
from yizhan.routing.tickets.joining import Joining
from yizhan.routing.tickets.replying import Replying
from yizhan.routing.tickets.ticket import PAUSED, SYSTEM, Actor, NewTicket, Status, Ticket
from yizhan.routing.tickets.transitions import Periods
from yizhan.routing.tickets.writing import TicketNews, TicketWriter

LONGEST_NOTE = 4000
BEST_RATING = 5


class TicketBook:
    """Every change of a ticket goes through here or through its parts: ``joining`` (links and merges), ``following``
    (what happens to the conversation), ``replying`` (answers on the ticket). All take the caller's transaction and moment.
    """

    def __init__(self, *, timers: Timers, rules: Rules, new_id: NewId, periods: Periods | None = None) -> None:
        self._writer = TicketWriter(timers=timers, rules=rules, periods=periods or Periods(), new_id=new_id)
        self.joining = Joining(self._writer)
        self.following = Following(self._writer)
        self.replying = Replying(self._writer)
        self._new_id = new_id

    @property
    def periods(self) -> Periods:
        """When solved tickets close, and until when they are taken up again."""
        return self._writer.periods

    def news(self, tx: Transaction) -> Sequence[TicketNews]:
        """See ``TicketWriter.news``."""
        return self._writer.news(tx)

    async def open(self, tx: Transaction, at: datetime, new: NewTicket, by: Actor = SYSTEM) -> Ticket:
        """Make a ticket. The workspace's desk must be locked: its number is the next one.

        Raises UnknownAgent, UnknownGroup.
        """
        await self._check_agent(tx, new.workspace, new.agent_id)
        if by is not SYSTEM:  # a group that has gone since is no reason to owe the customer nothing
            await self._check_group(tx, new.workspace, new.group_id)
        return await self._writer.insert(tx, at, new, by)

    async def change(
        self,
        tx: Transaction,
        at: datetime,
        workspace: str,
        ticket_id: str,
        change: TicketChange,
        by: Actor,
        seen: int | None,
    ) -> Ticket:
        """Edit a ticket from the revision ``seen`` (None: whatever it is now).

        Raises UnknownTicket, TicketChanged, UnknownAgent, UnknownGroup and what ``changed`` raises.
        """
        before = await self._writer.load(tx, workspace, ticket_id, seen)
        if change.agent_id is not None and change.agent_id != before.agent_id:
            await self._check_agent(tx, workspace, change.agent_id)
        if change.group_id is not None and change.group_id != before.group_id:
            await self._check_group(tx, workspace, change.group_id)
        deadlines = await self._writer.rules.deadlines(tx, workspace, at, before)
        after, steps = changed(before, change, by, at, deadlines, self._writer.periods)
        return await self._writer.save(tx, at, before, after, by, steps)

    async def note(
        self, tx: Transaction, at: datetime, workspace: str, ticket_id: str, note_id: str, text: str, by: Actor
    ) -> tuple[Ticket, TicketNote]:
        """Note something; the same id again changes nothing. Raises UnknownTicket, TicketMerged, ValueTooLarge."""
        before = await self._writer.load_own(tx, workspace, ticket_id)
        known = await history.load_note(tx, note_id) if note_id else None
        if known is not None and known.ticket_id == ticket_id:
            return before, known
        if not text.strip() or len(text) > LONGEST_NOTE:
            raise ValueTooLarge(f"a note has 1 to {LONGEST_NOTE} characters")
        note = TicketNote(note_id or self._new_id(), workspace, ticket_id, at, by.id, by.name, text.strip())
        await self._writer.add_note(tx, note)
        step = Step("note", "", "", note_id=note.id, quiet=True)
        return await self._writer.save(tx, at, before, before, by, [step]), note

    async def take(self, tx: Transaction, at: datetime, ticket: Ticket, by: Actor) -> Ticket:
        """An agent takes the ticket's conversation over; a resting ticket is worked on again."""
        before = await self._writer.load_own(tx, ticket.workspace, ticket.id)
        opened: Status | None = Status.OPEN if before.status in PAUSED else None
        deadlines = await self._writer.rules.deadlines(tx, ticket.workspace, at, before)
        change = TicketChange(agent_id=by.id, status=opened)
        after, steps = changed(before, change, by, at, deadlines, self._writer.periods)
        return await self._writer.save(
            tx, at, before, replace(after, taken_at=at), by, [*steps, Step("taken", "", by.id)]
        )

    async def rate(
        self, tx: Transaction, at: datetime, workspace: str, ticket_id: str, score: int, by: Actor
    ) -> Ticket:
        """Keep how satisfied the customer was with the solution, 1 to 5; the last word counts.

        Raises UnknownTicket, TicketMerged, NotSolved, ValueTooLarge.
        """
        before = await self._writer.load_own(tx, workspace, ticket_id)
        if before.solved_at is None:
            raise NotSolved
        if not 1 <= score <= BEST_RATING:
            raise ValueTooLarge(f"a rating is 1 to {BEST_RATING}")
        step = Step("rated", str(before.rating or ""), str(score))
        return await self._writer.save(tx, at, before, replace(before, rating=score, rated_at=at), by, [step])

    async def close_solved(self, tx: Transaction, at: datetime, workspace: str, ticket_id: str) -> None:
        """The time in which a solution could be doubted is over."""
        before = await self._writer.load(tx, workspace, ticket_id)
        if before.status is not Status.SOLVED or before.merged_into:
            return
        closing = TicketChange(status=Status.CLOSED)
        deadlines = await self._writer.rules.deadlines(tx, workspace, at, before)
        after, steps = changed(before, closing, SYSTEM, at, deadlines, self._writer.periods)
        await self._writer.save(tx, at, before, after, SYSTEM, steps)

    async def family(self, tx: Transaction, ticket: Ticket) -> Sequence[Ticket]:
        """See ``Joining.family``."""
        return await self.joining.family(tx, ticket)

    async def _check_agent(self, tx: Transaction, workspace: str, agent_id: str) -> None:
        if agent_id and await agents.load_agent(tx, workspace, agent_id) is None:
            raise UnknownAgent

    async def _check_group(self, tx: Transaction, workspace: str, group_id: str) -> None:
        if group_id and all(group.id != group_id for group in await groups.load_groups(tx, workspace)):
            raise UnknownGroup
