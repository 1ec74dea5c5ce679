"""What likeness to each phrasing says for and against each entry: learned votes, added up.

With the votes of one phrasing for its own entry alone this would be counting neighbours; learned together, phrasings
that two entries share cancel out and those that tell them apart weigh most. It is multinomial logistic regression in
its dual form (Zhu and Hastie 2005, Kernel Logistic Regression and the Import Vector Machine), with the likeness of
``space`` as kernel.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]

RIVALS = 100
"""Entries that share a question between them; how many others there are besides must not change what is believed."""

_NEAREST = 256
"""Rows whose few votes are counted; the others are hardly alike."""


class Votes(Protocol):
    def scores(self, likeness: Floats) -> Floats:
        """A score for every entry; the higher the better, differences are log odds."""
        ...


@dataclass(frozen=True, slots=True)
class FullVotes:
    """``weights[row, entry]``: what likeness to the row says for the entry."""

    weights: Floats

    def scores(self, likeness: Floats) -> Floats:
        """See ``Votes``."""
        # Not ``@``: for something this small its threads take more time to meet than the work takes one of them.
        return np.asarray(np.einsum("r,re->e", likeness, self.weights), np.float32)


@dataclass(frozen=True, slots=True)
class FewVotes:
    """For releases with very many entries: each row votes on its own entry and those nearest to it only.

    ``voted[row]``: the entries, -1 where there are fewer; ``weights[row]``: what likeness to the row says for each.
    """

    voted: Numbers
    weights: Floats
    entries: int

    def scores(self, likeness: Floats) -> Floats:
        """See ``Votes``."""
        rows = np.argpartition(-likeness, _NEAREST)[:_NEAREST] if len(likeness) > _NEAREST else np.arange(len(likeness))
        voted = self.voted[rows]
        said = np.where(voted >= 0, likeness[rows, None] * self.weights[rows], 0.0)
        return np.bincount(np.maximum(voted, 0).ravel(), said.ravel(), minlength=self.entries).astype(np.float32)


def log_shares(scores: Floats) -> Floats:
    """The logarithm of each entry's share of one question, between it and the ``RIVALS`` best."""
    best = -np.partition(-scores, RIVALS)[:RIVALS] if len(scores) > RIVALS else scores
    top = scores.max()
    return np.asarray(scores - top - np.log(np.exp(best - top).sum()), np.float32)
