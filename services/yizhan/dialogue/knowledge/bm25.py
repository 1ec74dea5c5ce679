"""BM25 by bm25s, in a form that is kept and added up without it; scores are made comparable between queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Floats = NDArray[np.float32]
Starts = NDArray[np.int64]
Numbers = NDArray[np.int32]

_K1 = 1.2
_B = 0.3


@dataclass(frozen=True, slots=True)
class Bm25:
    """``starts``, ``documents``, ``data``: for each token the documents that have it, each once, and what it scores there.

    ``size``: how many documents there are; ``best``: what each token scores at most; ``most``: what the best of them does.
    """

    size: int
    starts: Starts
    documents: Numbers
    data: Floats
    best: Scores
    most: float

    def scores(self, tokens: Sequence[int], unseen: int) -> Scores:
        """For every document the share, 0 to 1, of what the best imaginable document would score.

        ``unseen`` tokens of the query are in no document; each counts as a most telling one that was not found.
        """
        if not tokens:
            return np.zeros(self.size)
        possible = float(self.best[list(tokens)].sum()) + unseen * self.most
        if possible <= 0.0:
            return np.zeros(self.size)
        found = np.zeros(self.size, np.float32)
        for token in tokens:
            own = slice(self.starts[token], self.starts[token + 1])
            found[self.documents[own]] += self.data[own]
        return found.astype(np.float64) / possible


def bm25(documents: Sequence[Sequence[int]], vocabulary: int) -> Bm25:
    """Over documents given as token numbers below ``vocabulary``."""
    if not any(documents):
        nothing = np.zeros(vocabulary + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
        return opened(len(documents), *nothing)
    import bm25s  # not where a release is only answered from

    model: Any = bm25s.BM25(method="lucene", k1=_K1, b=_B, backend="numpy")
    # Numbers instead of words: bm25s would number words in set order, which differs from process to process.
    numbers = {str(number): number for number in range(vocabulary)}
    model.index((documents, numbers), create_empty_token=False, show_progress=False)
    found = model.scores
    return opened(
        len(documents),
        np.asarray(found["indptr"], np.int64),
        np.asarray(found["indices"], np.int32),
        np.asarray(found["data"], np.float32),
    )


def opened(size: int, starts: Starts, documents: Numbers, data: Floats) -> Bm25:
    """With the best of every token and of all, which are not kept."""
    best = np.zeros(len(starts) - 1)
    filled = np.flatnonzero(np.diff(starts) > 0)
    best[filled] = np.maximum.reduceat(data, starts[filled]) if len(filled) else 0.0
    return Bm25(size, starts, documents, data, best, float(best.max(initial=0.0)) or 1.0)
