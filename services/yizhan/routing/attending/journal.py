"""Keeping what own agent systems are to be told, in the transaction in which it happens.

Offers are told as they change. Assignments are told as the difference between what a system was told it has and what its
agents have when the transaction ends, so that no way of winning or losing a conversation is overlooked.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from yizhan.core.bus import envelopes
from yizhan.core.messages.codec import timestamp
from yizhan.pb.v1 import event_pb2, live_pb2, routing_pb2 as pb
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.routing import store
from yizhan.routing.attending import telling
from yizhan.routing.desk import Case, CaseState
from yizhan.routing.offer_codec import open_offer
from yizhan.routing.shift import Shift
from yizhan.routing.store import attending, systems
from yizhan.routing.store.attending import Held, System

READABLE_AFTER_OFFER: Final = timedelta(days=1)
READABLE_AFTER_ASSIGNMENT: Final = timedelta(days=30)
"""How long a system may read a conversation that it was offered, or had."""


async def keep(shift: Shift) -> bool:
    """Write down what this shift changed for the workspace's systems; True: there is something to tell."""
    touched = _touched(shift)
    if not touched:
        return False
    systems = await attending.systems_of(shift.tx, shift.workspace)
    if not systems:
        return False
    held = await attending.held_by(shift.tx, shift.workspace, touched)
    now = [
        case
        for conversation in touched
        for case in await store.open_cases(shift.tx, shift.workspace, conversation)
        if case.state is CaseState.ASSIGNED
    ]
    told = [await _keep_for(shift, system, held.get(system.name, ()), now) for system in systems]
    return any(told)


async def begin(shift: Shift, system: System) -> pb.AttendSnapshot:
    """A system says hello: what its agents have now is what it is told from then on."""
    cases = await store.cases_in(shift.tx, shift.workspace, [CaseState.OFFERED, CaseState.ASSIGNED])
    mine = [case for case in cases if system.has(case.agent_id)]
    assigned = [case for case in mine if case.state is CaseState.ASSIGNED]
    await attending.let_all_go(shift.tx, shift.workspace, system.name)
    for case in assigned:
        await attending.hold(shift.tx, shift.workspace, system.name, _held(case))
    for case in mine:
        await _readable(shift, system, case.conversation_id, case.state is CaseState.ASSIGNED)
    return pb.AttendSnapshot(
        offers=[open_offer(case) for case in mine if case.state is CaseState.OFFERED],
        assigned=[telling.assigned(case) for case in assigned],
    )


async def keep_snapshot(shift: Shift, system: System, snapshot: pb.AttendSnapshot) -> None:
    """Tell a system how things stand as one of the events that are kept for it: by webhook it has no other beginning."""
    known = await attending.load_system(shift.tx, system.workspace, system.name)
    if known is None:
        raise AssertionError("the system was put down in this transaction")
    event = pb.AttendEvent(at=timestamp(shift.now), snapshot=snapshot)
    await attending.append_events(shift.tx, known, [event.SerializeToString()], shift.now)


def something_kept(workspace: str) -> Envelope:
    """The hint that wakes the streams of a workspace, whichever process has them."""
    hint = live_pb2.Live()
    hint.address.workspace = workspace
    return envelopes.live(hint)


async def _keep_for(shift: Shift, system: System, held: Sequence[Held], now: Sequence[Case]) -> bool:
    events = [event for agent_id, event in _offers(shift) if system.has(agent_id)]
    before = {one.case_id: one for one in held}
    after = {case.id: case for case in now if system.has(case.agent_id)}
    change = telling.why(shift.cause)
    for of in {event.offer.offer.conversation_id for event in events}:
        await _readable(shift, system, of, False)
    for gone in before.keys() - after.keys():
        await _readable(shift, system, before[gone].conversation_id, True)
        await attending.let_go(shift.tx, shift.workspace, system.name, gone)
        events.append(telling.ended(before[gone], change))
    for case in after.values():
        if before.get(case.id) != _held(case):
            await attending.hold(shift.tx, shift.workspace, system.name, _held(case))
            await _readable(shift, system, case.conversation_id, True)
            events.append(pb.AttendEvent(assigned=telling.assigned(case)))
    events += _refusals(shift.cause, system, before)
    if not events:
        return False
    at = pb.AttendEvent(at=timestamp(shift.now))
    for event in events:
        event.MergeFrom(at)
    await attending.append_events(shift.tx, system, [event.SerializeToString() for event in events], shift.now)
    return True


async def _readable(shift: Shift, system: System, conversation_id: str, assigned: bool) -> None:
    until = shift.now + (READABLE_AFTER_ASSIGNMENT if assigned else READABLE_AFTER_OFFER)
    await systems.grant(shift.tx, shift.workspace, system.name, conversation_id, until)


def _refusals(cause: event_pb2.Event | None, system: System, before: Mapping[str, Held]) -> Sequence[pb.AttendEvent]:
    """A refused command is told to who asked; one that names nobody, to who has the conversation."""
    if cause is None or cause.WhichOneof("kind") != "command_refused":
        return ()
    asked_by = cause.command_refused.agent_id
    return [telling.refused(cause)] if system.has(asked_by) or (before and not asked_by) else []


def _offers(shift: Shift) -> Sequence[tuple[str, pb.AttendEvent]]:
    """Changes of offers with the agent they concern, in order. Each was put down twice: for everybody, and for screens."""
    events = [row.publication.envelope.event for row in shift.rows if row.publication.envelope.HasField("event")]
    changed = [event for event in events if event.WhichOneof("kind") == "offer_changed"]
    hints = [hint for hint in shift.hints if hint.HasField("offer")]
    return [(hint.offer.agent_id, telling.offer(hint, event)) for hint, event in zip(hints, changed, strict=True)]


def _touched(shift: Shift) -> Sequence[str]:
    """The conversations that this shift was about."""
    named: dict[str, None] = {}
    if shift.cause is not None:
        named[shift.cause.conversation_id] = None
    for hint in shift.hints:
        named[hint.conversation_id] = None
    for row in shift.rows:
        envelope = row.publication.envelope
        named[envelope.event.conversation_id or envelope.command.conversation_id] = None
    return [conversation_id for conversation_id in named if conversation_id]


def _held(case: Case) -> Held:
    return Held(case.id, case.conversation_id, case.agent_id, case.epoch)
