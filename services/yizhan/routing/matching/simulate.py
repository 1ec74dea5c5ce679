"""A recorded day played again under rules and with people of one's choice: the same dispatcher, on simulated time.

Every event (somebody asks, comes or goes, accepts or not, a conversation ends, a step of the ladder) is followed by a
look at the queue, as in operation. An agent who is gone keeps their conversations to the end, and what was only offered
to them goes back. The same day, rules and seed always give the same result.
"""

import heapq
import random
from dataclasses import dataclass, field, replace
from enum import IntEnum

from yizhan.routing.matching.day import Asked, Day
from yizhan.routing.matching.dispatch import dispatch
from yizhan.routing.matching.escalation import rung
from yizhan.routing.matching.facts import NEVER, Presence, Seat, Wanted
from yizhan.routing.matching.what_if import Rules

_QUICK, _SLOW = 2.0, 8.0
"""Between these, in seconds, an agent reacts to an offer where it was not recorded."""
_LAST_CHANCE = 3.0
"""An offer made just before the deadline would stand so long; the ticket ends it."""
_INSTANT = 0.001
"""A moment that was added up may come a rounding too early."""


@dataclass(frozen=True, slots=True)
class Served:
    """What became of a case. ``agent_id``: "" for a ticket. ``waited``: until the acceptance or the ticket.

    ``level``: how far it was escalated by then. ``offers``: how often somebody was asked.
    """

    case_id: str
    group: str
    agent_id: str
    waited: float
    level: int
    offers: int


@dataclass(frozen=True, slots=True)
class Worked:
    """An agent's day: units of weight times seconds. ``there``: their capacity while online; ``busy``: with customers,
    also after they had signed off.
    """

    agent_id: str
    groups: tuple[str, ...]
    there: float
    busy: float
    served: int


@dataclass(frozen=True, slots=True)
class Played:
    """The day's result: every case once, every agent once, in order of ids."""

    served: tuple[Served, ...]
    worked: tuple[Worked, ...]


class _Kind(IntEnum):
    """What happens first at the same second: ends make room before somebody asks."""

    STAFFED = 0
    ENDED = 1
    ANSWERED = 2
    STEPPED = 3
    ASKED = 4


@dataclass(slots=True)
class _Case:
    """``agent_id``: who has it or is asked, if anybody. ``accepts``: what they will answer to the offer."""

    asked: Asked
    level: int
    passed: tuple[str, ...] = ()
    agent_id: str = ""
    offers: int = 0
    accepts: bool = False
    accepted: bool = False

    @property
    def id(self) -> str:
        return self.asked.wanted.case_id


@dataclass(slots=True)
class _Agent:
    seat: Seat
    offered_at: float = NEVER
    offered: int = 0
    served: int = 0
    since: float = 0.0
    there: float = 0.0
    busy: float = 0.0


@dataclass(slots=True)
class _Floor:
    """The state of play. ``cases``: those that are not over."""

    day: Day
    rules: Rules
    seed: int
    now: float = 0.0
    events: list[tuple[float, int, str, int]] = field(default_factory=list)
    agents: dict[str, _Agent] = field(default_factory=dict)
    cases: dict[str, _Case] = field(default_factory=dict)
    served: list[Served] = field(default_factory=list)

    def at(self, when: float, kind: _Kind, key: str, number: int = 0) -> None:
        heapq.heappush(self.events, (when, kind, key, number))


def play(day: Day, rules: Rules, seed: int = 0) -> Played:
    """Play a day to its end: until every case is served or a ticket, and every conversation over."""
    floor = _Floor(day, rules, seed)
    for number, staffed in enumerate(day.staffed):
        floor.at(staffed.at, _Kind.STAFFED, staffed.seat.agent_id, number)
    for number, asked in enumerate(day.asked):
        floor.at(asked.at, _Kind.ASKED, asked.wanted.case_id, number)
    while floor.events:
        when, kind, key, number = heapq.heappop(floor.events)
        floor.now = when
        _happen(floor, _Kind(kind), key, number)
        if not floor.events or floor.events[0][0] > when:
            _offer_all(floor)
    for agent in floor.agents.values():
        _count(agent, floor.now)
    return Played(
        tuple(sorted(floor.served, key=lambda each: each.case_id)),
        tuple(_worked(floor.agents[agent_id]) for agent_id in sorted(floor.agents)),
    )


def _happen(floor: _Floor, kind: _Kind, key: str, number: int) -> None:
    case = floor.cases.get(key)
    if kind is _Kind.STAFFED:
        _staff(floor, floor.day.staffed[number].seat)
    elif kind is _Kind.ASKED:
        _ask(floor, floor.day.asked[number])
    elif case is None:
        return  # it is over
    elif kind is _Kind.STEPPED and not case.accepted:
        _step(floor, case)
    elif kind is _Kind.ANSWERED and not case.accepted and case.agent_id and case.offers == number:
        _answer(floor, case)
    elif kind is _Kind.ENDED:
        _carry(floor, case, -1)
        del floor.cases[key]


