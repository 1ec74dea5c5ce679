"""Chooses how votes are learned by how large a release is, and learns them for all rows or for some."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from yizhan.dialogue.knowledge.index.learn_few_votes import learn_few
from yizhan.dialogue.knowledge.index.learn_votes import learn
from yizhan.dialogue.knowledge.index.meaning import Meanings
from yizhan.dialogue.knowledge.index.neighbours import Gram, Neighbours, Rows, gram, neighbours
from yizhan.dialogue.knowledge.index.space import Numbers, Space
from yizhan.dialogue.knowledge.index.votes import FewVotes, FullVotes

MOST_ROWS = 15_500
"""Up to here the likeness of all rows to all fits into a gigabyte."""

MOST_VOTES = 2_500_000
"""Rows times entries: beyond, learning every vote takes minutes and gigabytes, and each question milliseconds more."""


class Learner(Protocol):
    def votes(self, labels: Numbers, entries: int, rows: Rows | None = None) -> FullVotes | FewVotes:
        """Learn from these rows only; ``labels`` are theirs. None: from all."""
        ...


def learner(space: Space, entries: int, meaning: Meanings | None = None) -> Learner:
    """Measures the likeness between the rows, which is most of the work for a large release.

    With ``meaning`` the votes are for likeness in which it is mixed.
    """
    if space.size <= MOST_ROWS and space.size * entries <= MOST_VOTES:
        return _Full(gram(space, meaning))
    reach = _WIDE if space.size <= _WIDE_ROWS else _NARROW
    return _Few(neighbours(space, reach.near, meaning), reach.voted)


@dataclass(frozen=True, slots=True)
class _Reach:
    """How many of its nearest rows a row learns from, and how many entries it votes on."""

    near: int
    voted: int


_WIDE, _NARROW = _Reach(160, 24), _Reach(64, 8)
_WIDE_ROWS = 30_000
"""Up to here the wider reach fits into a gigabyte too; it finds some more of what full votes would."""


@dataclass(frozen=True, slots=True)
class _Full:
    likeness: Gram

    def votes(self, labels: Numbers, entries: int, rows: Rows | None = None) -> FullVotes:
        likeness = self.likeness if rows is None else self.likeness[np.ix_(rows, rows)]
        return FullVotes(learn(likeness, labels, entries))


@dataclass(frozen=True, slots=True)
class _Few:
    near: Neighbours
    voted: int

    def votes(self, labels: Numbers, entries: int, rows: Rows | None = None) -> FewVotes:
        return learn_few(self.near if rows is None else self.near.among(rows), labels, entries, self.voted)
