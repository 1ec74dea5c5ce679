"""A trained index in memory, and the matcher that answers from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.evidence import Considered, consider
from yizhan.dialogue.knowledge.index.question import Question, Reader, read, reread
from yizhan.dialogue.knowledge.index.respelling import Respelling, respelling
from yizhan.dialogue.knowledge.index.sources import Sources, sources
from yizhan.dialogue.knowledge.index.votes import Votes
from yizhan.dialogue.knowledge.index.weighing import Weights, belief, doubts, ranked, shares
from yizhan.dialogue.knowledge.matcher import Candidate

BELOW_LITERAL = 0.999
"""Only a phrasing asked literally is certain."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The phrasings and answers of entries, read. Every entry has a phrasing."""

    asked: tuple[tuple[Question, ...], ...]
    told: tuple[Question, ...]
    respelling: Respelling


def read_entries(entries: Sequence[Entry]) -> Texts:
    """Takes a tenth of a millisecond a phrasing."""
    reader = Reader()
    asked = tuple(tuple(map(reader.read, entry.phrasings)) for entry in entries)
    told = tuple(reader.read(entry.answer) for entry in entries)
    words = respelling([question.text for own in asked for question in own] + [answer.text for answer in told])
    return Texts(asked, told, words)


class TrainedMatcher:
    """Immutable, and safe to use from several threads. The same question always gives the same candidates."""

    def __init__(self, entries: Sequence[Entry], texts: Texts, votes: Votes, weights: Weights) -> None:
        self._ids = [entry.id for entry in entries]
        self._written = [question.written for own in texts.asked for question in own]
        self._respelling = texts.respelling
        self._sources = sources(texts.asked, texts.told, votes)
        self._weights = weights
        self._exact = _exact(self._sources)

    def match(self, question: str, limit: int = 5) -> Sequence[Candidate]:
        """See ``Matcher``."""
        asked = read(question)
        literal = self._exact.get(asked.text)
        considered = consider(self._sources, reread(asked, self._respelling.read(asked.text)))
        found = self._weighed(considered)
        if literal is not None:
            entry = int(self._sources.labels[literal])
            others = [one for one in found if one.entry_id != self._ids[entry]]
            found = [Candidate(self._ids[entry], 1.0, self._written[literal]), *others]
        return tuple(found[:limit])

    def _weighed(self, considered: Considered) -> list[Candidate]:
        if not considered.entries:
            return []
        order = ranked(considered, self._weights)
        first = min(BELOW_LITERAL, belief(doubts(considered, order), self._weights))
        return [
            Candidate(self._ids[considered.entries[place]], round(score, 6), self._written[considered.nearest[place]])
            for place, score in zip(order.places, shares(order, first), strict=True)
        ]


def _exact(known: Sources) -> dict[str, int]:
    """The row of every phrasing; the first of equal ones."""
    exact: dict[str, int] = {}
    for row, text in enumerate(known.texts):
        if text:
            exact.setdefault(text, row)
    return exact