def _staff(floor: _Floor, seat: Seat) -> None:
    agent = floor.agents.setdefault(seat.agent_id, _Agent(replace(seat, load=0, online=False), since=floor.now))
    _count(agent, floor.now)
    agent.seat = replace(seat, load=agent.seat.load)
    if seat.online and seat.presence == Presence.ONLINE:
        return
    for case in floor.cases.values():
        if case.agent_id == seat.agent_id and not case.accepted:
            _pass(floor, case)


def _ask(floor: _Floor, asked: Asked) -> None:
    case = floor.cases[asked.wanted.case_id] = _Case(asked, asked.wanted.level)
    floor.at(asked.at + asked.promise, _Kind.STEPPED, case.id)
    _step(floor, case)


def _step(floor: _Floor, case: _Case) -> None:
    """A step of the ladder, or the end of the promise."""
    elapsed = floor.now - case.asked.at + _INSTANT
    now = rung(floor.rules.steps, elapsed)
    case.level = max(case.level, now.level)
    if now.ticket or elapsed >= case.asked.promise:
        if case.agent_id:
            _carry(floor, case, -1)
        _settle(floor, case, "")
        del floor.cases[case.id]
    elif now.next_after is not None:
        floor.at(case.asked.at + now.next_after, _Kind.STEPPED, case.id)


def _offer_all(floor: _Floor) -> None:
    waiting = [_wanted(floor, case) for case in floor.cases.values() if not case.agent_id]
    if not waiting:
        return
    seats = [_seat(floor, agent) for agent in floor.agents.values()]
    for decision in dispatch(waiting, seats, floor.rules.policy):
        _offer(floor, floor.cases[decision.wanted.case_id], floor.agents[decision.agent_id])


def _offer(floor: _Floor, case: _Case, agent: _Agent) -> None:
    delay = _delay(floor, case)
    until = min(floor.rules.offer, max(case.asked.at + case.asked.promise - floor.now, _LAST_CHANCE))
    case.agent_id = agent.seat.agent_id
    case.accepts = case.offers >= case.asked.declines and delay < until
    case.offers += 1
    agent.offered_at = floor.now
    agent.offered += 1
    _carry(floor, case, 1)
    floor.at(floor.now + min(delay, until), _Kind.ANSWERED, case.id, case.offers)


def _answer(floor: _Floor, case: _Case) -> None:
    if not case.accepts:
        _pass(floor, case)
        return
    case.accepted = True
    floor.agents[case.agent_id].served += 1
    _settle(floor, case, case.agent_id)
    floor.at(floor.now + case.asked.handling, _Kind.ENDED, case.id)


def _pass(floor: _Floor, case: _Case) -> None:
    """Declined, lapsed or withdrawn: back to the queue."""
    _carry(floor, case, -1)
    case.passed = (*(each for each in case.passed if each != case.agent_id), case.agent_id)
    case.agent_id = ""


def _settle(floor: _Floor, case: _Case, agent_id: str) -> None:
    waited = floor.now - case.asked.at
    floor.served.append(Served(case.id, case.asked.wanted.group, agent_id, waited, case.level, case.offers))


def _carry(floor: _Floor, case: _Case, sign: int) -> None:
    agent = floor.agents[case.agent_id]
    _count(agent, floor.now)
    agent.seat = replace(agent.seat, load=agent.seat.load + sign * case.asked.wanted.weight)


def _count(agent: _Agent, now: float) -> None:
    passed = now - agent.since
    agent.since = now
    agent.busy += passed * agent.seat.load
    if agent.seat.online and agent.seat.presence == Presence.ONLINE:
        agent.there += passed * agent.seat.capacity


def _delay(floor: _Floor, case: _Case) -> float:
    """How long the agent who is asked next takes to react."""
    if case.offers < len(case.asked.answers):
        return case.asked.answers[case.offers]
    chance = random.Random(f"{floor.seed}:{case.id}:{case.offers}")  # noqa: S311 - a day's play, no secret
    return chance.uniform(_QUICK, _SLOW)


def _wanted(floor: _Floor, case: _Case) -> Wanted:
    waited = floor.now - case.asked.at
    only = case.asked.wanted.only if case.level == case.asked.wanted.level else ""  # others are asked once it widens
    return replace(
        case.asked.wanted,
        waited=waited,
        left=case.asked.promise - waited,
        passed=case.passed,
        only=only,
        level=case.level,
    )


def _seat(floor: _Floor, agent: _Agent) -> Seat:
    ago = NEVER if agent.offered_at == NEVER else floor.now - agent.offered_at
    return replace(agent.seat, offered_ago=ago, served_today=agent.offered)


def _worked(agent: _Agent) -> Worked:
    return Worked(agent.seat.agent_id, agent.seat.groups, agent.there, agent.busy, agent.served)
