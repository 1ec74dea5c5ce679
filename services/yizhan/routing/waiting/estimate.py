"""How long the n-th in a queue will wait until an agent is offered them: an interval, or an honest None.

The n-th is served when the n-th conversation ends. So that is played many times: the running conversations end as such
conversations did that had already lasted as long, each freed place goes to the next in the queue, and the conversation
that begins there takes as long as one of the recent ones, drawn at random. From the plays, four of five of the moments
at which the n-th is reached are inside the interval, one of ten before and one of ten after it. How little may be known
of the mean widens it: each play stretches all its durations by a factor as uncertain as the mean of the sample is.

It supposes that those ahead are served first and that the agents who are there stay. Whatever makes this a guess hides
the interval instead (``unreliable``): few conversations to learn from, agents who came or went just now, conversations
that have become longer or shorter, more arriving than can be served, an interval too wide to be of use.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from yizhan.routing.waiting.durations import MOST, Floats, recent, typical
from yizhan.routing.waiting.flow import Flow

PLAYS: Final = 300
FEWEST: Final = 20
"""Conversations to learn from, at least."""
SETTLED: Final = 300.0
"""Seconds after somebody came or went until the queue is what it will be for a while."""
ARRIVING: Final = 900.0
"""Seconds over which arrivals are compared with ends."""
TOO_LATE: Final = 3600.0
"""Longer than this nobody knows who will be there."""
TOO_WIDE: Final = 6.0
"""The end of a useful interval is at most so many times its beginning; one that ends within a minute is useful always."""
DRIFT: Final = 2.5
"""Standard deviations beyond which a difference is no chance."""
_TAIL: Final = 3
"""With fewer that lasted longer than a running one, nothing is known of how it goes on but the mean."""
_STEPS: Final = ((60.0, 10), (300.0, 30), (900.0, 60), (float("inf"), 300))
"""Up to so many seconds, rounded to so many."""


class Unreliable(StrEnum):
    """Why no interval is told to anybody in the queue."""

    NOBODY_THERE = "nobody_there"
    FEW_DATA = "few_data"
    STAFF_CHANGED = "staff_changed"
    HANDLING_CHANGED = "handling_changed"
    BACKLOG_GROWS = "backlog_grows"


@dataclass(frozen=True, slots=True)
class Interval:
    """With four chances in five the wait is between these, in seconds, rounded as people say them."""

    low: int
    high: int


def estimate(place: int, flow: Flow, seed: int = 0) -> Interval | None:
    """The wait of the n-th in the queue, 1 being next; None: it cannot be said honestly.

    Equal arguments have equal results.
    """
    return estimates(place, flow, seed)[-1] if place > 0 else None


def estimates(places: int, flow: Flow, seed: int = 0) -> list[Interval | None]:
    """``estimate`` for every place from 1 on, for little more than the cost of the last."""
    if places < 1 or unreliable(flow):
        return [None] * places
    lows, highs = np.quantile(_waits(places, flow, np.random.default_rng(seed)), (0.1, 0.9), axis=0)
    return [_interval(float(low), float(high)) for low, high in zip(lows, highs, strict=True)]


def unreliable(flow: Flow) -> Unreliable | None:
    """Why the flow allows no interval for any place; None: it does."""
    if flow.slots < 1:
        return Unreliable.NOBODY_THERE
    if len(flow.handled) < FEWEST:
        return Unreliable.FEW_DATA
    if 0 <= flow.staff_changed_ago < SETTLED:
        return Unreliable.STAFF_CHANGED
    if _drifted(recent(flow), flow.running):
        return Unreliable.HANDLING_CHANGED
    if _grows(flow):
        return Unreliable.BACKLOG_GROWS
    return None


def rounded(low: float, high: float) -> Interval:
    """An interval in friendly steps, never empty: 10 s within a minute, 30 s within five, then minutes, then five.

    Each end goes outwards unless the step inwards is less than a third.
    """
    step = _step(high)
    start, end = math.floor(low / step + 1 / 3) * step, math.ceil(high / step - 1 / 3) * step
    if start < end:
        return Interval(start, end)
    start = math.floor(low / step) * step
    return Interval(start, max(math.ceil(high / step) * step, start + step))


def _waits(places: int, flow: Flow, chance: np.random.Generator) -> Floats:
    """The waits in all plays (rows) for every place.

    While somebody waits each slot is a chain of conversations, one after the other, whatever the others do. So the
    n-th end of all is the n-th smallest of the ends of all chains.
    """
    took = typical(flow)
    stretch = np.exp(chance.normal(0.0, took.std() / took.mean() / np.sqrt(min(len(flow.handled), MOST)), PLAYS))
    free = np.zeros((PLAYS, max(flow.slots - len(flow.running), 0)))
    first = np.hstack([_remaining(np.array(flow.running), took, chance), free])
    # Somebody left with more running than there is room for now: so many ends make no place for anybody.
    first = np.sort(first, axis=1)[:, max(len(flow.running) - flow.slots, 0) :]
    length = 3 + int(1.5 * places / flow.slots)
    while True:
        more = took[chance.integers(0, len(took), (PLAYS, flow.slots, length))].cumsum(axis=2)
        ends = np.concatenate([first[:, :, None], first[:, :, None] + more], axis=2)
        flat = ends.reshape(PLAYS, -1)
        if flat.shape[1] >= places:
            reached = np.sort(np.partition(flat, places - 1, axis=1)[:, :places], axis=1)
            if (ends[:, :, -1].min(axis=1) >= reached[:, -1]).all():
                return reached * stretch[:, None]
        length *= 2


def _remaining(ages: Floats, took: Floats, chance: np.random.Generator) -> Floats:
    """How long running conversations still take, as those did that lasted longer; plays by conversations."""
    begin = np.searchsorted(took, ages, side="right")
    longer = len(took) - begin
    index = begin + np.floor(chance.random((PLAYS, len(ages))) * longer).astype(np.int64)
    known = took[np.minimum(index, len(took) - 1)] - ages
    unknown = chance.exponential(took.mean(), (PLAYS, len(ages)))
    return np.where(longer >= _TAIL, known, unknown)


def _interval(low: float, high: float) -> Interval | None:
    too_wide = high > 60.0 and high > TOO_WIDE * max(low, 10.0)
    return None if high > TOO_LATE or too_wide else rounded(low, high)


def _drifted(took: Floats, running: tuple[float, ...]) -> bool:
    """Whether conversations take longer or shorter than they did, beyond chance: the latest few or many against those
    before (rank sums), or the running ones, which have lasted longer already than they should have.
    """
    ranks: Floats = took.argsort(kind="stable").argsort(kind="stable").astype(np.float64) + 1.0
    return any(_differ(ranks, newer) for newer in (15, 30, len(took) // 2)) or _overdue(took, np.array(running))


def _differ(ranks: Floats, newer: int) -> bool:
    older = len(ranks) - newer
    if min(newer, older) < FEWEST // 2:
        return False
    spread = np.sqrt(newer * older * (len(ranks) + 1) / 12.0)
    return bool(abs(ranks[:newer].sum() - newer * (len(ranks) + 1) / 2.0) > DRIFT * spread)


def _overdue(took: Floats, ages: Floats) -> bool:
    """In a steady state a running conversation has lasted E[X²] / 2 E[X], with a variance from E[X³] / 3 E[X]."""
    if not len(ages):
        return False
    age = (took**2).mean() / (2 * took.mean())
    spread = np.sqrt(((took**3).mean() / (3 * took.mean()) - age**2) / len(ages))
    return bool(ages.mean() - age > DRIFT * spread)


def _grows(flow: Flow) -> bool:
    """Whether more came than ended for so long that it is no chance, and a long queue shows it."""
    came = sum(ago <= ARRIVING for ago in flow.arrivals)
    ended = sum(each.ended_ago <= ARRIVING for each in flow.handled)
    return flow.waiting > flow.slots and came - ended > DRIFT * np.sqrt(came + ended)


def _step(seconds: float) -> int:
    return next(step for limit, step in _STEPS if seconds <= limit)
