"""Told "two to four minutes", a customer waits so long in four cases of five, whatever kind of day it is.

Days are played with a seed; of everybody who had to wait some are picked at random, and what they would have been told
when they came is held against what then happened. ``pytest -s`` prints the table.
"""

import math
from dataclasses import dataclass

import pytest

from tests.unit.routing.waiting.queue_day import Durations, Rate, Regime, picked
from yizhan.routing.waiting.estimate import estimate

MEAN = 240.0
PICKED = 25
DAYS = 8
WARM = 5400.0
"""Seconds until there is something to learn from and a queue that does not remember its beginning."""


def exponential(mean: float = MEAN) -> Durations:
    return lambda chance, _: chance.expovariate(1 / mean)


def lognormal(mean: float = MEAN, spread: float = 0.7) -> Durations:
    return lambda chance, _: chance.lognormvariate(math.log(mean) - spread**2 / 2, spread)


def slower(since: float, times: float) -> Durations:
    return lambda chance, now: chance.expovariate(1 / MEAN) * (times if now >= since else 1.0)


def steady(slots: int, load: float) -> Rate:
    return lambda _: slots * load / MEAN


def ramp(slots: int, start: float, end: float, hours: float) -> Rate:
    return lambda now: slots / MEAN * (start + (end - start) * now / (hours * 3600))


def bursts(slots: int, calm: float, busy: float) -> Rate:
    """Ten minutes of a crowd in every forty."""
    return lambda now: slots / MEAN * (busy if now % 2400 < 600 else calm)


@dataclass(frozen=True, slots=True)
class Told:
    """Of those who waited: how many were told an interval, and how many of these waited within it."""

    waited: int
    told: int
    right: int

    @property
    def share(self) -> float:
        return self.right / self.told if self.told else 1.0


def held_against(regime: Regime) -> Told:
    waited = [each for seed in range(DAYS) for each in picked(regime, seed, WARM, PICKED)]
    intervals = [(estimate(each.place, each.flow, seed=round(each.at)), each.truth) for each in waited]
    told = [(interval, truth) for interval, truth in intervals if interval is not None]
    return Told(len(waited), len(told), sum(interval.low <= truth <= interval.high for interval, truth in told))


def day(slots: int, rate: Rate, takes: Durations, *changes: tuple[float, int], hours: float = 6) -> Regime:
    highest = max(rate(minute * 60.0) for minute in range(int(hours * 60) + 1))
    return Regime(hours, rate, highest, takes, [(0.0, slots), *changes])


STATIONARY = {
    "four at once, exponential": day(4, steady(4, 0.93), exponential()),
    "twelve at once, exponential": day(12, steady(12, 0.96), exponential()),
    "sixty at once, exponential": day(60, steady(60, 0.99), exponential()),
    "twenty at once, lognormal": day(20, steady(20, 0.97), lognormal()),
    "twelve at once, even durations": day(12, steady(12, 0.98), lognormal(spread=0.3)),
}
CHANGING = {
    "more and more come": day(12, ramp(12, 0.7, 1.4, 6), exponential()),
    "half of them go home": day(12, steady(12, 0.9), exponential(), (9000.0, 6), (12600.0, 14)),
    "more come to help": day(8, steady(10, 0.95), exponential(), (9000.0, 12)),
    "crowds and calm": day(12, bursts(12, 0.6, 1.8), lognormal()),
    "conversations become twice as long": day(16, steady(12, 0.95), slower(10800.0, 2.0)),
}


def show(name: str, told: Told) -> None:
    print(f"\n{name:<36} waited {told.waited:>4}  told {told.told:>4}  within {told.share:6.1%}", end="")


@pytest.mark.parametrize("name", STATIONARY)
def test_on_a_steady_day_four_in_five_wait_as_long_as_told(name: str) -> None:
    told = held_against(STATIONARY[name])
    show(name, told)
    assert told.told >= 100
    assert 0.72 <= told.share <= 0.90


@pytest.mark.parametrize("name", CHANGING)
def test_on_a_changing_day_it_is_right_for_most_or_not_told(name: str) -> None:
    told = held_against(CHANGING[name])
    show(name, told)
    assert told.waited >= 100
    assert told.share >= 0.65
