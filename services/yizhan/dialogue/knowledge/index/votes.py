"""What likeness to each phrasing says for and against each entry: learned votes, added up.

With the votes of one phrasing for its own entry alone this would be counting neighbours; learned together, phrasings
that two entries share cancel out and those that tell them apart weigh most. It is multinomial logistic regression in
its dual form (Zhu and Hastie 2005, Kernel Logistic Regression and the Import Vector Machine), with the likeness of
``space`` as kernel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Votes:
    """``weights[row, entry]``: what likeness to the row says for the entry."""

    weights: Floats

    def scores(self, likeness: Floats) -> Floats:
        """A score for every entry; the higher the better, differences are log odds."""
        scores: Floats = np.asarray(likeness @ self.weights, np.float32)
        return scores


def log_shares(scores: Floats) -> Floats:
    """The logarithm of each entry's share of the whole, for one question."""
    shifted = scores - scores.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), np.float32)
