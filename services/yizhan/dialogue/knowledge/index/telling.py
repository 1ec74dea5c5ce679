"""The words of every row that say what it is about, each word once in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yizhan.dialogue.knowledge.index.spans import Spans


@dataclass(frozen=True, slots=True)
class Telling:
    """``rows``: for each row its words, as places in ``words``; each word once."""

    words: tuple[str, ...]
    rows: Spans

    def __getitem__(self, row: int) -> frozenset[str]:
        start, end = self.rows.starts[row], self.rows.starts[row + 1]
        return frozenset(self.words[place] for place in self.rows.members[start:end])


def telling(texts: Sequence[Sequence[str]]) -> Telling:
    """``texts``: the words of each row, with repetition."""
    places: dict[str, int] = {}
    own = [dict.fromkeys(places.setdefault(word, len(places)) for word in words) for words in texts]
    starts = np.zeros(len(own) + 1, np.int64)
    np.cumsum([len(words) for words in own], out=starts[1:])
    members = np.array([place for words in own for place in words], np.int32)
    return Telling(tuple(places), Spans(starts, members))
