"""From beliefs whose truth is known to the threshold that keeps a promise of precision."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 30
"""Answers: a share of fewer says too little to set a threshold by."""

WORTH_ASKING = 0.5
"""Of those asked which question they meant, how many should find it among the options."""

NOT_BELOW = 0.1
"""The belief below which nobody is asked back: hardly anything right is offered there, and a question that has nothing to
do with the business deserves a human rather than a guess. On the demo shop's labelled questions, with one in ten out of
scope, one in five would find theirs."""

WITHOUT_EVIDENCE = 0.15
"""The belief from which on to ask back where the release is too small to learn it."""

UNPROVEN = 0.85

_POINTS = 40


@dataclass(frozen=True, slots=True)
class Believed:
    """How sure the matcher was of its best entry, and whether it was right. ``weight``: how many such questions."""

    belief: float
    right: bool
    in_scope: bool
    weight: float = 1.0
    offered: bool = False
    """Whether the right entry is among the first few, which a customer would be asked to choose from."""


@dataclass(frozen=True, slots=True)
class Point:
    """Answering from ``threshold`` on: the share of in-scope questions answered, and of the answers that are right."""

    threshold: float
    coverage: float
    precision: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """``answer_from``: the threshold that keeps the promised precision; ``ask_from``: the one to ask back from.

    ``at``: what cross-validation found at ``answer_from``; ``points``: the whole risk-coverage curve. Both are empty
    for a release in which nothing can be left out. ``right``: the share of left-out phrasings with their entry on top.
    """

    answer_from: float
    ask_from: float
    at: Point | None
    points: tuple[Point, ...]
    right: float


def calibrated(believed: Sequence[Believed], precision: float) -> Calibrated:
    """Everything that cross-validation found, at the promised precision."""
    answer_from = threshold(believed, precision)
    points = curve(believed)
    at = min((point for point in points if point.threshold >= answer_from), key=lambda p: p.threshold, default=None)
    inside = sum(one.weight for one in believed if one.in_scope)
    right = sum(one.weight for one in believed if one.right) / inside if inside else 0.0
    return Calibrated(answer_from, asking_threshold(believed, answer_from), at, tuple(sampled(points)), right)


def curve(believed: Sequence[Believed]) -> list[Point]:
    """The risk-coverage curve, one point per distinct belief, from the highest threshold to the lowest."""
    points: list[Point] = []
    in_scope = sum(one.weight for one in believed if one.in_scope)
    answered = right = covered = 0.0
    ordered = sorted(believed, key=lambda one: -one.belief)
    for place, one in enumerate(ordered):
        answered += one.weight
        right += one.weight * one.right
        covered += one.weight * one.in_scope
        if place + 1 < len(ordered) and ordered[place + 1].belief == one.belief:
            continue
        points.append(Point(one.belief, covered / in_scope if in_scope else 0.0, right / answered))
    return points


def threshold(believed: Sequence[Believed], precision: float) -> float:
    """The lowest threshold from which on ``precision`` is reached, and never more than ``unproven``."""
    reached = unproven(precision)
    for count, point in enumerate(curve(believed), start=1):
        if count >= FEWEST and point.precision >= precision:
            reached = min(reached, point.threshold)
    return reached


def unproven(precision: float) -> float:
    """The threshold for a release that cannot show that less is enough.

    Leaving one of an entry's few phrasings out takes more from it than customers' own words do: left-out phrasings
    promise less than customers get. On labelled customers' questions in two languages ``UNPROVEN`` kept a precision of
    0.95; other promises move it as they move the odds.
    """
    odds = math.log(UNPROVEN / (1.0 - UNPROVEN)) + math.log(precision / (1.0 - precision)) - math.log(0.95 / 0.05)
    return 1.0 / (1.0 + math.exp(-odds))


def asking_threshold(believed: Sequence[Believed], answer_from: float, worth: float = WORTH_ASKING) -> float:
    """The lowest threshold from which on, below the answers, asking back offers the right entry often enough."""
    between = sorted((one for one in believed if one.belief < answer_from), key=lambda one: -one.belief)
    asked = offered = 0.0
    reached = answer_from
    for count, one in enumerate(between, start=1):
        asked += one.weight
        offered += one.weight * one.offered
        if count >= FEWEST and one.belief > 0.0 and offered >= worth * asked:
            reached = one.belief
    return max(reached, min(answer_from, NOT_BELOW)) if reached < answer_from else min(answer_from, WITHOUT_EVIDENCE)


def sampled(points: Sequence[Point], most: int = _POINTS) -> list[Point]:
    """At most ``most`` points, evenly spread over the curve, its ends among them."""
    if len(points) <= most:
        return list(points)
    return [points[round(place * (len(points) - 1) / (most - 1))] for place in range(most)]
