"""Promises to call: made, moved, taken back, offered to agents when they come due, and what came of each.

A timer on the ticket looks at the promise whenever something about it may have to be done: a lead before its moment, at
the moment, and from then on every few minutes until somebody has the customer. Whatever was lost meanwhile (an offer, an
agent who went away, a restart) is made good by the next look. All take the caller's transaction, under the desk's lock. A
promise is a moment: no later contract or calendar moves it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from yizhan.core.messages.command import ReturnToBot, TellCallback
from yizhan.core.store.timers import Timers
from yizhan.routing import store
from yizhan.routing.callbacks.asking import case_for
from yizhan.routing.callbacks.callback import ASKED, CALLBACK, OWED, CallbackState, Contact, Outcome
from yizhan.routing.callbacks.offering import reach_of
from yizhan.routing.callbacks.times import soonest
from yizhan.routing.desk import UNSERVED, Case, CaseState
from yizhan.routing.finding import Finding
from yizhan.routing.matching.facts import Level
from yizhan.routing.shift import Shift
from yizhan.routing.store import callbacks as rows
from yizhan.routing.tickets.errors import CallbackMoved, CallbackNotDue, NoCallback, UnknownTicket
from yizhan.routing.tickets.following import Following
from yizhan.routing.tickets.ticket import CUSTOMER, SYSTEM, UNSETTLED, Actor, Priority, Role, Ticket

CALL = "callback"
"""The purpose of the timer that looks at a promised call; its case is the ticket."""

LOOK_AGAIN = timedelta(minutes=5)
"""How often a late call is looked at."""

S = CallbackState


class Callbacks:
    def __init__(self, *, timers: Timers, finding: Finding, following: Following) -> None:
        self._timers = timers
        self._finding = finding
        self._following = following

    async def promise(self, shift: Shift, ticket: Ticket, phone: str, at: datetime, language: str = "") -> None:
        """Promise the ticket's customer a call at this moment, instead of any that they were promised before."""
        before = await rows.load_contact(shift.tx, ticket.id)
        if before is not None:
            await self._withdraw(shift, before)
        contact = Contact(
            ticket.id, ticket.workspace, ticket.conversation_id, phone, shift.now, at, S.PROMISED, language=language
        )
        moves = before is not None and before.state in OWED
        await self._keep(shift, ticket, contact, "moved" if moves else "promised", CUSTOMER)
        await self._look_before(shift, contact)

    async def reach_by(self, shift: Shift, ticket: Ticket, phone: str) -> None:
        """Keep how the customer wants to be reached; a call that they were promised stays."""
        before = await rows.load_contact(shift.tx, ticket.id)
        fresh = Contact(ticket.id, ticket.workspace, ticket.conversation_id, phone, shift.now)
        await rows.put_contact(shift.tx, replace(before, phone=phone) if before is not None else fresh)

    async def look(self, shift: Shift, ticket_id: str) -> None:
        """Do what is to be done now about a promised call: ask agents, own up that it is late, or find it over."""
        contact = await rows.load_contact(shift.tx, ticket_id)
        ticket = await self.whole(shift, ticket_id)
        if contact is None or ticket is None or contact.state not in {S.PROMISED, *ASKED}:
            return
        if ticket.status not in UNSETTLED:
            await self._withdraw(shift, contact)
            await self._end(shift, ticket, contact, S.SETTLED, SYSTEM)
            return
        cases = await store.open_cases(shift.tx, shift.workspace, contact.conversation_id)
        assigned = [case for case in cases if case.state is CaseState.ASSIGNED]
        if assigned:
            await self._take(shift, ticket, contact, assigned[0])
            return
        await self._ask(shift, ticket, contact, cases)

    async def taken(self, shift: Shift, ticket_id: str, case: Case) -> None:
        """By this case an agent has the customer."""
        contact = await rows.load_contact(shift.tx, ticket_id)
        ticket = await self.whole(shift, ticket_id)
        if contact is not None and ticket is not None and contact.state in {*ASKED, S.TAKEN}:
            await self._take(shift, ticket, contact, case)

    async def let_go(self, shift: Shift, case: Case, *, closed: bool) -> None:
        """The agent of this case has the customer no more, and may not have said what came of the call.

        Whoever closed the conversation, or has answered in it, was in touch; otherwise the call is owed again.
        """
        contact = await rows.load_contact(shift.tx, case.ticket_id)
        ticket = await self.whole(shift, case.ticket_id)
        if contact is None or ticket is None or contact.state is not S.TAKEN or contact.case_id != case.id:
            return
        answered, since = ticket.first_response_at, contact.taken_at
        if closed or (answered is not None and since is not None and answered >= since):
            await self._end(shift, ticket, contact, S.DONE, Actor(case.agent_id, "", Role.AGENT))
            return
        again = replace(contact, state=S.MISSED if contact.late else S.DUE, case_id="", taken_at=None)
        ticket = await self._following.given_back(shift.tx, shift.now, ticket)
        await self._keep(shift, ticket, again, "due", SYSTEM)
        await self._timers.set(shift.tx, contact.ticket_id, CALL, shift.now, shift.workspace)

    async def record(self, shift: Shift, ticket_id: str, outcome: Outcome, tries: int, by: Actor) -> Ticket:
        """What came of a call that was owed. ``tries``: how many there were when the agent looked, so that one call counts once.

        Raises UnknownTicket, NoCallback, CallbackNotDue, CallbackMoved.
        """
        contact = await rows.load_contact(shift.tx, ticket_id)
        ticket = await self.whole(shift, ticket_id)
        if ticket is None:
            raise UnknownTicket
        if contact is None or contact.state not in OWED:
            raise NoCallback
        if contact.tries != tries:
            raise CallbackMoved
        if outcome is Outcome.NOT_REACHED:
            if contact.state is S.PROMISED:
                raise CallbackNotDue
            return await self._try_again(shift, ticket, contact, by)
        await self._withdraw(shift, contact)
        if outcome is Outcome.REACHED:
            return await self._end(shift, ticket, contact, S.DONE, by)
        return await self._end(shift, ticket, contact, S.CANCELLED, by)

    async def cancel(self, shift: Shift, conversation_id: str) -> tuple[Ticket, Contact] | None:
        """The customer wants no call any more; None: there is none to cancel."""
        contact = await rows.owed_callback(shift.tx, shift.workspace, conversation_id)
        ticket = await self.whole(shift, contact.ticket_id) if contact is not None else None
        if contact is None or ticket is None:
            return None
        await self._withdraw(shift, contact)
        await self._end(shift, ticket, contact, S.CANCELLED, CUSTOMER, tells=False)
        return ticket, contact

    async def whole(self, shift: Shift, ticket_id: str) -> Ticket | None:
        """The ticket, or what it has become part of; nobody else changes it until the transaction ends."""
        ticket = await store.load_ticket(shift.tx, shift.workspace, ticket_id, lock=True)
        while ticket is not None and ticket.merged_into:
            ticket = await store.load_ticket(shift.tx, shift.workspace, ticket.merged_into, lock=True)
        return ticket

    async def _ask(self, shift: Shift, ticket: Ticket, contact: Contact, cases: Sequence[Case]) -> None:
        """Have agents offered the call. Where the customer waits in the queue, whoever takes them there has it."""
        at = contact.callback_at or shift.now
        if contact.state is S.PROMISED:
            contact = replace(contact, state=S.DUE)
            await self._keep(shift, ticket, contact, "due", SYSTEM)
        late = shift.now >= at and contact.state is S.DUE
        if late:
            contact = replace(contact, state=S.MISSED, late=True)
            await self._keep(shift, ticket, contact, "missed", SYSTEM)
            self._tell(shift, ticket, contact, "missed")
        own = next((case for case in cases if case.is_callback and case.ticket_id == contact.ticket_id), None)
        if own is None and not any(case.state in UNSERVED for case in cases if not case.is_callback):
            own = await case_for(shift, self._finding.terms, contact, ticket)
            await store.insert_case(shift.tx, own)
            await rows.put_contact(shift.tx, replace(contact, case_id=own.id))
            await self._finding.start_climbing(shift, own, await self._finding.terms.of(shift.tx, own, shift.now))
        if own is not None and contact.state is S.MISSED:
            level = max(own.level, Level.SUPERVISORS)
            wider = replace(own, level=level, priority=int(Priority.URGENT), only_agent="")
            await store.save_case(shift.tx, wider)
        again = at if at > shift.now else shift.now + LOOK_AGAIN
        await self._timers.set(shift.tx, contact.ticket_id, CALL, again, shift.workspace)
        await self._finding.dispatch(shift)

    async def _take(self, shift: Shift, ticket: Ticket, contact: Contact, case: Case) -> None:
        """``case`` remembers the ticket, so that its end is not the promise's by accident."""
        if contact.case_id != case.id:
            await self._withdraw(shift, contact)
        await self._timers.cancel(shift.tx, contact.ticket_id, CALL)
        if case.ticket_id != contact.ticket_id:
            await store.save_case(shift.tx, replace(case, ticket_id=contact.ticket_id))
        if contact.state is S.TAKEN and contact.case_id == case.id:
            return
        now_taken = replace(contact, state=S.TAKEN, case_id=case.id, taken_at=shift.now)
        await self._keep(shift, ticket, now_taken, "taken", Actor(case.agent_id, "", Role.AGENT))

    async def _try_again(self, shift: Shift, ticket: Ticket, contact: Contact, by: Actor) -> Ticket:
        """The customer was not reached: promise another call, as often as the contract says; then own up."""
        case = await store.load_case(shift.tx, contact.case_id) if contact.case_id else None
        if case is not None and case.is_callback and case.state is CaseState.ASSIGNED:
            back = ReturnToBot(by.id, Outcome.NOT_REACHED.value)
            shift.command(case.address, case.conversation_id, case.epoch, back)
        await self._withdraw(shift, contact)
        ticket = await self._following.given_back(shift.tx, shift.now, ticket)
        terms = await self._finding.terms.current(shift.tx, shift.workspace, shift.now)
        waiting = terms.contract.waiting
        tried = replace(contact, tries=contact.tries + 1, case_id="", taken_at=None)
        reach = reach_of(terms)
        following = soonest(replace(reach, lead=waiting.callback_retry), shift.now)
        if tried.tries >= waiting.callback_tries or following is None:
            return await self._end(shift, ticket, tried, S.FAILED, by)
        again = replace(tried, state=S.PROMISED, callback_at=following)
        ticket = await self._keep(shift, ticket, again, "not_reached", by)
        self._tell(shift, ticket, again, "not_reached")
        await self._look_before(shift, again)
        return ticket

    async def _end(
        self, shift: Shift, ticket: Ticket, contact: Contact, state: CallbackState, by: Actor, *, tells: bool = True
    ) -> Ticket:
        await self._timers.cancel(shift.tx, contact.ticket_id, CALL)
        ticket = await self._keep(shift, ticket, replace(contact, state=state), state.value, by)
        if tells:
            self._tell(shift, ticket, contact, state.value)
        return ticket

    async def _keep(self, shift: Shift, ticket: Ticket, contact: Contact, change: str, by: Actor) -> Ticket:
        """Write how the promise stands, into the ticket's history too, and tell everyone."""
        await rows.put_contact(shift.tx, contact)
        shift.callback_changed(ticket, contact, change)
        at = contact.callback_at.isoformat(timespec="minutes") if contact.callback_at is not None else ""
        return await self._following.noted(shift.tx, shift.now, ticket, CALLBACK, at, change, by)

    def _tell(self, shift: Shift, ticket: Ticket, contact: Contact, change: str) -> None:
        told = TellCallback(change, ticket.number, contact.callback_at)
        shift.command(ticket.address, contact.conversation_id, 0, told)

    async def _look_before(self, shift: Shift, contact: Contact) -> None:
        terms = await self._finding.terms.current(shift.tx, shift.workspace, shift.now)
        due = max(shift.now, (contact.callback_at or shift.now) - terms.contract.waiting.callback_lead)
        await self._timers.set(shift.tx, contact.ticket_id, CALL, due, shift.workspace)

    async def _withdraw(self, shift: Shift, contact: Contact) -> None:
        """Nobody is asked to call for this one any more; an agent who has accepted goes on."""
        await self._timers.cancel(shift.tx, contact.ticket_id, CALL)
        case = await store.load_case(shift.tx, contact.case_id) if contact.case_id else None
        if case is None or not case.is_callback or case.state not in UNSERVED:
            return
        if case.state is CaseState.OFFERED:
            shift.offer_changed(case, "withdrawn")
        await store.save_case(shift.tx, replace(case, state=CaseState.DONE, ended_at=shift.now, agent_id=""))
        await self._finding.forget(shift, case)
