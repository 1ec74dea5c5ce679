"""Learns votes where there are too many entries for each phrasing to vote on all of them.

The same regression as in ``learn_votes``, with each row's entries limited to its own and the nearest others: what the
limit leaves out is what hardly changes. Plain accelerated descent (Nesterov 1983), each step in the geometry of the
kernel.
"""

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.index.learn_votes import SHRINKAGE
from yizhan.dialogue.knowledge.index.neighbours import Neighbours
from yizhan.dialogue.knowledge.index.space import Floats, Numbers
from yizhan.dialogue.knowledge.index.votes import FewVotes

VOTED = 8
"""Entries that a row votes on, its own included."""

_STEPS = 40
_BLOCK = 4096
_POWER_STEPS = 8


def learn_few(near: Neighbours, labels: Numbers, entries: int, shrinkage: float = SHRINKAGE) -> FewVotes:
    """Deterministic; some hundred bytes of memory for each row."""
    voted = _rivals(near, labels)
    there = voted >= 0
    wanted = np.zeros(voted.shape, np.float32)
    wanted[:, 0] = 1.0
    rate = np.float32(1.0 / (0.5 * _largest(near) + shrinkage))
    weights = np.zeros(voted.shape, np.float32)
    ahead = weights.copy()
    for step in range(_STEPS):
        scores = np.where(there, _scores(near, voted, ahead), -np.inf)
        scores -= scores.max(1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(1, keepdims=True)
        slope = np.where(there, shares - wanted, 0.0) + np.float32(shrinkage) * ahead
        following = ahead - rate * slope.astype(np.float32)
        ahead = following + np.float32(step / (step + 3)) * (following - weights)
        weights = following
    return FewVotes(voted, weights, entries)


def _rivals(near: Neighbours, labels: Numbers) -> Numbers:
    """For every row its own entry, then the other entries of its nearest rows, the nearest first."""
    order = np.argsort(-near.likeness, axis=1, kind="stable")
    rows = np.take_along_axis(near.rows, order, axis=1)
    met = np.where(rows >= 0, labels[np.maximum(rows, 0)], -1)
    voted = np.full((len(labels), VOTED), -1, np.int32)
    voted[:, 0] = labels
    filled = np.ones(len(labels), np.int64)
    for place in range(met.shape[1]):
        entry = met[:, place]
        new = (entry >= 0) & (filled < VOTED) & ~(voted == entry[:, None]).any(axis=1)
        voted[new, filled[new]] = entry[new]
        filled[new] += 1
    return voted


def _scores(near: Neighbours, voted: Numbers, weights: Floats) -> Floats:
    """What the votes of each row's neighbours say for each entry that the row votes on itself."""
    scores = np.zeros(voted.shape, np.float32)
    for start in range(0, len(voted), _BLOCK):
        rows = near.rows[start : start + _BLOCK]
        others = voted[np.maximum(rows, 0)]
        said = weights[np.maximum(rows, 0)] * near.likeness[start : start + _BLOCK, :, None]
        for place in range(VOTED):
            same = others == voted[start : start + _BLOCK, place][:, None, None]
            scores[start : start + _BLOCK, place] = np.where(same, said, np.float32(0.0)).sum(axis=(1, 2))
    return scores


def _largest(near: Neighbours) -> float:
    """The largest eigenvalue of the likeness, by which a step can be too long. Power iteration."""
    vector: NDArray[np.float32] = np.ones(len(near.rows), np.float32)
    size = 1.0
    for _ in range(_POWER_STEPS):
        vector = (near.likeness * vector[np.maximum(near.rows, 0)]).sum(axis=1)
        size = float(np.sqrt((vector * vector).sum()))
        if size <= 0.0:
            return 1.0
        vector /= np.float32(size)
    return max(1.0, size)
