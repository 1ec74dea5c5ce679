"""Which entry speaks of what: for every token the entries that have it, and how much each of them is about it."""

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.side_by_side import Places, places_of
from yizhan.dialogue.knowledge.tokens import CHARACTER, CONCEPT, LATIN, MODIFIER, PAIR, QUESTION, WORD

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Starts = NDArray[np.int64]
Numbers = NDArray[np.int32]

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

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        """``tokens``: those that have numbers already, in the order of these."""
        self._numbers = {token: number for number, token in enumerate(tokens)}

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, tokens: Sequence[str]) -> tuple[int, ...]:
        """The numbers of tokens that are being indexed."""
        return tuple(self._numbers.setdefault(token, len(self._numbers)) for token in tokens)

    def number(self, token: str) -> int:
        """The number of a token, -1 for one that was never indexed."""
        return self._numbers.get(token, -1)

    @property
    def tokens(self) -> Iterable[str]:
        """Every token, in the order of their numbers."""
        return self._numbers.keys()

    def kinds(self) -> str:
        """The kind of every token, in the order of their numbers."""
        return "".join(token[0] for token in self._numbers)


@dataclass(frozen=True, slots=True)
class Query:
    """The distinct tokens of a question, in order: their numbers (-1: in no entry), weights and kinds.

    ``found``: every posting of every one of them; ``counts``: how many each has.
    """

    numbers: tuple[int, ...]
    weights: tuple[float, ...]
    kinds: tuple[str, ...]
    found: Places
    counts: Places

    def total(self, kinds: str) -> float:
        return sum(weight for weight, kind in zip(self.weights, self.kinds, strict=True) if kind in kinds)


@dataclass(frozen=True, slots=True)
class Postings:
    """Weights by rarity among entries, and the entries of every token.

    ``starts``, ``positions``: for each token the entries that have it; with each of them how much it is ``about`` the
    token, and whether it is ``asked`` for with it or only says it in its answer.
    """

    size: int
    vocabulary: Vocabulary
    weights: Sequence[float]
    """What every token is worth."""
    starts: Starts
    positions: Numbers
    about: Floats
    asked: Mask

    def weight(self, number: int) -> float:
        """What a token is worth; nothing for one that is in no entry."""
        return self.weights[number] if number >= 0 else 0.0

    def query(self, tokens: Sequence[str]) -> Query:
        distinct = tuple(dict.fromkeys(tokens))
        numbers = tuple(map(self.vocabulary.number, distinct))
        found, having = places_of(np.array([number for number in numbers if number >= 0], np.int64), self.starts)
        counts = np.zeros(len(numbers), np.int64)
        counts[np.array(numbers, np.int64) >= 0] = having
        unseen = _rarity(0, self.size)
        weights = tuple(
            self.weights[number] if number >= 0 else KIND_WEIGHTS[token[0]] * unseen
            for token, number in zip(distinct, numbers, strict=True)
        )
        return Query(numbers, weights, tuple(token[0] for token in distinct), found, counts)

    def direction(self, query: Query) -> Floats:
        """The cosine between the question and every entry's direction."""
        length = math.sqrt(sum(weight * weight for weight in query.weights)) or 1.0
        return self._gathered(query, [weight / length for weight in query.weights], self.about)

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
        return self._gathered(query, shares, None if answers else self.asked)

    def known_words(self, query: Query) -> float:
        """The share of the question's words that occur anywhere in the knowledge; one half without words."""
        known = [
            number >= 0
            for number, kind in zip(query.numbers, query.kinds, strict=True)
            if kind in (WORD, LATIN, CONCEPT)
        ]
        return sum(known) / len(known) if known else 0.5

    def _gathered(self, query: Query, shares: Sequence[float], values: Floats | Mask | None) -> Floats:
        each = np.repeat(np.array(shares, np.float64), query.counts)
        if values is not None:
            each *= values[query.found]
        return np.asarray(np.bincount(self.positions[query.found], each, minlength=self.size), np.float64)


def postings(entries: Sequence[TokenizedEntry], vocabulary: Vocabulary) -> Postings:
    """Of entries whose tokens the vocabulary has."""
    frequency = [0] * len(vocabulary)
    for entry in entries:
        for number in {number for phrasing in entry.phrasings for number in phrasing}:
            frequency[number] += 1
    weights = [
        KIND_WEIGHTS[kind] * _rarity(count, len(entries))
        for kind, count in zip(vocabulary.kinds(), frequency, strict=True)
    ]
    numbers = array("q")
    positions = array("i")
    about = array("d")
    asked = array("b")
    for position, entry in enumerate(entries):
        profile = _profile(entry, weights)
        told = [number for number in dict.fromkeys(entry.answer) if number not in profile]
        numbers.extend((*profile, *told))
        about.extend((*profile.values(), *([0.0] * len(told))))
        asked.extend([1] * len(profile) + [0] * len(told))
        positions.extend([position] * (len(profile) + len(told)))
    owners = np.array(numbers, np.int64)
    order = np.argsort(owners, kind="stable")
    return Postings(
        size=len(entries),
        vocabulary=vocabulary,
        weights=weights,
        starts=np.searchsorted(owners[order], np.arange(len(vocabulary) + 1)),
        positions=np.array(positions, np.int32)[order],
        about=np.array(about, np.float64)[order],
        asked=np.array(asked, np.bool_)[order],
    )


def _rarity(frequency: int, entries: int) -> float:
    """How telling a token is. One that is in answers only tells as much as one never seen."""
    if not frequency:
        return math.log(1 + (entries + 0.5) / 0.5)
    return math.log(1 + (entries - frequency + 0.5) / (frequency + 0.5))


def _profile(entry: TokenizedEntry, weights: Sequence[float]) -> dict[int, float]:
    """The direction of an entry: the sum of its phrasings, each of length 1, brought to length 1."""
    profile: dict[int, float] = {}
    for phrasing in entry.phrasings:
        distinct = dict.fromkeys(phrasing)
        length = math.sqrt(sum(weights[number] ** 2 for number in distinct)) or 1.0
        for number in distinct:
            profile[number] = profile.get(number, 0.0) + weights[number] / length
    length = math.sqrt(sum(share * share for share in profile.values())) or 1.0
    return {number: share / length for number, share in profile.items()}
