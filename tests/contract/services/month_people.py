"""Who asks for a human in the month, and when: drawn from a seed, and drawn to where clocks are hard to reckon."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.contract.services.month_promises import (
    BEGINS,
    CHANGES,
    ENDS,
    SHANGHAI,
    SPECIAL_DAYS_CHANGE,
    Phase,
    local,
)

TICK = timedelta(microseconds=1)
EDGES = (-TICK, timedelta(), TICK, -timedelta(seconds=60), -timedelta(seconds=1), timedelta(milliseconds=999))

BUSY_DAYS = (2, 5, 10, 13, 15, 16, 17, 20, 21)
"""The days of a short month: of each kind one, and those around the changes."""

AROUND = (-58, -31, -20.5, -9, -2, 0.5, 3, 16, 44, 61)
"""Seconds from each change: somebody comes whatever the seed, so that clocks of every kind run through it."""

CROWD = 8
"""Who comes at a peak, all within a minute."""


@dataclass(frozen=True, slots=True)
class Customer:
    """``lag``: how long the request is on its way. ``leaves``: after so many seconds they would rather leave something;
    ``wishes``: a call, after so long (seconds); 0: as soon as somebody works.
    """

    name: str
    at: datetime
    lag: timedelta
    urgent: bool = False
    group: bool = False
    leaves: float | None = None
    wishes: float | None = None


def customers(seed: int, count: int, phases: Sequence[Phase], *, short: bool) -> list[Customer]:
    """In the order in which they come."""
    chance = random.Random(f"{seed}/customers")
    days = [date(2026, 10, day) for day in (BUSY_DAYS if short else range(1, 32))]
    flips = [flip for flip in _flips(phases) if (flip + SHANGHAI).date() in days]
    moments = [change + timedelta(seconds=apart) for change in (CHANGES, SPECIAL_DAYS_CHANGE) for apart in AROUND]
    while len(moments) < count:
        kind = chance.random()
        if kind < 0.25:
            moments.append(chance.choice(flips) + timedelta(seconds=chance.uniform(-95, 30)))
        elif kind < 0.40:
            moments.append(chance.choice(flips) + chance.choice(EDGES))
        elif kind < 0.44:
            peak = _by_day(chance, days)
            moments += [peak + timedelta(seconds=chance.uniform(0, 60)) for _ in range(CROWD)]
        elif kind < 0.52:
            change = chance.choice((CHANGES, SPECIAL_DAYS_CHANGE))
            moments.append(change + timedelta(seconds=chance.uniform(-100, 100)))
        elif kind < 0.86:
            moments.append(_by_day(chance, days))
        else:
            day = chance.choice(days)
            moments.append(local(10, day.day) + timedelta(seconds=chance.uniform(0, 86_400)))
    moments = sorted(min(max(at, BEGINS + TICK), ENDS - TICK) for at in moments[:count])
    return [_customer(seed, number, at) for number, at in enumerate(moments)]


def _customer(seed: int, number: int, at: datetime) -> Customer:
    name = f"c{number:05}"
    chance = random.Random(f"{seed}/{name}")
    # Which contract holds is decided when the request is heard: nobody is on the way when it changes.
    near = any(timedelta() <= change - at < timedelta(seconds=5) for change in (CHANGES, SPECIAL_DAYS_CHANGE))
    lag = timedelta() if near or chance.random() < 0.5 else timedelta(microseconds=chance.randrange(1, 2_000_000))
    leaves = chance.uniform(3, 40) if chance.random() < 0.08 else None
    calls = leaves is not None and chance.random() < 0.6
    return Customer(
        name=name,
        at=at,
        lag=lag,
        urgent=chance.random() < 0.1,
        group=chance.random() < 0.3,
        leaves=leaves,
        wishes=(chance.choice((0, 0, 1, 5, 26, 75)) * 3600.0 if calls else None),
    )


def _by_day(chance: random.Random, days: Sequence[date]) -> datetime:
    """Between half past eight and half past seven."""
    return local(10, chance.choice(days).day, 8, 30) + timedelta(seconds=chance.uniform(0, 11 * 3600))


def _flips(phases: Sequence[Phase]) -> list[datetime]:
    """Every moment of the month at which the hours in force open or close."""
    ends = [*(phase.since for phase in phases[1:]), ENDS]
    return [
        flip
        for phase, end in zip(phases, ends, strict=True)
        for flip in phase.desk.flips()
        if max(phase.since, BEGINS) <= flip < end
    ]
