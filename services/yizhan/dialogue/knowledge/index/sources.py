"""Everything about a release's phrasings and answers that a question can be compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yizhan.dialogue.knowledge.bm25 import Bm25, bm25
from yizhan.dialogue.knowledge.index.question import Question
from yizhan.dialogue.knowledge.index.space import Floats, Numbers, Space, build
from yizhan.dialogue.knowledge.index.telling import Telling, telling
from yizhan.dialogue.knowledge.index.votes import FewVotes, FullVotes
from yizhan.dialogue.knowledge.postings import Postings, TokenizedEntry, Vocabulary, postings


@dataclass(frozen=True, slots=True)
class Sources:
    """``starts[i]`` is the first row of entry ``i``; the rows of an entry stand together, and every entry has some."""

    texts: tuple[str, ...]
    """The normalised phrasing of every row."""
    telling: Telling
    """The words of every row that say what it is about."""
    starts: Numbers
    labels: Numbers
    """The entry of every row."""
    space: Space
    votes: FullVotes | FewVotes
    postings: Postings
    bm25: Bm25

    @property
    def entries(self) -> int:
        return len(self.starts)

    def rows(self, entry: int) -> range:
        """The rows of an entry."""
        end = int(self.starts[entry + 1]) if entry + 1 < len(self.starts) else len(self.texts)
        return range(int(self.starts[entry]), end)

    def best(self, scores: Floats) -> Floats:
        """For every entry the best of its rows' scores."""
        return np.maximum.reduceat(scores, self.starts) if len(self.starts) else scores


def labels_of(asked: Sequence[Sequence[Question]]) -> tuple[Numbers, Numbers]:
    """``starts`` and ``labels`` of entries given by their phrasings."""
    return counted([len(own) for own in asked])


def counted(phrasings: Sequence[int]) -> tuple[Numbers, Numbers]:
    """``starts`` and ``labels`` of entries that have so many phrasings each."""
    starts = np.concatenate([[0], np.cumsum(phrasings)])[:-1].astype(np.int32)
    return starts, np.repeat(np.arange(len(phrasings), dtype=np.int32), phrasings)


def sources(asked: Sequence[Sequence[Question]], told: Sequence[Question], votes: FullVotes | FewVotes) -> Sources:
    """``asked``: the phrasings of each entry, at least one; ``told``: the answers."""
    starts, labels = labels_of(asked)
    rows = [question for own in asked for question in own]
    vocabulary = Vocabulary()
    tokens = [tuple(vocabulary.add(question.tokens) for question in own) for own in asked]
    answers = [vocabulary.add(answer.tokens) for answer in told]
    return Sources(
        texts=tuple(question.text for question in rows),
        telling=telling([question.features.telling for question in rows]),
        starts=starts,
        labels=labels,
        space=build([question.features for question in rows]),
        votes=votes,
        postings=postings(list(map(TokenizedEntry, tokens, answers)), vocabulary),
        bm25=bm25([[number for one in own for number in one] for own in tokens], len(vocabulary)),
    )
