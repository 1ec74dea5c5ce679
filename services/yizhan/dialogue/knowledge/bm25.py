"""A typed face of bm25s, whose scores are made comparable between queries."""

from collections.abc import Sequence
from typing import Any, cast

import bm25s
import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

_K1 = 1.2
_B = 0.3


class Bm25:
    """An index over documents given as token numbers below ``vocabulary``; it does not change once built."""

    def __init__(self, documents: Sequence[Sequence[int]], vocabulary: int) -> None:
        self._size = len(documents)
        self._model: Any = None
        self._best: Scores = np.zeros(vocabulary)
        self._unseen = 1.0
        if not any(documents):
            return
        self._model = bm25s.BM25(method="lucene", k1=_K1, b=_B, backend="numpy")
        # Numbers instead of words: bm25s would number words in set order, which differs from process to process.
        numbers = {str(number): number for number in range(vocabulary)}
        self._model.index((documents, numbers), create_empty_token=False, show_progress=False)
        self._best = self._best_per_token(vocabulary)
        self._unseen = float(self._best.max()) or 1.0

    def _best_per_token(self, vocabulary: int) -> Scores:
        data, starts = self._model.scores["data"], self._model.scores["indptr"]
        best = np.zeros(vocabulary)
        filled = np.flatnonzero(np.diff(starts) > 0)
        best[filled] = np.maximum.reduceat(data, starts[filled]) if len(filled) else 0.0
        return best

    def scores(self, tokens: Sequence[int], unseen: int) -> Scores:
        """For every document the share, 0 to 1, of what the best imaginable document would score.

        ``unseen`` tokens of the query are in no document; each counts as a most telling one that was not found.
        """
        if self._model is None or not tokens:
            return np.zeros(self._size)
        possible = float(self._best[list(tokens)].sum()) + unseen * self._unseen
        if possible <= 0.0:
            return np.zeros(self._size)
        found = cast(Scores, self._model.get_scores(list(tokens))).astype(np.float64)
        return found / possible
