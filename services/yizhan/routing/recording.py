"""A day of operation as ``matching.day`` knows days: from what was kept of agents, cases and offers. Pure.

What was not kept is filled in, and told: a case that nobody served, or that still runs, takes as long as half of those
served that day did.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from yizhan.routing.desk import Case
from yizhan.routing.matching.day import Asked, Day, Staffed
from yizhan.routing.matching.facts import Level, Presence, Seat, Wanted

USUAL_HANDLING = 300.0
"""Seconds a conversation is taken to last on a day on which none was served to its end."""

_MILLISECOND = 3


@dataclass(frozen=True, slots=True)
class NotedAgent:
    """What an agent was and could do from ``at`` on. ``skills``: (skill, level); ``groups``: ids."""

    agent_id: str
    at: datetime
    presence: Presence
    capacity: int
    supervisor: bool
    skills: tuple[tuple[str, int], ...]
    languages: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotedOffer:
    """An agent was asked to take a case."""

    case_id: str
    at: datetime
    agent_id: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What operation kept of the time from ``since`` to ``until``.

    ``agents``: what each was at ``since``, and changes, in order of time. ``offers``: of the cases, each case's in order.
    ``offer``: seconds that an agent has to accept.
    """

    since: datetime
    until: datetime
    agents: Sequence[NotedAgent]
    cases: Sequence[Case]
    offers: Sequence[NotedOffer]
    offer: float


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called in the file: names where only one has it."""

    agents: Mapping[str, str]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """``guessed``: how many cases took a usual time, because they were not served, or not yet to the end."""

    day: Day
    guessed: int


def names_of(named: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Id -> name, or name and id where several are called the same."""
    pairs = list(named)
    count: dict[str, int] = {}
    for _, name in pairs:
        count[name] = count.get(name, 0) + 1
    return {key: name if count[name] == 1 else f"{name} ({key})" for key, name in pairs}


def recorded(kept: Kept, names: Names) -> Recorded:
    """The day as it was."""
    offers: dict[str, list[NotedOffer]] = {}
    for offer in kept.offers:
        offers.setdefault(offer.case_id, []).append(offer)
    usual = _usual_handling(kept.cases)
    asked, guessed = [], 0
    for case in kept.cases:
        handling = _handling(case)
        guessed += handling is None
        running = (kept.until - case.assigned_at).total_seconds() if case.assigned_at else 0.0
        taken = max(usual, running) if handling is None else handling
        asked.append(_asked(kept, names, case, offers.get(case.id, []), _rounded(taken)))
    return Recorded(Day(tuple(_staffed(kept, names)), tuple(asked)), guessed)


def _staffed(kept: Kept, names: Names) -> Iterator[Staffed]:
    for noted in kept.agents:
        seat = Seat(
            agent_id=names.agents.get(noted.agent_id, noted.agent_id),
            online=noted.presence is not Presence.OFFLINE,
            presence=noted.presence.value,
            heard_ago=0.0,
            capacity=noted.capacity,
            load=0,
            skills=tuple(sorted(noted.skills)),
            languages=noted.languages,
            groups=tuple(names.groups.get(group, group) for group in noted.groups),
            supervisor=noted.supervisor,
        )
        yield Staffed(_seconds(kept.since, max(noted.at, kept.since)), seat)


def _asked(kept: Kept, names: Names, case: Case, offers: Sequence[NotedOffer], handling: float) -> Asked:
    taken_unasked = case.assigned_at is not None and not offers
    only = case.agent_id if taken_unasked else case.only_agent
    wanted = Wanted(
        case_id=case.id,
        priority=case.priority,
        language=case.language,
        skills=tuple(sorted(case.skills)),
        group=names.groups.get(case.group_id, case.group_id),
        channel=case.address.channel,
        weight=case.weight,
        last_agent=names.agents.get(case.last_agent, case.last_agent),
        level=Level.OWN_GROUP,
        only=names.agents.get(only, only),
    )
    promise = max(_seconds(case.requested_at, case.deadline), 0.001)
    answers = (0.0,) if taken_unasked else tuple(_answers(kept, case, offers))
    declines = len(offers) - (case.assigned_at is not None and bool(offers))
    return Asked(_seconds(kept.since, case.requested_at), wanted, promise, handling, answers, declines)


def _answers(kept: Kept, case: Case, offers: Sequence[NotedOffer]) -> Iterator[float]:
    """Seconds until each who was asked reacted. Of one who did not take it only the latest moment is known."""
    last = case.assigned_at or case.ended_at or kept.until
    for number, offer in enumerate(offers, 1):
        reacted = offers[number].at if number < len(offers) else last
        yield min(max(_seconds(offer.at, reacted), 0.0), _rounded(kept.offer))


def _handling(case: Case) -> float | None:
    if case.assigned_at is None or case.ended_at is None:
        return None
    return max((case.ended_at - case.assigned_at).total_seconds(), 0.0)


def _usual_handling(cases: Sequence[Case]) -> float:
    known = [seconds for case in cases if (seconds := _handling(case)) is not None]
    return median(known) if known else USUAL_HANDLING


def _seconds(since: datetime, at: datetime) -> float:
    return _rounded((at - since).total_seconds())


def _rounded(seconds: float) -> float:
    return round(seconds, _MILLISECOND)


def without_history(noted: Sequence[NotedAgent], today: Sequence[NotedAgent], since: datetime) -> Sequence[NotedAgent]:
    """With agents of whom nothing was noted as they are today: they have not changed since that is kept."""
    known = {each.agent_id for each in noted}
    return [*noted, *(replace(each, at=since) for each in today if each.agent_id not in known)]
