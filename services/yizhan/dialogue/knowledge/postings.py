"""Which entry speaks of what: for every token the entries that have it, and how much each of them is about it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.tokens import CHARACTER, CONCEPT, LATIN, MODIFIER, PAIR, QUESTION, WORD

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

KIND_WEIGHTS: Mapping[str, float] = {
    WORD: 1.0,
    MODIFIER: 0.8,
    PAIR: 0.6,
    CHARACTER: 0.3,
    CONCEPT: 1.0,
    QUESTION: 0.4,
    LATIN: 1.3,
}


@dataclass(frozen=True, slots=True)
class TokenizedEntry:
    """The tokens of each phrasing of an entry, and those of its answer."""

    phrasings: tuple[tuple[str, ...], ...]
    answer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """The distinct tokens of a question, in order: their numbers (-1: in no entry), weights and kinds."""

    numbers: tuple[int, ...]
    weights: tuple[float, ...]
    kinds: tuple[str, ...]

    def total(self, kinds: str) -> float:
        return sum(weight for weight, kind in zip(self.weights, self.kinds, strict=True) if kind in kinds)


class Postings:
    """Weights by rarity among entries, and the entries of every token. Immutable once built."""

    def __init__(self, entries: Sequence[TokenizedEntry]) -> None:
        self.size = len(entries)
        self.vocabulary: dict[str, int] = {}
        frequency = self._number(entries)
        self._unseen_rarity = math.log(1 + (self.size + 0.5) / 0.5)
        self._weights = [
            KIND_WEIGHTS[token[0]] * self._rarity(frequency[number]) for token, number in self.vocabulary.items()
        ]
        self._fill(entries)

    def _number(self, entries: Sequence[TokenizedEntry]) -> list[int]:
        """Gives every token a number; returns how many entries ask with it (0: it is in answers only)."""
        frequency: list[int] = []
        for entry in entries:
            asked = dict.fromkeys(token for phrasing in entry.phrasings for token in phrasing)
            for token in asked:
                number = self.vocabulary.setdefault(token, len(self.vocabulary))
                if number == len(frequency):
                    frequency.append(0)
                frequency[number] += 1
        for entry in entries:
            for token in entry.answer:
                if token not in self.vocabulary:
                    self.vocabulary[token] = len(self.vocabulary)
                    frequency.append(0)
        return frequency

    def _rarity(self, frequency: int) -> float:
        if not frequency:
            return self._unseen_rarity
        return math.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5))

    def _fill(self, entries: Sequence[TokenizedEntry]) -> None:
        rows: list[list[tuple[int, float, bool]]] = [[] for _ in self.vocabulary]
        for position, entry in enumerate(entries):
            profile = self._profile(entry)
            for number, about in profile.items():
                rows[number].append((position, about, True))
            for number in dict.fromkeys(self.vocabulary[token] for token in entry.answer):
                if number not in profile:
                    rows[number].append((position, 0.0, False))
        self._starts = np.cumsum([0, *(len(row) for row in rows)])
        flat = [cell for row in rows for cell in row]
        self._positions: Numbers = np.array([cell[0] for cell in flat], dtype=np.int64)
        self._about: Floats = np.array([cell[1] for cell in flat], dtype=np.float64)
        self._asked: Floats = np.array([float(cell[2]) for cell in flat], dtype=np.float64)

    def _profile(self, entry: TokenizedEntry) -> dict[int, float]:
        """The direction of an entry: the sum of its phrasings, each of length 1, brought to length 1."""
        profile: dict[int, float] = {}
        for phrasing in entry.phrasings:
            numbers = dict.fromkeys(self.vocabulary[token] for token in phrasing)
            length = math.sqrt(sum(self._weights[number] ** 2 for number in numbers)) or 1.0
            for number in numbers:
                profile[number] = profile.get(number, 0.0) + self._weights[number] / length
        length = math.sqrt(sum(about * about for about in profile.values())) or 1.0
        return {number: about / length for number, about in profile.items()}

    def query(self, tokens: Sequence[str]) -> Query:
        distinct = tuple(dict.fromkeys(tokens))
        numbers = tuple(self.vocabulary.get(token, -1) for token in distinct)
        weights = tuple(
            self._weights[number] if number >= 0 else KIND_WEIGHTS[token[0]] * self._unseen_rarity
            for token, number in zip(distinct, numbers, strict=True)
        )
        return Query(numbers, weights, tuple(token[0] for token in distinct))

    def direction(self, query: Query) -> Floats:
        """The cosine between the question and every entry's direction."""
        length = math.sqrt(sum(weight * weight for weight in query.weights)) or 1.0
        return self._gathered(query, [weight / length for weight in query.weights], self._about)

    def coverage(self, query: Query, kinds: str, *, answers: bool) -> Floats:
        """For every entry, the share of the question's weight in tokens of these kinds that the entry has.

        ``answers``: a token of the answer counts too. One half where the question has no such token.
        """
        total = query.total(kinds)
        if total <= 0.0:
            return np.full(self.size, 0.5)
        shares = [
            weight / total if kind in kinds else 0.0 for weight, kind in zip(query.weights, query.kinds, strict=True)
        ]
        return self._gathered(query, shares, None if answers else self._asked)

    def known_words(self, query: Query) -> float:
        """The share of the question's words that occur anywhere in the knowledge; one half without words."""
        known = [
            number >= 0
            for number, kind in zip(query.numbers, query.kinds, strict=True)
            if kind in (WORD, LATIN, CONCEPT)
        ]
        return sum(known) / len(known) if known else 0.5

    def _gathered(self, query: Query, shares: Sequence[float], values: Floats | None) -> Floats:
        total = np.zeros(self.size)
        for number, share in zip(query.numbers, shares, strict=True):
            if number < 0 or not share:
                continue
            row = slice(self._starts[number], self._starts[number + 1])
            # An entry stands at most once in a row, so plain indexing adds correctly.
            total[self._positions[row]] += share if values is None else share * values[row]
        return total
