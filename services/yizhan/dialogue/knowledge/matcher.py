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
from yizhan.dialogue.knowledge.postings import Postings, TokenizedEntry, Vocabulary
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


class LexicalMatcher:
    """Words and characters only: BM25, direction, spelling and concepts, weighed by ``evidence``."""

    def __init__(self, entries: Sequence[Entry], tokenizer: Tokenizer = tokenize) -> None:
        self._tokenizer = tokenizer
        self._ids = [entry.id for entry in entries]
        self._phrasings = [entry.phrasings for entry in entries]
        self._normalised = [tuple(map(normalise, entry.phrasings)) for entry in entries]
        self._exact = _exact(self._normalised)
        vocabulary = Vocabulary()
        asked = [tuple(vocabulary.add(tokenizer(text)) for text in phrasings) for phrasings in self._normalised]
        told = [vocabulary.add(tokenizer(normalise(entry.answer))) for entry in entries]
        self._asked = [tuple(map(frozenset, phrasings)) for phrasings in asked]
        self._postings = Postings(list(map(TokenizedEntry, asked, told)), vocabulary)
        self._bm25 = Bm25([[number for one in phrasings for number in one] for phrasings in asked], len(vocabulary))

    def match(self, question: str, limit: int = 5) -> Sequence[Candidate]:
        text = normalise(question[:QUESTION_CHARS])
        found = self._ranked(text)
        exact = self._exact.get(text)
        candidates = [self._candidate(position, score, text) for position, score in found[:limit] if position != exact]
        if exact is not None:
            phrasing = self._normalised[exact].index(text)
            candidates.insert(0, Candidate(self._ids[exact], 1.0, self._phrasings[exact][phrasing]))
        return tuple(candidates[:limit])

    def evidence(self, text: str) -> tuple[float, list[tuple[int, Evidence]]]:
        """The share of known words in a normalised text, and the evidence for the entries of the shortlist."""
        tokens = self._tokenizer(text)
        query = self._postings.query(tokens)
        if not any(number >= 0 for number in query.numbers):
            return 0.0, []
        numbers = [number for number in map(self._postings.vocabulary.number, tokens) if number >= 0]
        bm25 = self._bm25.scores(numbers, len(tokens) - len(numbers))
        direction = self._postings.direction(query)
        covered = self._postings.coverage(query, _ALL_KINDS, answers=True)
        concepts = self._postings.coverage(query, CONCEPT, answers=False)
        kind = self._postings.coverage(query, QUESTION, answers=False)
        rough = bm25 + direction + covered
        shortlist = [int(i) for i in np.argsort(-rough, kind="stable")[:_SHORTLIST] if rough[i] > 0.0]
        return self._postings.known_words(query), [
            (
                i,
                Evidence(
                    float(bm25[i]),
                    float(direction[i]),
                    _edit(text, self._normalised[i]),
                    float(covered[i]),
                    float(concepts[i]),
                    float(kind[i]),
                ),
            )
            for i in shortlist
        ]

    def _ranked(self, text: str) -> list[tuple[int, float]]:
        known, shortlist = self.evidence(text)
        by_strength = sorted(((strength(e), -i, e) for i, e in shortlist), key=lambda item: item[:2], reverse=True)
        scored = []
        for place, (own, negative, evidence) in enumerate(by_strength):
            rival = (by_strength[1][0] if len(by_strength) > 1 else own - MAX_LEAD) if place == 0 else by_strength[0][0]
            score = min(_BELOW_EXACT, confidence(evidence, known, own - rival))
            scored.append((-negative, round(score, 6)))
        return sorted(scored, key=lambda item: (-item[1], item[0]))

    def _candidate(self, position: int, score: float, text: str) -> Candidate:
        """Shows the phrasing that shares most with the question, of equals the one spelt most alike."""
        own = {
            number: self._postings.weight(number)
            for number in map(self._postings.vocabulary.number, self._tokenizer(text))
        }

        def likeness(place: int) -> tuple[float, float]:
            phrasing = self._asked[position][place]
            shared = sum(weight for number, weight in own.items() if number in phrasing)
            either = sum(own.values()) + sum(map(self._postings.weight, sorted(phrasing)))
            return round(shared / either, 9) if either else 0.0, fuzz.ratio(text, self._normalised[position][place])

        nearest = max(range(len(self._asked[position])), key=likeness)
        return Candidate(self._ids[position], score, self._phrasings[position][nearest])


def _exact(normalised: Sequence[Sequence[str]]) -> dict[str, int]:
    """The entry of every phrasing; the first one where entries share a phrasing (a checked file has no such pair)."""
    exact: dict[str, int] = {}
    for position, phrasings in enumerate(normalised):
        for phrasing in phrasings:
            if phrasing:
                exact.setdefault(phrasing, position)
    return exact


def _edit(text: str, phrasings: Sequence[str]) -> float:
    """The similarity, 0 to 1, of the phrasing that is spelt most alike."""
    _, similarity, _ = process.extractOne(text, phrasings, scorer=fuzz.ratio)
    return similarity / 100.0
