"""Finds the entries that may answer a question, and says how sure it is of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from rapidfuzz import fuzz, process

from yizhan.dialogue.knowledge.bm25 import Bm25
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.evidence import MAX_LEAD, Evidence, confidence, strength
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.postings import Postings, Query, TokenizedEntry, Vocabulary
from yizhan.dialogue.knowledge.tokens import (
    CHARACTER,
    CONCEPT,
    LATIN,
    MODIFIER,
    PAIR,
    QUESTION,
    WORD,
    Tokenizer,
    tokenize,
)

QUESTION_CHARS = 500
"""No more of a question than this is looked at: what is asked stands in there, and work per question stays bounded."""

_SHORTLIST = 12
_BELOW_EXACT = 0.99
_ALL_KINDS = WORD + MODIFIER + PAIR + CHARACTER + CONCEPT + QUESTION + LATIN


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer. ``score`` is the probability that it does; 1.0 only for a phrasing asked literally."""

    entry_id: str
    score: float
    matched: str


class Matcher(Protocol):
    """Immutable, and safe to use from several threads. The same question always gives the same candidates."""

    def match(self, question: str, limit: int = 5) -> Sequence[Candidate]:
        """At most ``limit`` candidates, best first; none when the question shares nothing with the knowledge."""
        ...


def build(entries: Sequence[Entry], tokenizer: Tokenizer = tokenize) -> Matcher:
    """Indexes the entries: some milliseconds per hundred phrasings, so call it in a thread."""
    return LexicalMatcher(entries, tokenizer)


@dataclass(frozen=True, slots=True)
class _Phrasing:
    """A phrasing as written and as compared. ``weight`` is that of its distinct ``tokens``."""

    written: str
    text: str
    tokens: frozenset[int]
    weight: float


class LexicalMatcher:
    """Words and characters only: BM25, direction, spelling and concepts, weighed by ``evidence``."""

    def __init__(self, entries: Sequence[Entry], tokenizer: Tokenizer = tokenize) -> None:
        self._tokenizer = tokenizer
        self._ids = [entry.id for entry in entries]
        vocabulary = Vocabulary()
        texts = [tuple(map(normalise, entry.phrasings)) for entry in entries]
        asked = [tuple(vocabulary.add(tokenizer(text)) for text in phrasings) for phrasings in texts]
        told = [vocabulary.add(tokenizer(normalise(entry.answer))) for entry in entries]
        self._postings = Postings(list(map(TokenizedEntry, asked, told)), vocabulary)
        self._bm25 = Bm25([[number for one in phrasings for number in one] for phrasings in asked], len(vocabulary))
        self._texts = texts
        self._phrasings = [
            tuple(map(self._phrasing, entry.phrasings, own, tokens))
            for entry, own, tokens in zip(entries, texts, asked, strict=True)
        ]
        self._exact = _exact(texts)

    def match(self, question: str, limit: int = 5) -> Sequence[Candidate]:
        text = normalise(question[:QUESTION_CHARS])
        tokens = self._tokenizer(text)
        query = self._postings.query(tokens)
        exact = self._exact.get(text)
        candidates = []
        if exact is not None:
            position, place = exact
            candidates.append(Candidate(self._ids[position], 1.0, self._phrasings[position][place].written))
        for position, score in self._ranked(text, tokens, query)[:limit]:
            if exact is None or position != exact[0]:
                candidates.append(Candidate(self._ids[position], score, self._nearest(position, text, query)))
        return tuple(candidates[:limit])

    def evidence(self, text: str, tokens: Sequence[str], query: Query) -> list[tuple[int, Evidence]]:
        """The evidence for the entries that come into question at all, by their positions."""
        if not any(number >= 0 for number in query.numbers):
            return []
        numbers = [number for number in map(self._postings.vocabulary.number, tokens) if number >= 0]
        bm25 = self._bm25.scores(numbers, len(tokens) - len(numbers))
        direction = self._postings.direction(query)
        covered = self._postings.coverage(query, _ALL_KINDS, answers=True)
        concepts = self._postings.coverage(query, CONCEPT, answers=False)
        kind = self._postings.coverage(query, QUESTION, answers=False)
        rough = bm25 + direction + covered
        return [
            (
                i,
                Evidence(
                    float(bm25[i]),
                    float(direction[i]),
                    _edit(text, self._texts[i]),
                    float(covered[i]),
                    float(concepts[i]),
                    float(kind[i]),
                ),
            )
            for i in map(int, np.argsort(-rough, kind="stable")[:_SHORTLIST])
            if rough[i] > 0.0
        ]

    def _ranked(self, text: str, tokens: Sequence[str], query: Query) -> list[tuple[int, float]]:
        """Positions of entries and their scores, best first; of equals the one that was written first."""
        weighed = [(strength(e), position, e) for position, e in self.evidence(text, tokens, query)]
        weighed.sort(key=lambda item: (-item[0], item[1]))
        known = self._postings.known_words(query)
        strongest = weighed[0][0] if weighed else 0.0
        second = weighed[1][0] if len(weighed) > 1 else strongest - MAX_LEAD
        scored = []
        for place, (own, position, evidence) in enumerate(weighed):
            score = confidence(evidence, known, own - (second if place == 0 else strongest))
            scored.append((position, round(min(_BELOW_EXACT, score), 6)))
        return sorted(scored, key=lambda item: (-item[1], item[0]))

    def _phrasing(self, written: str, text: str, tokens: tuple[int, ...]) -> _Phrasing:
        weight = sum(map(self._postings.weight, dict.fromkeys(tokens)))
        return _Phrasing(written, text, frozenset(tokens), weight)

    def _nearest(self, position: int, text: str, query: Query) -> str:
        """The phrasing that shares most with the question; of equals the one spelt most alike."""
        own = dict(zip(query.numbers, query.weights, strict=True))
        total = sum(query.weights)

        def likeness(phrasing: _Phrasing) -> tuple[float, float]:
            shared = sum(weight for number, weight in own.items() if number in phrasing.tokens)
            return round(shared / (total + phrasing.weight), 9) if total else 0.0, fuzz.ratio(text, phrasing.text)

        return max(self._phrasings[position], key=likeness).written


def _exact(texts: Sequence[Sequence[str]]) -> dict[str, tuple[int, int]]:
    """Where every phrasing stands: its entry, and its place there. A checked file has none in two entries."""
    exact: dict[str, tuple[int, int]] = {}
    for position, phrasings in enumerate(texts):
        for place, text in enumerate(phrasings):
            if text:
                exact.setdefault(text, (position, place))
    return exact


def _edit(text: str, phrasings: Sequence[str]) -> float:
    """The similarity, 0 to 1, of the phrasing that is spelt most alike."""
    _, similarity, _ = process.extractOne(text, phrasings, scorer=fuzz.ratio)
    return similarity / 100.0
