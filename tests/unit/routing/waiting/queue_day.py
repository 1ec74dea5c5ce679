"""A first-come-first-served queue that is played through, so that every estimate can be held against what happened."""

import heapq
import math
import random
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yizhan.routing.waiting.flow import NEVER, Flow, Handled

Rate = Callable[[float], float]
"""Requests per second at a time."""
Durations = Callable[[random.Random, float], float]
"""How long a conversation takes that begins at a time."""


@dataclass(frozen=True, slots=True)
class Regime:
    """``staff``: (from second, conversations at once), the first from 0. ``highest``: of the rate."""

    hours: float
    rate: Rate
    highest: float
    takes: Durations
    staff: Sequence[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Waited:
    """Somebody who had to wait: their place, what was known when they came, and how long it became."""

    at: float
    place: int
    flow: Flow
    truth: float


@dataclass(slots=True)
class _Case:
    came: float
    began: float = -1.0
    ended: float = -1.0
    place: int = 0
    slots: int = 0
    running: tuple[float, ...] = ()
    waiting: int = 0


def picked(regime: Regime, seed: int, since: float, most: int) -> list[Waited]:
    """So many, at random, of those who waited in one day of a regime, from a second on."""
    cases = _day(regime, random.Random(seed))
    waited = [number for number, case in enumerate(cases) if case.place and case.came >= since]
    ended = sorted((case.ended, case.ended - case.began) for case in cases)
    came = [case.came for case in cases]
    return [
        _known(cases[number], came[: number + 1], ended, regime)
        for number in random.Random(seed).sample(waited, min(most, len(waited)))
    ]


def _known(case: _Case, came: list[float], ended: list[tuple[float, float]], regime: Regime) -> Waited:
    now = case.came
    past = ended[: bisect_right(ended, (now, math.inf))][-250:]
    changes = [at for at, _ in regime.staff[1:] if at <= now]
    flow = Flow(
        slots=case.slots,
        running=case.running,
        handled=tuple(Handled(took, now - end) for end, took in past if now - end < 7200),
        arrivals=tuple(now - at for at in came if now - at <= 900),
        waiting=case.waiting,
        staff_changed_ago=now - changes[-1] if changes else NEVER,
    )
    return Waited(now, case.place, flow, case.began - now)


def _day(regime: Regime, chance: random.Random) -> list[_Case]:
    cases: list[_Case] = []
    queue: deque[_Case] = deque()
    running: dict[int, _Case] = {}
    events: list[tuple[float, int, str, int]] = []
    for at, slots in regime.staff:
        heapq.heappush(events, (at, len(events), "staff", slots))
    heapq.heappush(events, (chance.expovariate(regime.highest), 99, "ask", 0))
    number, slots, end = 100, 0, regime.hours * 3600
    while events:
        now, _, kind, value = heapq.heappop(events)
        if kind == "staff":
            slots = value
        elif kind == "end":
            running.pop(value).ended = now
        elif now < end:
            number += 1
            heapq.heappush(events, (now + chance.expovariate(regime.highest), number, "ask", 0))
            if chance.random() * regime.highest < regime.rate(now):
                case = _Case(now)
                cases.append(case)
                queue.append(case)
                if len(queue) > 1 or len(running) >= slots:
                    case.place, case.slots, case.waiting = len(queue), slots, len(queue)
                    case.running = tuple(now - each.began for each in running.values())
        while queue and len(running) < slots:
            case = queue.popleft()
            case.began = now
            number += 1
            running[number] = case
            heapq.heappush(events, (now + regime.takes(chance, now), number, "end", number))
    return cases
