"""Writing a ticket's change: the row, its history, the terms it is found by and its timer, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from weakref import WeakKeyDictionary

from yizhan.core.messages.ids import NewId
from yizhan.core.store.database import Transaction
from yizhan.core.store.timers import Timers
from yizhan.core.words.terms import terms_of
from yizhan.routing.store import desks, tickets as rows, tickets_history as history, tickets_terms as found_by
from yizhan.routing.tickets.change import Step
from yizhan.routing.tickets.due import Rules
from yizhan.routing.tickets.errors import TicketChanged, TicketMerged, UnknownTicket
from yizhan.routing.tickets.history import TicketEvent, TicketNote
from yizhan.routing.tickets.ticket import Actor, NewTicket, Status, Ticket, source_on
from yizhan.routing.tickets.transitions import Periods, closes_at

CLOSE = "ticket_close"
"""The purpose of the timer that closes a solved ticket; its case is the ticket."""

LONGEST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class TicketNews:
    """A ticket was made (``before`` is None) or changed in a transaction."""

    before: Ticket | None
    after: Ticket
    by: Actor


class TicketWriter:
    """``rules`` gives due times, ``periods`` when solved tickets close and until when they can be taken up again."""

    def __init__(self, *, timers: Timers, rules: Rules, periods: Periods, new_id: NewId) -> None:
        self.rules = rules
        self.periods = periods
        self._timers = timers
        self._new_id = new_id
        self._news: WeakKeyDictionary[Transaction, list[TicketNews]] = WeakKeyDictionary()

    def news(self, tx: Transaction) -> Sequence[TicketNews]:
        """What this transaction has written; told to screens when it is committed, and forgotten when it is not."""
        return self._news.pop(tx, ())

    async def insert(self, tx: Transaction, at: datetime, new: NewTicket, by: Actor) -> Ticket:
        """A ticket with its number, which needs the desk's lock, and its due times. The caller has dialogue watch it."""
        due = (await self.rules.deadlines(tx, new.workspace, at)).due(new.workspace, new.priority, at)
        number = await desks.next_ticket_number(tx, new.workspace)
        ticket = Ticket(
            id=new.id,
            workspace=new.workspace,
            number=f"T{number:06d}",
            conversation_id=new.conversation_id,
            address=new.address,
            status=Status.OPEN,
            reason=new.reason,
            customer_name=new.customer_name[:200],
            last_text=new.last_text[:400],
            created_at=at,
            updated_at=at,
            promised_by=due.solution_due,
            response_due=due.response_due,
            solution_due=due.solution_due,
            contract_version=due.contract_version,
            calendar_version=due.calendar_version,
            agent_id=new.agent_id,
            kind=new.kind,
            priority=new.priority,
            title=new.title[:200],
            source=source_on(new.address.channel, new.source),
            group_id=new.group_id,
            watchers=tuple(sorted(set(new.watchers))),
            tags=tuple(sorted(set(new.tags))),
            status_at=at,
            watched=True,
            revision=1,
        )
        await rows.insert_ticket(tx, ticket)
        await history.add_events(tx, [self._event(ticket, at, by, Step("created", "", ticket.source.value))])
        await found_by.add_terms(tx, ticket.workspace, ticket.id, words(ticket))
        self._news.setdefault(tx, []).append(TicketNews(None, ticket, by))
        return ticket

    async def load(self, tx: Transaction, workspace: str, ticket_id: str, seen: int | None = None) -> Ticket:
        """The ticket, which nobody else changes until the transaction ends.

        ``seen`` is the revision that an edit was made from. Raises UnknownTicket, TicketChanged.
        """
        ticket = await rows.load_ticket(tx, workspace, ticket_id, lock=True)
        if ticket is None:
            raise UnknownTicket
        if seen is not None and seen != ticket.revision:
            raise TicketChanged(f"it is at revision {ticket.revision}")
        return ticket

    async def load_own(self, tx: Transaction, workspace: str, ticket_id: str, seen: int | None = None) -> Ticket:
        """As ``load``, but never one that is part of another: raises TicketMerged, too."""
        ticket = await self.load(tx, workspace, ticket_id, seen)
        if ticket.merged_into:
            raise TicketMerged
        return ticket

    async def save(
        self, tx: Transaction, at: datetime, before: Ticket, after: Ticket, by: Actor, steps: Sequence[Step]
    ) -> Ticket:
        """Write the change with its history; without steps there was none. Raises TicketChanged."""
        if not steps:
            return before
        loud = any(not step.quiet for step in steps)
        after = replace(after, revision=before.revision + (1 if loud else 0), updated_at=at)
        if not await rows.save_ticket(tx, before, after):
            raise TicketChanged
        await history.add_events(tx, [self._event(after, at, by, step) for step in steps])
        if after.title != before.title:
            await self.index(tx, after)
        await self._keep_time(tx, before, after)
        self._news.setdefault(tx, []).append(TicketNews(before, after, by))
        return after

    async def keep(
        self, tx: Transaction, at: datetime, before: Ticket, after: Ticket, by: Actor, steps: Sequence[Step]
    ) -> Ticket:
        """As ``save``; what is different and no step tells of is written without a line in the history."""
        if after == before:
            return before
        if after.last_text != before.last_text:
            await found_by.add_terms(tx, after.workspace, after.id, terms_of(after.last_text))
        if steps:
            return await self.save(tx, at, before, after, by, steps)
        after = replace(after, updated_at=at)
        if not await rows.save_ticket(tx, before, after):
            raise TicketChanged
        self._news.setdefault(tx, []).append(TicketNews(before, after, by))
        return after

    async def index(self, tx: Transaction, ticket: Ticket) -> None:
        """Make the ticket found by its words and its notes' words as they are now."""
        notes = await history.load_notes(tx, [ticket.id])
        await found_by.set_terms(tx, ticket.workspace, ticket.id, words(ticket) | terms_of(*(n.text for n in notes)))

    async def add_note(self, tx: Transaction, note: TicketNote) -> None:
        """Keep a note, and find its ticket by it. The caller writes the step into the history."""
        await history.add_note(tx, note)
        await found_by.add_terms(tx, note.workspace, note.ticket_id, terms_of(note.text))

    async def _keep_time(self, tx: Transaction, before: Ticket, after: Ticket) -> None:
        closing = closes_at(after, self.periods)
        if closing == closes_at(before, self.periods):
            return
        if closing is None:
            await self._timers.cancel(tx, after.id, CLOSE)
        else:
            await self._timers.set(tx, after.id, CLOSE, closing, after.workspace)

    def _event(self, ticket: Ticket, at: datetime, by: Actor, step: Step) -> TicketEvent:
        return TicketEvent(
            id=self._new_id(),
            workspace=ticket.workspace,
            ticket_id=ticket.id,
            at=at,
            by=Actor(by.id[:36], by.name[:100], by.role),
            kind=step.kind,
            before=step.before[:LONGEST_SHOWN],
            after=step.after[:LONGEST_SHOWN],
            revision=ticket.revision,
            note_id=step.note_id,
            detail=step.detail,
        )


def words(ticket: Ticket) -> frozenset[str]:
    """What a ticket is found by without its notes."""
    return terms_of(ticket.number, ticket.title, ticket.customer_name, ticket.last_text)
