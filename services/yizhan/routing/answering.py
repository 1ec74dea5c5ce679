"""Keeping the clocks of agents' answers as conversations go on, and telling screens and metrics of it."""

from datetime import datetime, timedelta

from yizhan.contract import business_time
from yizhan.core.bus import envelopes
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_from_proto, address_to_proto, moment, timestamp
from yizhan.core.messages.ids import derived_id
from yizhan.core.store.outbox import OutboxRow
from yizhan.pb.v1 import event_pb2, live_pb2, message_pb2, routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.answers import answered, asked, assigned, taken_up
from yizhan.routing.desk import Case, CaseState
from yizhan.routing.owed import Answering, Due, Mark
from yizhan.routing.shift import Shift
from yizhan.routing.terms import Terms, TermsBook

_MILLISECOND = timedelta(milliseconds=1)

_ENDS = {
    "conversation_closed": "closed",
    "conversation_returned": "returned",
    "handoff_requested": "handed_on",
    "conversation_assigned": "handed_on",
}
"""Why a clock is cancelled, by the event that ends its case."""


class AnswerBook:
    """Changes are made in the transaction of the event that causes them; the events of a conversation come in order."""

    def __init__(self, terms: TermsBook) -> None:
        self._terms = terms

    async def assigned(self, shift: Shift, case: Case, at: datetime) -> None:
        """An agent has the conversation: their first words are due. Told again, it changes nothing."""
        if await store.load_answering(shift.tx, case.id) is not None:
            return
        terms = await self._terms.of(shift.tx, case, shift.now)
        await self._terms.keep(shift.tx, terms, terms.hours)
        kept = assigned(case, terms, at)
        await store.put_answering(shift.tx, kept)
        _tell(shift, case.address, kept, terms, Mark.START, at)

    async def heard(self, shift: Shift, event: event_pb2.Event) -> None:
        """Something was said in a conversation that an agent has: by the customer, or to them."""
        kept = await self._of(shift, event)
        if kept is None:
            return
        terms = await self._terms.kept(shift.tx, kept.contract, kept.calendar)
        at, seq, by_customer = _said(event)
        after = asked(kept, terms, seq, at) if by_customer else answered(kept, seq)
        if after == kept:
            return
        await store.put_answering(shift.tx, after)
        address = address_from_proto(event.address)
        if after.due is not None:
            _tell(shift, address, after, terms, Mark.START, at)
        elif kept.due is not None:
            _tell(shift, address, kept, terms, Mark.STOP, at)

    async def over(self, shift: Shift, case: Case) -> None:
        """The case is over, and what its agent owed with it."""
        kept = await store.load_answering(shift.tx, case.id)
        if kept is None:
            return
        await store.drop_answering(shift.tx, case.id)
        if kept.due is not None:
            terms = await self._terms.kept(shift.tx, kept.contract, kept.calendar)
            _tell(shift, case.address, kept, terms, Mark.CANCEL, shift.now, _why(shift))

    async def _of(self, shift: Shift, event: event_pb2.Event) -> Answering | None:
        """The clocks of the case that the event is about, for a change; None: it is over, or not the agent's any more."""
        seen = await store.answering_of(shift.tx, shift.workspace, event.conversation_id, event.epoch)
        if seen is not None:
            return await store.load_answering(shift.tx, seen.case_id)
        for case in await store.open_cases(shift.tx, shift.workspace, event.conversation_id):
            if case.state is CaseState.ASSIGNED and case.epoch == event.epoch:
                return await self._taken_up(shift, case)
        return None

    async def _taken_up(self, shift: Shift, case: Case) -> Answering:
        terms = await self._terms.of(shift.tx, case, shift.now)
        await self._terms.keep(shift.tx, terms, terms.hours)
        kept = taken_up(case, terms)
        await store.put_answering(shift.tx, kept)
        return kept


def answer_due(kept: Answering) -> pb.AnswerDue:
    """What is owed, as callers see it."""
    due = kept.due
    return pb.AnswerDue(
        conversation_id=kept.conversation_id,
        agent_id=kept.agent_id,
        clock=due.clock.value if due else "",
        since=timestamp(due.since if due else None),
        risk_at=timestamp(due.risk_at if due else None),
        due_at=timestamp(due.due_at if due else None),
        contract=kept.contract,
        calendar=kept.calendar,
    )


def _said(event: event_pb2.Event) -> tuple[datetime, int, bool]:
    """When, at which place, and whether it was the customer."""
    if event.WhichOneof("kind") == "agent_replied":
        return moment(event.agent_replied.at), event.agent_replied.seq, False
    spoken = event.conversation_spoken
    return moment(spoken.at), spoken.seq, spoken.author == message_pb2.AUTHOR_KIND_CUSTOMER


def _why(shift: Shift) -> str:
    kind = shift.cause.WhichOneof("kind") if shift.cause is not None else None
    return _ENDS.get(kind or "", "ended")


def _tell(
    shift: Shift, address: Address, kept: Answering, terms: Terms, mark: Mark, at: datetime, reason: str = ""
) -> None:
    """``kept``: with the clock that starts or ends."""
    due = kept.due
    if due is None:
        return
    shift.rows.append(OutboxRow(envelopes.event(_timed(address, kept, due, terms, mark, at, reason)), None))
    hint = live_pb2.Live(address=address_to_proto(address), conversation_id=kept.conversation_id)
    hint.answer.SetInParent()
    if mark is Mark.START:
        shown = live_pb2.AnswerHint(
            clock=due.clock.value,
            since=timestamp(due.since),
            risk_at=timestamp(due.risk_at),
            due_at=timestamp(due.due_at),
        )
        hint.answer.CopyFrom(shown)
    shift.hints.append(hint)


def _timed(
    address: Address, kept: Answering, due: Due, terms: Terms, mark: Mark, at: datetime, reason: str
) -> event_pb2.Event:
    """Its id follows from what it tells, so that one told twice counts once."""
    event = event_pb2.Event(
        id=derived_id("answer", kept.case_id, str(kept.number), mark.value),
        address=address_to_proto(address),
        conversation_id=kept.conversation_id,
        epoch=kept.epoch,
    )
    timed = event_pb2.AnswerTimed(
        clock=due.clock.value,
        mark=mark.value,
        at=timestamp(at),
        due_at=timestamp(due.due_at),
        contract=kept.contract,
        calendar=kept.calendar,
        number=kept.number,
        agent_id=kept.agent_id,
        reason=reason,
        case_id=kept.case_id,
    )
    if mark is not Mark.START:
        timed.open_ms = business_time.between(terms.hours, due.since, at) // _MILLISECOND
    event.answer_timed.CopyFrom(timed)
    return event
