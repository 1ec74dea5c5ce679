"""The figures of a day that was played: how long people waited, which promises were kept, how busy agents were."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yizhan.routing.matching.simulate import Played, Served, Worked


@dataclass(frozen=True, slots=True)
class Waits:
    """Of those whom somebody served, seconds until the acceptance; 0 where nobody was. Nearest rank: every figure is
    one that somebody waited.
    """

    p50: float
    p90: float
    longest: float


@dataclass(frozen=True, slots=True)
class Figures:
    """``met``: served in time by the own group; ``escalated``: served in time, but by more than these; ``ticketed``:
    nobody in time. The three add up to ``cases``. ``offers``: how often somebody was asked.
    """

    cases: int
    met: int
    escalated: int
    ticketed: int
    offers: int
    waits: Waits


@dataclass(frozen=True, slots=True)
class Busy:
    """``capacity_hours``: units of capacity times hours online. ``utilisation``: weight carried over capacity while online, 0 where there was none; above 1 for who finished
    conversations after signing off.
    """

    agent_id: str
    served: int
    capacity_hours: float
    utilisation: float


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Of the cases that wanted a group ("" for those that wanted none) and of the agents who are in it."""

    group: str
    figures: Figures
    utilisation: float


@dataclass(frozen=True, slots=True)
class Outcome:
    total: Figures
    utilisation: float
    groups: tuple[GroupFigures, ...]
    agents: tuple[Busy, ...]


def outcome(played: Played) -> Outcome:
    """The figures of a day."""
    names = sorted({each.group for each in played.served})
    return Outcome(
        total=_figures(played.served),
        utilisation=_utilisation(played.worked),
        groups=tuple(_group(name, played) for name in names),
        agents=tuple(
            Busy(each.agent_id, each.served, round(each.there / 3600, 3), _utilisation([each]))
            for each in played.worked
        ),
    )


def _group(name: str, played: Played) -> GroupFigures:
    own = [each for each in played.served if each.group == name]
    people = [each for each in played.worked if not name or name in each.groups]
    return GroupFigures(name, _figures(own), _utilisation(people))


def _figures(served: Sequence[Served]) -> Figures:
    met = sum(bool(each.agent_id) and each.level == 0 for each in served)
    ticketed = sum(not each.agent_id for each in served)
    return Figures(
        cases=len(served),
        met=met,
        escalated=sum(bool(each.agent_id) and each.level > 0 for each in served),
        ticketed=ticketed,
        offers=sum(each.offers for each in served),
        waits=_waits([each.waited for each in served if each.agent_id]),
    )


def _waits(waited: Iterable[float]) -> Waits:
    times = sorted(waited)
    if not times:
        return Waits(0.0, 0.0, 0.0)
    p50, p90 = (times[math.ceil(share * len(times)) - 1] for share in (0.5, 0.9))
    return Waits(round(p50, 3), round(p90, 3), round(times[-1], 3))


def _utilisation(worked: Iterable[Worked]) -> float:
    people = list(worked)
    there = math.fsum(each.there for each in people)
    return round(math.fsum(each.busy for each in people) / there, 4) if there else 0.0
