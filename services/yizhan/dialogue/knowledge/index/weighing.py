"""From signs to an order and to a probability: two small linear models over ``evidence``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yizhan.dialogue.knowledge.index.evidence import SIGNS, Considered, Signs

DOUBTS = (*SIGNS, "lead", "known", "length", "near_lead", "strange", "one")
"""What speaks for the best entry being right: its own signs, how far it is ahead, and what the question is like."""

_MOST_LEAD = 6.0

_LEAD_WITHOUT_RIVALS = 1.0
"""That nothing else comes into question says little: the knowledge may be small, or have one entry in English. The
lead that customers' questions to the demo shop have in the middle."""


@dataclass(frozen=True, slots=True)
class Weights:
    """``order`` over ``SIGNS``; ``belief`` over ``DOUBTS``, giving log odds."""

    order: tuple[float, ...]
    belief: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Places in ``Considered.entries``, best first, with their scores (log odds up to a constant)."""

    places: tuple[int, ...]
    scores: tuple[float, ...]


def ranked(considered: Considered, weights: Weights) -> Ranked:
    """Of equals the entry that was written first."""
    scores = considered.signs @ np.array(weights.order)
    places = sorted(range(len(scores)), key=lambda place: (-round(float(scores[place]), 9), considered.entries[place]))
    return Ranked(tuple(places), tuple(float(scores[place]) for place in places))


def preferring(order: Ranked, place: int) -> Ranked:
    """The same with ``place`` first, and at least as good as what was first."""
    others = [(other, score) for other, score in zip(order.places, order.scores, strict=True) if other != place]
    return Ranked((place, *(other for other, _ in others)), (order.scores[0], *(score for _, score in others)))


def doubts(considered: Considered, order: Ranked) -> Signs:
    """The best entry's row for ``belief``."""
    best, *others = order.places
    lead = min(_MOST_LEAD, order.scores[0] - order.scores[1]) if others else _LEAD_WITHOUT_RIVALS
    near = SIGNS.index("near")
    other = max((float(considered.signs[place, near]) for place in others), default=0.0)
    length = math.log1p(min(considered.length, 12))
    rest = (lead, considered.known, length, float(considered.signs[best, near]) - other, considered.strange, 1.0)
    return np.concatenate([considered.signs[best], np.array(rest)])


def belief(row: Signs, weights: Weights) -> float:
    """The probability that the best entry answers the question."""
    odds = float(row @ np.array(weights.belief))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def shares(order: Ranked, first: float) -> Sequence[float]:
    """A probability for each ranked entry: the first has ``first``, the others share what is left by their scores."""
    if len(order.scores) < 2:
        return [first]
    powers = [math.exp(min(0.0, score - order.scores[0])) for score in order.scores]
    rest = sum(powers[1:])
    # The others are as likely, in relation to the first, as their scores say; never more likely than it.
    return [first, *(min(first, first * power / max(1.0, rest)) for power in powers[1:])]
