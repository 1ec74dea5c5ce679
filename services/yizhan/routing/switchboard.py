"""Who serves whom: every change of it is one transaction under the workspace's lock.

A ``Shift`` is one such transaction.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus
from yizhan.core.bus.topology import ATTENDING_LIVE, CONSOLE_LIVE
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_from_proto
from yizhan.core.messages.command import (
    Acknowledge,
    Assign,
    MarkOffered,
    MarkTicketed,
    ReturnToBot,
    TellOffHours,
)
from yizhan.core.messages.ids import NewId, derived_id
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.pb.v1 import event_pb2
from yizhan.routing import store
from yizhan.routing.answering import AnswerBook
from yizhan.routing.attending import journal
from yizhan.routing.callbacks.book import Callbacks
from yizhan.routing.callbacks.callback import Left
from yizhan.routing.callbacks.offering import tell_choice
from yizhan.routing.desk import (
    BUSY,
    UNSERVED,
    Agent,
    Case,
    CaseState,
    passed_by,
)
from yizhan.routing.finding import OFFER, Finding
from yizhan.routing.matching.facts import AwayReason, Presence
from yizhan.routing.shift import Shift
from yizhan.routing.terms import Terms
from yizhan.routing.tickets import surveying
from yizhan.routing.tickets.book import TicketBook
from yizhan.routing.tickets.contract_rules import ContractRules
from yizhan.routing.tickets.hints import hint_of
from yizhan.routing.tickets.ticket import SYSTEM, WINDOW_CLOSED, Actor, NewTicket, Priority, Role, Source, Ticket
from yizhan.routing.tickets.watching import watch

DEADLINE = "deadline"

TAKEN_OVER = "taken_over"
OF_TICKET = "ticket"
"""The reasons of cases that a person took without being offered them."""


class Switchboard:
    """All changes to agents, cases and tickets of this deployment go through here."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        outbox: Outbox,
        timers: Timers,
        finding: Finding,
        partitions: int,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._bus = bus
        self._outbox = outbox
        self._timers = timers
        self.finding = finding
        self.terms = finding.terms
        self.answers = AnswerBook(finding.terms)
        self.tickets = TicketBook(timers=timers, rules=ContractRules(finding.terms), new_id=new_id)
        self.callbacks = Callbacks(timers=timers, finding=finding, following=self.tickets.following)
        self._partitions = partitions
        self._clock = clock
        self._new_id = new_id

    @asynccontextmanager
    async def shift(self, workspace: str) -> AsyncIterator[Shift]:
        """A transaction under the desk's lock; on leaving it is committed, then announced and published.

        Screens need not wait for the bus to confirm: what is to be published is kept already.
        """
        async with self._database.begin() as tx:
            await store.lock_desk(tx, workspace)
            shift = Shift(tx, workspace, self._clock(), self._partitions, self._new_id)
            yield shift
            attended = await journal.keep(shift)
            self._tell_of_tickets(shift)
            pending = await self._outbox.add(tx, shift.rows)
        if attended:
            await self._bus.announce(ATTENDING_LIVE, [journal.something_kept(workspace)])
        await self._announce(shift)
        await self._outbox.publish(pending)

    @asynccontextmanager
    async def aside(self, workspace: str) -> AsyncIterator[Shift]:
        """As ``shift``, without the desk's lock: for what changes neither who serves whom nor what systems are told."""
        async with self._database.begin() as tx:
            shift = Shift(tx, workspace, self._clock(), self._partitions, self._new_id)
            yield shift
            pending = await self._outbox.add(tx, shift.rows)
        await self._announce(shift)
        await self._outbox.publish(pending)

    async def _announce(self, shift: Shift) -> None:
        if shift.hints:
            await self._bus.announce(CONSOLE_LIVE, [envelopes.live(hint) for hint in shift.hints])

    @asynccontextmanager
    async def ticket_work(self) -> AsyncIterator[Transaction]:
        """A transaction on tickets alone, without the desk's lock; screens are told when it is committed."""
        async with self._database.begin() as tx:
            yield tx
            shift = Shift(tx, "", self._clock(), self._partitions, self._new_id)
            self._tell_of_tickets(shift)
            pending = await self._outbox.add(tx, shift.rows)
        await self._announce(shift)
        await self._outbox.publish(pending)

    def _tell_of_tickets(self, shift: Shift) -> None:
        """Screens, the customers of solved tickets, and whoever counts ratings."""
        news = self.tickets.news(shift.tx)
        shift.hints += map(hint_of, news)
        surveying.tell(shift, news, self.tickets.periods)

    async def enqueue(self, shift: Shift, case: Case) -> None:
        """A conversation wants a human: find one, and keep the promise's deadline. Outside hours it becomes a ticket.

        Who asked before people came, and is heard of when they are there, is not sent away: their time begins with the hours.
        """
        terms = await self.terms.current(shift.tx, shift.workspace, shift.now)
        await self.terms.keep(shift.tx, terms, terms.hours)
        case = replace(case, contract=terms.version, calendar=terms.hours.version)
        if not terms.is_open(case.requested_at) and not terms.is_open(shift.now):
            await store.insert_case(shift.tx, case)
            await self.refer(shift, case, terms)
            return
        promised = terms.contract.handoff
        heard_since = shift.now - self.finding.heard_within
        someone = await store.is_anyone_here(shift.tx, shift.workspace, heard_since)
        limit = promised.window if someone else min(promised.nobody, promised.window)
        case = replace(case, deadline=terms.search_ends(case.requested_at, limit))
        await store.insert_case(shift.tx, case)
        await self._timers.set(shift.tx, case.id, DEADLINE, case.deadline, shift.workspace)
        await self.finding.start_climbing(shift, case, terms)
        await self.finding.dispatch(shift, terms)

    async def acknowledge(self, shift: Shift, case: Case) -> None:
        """The customer of a mail is told until when it is answered, before anything else becomes of it."""
        terms = await self.terms.current(shift.tx, shift.workspace, shift.now)
        told = Acknowledge(terms.mail_answered_by(case.requested_at))
        shift.command(case.address, case.conversation_id, case.epoch, told)

    async def dispatch(self, shift: Shift) -> None:
        """Offer waiting cases to agents with room, and tell those who still wait where they stand."""
        await self.finding.dispatch(shift)

    async def expire(self, shift: Shift, case: Case) -> Ticket:
        """Nobody took the case in time, or those who could have gone home meanwhile."""
        terms = await self.terms.of(shift.tx, case, shift.now)
        if terms.is_open(shift.now):
            return await self.give_ticket(shift, case)
        return await self.refer(shift, case, terms)

    async def refer(self, shift: Shift, case: Case, terms: Terms) -> Ticket:
        """Nobody works at this hour: the customer is told when somebody does, and keeps a ticket."""
        told = TellOffHours(terms.reopens(shift.now), terms.contract.waiting.leave_message)
        shift.command(case.address, case.conversation_id, case.epoch, told)
        ticket = await self.give_ticket(shift, case, Source.OFF_HOURS)
        await tell_choice(shift, case, terms, case.epoch + 1)
        return ticket

    async def accept(self, shift: Shift, case: Case, agent: Agent) -> Case:
        """The agent takes the case; the conversation is theirs once dialogue has obeyed."""
        taken = replace(
            case,
            state=CaseState.ASSIGNED,
            agent_id=agent.id,
            assigned_at=shift.now,
            epoch=0 if case.is_callback else case.epoch + 1,
            offer_expires_at=None,
        )
        await store.save_case(shift.tx, taken)
        if case.is_callback:
            await self._take_called(shift, case, agent)
        await self._forget_timers(shift, case)
        assign = Assign(agent.id, agent.name, case.id)
        shift.command(case.address, case.conversation_id, case.epoch, assign, id=case.id)
        shift.offer_changed(case, "accepted")
        return taken

    async def pass_on(self, shift: Shift, case: Case, change: str) -> None:
        """An offer was declined, lapsed or withdrawn: back to the queue, and to somebody else if there is one."""
        shift.offer_changed(case, change)
        back = replace(
            case,
            state=CaseState.WAITING,
            agent_id="",
            offer_id="",
            offer_expires_at=None,
            passed=passed_by(case, case.agent_id),
            only_agent="",
        )
        await store.save_case(shift.tx, back)
        await self._timers.cancel(shift.tx, case.id, OFFER)
        if not case.is_callback:
            shift.command(case.address, case.conversation_id, case.epoch, MarkOffered("", case.offer_id))
        await self.dispatch(shift)

    async def finish(self, shift: Shift, case: Case) -> None:
        """The conversation is no longer this case's: its agent is free for the next one."""
        if case.state is CaseState.OFFERED:
            shift.offer_changed(case, "withdrawn")
        await store.save_case(shift.tx, replace(case, state=CaseState.DONE, ended_at=shift.now))
        await self.answers.over(shift, case)
        await self._forget_timers(shift, case)
        await self.dispatch(shift)

    async def give_ticket(
        self, shift: Shift, case: Case, source: Source = Source.HANDOFF, left: Left | None = None
    ) -> Ticket:
        """Nobody could take the case in time, or the customer would rather have ``left`` something: promise an answer."""
        if case.state is CaseState.OFFERED:
            shift.offer_changed(case, "withdrawn")
        new = NewTicket(
            id=self._new_id(),
            workspace=shift.workspace,
            conversation_id=case.conversation_id,
            address=case.address,
            source=source,
            reason=case.reason,
            customer_name=case.customer_name,
            last_text=(left.text if left else "") or case.last_text,
            priority=Priority(case.priority),
            group_id=case.group_id,
        )
        ticket = await self.open_ticket(shift, new)
        over = replace(case, state=CaseState.TICKETED, agent_id="", offer_expires_at=None, ticket_id=ticket.id)
        await store.save_case(shift.tx, over)
        await self._forget_timers(shift, case)
        how, callback_at = (left.how, left.callback_at) if left else ("", None)
        command = MarkTicketed(ticket.id, ticket.number, ticket.promised_by, how, callback_at)
        shift.command(case.address, case.conversation_id, case.epoch, command, id=ticket.id)
        return ticket

    async def open_ticket(self, shift: Shift, new: NewTicket, by: Actor = SYSTEM) -> Ticket:
        """Make a ticket, and have dialogue tell what the customer writes from now on. Raises UnknownAgent, UnknownGroup."""
        ticket = await self.tickets.open(shift.tx, shift.now, new, by)
        watch(shift, ticket)
        return ticket

    async def ticket_unsent(self, shift: Shift, event: event_pb2.Event) -> Ticket | None:
        """Give people a held message as a ticket, one per conversation; None: it has one. The customer is told nothing."""
        held = event.message_held
        ticket_id = derived_id("unsent", held.message_id)
        for known in await store.open_tickets_of(shift.tx, shift.workspace, event.conversation_id):
            if known.reason == WINDOW_CLOSED:
                return None
        if await store.load_ticket(shift.tx, shift.workspace, ticket_id) is not None:
            return None  # settled already, and told once more
        new = NewTicket(
            id=ticket_id,
            workspace=shift.workspace,
            conversation_id=event.conversation_id,
            address=address_from_proto(event.address),
            source=Source.WINDOW_CLOSED,
            reason=WINDOW_CLOSED,
            customer_name=held.customer_name,
            last_text=held.text,
        )
        return await self.open_ticket(shift, new)

    async def owes_answer(self, event: event_pb2.Event) -> bool:
        """Whether a ticket of the event's conversation still waits for its first answer; a look without the lock."""
        async with self._database.read() as tx:
            return await store.is_answer_awaited(tx, event.address.workspace, event.conversation_id)

    async def take_ticket(self, shift: Shift, ticket: Ticket, agent: Agent) -> Case:
        """An agent takes over the conversation of a ticket. Its epoch becomes known when dialogue has obeyed."""
        case = self._taken(shift, agent, ticket.address, ticket.conversation_id, OF_TICKET)
        case = replace(case, customer_name=ticket.customer_name, last_text=ticket.last_text, ticket_id=ticket.id)
        await self.tickets.take(shift.tx, shift.now, ticket, Actor(agent.id, agent.name, Role.AGENT))
        return await self._take(shift, case, agent, 0)

    async def take_over(
        self, shift: Shift, agent: Agent, address: Address, conversation_id: str, before: Case | None
    ) -> Case:
        """Give a conversation to this agent, whoever has it. ``before`` ends when dialogue has obeyed.

        Without ``before`` the assistant has it, or nobody. The new epoch becomes known when dialogue has obeyed: whatever
        happened first has another one.
        """
        case = self._taken(shift, agent, address, conversation_id, TAKEN_OVER)
        if before is None:
            return await self._take(shift, case, agent, 0)
        known = replace(
            case, customer_name=before.customer_name, last_text=before.last_text, from_agent=before.agent_id
        )
        return await self._take(shift, known, agent, before.epoch)

    async def _take_called(self, shift: Shift, case: Case, agent: Agent) -> None:
        """Who calls a customer has the ticket, too."""
        ticket = await self.callbacks.whole(shift, case.ticket_id)
        if ticket is not None:
            await self.tickets.take(shift.tx, shift.now, ticket, Actor(agent.id, agent.name, Role.AGENT))

    def _taken(self, shift: Shift, agent: Agent, address: Address, conversation_id: str, reason: str) -> Case:
        return Case(
            id=self._new_id(),
            workspace=shift.workspace,
            conversation_id=conversation_id,
            address=address,
            epoch=0,
            state=CaseState.ASSIGNED,
            reason=reason,
            customer_name="",
            last_text="",
            requested_at=shift.now,
            deadline=shift.now,
            agent_id=agent.id,
            assigned_at=shift.now,
        )

    async def _take(self, shift: Shift, case: Case, agent: Agent, epoch: int) -> Case:
        """Whoever takes a customer is there, if only for this one: heartbeats of who is offline count for nothing, and what
        they hold goes back to the assistant.
        """
        if agent.presence is Presence.OFFLINE:
            await self.set_presence(shift, agent, Presence.AWAY)
        await store.insert_case(shift.tx, case)
        assign = Assign(agent.id, agent.name, case.id)
        shift.command(case.address, case.conversation_id, epoch, assign, id=case.id)
        return case

    async def set_presence(
        self, shift: Shift, agent: Agent, presence: Presence | None, absence: AwayReason | None = None
    ) -> Agent:
        """Hear of an agent. Coming online drains the queue; leaving gives back what was only offered."""
        await store.hear(shift.tx, agent.id, shift.now, presence, absence)
        chosen = presence or agent.presence
        heard = replace(
            agent, heard_at=shift.now, presence=chosen, absence=agent.absence if presence is None else absence
        )
        if heard.presence is not agent.presence:
            await shift.agents_changed([agent.id])
            shift.presence_changed(heard)
        if heard.presence is not Presence.ONLINE:
            await self._give_back(shift, heard)
        await self.dispatch(shift)
        return heard

    async def lose(self, shift: Shift, agent: Agent) -> None:
        """An agent has not been heard of: they count as offline, and nothing more is offered to them."""
        await store.hear(shift.tx, agent.id, agent.heard_at or shift.now, Presence.OFFLINE)
        await shift.agents_changed([agent.id])
        shift.presence_changed(replace(agent, presence=Presence.OFFLINE))
        await self._give_back(shift, agent)

    async def abandon(self, shift: Shift, case: Case) -> None:
        """The agent is gone for good: the assistant takes the conversation back, so that the customer is not left alone.

        Asked again under another id until it is obeyed: what comes before the assignment does is refused for good.
        """
        shift.command(case.address, case.conversation_id, case.epoch, ReturnToBot("system", "agent_gone"))

    async def _give_back(self, shift: Shift, agent: Agent) -> None:
        for case in await store.cases_in(shift.tx, shift.workspace, [CaseState.OFFERED], agent.id):
            await self.pass_on(shift, case, "withdrawn")

    async def _forget_timers(self, shift: Shift, case: Case) -> None:
        await self._timers.cancel(shift.tx, case.id, DEADLINE)
        await self.finding.forget(shift, case)


def is_unserved(case: Case) -> bool:
    """Whether nobody has taken the case yet."""
    return case.state in UNSERVED


def is_open(case: Case) -> bool:
    """Whether the case still holds the conversation."""
    return case.state in UNSERVED | BUSY
