"""Which entry speaks of what: for every token the entries that have it, and how much each of them is about it."""

import math
from array import array
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
    """The tokens of each phrasing of an entry, and those of its answer, as numbers of a ``Vocabulary``."""

    phrasings: tuple[tuple[int, ...], ...]
    answer: tuple[int, ...]


class Vocabulary:
    """Gives every token a number, in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, tokens: Sequence[str]) -> tuple[int, ...]:
        """The numbers of tokens that are being indexed."""
        return tuple(self._numbers.setdefault(token, len(self._numbers)) for token in tokens)

    def number(self, token: str) -> int:
        """The number of a token, -1 for one that was never indexed."""
        return self._numbers.get(token, -1)

    def kinds(self) -> str:
        """The kind of every token, in the order of their numbers."""
        return "".join(token[0] for token in self._numbers)


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

    def __init__(self, entries: Sequence[TokenizedEntry], vocabulary: Vocabulary) -> None:
        self.size = len(entries)
        self.vocabulary = vocabulary
        self._unseen_rarity = math.log(1 + (self.size + 0.5) / 0.5)
        frequency = [0] * len(vocabulary)
        for entry in entries:
            for number in {number for phrasing in entry.phrasings for number in phrasing}:
                frequency[number] += 1
        self._weights = [
            KIND_WEIGHTS[kind] * self._rarity(count) for kind, count in zip(vocabulary.kinds(), frequency, strict=True)
        ]
        self._fill(entries)

    def _rarity(self, frequency: int) -> float:
        """How telling a token is. One that is in answers only tells as much as one never seen."""
        if not frequency:
            return self._unseen_rarity
        return math.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5))

    def _fill(self, entries: Sequence[TokenizedEntry]) -> None:
        numbers = array("q")
        positions = array("q")
        about = array("d")
        asked = array("d")
        for position, entry in enumerate(entries):
            profile = self._profile(entry)
            told = [number for number in dict.fromkeys(entry.answer) if number not in profile]
            numbers.extend((*profile, *told))
            about.extend((*profile.values(), *([0.0] * len(told))))
            asked.extend([1.0] * len(profile) + [0.0] * len(told))
            positions.extend([position] * (len(profile) + len(told)))
        owners = np.frombuffer(numbers, dtype=np.int64) if numbers else np.zeros(0, dtype=np.int64)
        order = np.argsort(owners, kind="stable")
        self._starts: Numbers = np.searchsorted(owners[order], np.arange(len(self.vocabulary) + 1))
        self._positions: Numbers = np.array(positions, dtype=np.int64)[order]
        self._about: Floats = np.array(about, dtype=np.float64)[order]
        self._asked: Floats = np.array(asked, dtype=np.float64)[order]

    def _profile(self, entry: TokenizedEntry) -> dict[int, float]:
        """The direction of an entry: the sum of its phrasings, each of length 1, brought to length 1."""
        profile: dict[int, float] = {}
        weights = self._weights
        for phrasing in entry.phrasings:
            distinct = dict.fromkeys(phrasing)
            length = math.sqrt(sum(weights[number] ** 2 for number in distinct)) or 1.0
            for number in distinct:
                profile[number] = profile.get(number, 0.0) + weights[number] / length
        length = math.sqrt(sum(share * share for share in profile.values())) or 1.0
        return {number: share / length for number, share in profile.items()}

    def weight(self, number: int) -> float:
        """What a token is worth; nothing for one that is in no entry."""
        return self._weights[number] if number >= 0 else 0.0

    def query(self, tokens: Sequence[str]) -> Query:
        distinct = tuple(dict.fromkeys(tokens))
        numbers = tuple(map(self.vocabulary.number, distinct))
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
