"""In what order waiting cases are decided, and all of them at one moment.

A case is due when its promise runs out, or a fixed patience after its request if that is earlier; a priority is a
credit of seconds on that moment. The earliest due goes first. Time alone brings a case forward: every second it waits
it is a second nearer, so that one of low priority is overtaken only by cases that come within a bounded time after it.

A case that is heavier than the room anybody has left would wait for ever behind light ones. So when it finds nobody
only for want of room, the room of the agent who is nearest to fitting is held for it, and cases behind it go elsewhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from yizhan.routing.matching.choose import Decision, decide
from yizhan.routing.matching.eligible import WhyNot, has_room, why_not
from yizhan.routing.matching.facts import Policy, Seat, Wanted, seat_seen, wanted_seen


def dispatch(waiting: Iterable[Wanted], seats: Iterable[Seat], policy: Policy) -> list[Decision]:
    """The offers to make now, the most urgent case first; loads and times of offers move along.

    A decision's seats are as they were when its turn came. A case given twice is offered once. Cases that nobody may
    be asked for are not among the decisions: ``outlook`` says why.
    """
    return [decision for decision in _walk(waiting, seats, policy) if decision.agent_id]


def outlook(case_id: str, waiting: Iterable[Wanted], seats: Iterable[Seat], policy: Policy) -> Decision | None:
    """What ``dispatch`` decides for one of the waiting cases, also where it finds nobody; None: it does not wait."""
    decisions = _walk(waiting, seats, policy, explained=case_id)
    return next((decision for decision in decisions if decision.wanted.case_id == case_id), None)


def _walk(waiting: Iterable[Wanted], seats: Iterable[Seat], policy: Policy, explained: str = "") -> Iterator[Decision]:
    """Decide case after case. Where everybody is busy nothing is decided but what is to be explained: with hundreds of
    agents and a long queue that would be most of the work, at every change of anything.
    """
    room = {seat.agent_id: seat_seen(seat) for seat in sorted(seats, key=lambda seat: seat.agent_id)}
    free = {seat.agent_id: seat for seat in room.values() if has_room(seat, policy)}
    held: frozenset[str] = frozenset()
    for wanted in in_order(map(wanted_seen, waiting), policy):
        found = any(why_not(wanted, seat, policy, held) is None for seat in free.values())
        if not found and wanted.weight == 1 and wanted.case_id != explained:
            continue
        decision = decide(wanted, list(room.values()), policy, held)
        yield decision
        if not decision.agent_id:
            held |= _nearest(decision)
            continue
        taken = _offered(room[decision.agent_id], wanted)
        room[taken.agent_id] = free[taken.agent_id] = taken
        if not has_room(taken, policy):
            del free[taken.agent_id]


def in_order(waiting: Iterable[Wanted], policy: Policy) -> list[Wanted]:
    """The most urgent first: who is next in the queue, and the place that a customer is told."""
    unique = {wanted.case_id: wanted for wanted in sorted(waiting, key=lambda each: _turn(each, policy), reverse=True)}
    return sorted(unique.values(), key=lambda wanted: _turn(wanted, policy))


def urgency(wanted: Wanted, policy: Policy) -> float:
    """Seconds until a case is due, less the credit of its priority; the smaller, the sooner it is decided."""
    credit = policy.credit[min(max(wanted.priority, 0), len(policy.credit) - 1)]
    return min(wanted.left, policy.patience - wanted.waited) - credit


def _turn(wanted: Wanted, policy: Policy) -> tuple[float, float, float, str]:
    return urgency(wanted, policy), wanted.left, -wanted.waited, wanted.case_id


def _offered(seat: Seat, wanted: Wanted) -> Seat:
    return replace(seat, load=seat.load + wanted.weight, offered_ago=0.0, served_today=seat.served_today + 1)


def _nearest(decision: Decision) -> frozenset[str]:
    """The agent to hold for a case that only lacks room: who has the least to finish before it fits."""
    lacking = [each.seat for each in decision.standings if each.why_not is WhyNot.FULL]
    if decision.wanted.weight == 1 or not lacking:
        return frozenset()
    return frozenset({min(lacking, key=lambda seat: (seat.load - seat.capacity, seat.agent_id)).agent_id})
