"""Asks a release questions that it does not have: its own phrasings, left out; and those of entries hidden from it.

A left-out phrasing tells how often the right entry is found; a phrasing of a hidden entry is a question that must not
be answered, about things that the rest of the knowledge does speak of: the hard kind. No other data is needed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.index.evidence import Considered, consider
from yizhan.dialogue.knowledge.index.learn_weights import Example
from yizhan.dialogue.knowledge.index.learner import Learner
from yizhan.dialogue.knowledge.index.meaning import Meanings
from yizhan.dialogue.knowledge.index.question import Question
from yizhan.dialogue.knowledge.index.sources import labels_of, sources

MOST_ASKED = 4_000
"""Questions that are asked in all: more make the figures no truer, and each takes about a millisecond."""

OUT_OF_SCOPE_SHARE = 0.1
"""Of all questions, how many are reckoned to have no answer in the knowledge."""

_HARDER_WITH_FEW = 8
"""By what power of the phrasings that are left a left-out one counts for less.

Of five, one left out is asked of four that were written to differ from it, which is harder than what customers ask of all
five; of a hundred it is the same. Weighed so, releases with few phrasings keep to what is known from others.
"""

_FOLDS = 5
_FOLDS_WHEN_LARGE = 3
_LARGE = 3_000
_FOLDS_WHEN_HUGE = 1
_HUGE = 20_000


@dataclass(frozen=True, slots=True)
class _Place:
    entry: int
    phrasing: int


def examples(
    asked: Sequence[Sequence[Question]],
    told: Sequence[Question],
    learning: Learner,
    seed: int,
    meaning: Meanings | None = None,
) -> list[Example]:
    """What was considered for each question asked, with the right entry. In scope and out of it by their shares.

    ``meaning``: of the rows, if ``learning`` has it. The same questions are asked with it as without.
    """
    random = np.random.default_rng(seed)
    rows = sum(len(own) for own in asked)
    folds, parts = _FOLDS, _FOLDS
    if rows > _LARGE:
        folds, parts = _FOLDS_WHEN_LARGE, _FOLDS_WHEN_LARGE
    if rows > _HUGE:
        folds = _FOLDS_WHEN_HUGE
    # Hidden entries are one in ``_FOLDS``, however many folds there are: with more hidden, the rest would be easy.
    hidden_in = random.integers(0, _FOLDS, len(asked))
    fold_of = {
        _Place(entry, int(phrasing)): (place + shift) % parts
        for entry, (own, shift) in enumerate(zip(asked, random.integers(0, parts, len(asked)), strict=True))
        for place, phrasing in enumerate(random.permutation(len(own)))
    }
    found: list[Example] = []
    for fold in range(folds):
        hidden = hidden_in == fold
        kept = {
            entry: [p for p in range(len(own)) if fold_of[_Place(entry, p)] != fold or len(own) == 1]
            for entry, own in enumerate(asked)
            if not hidden[entry]
        }
        kept = {entry: places for entry, places in kept.items() if places}
        if not kept:
            continue
        left_out = [_Place(entry, p) for entry in kept for p in range(len(asked[entry])) if p not in kept[entry]]
        unknown = [_Place(entry, p) for entry in map(int, np.flatnonzero(hidden)) for p in range(len(asked[entry]))]
        share = MOST_ASKED // folds
        some, others = _some(left_out, share, random), _some(unknown, share // 3, random)
        found += _asked(asked, told, learning, kept, some, others, meaning)
    return _balanced(found)


def _some(places: list[_Place], most: int, random: np.random.Generator) -> list[_Place]:
    if len(places) <= most:
        return places
    return [places[int(index)] for index in np.sort(random.choice(len(places), most, replace=False))]


def _asked(
    asked: Sequence[Sequence[Question]],
    told: Sequence[Question],
    learning: Learner,
    kept: dict[int, list[int]],
    left_out: Sequence[_Place],
    unknown: Sequence[_Place],
    meaning: Meanings | None,
) -> Iterator[Example]:
    entries = list(kept)
    position = {entry: place for place, entry in enumerate(entries)}
    known = [[asked[entry][p] for p in kept[entry]] for entry in entries]
    starts, _ = labels_of(asked)
    rows: NDArray[np.int64] = np.array([int(starts[entry]) + p for entry in entries for p in kept[entry]])
    _, labels = labels_of(known)
    votes = learning.votes(labels, len(entries), rows)
    knowledge = sources(known, [told[entry] for entry in entries], votes)
    vectors = None if meaning is None else meaning.rows[rows]

    def considered_at(place: _Place) -> Considered:
        own = int(starts[place.entry]) + place.phrasing
        felt = None if meaning is None or vectors is None else np.einsum("rd,d->r", vectors, meaning.rows[own])
        return consider(knowledge, asked[place.entry][place.phrasing], meaning=felt)

    for place in left_out:
        considered = considered_at(place)
        own = position[place.entry]
        right = considered.entries.index(own) if own in considered.entries else -1
        yield Example(considered, right, in_scope=True, weight=_counts(len(asked[place.entry])))
    for place in unknown:
        yield Example(considered_at(place), -1, in_scope=False)


def _counts(phrasings: int) -> float:
    return float(((phrasings - 1) / phrasings) ** _HARDER_WITH_FEW)


def _balanced(found: Sequence[Example]) -> list[Example]:
    """The same examples, weighed so that ``OUT_OF_SCOPE_SHARE`` of all is out of scope.

    None where nothing in scope could be asked: of questions that have no answer alone only silence would be learned.
    """
    inside = sum(one.weight for one in found if one.in_scope)
    outside = sum(not one.in_scope for one in found)
    if not inside or not outside:
        return [one for one in found if one.in_scope]
    weight = OUT_OF_SCOPE_SHARE / (1.0 - OUT_OF_SCOPE_SHARE) * inside / outside
    return [one if one.in_scope else Example(one.considered, one.right, in_scope=False, weight=weight) for one in found]
