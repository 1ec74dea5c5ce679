"""Learns the votes of phrasings for entries. Only where a release is built."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yizhan.dialogue.knowledge.index.neighbours import Gram
from yizhan.dialogue.knowledge.index.space import Floats, Numbers

SHRINKAGE = 0.03
"""How much votes are kept small; found on several public sets of questions, flat between 0.01 and 0.1."""

_STEPS = 60
_REMEMBERED = 6
_GOOD_ENOUGH = 1e-4
_SHORTEST = 1e-4


@dataclass(slots=True)
class _Point:
    """Votes, their scores of the rows, the slope there, and the loss."""

    votes: Floats
    scores: Floats
    slope: Floats
    slope_scores: Floats
    loss: float


@dataclass(frozen=True, slots=True)
class _Step:
    votes: Floats
    votes_scores: Floats
    slope: Floats
    slope_scores: Floats
    curvature: float


def learn(likeness: Gram, labels: Numbers, entries: int, shrinkage: float = SHRINKAGE) -> Floats:
    """Votes, rows by entries, that make the rows' own entries likeliest. Deterministic.

    Limited-memory BFGS in the geometry of the kernel (inner product <u, v> = sum of u * Kv), where it takes some
    twenty steps instead of hundreds.
    """
    wanted = np.zeros((len(labels), entries), np.float32)
    wanted[np.arange(len(labels)), labels] = 1.0

    def at(votes: Floats, scores: Floats) -> _Point:
        top = scores.max(1, keepdims=True)
        shares = np.exp(scores - top)
        sums = shares.sum(1, keepdims=True)
        own = scores[np.arange(len(labels)), labels]
        loss = float((np.log(sums[:, 0]) + top[:, 0] - own).sum() + 0.5 * shrinkage * (votes * scores).sum())
        slope = shares / sums - wanted + np.float32(shrinkage) * votes
        return _Point(votes, scores, slope, likeness @ slope, loss)

    zero = np.zeros_like(wanted)
    now = at(zero, zero)
    steps: list[_Step] = []
    for _ in range(_STEPS):
        way, way_scores = _way(now, steps)
        following = _further(now, way, way_scores, at)
        gained = now.loss - following.loss
        step = _step(now, following)
        if step.curvature > 0.0:
            steps = [*steps, step][-_REMEMBERED:]
        now = following
        if gained < _GOOD_ENOUGH * abs(now.loss):
            break
    return now.votes


def _way(now: _Point, steps: list[_Step]) -> tuple[Floats, Floats]:
    """The direction to go (two-loop recursion, Nocedal and Wright 2006, algorithm 7.4) and its scores."""
    way, scores = now.slope.copy(), now.slope_scores.copy()
    shares: list[float] = []
    for step in reversed(steps):
        share = float((step.votes_scores * way).sum()) / step.curvature
        shares.append(share)
        way -= np.float32(share) * step.slope
        scores -= np.float32(share) * step.slope_scores
    if steps:
        last = steps[-1]
        length = np.float32(last.curvature / float((last.slope * last.slope_scores).sum()))
        way *= length
        scores *= length
    for step, share in zip(steps, reversed(shares), strict=True):
        back = np.float32(share - float((step.slope_scores * way).sum()) / step.curvature)
        way += back * step.votes
        scores += back * step.votes_scores
    return -way, -scores


_Evaluate = Callable[[Floats, Floats], _Point]


def _further(now: _Point, way: Floats, way_scores: Floats, at: _Evaluate) -> _Point:
    """The first point on the way, halving from a full step, that is enough lower."""
    descent = float((way_scores * now.slope).sum())
    length = 1.0
    while True:
        votes = now.votes + np.float32(length) * way
        found = at(votes, now.scores + np.float32(length) * way_scores)
        if found.loss <= now.loss + 1e-4 * length * descent or length < _SHORTEST:
            return found
        length /= 2.0


def _step(before: _Point, after: _Point) -> _Step:
    votes, slope = after.votes - before.votes, after.slope - before.slope
    votes_scores = after.scores - before.scores
    return _Step(
        votes, votes_scores, slope, after.slope_scores - before.slope_scores, float((votes_scores * slope).sum())
    )
