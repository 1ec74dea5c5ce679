"""A trained index in memory, and the matcher that answers from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.code_mixing import in_chinese
from yizhan.dialogue.knowledge.index.evidence import Considered, consider
from yizhan.dialogue.knowledge.index.features import PIECES, WORDS
from yizhan.dialogue.knowledge.index.meaning import Meanings
from yizhan.dialogue.knowledge.index.question import Question, Reader, read, reread
from yizhan.dialogue.knowledge.index.respelling import Respelling, respelling
from yizhan.dialogue.knowledge.index.same_words import said
from yizhan.dialogue.knowledge.index.sources import Sources, sources
from yizhan.dialogue.knowledge.index.space import Floats
from yizhan.dialogue.knowledge.index.votes import FewVotes, FullVotes
from yizhan.dialogue.knowledge.index.weighing import Weights, belief, doubts, preferring, ranked, shares
from yizhan.dialogue.knowledge.matcher import Candidate, Meaning

BELOW_LITERAL = 0.999
"""Only a phrasing asked literally is certain."""

PUT_OTHERWISE = 0.95
"""The belief, at least, in an entry of which a phrasing is asked but for how it is put: all 19 such questions of customers
in six labelled sets were right, of which (n + 1) / (n + 2) is what may be expected."""


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


@dataclass(frozen=True, slots=True)
class Felt:
    """What a question whose meaning is known as a vector is compared with besides."""

    meanings: Meanings
    votes: FullVotes | FewVotes
    weights: Weights


@dataclass(frozen=True, slots=True)
class Index:
    """All that a question is compared with, and what the comparison is worth."""

    sources: Sources
    respelling: Respelling
    weights: Weights
    felt: Felt | None = None


def index_of(texts: Texts, votes: FullVotes | FewVotes, weights: Weights) -> Index:
    return Index(sources(texts.asked, texts.told, votes), texts.respelling, weights)


class TrainedMatcher:
    """Immutable, and safe to use from several threads. The same question always gives the same candidates."""

    def __init__(self, entries: Sequence[Entry], index: Index) -> None:
        """``entries``: those that the index is over."""
        self._ids = [entry.id for entry in entries]
        self._written = [text for entry in entries for text in entry.phrasings]
        self._respelling = index.respelling
        self._sources = index.sources
        self._weights = index.weights
        self._felt = index.felt
        self._felt_sources = replace(index.sources, votes=index.felt.votes) if index.felt else index.sources
        self._exact = _exact(self._sources)

    def match(self, question: str, limit: int = 5, meaning: Meaning | None = None) -> Sequence[Candidate]:
        """See ``Matcher``."""
        asked = read(question)
        literal = self._exact.get(asked.text)
        felt = None if self._felt is None or meaning is None else self._felt.meanings.likeness(meaning)
        found = self._read(asked.text, asked, felt)
        if (chinese := in_chinese(asked.text, self._has)) != asked.text:
            found = _of_two(self._read(chinese, asked, felt), found)
        if literal is not None:
            entry = int(self._sources.labels[literal])
            others = [one for one in found if one.entry_id != self._ids[entry]]
            found = [Candidate(self._ids[entry], 1.0, self._written[literal]), *others]
        return tuple(found[:limit])

    def _read(self, text: str, question: Question, felt: Floats | None) -> list[Candidate]:
        asked = reread(question, self._respelling.read(text))
        if self._felt is None or felt is None:
            return self._weighed(asked, consider(self._sources, asked), self._weights)
        return self._weighed(asked, consider(self._felt_sources, asked, meaning=felt), self._felt.weights)

    def _has(self, word: str) -> bool:
        views = self._sources.space.views
        return word in views[WORDS].numbers or word in views[PIECES].numbers

    def _weighed(self, asked: Question, considered: Considered, weights: Weights) -> list[Candidate]:
        if not considered.entries:
            return []
        order = ranked(considered, weights)
        first = min(BELOW_LITERAL, belief(doubts(considered, order), weights))
        same = self._same(asked, considered)
        if same is not None:
            order = preferring(order, same)
            first = max(first if order.places[0] == same else 0.0, PUT_OTHERWISE)
        return [
            Candidate(self._ids[considered.entries[place]], round(score, 6), self._written[considered.nearest[place]])
            for place, score in zip(order.places, shares(order, first), strict=True)
        ]

    def _same(self, asked: Question, considered: Considered) -> int | None:
        """The place of the only entry of which a phrasing is asked, but for how it is put."""
        words = said(asked.text)
        if not words:
            return None
        places = [place for place, row in enumerate(considered.nearest) if said(self._sources.texts[row]) == words]
        return places[0] if len(places) == 1 else None


def _of_two(chinese: list[Candidate], written: list[Candidate]) -> list[Candidate]:
    """A mixed question is a Chinese one where that is more likely right than not: its answer is in Chinese then."""
    if chinese and chinese[0].score > 0.5:
        return chinese
    return max(written, chinese, key=lambda found: found[0].score if found else 0.0)


def _exact(known: Sources) -> dict[str, int]:
    """The row of every phrasing; the first of equal ones."""
    exact: dict[str, int] = {}
    for row, text in enumerate(known.texts):
        if text:
            exact.setdefault(text, row)
    return exact
