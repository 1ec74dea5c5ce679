"""Learns votes where there are too many entries for each phrasing to vote on all of them.

The same regression as in ``learn_votes``, with each row's entries limited to its own and the nearest others: what the
limit leaves out is what hardly changes. Plain accelerated descent (Nesterov 1983), each step in the geometry of the
kernel. Needs scipy; only where a release is built.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yizhan.dialogue.knowledge.index.learn_votes import SHRINKAGE
from yizhan.dialogue.knowledge.index.neighbours import Neighbours
from yizhan.dialogue.knowledge.index.space import Numbers
from yizhan.dialogue.knowledge.index.votes import FewVotes

_STEPS = 100
_AT_ONCE = 8_000_000
_POWER_STEPS = 8


def learn_few(near: Neighbours, labels: Numbers, entries: int, most: int, shrinkage: float = SHRINKAGE) -> FewVotes:
    """``most``: entries that a row votes on, its own included. Deterministic."""
    voted = _rivals(near, labels, most)
    there = voted >= 0
    wanted = np.zeros(voted.shape, np.float32)
    wanted[:, 0] = 1.0
    counted = _counted(near, voted)
    rate = np.float32(1.0 / (0.5 * _largest(near) + shrinkage))
    weights = np.zeros(voted.shape, np.float32)
    ahead = weights.copy()
    for step in range(_STEPS):
        scores = np.where(there, (counted @ ahead.ravel()).reshape(voted.shape), -np.inf)
        scores -= scores.max(1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(1, keepdims=True)
        slope = np.where(there, shares - wanted, 0.0) + np.float32(shrinkage) * ahead
        following = ahead - rate * slope.astype(np.float32)
        ahead = following + np.float32(step / (step + 3)) * (following - weights)
        weights = following
    return FewVotes(voted, weights, entries)


def _rivals(near: Neighbours, labels: Numbers, most: int) -> Numbers:
    """For every row its own entry, then the other entries of its nearest rows, the nearest first."""
    order = np.argsort(-near.likeness, axis=1, kind="stable")
    rows = np.take_along_axis(near.rows, order, axis=1)
    met = np.where(rows >= 0, labels[np.maximum(rows, 0)], -1)
    voted = np.full((len(labels), most), -1, np.int32)
    voted[:, 0] = labels
    filled = np.ones(len(labels), np.int64)
    for place in range(met.shape[1]):
        entry = met[:, place]
        new = (entry >= 0) & (filled < most) & ~(voted == entry[:, None]).any(axis=1)
        voted[new, filled[new]] = entry[new]
        filled[new] += 1
    return voted


def _counted(near: Neighbours, voted: Numbers) -> Any:
    """The matrix by which votes become scores: each row's score for an entry counts its neighbours' votes for it.

    Rows and columns are the places in ``voted``, one row of it after the other.
    """
    most = voted.shape[1]
    block = max(1, _AT_ONCE // (near.rows.shape[1] * most * most))
    parts = []
    for start in range(0, len(voted), block):
        rows = near.rows[start : start + block]
        own = voted[start : start + block]
        others = np.where(rows[:, :, None] >= 0, voted[np.maximum(rows, 0)], -1)
        same = (own[:, :, None, None] == others[:, None, :, :]) & (own[:, :, None, None] >= 0)
        row, place, neighbour, voice = np.nonzero(same)
        counted = near.likeness[start : start + block][row, neighbour]
        columns = rows[row, neighbour].astype(np.int64) * most + voice
        shape = (len(own) * most, len(voted) * most)
        parts.append(sparse.csr_matrix((counted, (row * most + place, columns)), shape=shape))
    return sparse.vstack(parts, format="csr")


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
