"""What those who wait are told: their place, and how long it will probably be where that can be said honestly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yizhan.core.messages.command import TellProgress
from yizhan.routing import store
from yizhan.routing.desk import Agent, Case, CaseState
from yizhan.routing.groups import Group
from yizhan.routing.shift import Shift
from yizhan.routing.waiting.estimate import Interval, estimates
from yizhan.routing.waiting.flow import NEVER, Flow, Handled

LOOKED_BACK = timedelta(hours=4)
ARRIVALS = timedelta(minutes=15)
MOST_ENDED = 400
MOST_ARRIVALS = 1_000
SOON = 3
"""Whoever is that near to the front is told every step."""
MOST_PLACES = 50
"""Beyond, nobody is told an estimate; it would be none."""


@dataclass(frozen=True, slots=True)
class Past:
    """What estimates are made from, read once for all groups of a workspace."""

    running: Sequence[Case]
    ended: Sequence[Case]
    requests: Sequence[tuple[str, datetime]]


async def tell(
    shift: Shift,
    waiting: Sequence[Case],
    here: Mapping[str, Agent],
    agents: Sequence[Agent],
    groups: Sequence[Group],
    every: timedelta,
) -> None:
    """Tell the news to those who wait, the next one first; ``here`` are the agents who are present.

    A place counts those who wait for the same group. Told is a better place, or a wait that is only half as long, and
    nobody far behind is told something new before ``every`` has passed: in a long queue each departure would be news to all.
    """
    queues: dict[str, list[Case]] = {}
    for case in waiting:
        queues.setdefault(case.group_id, []).append(case)
    news = {group_id: _listening(queue, shift.now, every) for group_id, queue in queues.items()}
    if not any(news.values()):
        return
    past = await _past(shift, [CaseState.OFFERED, CaseState.ASSIGNED])
    for group_id, queue in queues.items():
        if not news[group_id]:
            continue
        members = _members(group_id, agents, groups)
        flow = flow_of(past, group_id, [here[one] for one in members if one in here], members, agents, shift.now)
        found = estimates(min(len(queue), MOST_PLACES), replace(flow, waiting=len(queue)))
        for place, case in news[group_id]:
            await _tell(shift, case, place, found[place - 1] if place <= len(found) else None)


def flow_of(
    past: Past, group_id: str, here: Sequence[Agent], members: frozenset[str], agents: Sequence[Agent], now: datetime
) -> Flow:
    """One queue's recent past and its present."""
    changes = [agent.presence_at for agent in agents if agent.id in members and agent.presence_at is not None]
    changed = min(((now - at).total_seconds() for at in changes), default=NEVER)
    return Flow(
        slots=sum(agent.capacity for agent in here),
        running=tuple(_seconds(case, now) for case in past.running if case.agent_id in members),
        handled=tuple(
            Handled(_seconds(case, case.ended_at), (now - case.ended_at).total_seconds())
            for case in past.ended
            if case.ended_at is not None and case.agent_id in members
        ),
        arrivals=tuple((now - at).total_seconds() for group, at in past.requests if group == group_id),
        staff_changed_ago=changed if 0.0 <= changed <= LOOKED_BACK.total_seconds() else NEVER,
    )


async def _past(shift: Shift, busy: Sequence[CaseState]) -> Past:
    return Past(
        await store.cases_in(shift.tx, shift.workspace, busy),
        await store.ended_cases(shift.tx, shift.workspace, shift.now - LOOKED_BACK, MOST_ENDED),
        await store.requests(shift.tx, shift.workspace, shift.now - ARRIVALS, MOST_ARRIVALS),
    )


async def _tell(shift: Shift, case: Case, place: int, wait: Interval | None) -> None:
    nearer = not case.told_position or place < case.told_position
    sooner = wait is not None and bool(case.told_high) and wait.high * 2 <= case.told_high
    if not (nearer or sooner):
        await store.save_case(shift.tx, replace(case, told_at=shift.now))
        return
    high = wait.high if wait else 0
    await store.save_case(shift.tx, replace(case, told_position=place, told_high=high, told_at=shift.now))
    progress = TellProgress(place, wait.low, wait.high) if wait else TellProgress(place)
    shift.command(case.address, case.conversation_id, case.epoch, progress)


def _listening(queue: Sequence[Case], now: datetime, every: timedelta) -> Sequence[tuple[int, Case]]:
    """Those who may be told something now, with their places."""
    return [
        (place, case)
        for place, case in enumerate(queue, 1)
        if case.told_at is None or now - case.told_at >= every or (place <= SOON and place < case.told_position)
    ]


def _members(group_id: str, agents: Sequence[Agent], groups: Sequence[Group]) -> frozenset[str]:
    """Who serves a queue: the group's agents, or everybody where none is asked for."""
    for group in groups:
        if group.id == group_id:
            return frozenset(group.agents)
    return frozenset(agent.id for agent in agents)


def _seconds(case: Case, until: datetime) -> float:
    """How long an agent has had a case: from the offer on, which is when their room was taken."""
    since = case.offered_at or case.assigned_at or until
    return max(0.0, (until - since).total_seconds())
