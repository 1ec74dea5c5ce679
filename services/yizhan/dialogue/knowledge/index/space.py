"""The phrasings of a release as rows, and the likeness of a question to each of them.

Each view weighs its features by rarity (tf-idf with logarithmic counts); a row is the views side by side, of length 1.
Features that no row has count in the length of a question, so that a question full of unknown words is like nothing.
"""

import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.index.features import SOUNDS, Features
from yizhan.dialogue.knowledge.side_by_side import places_of

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
Mask = NDArray[np.bool_]

VIEW_WEIGHTS = (1.0, 0.5, 1.0, 2.0, 0.5)
"""In the order of ``VIEWS``: what each view adds to the likeness of two texts."""


@dataclass(frozen=True, slots=True)
class View:
    """One view of all rows. ``starts``, ``rows``, ``weights``: for each feature the rows that have it."""

    numbers: Mapping[str, int]
    rarity: Floats
    starts: NDArray[np.int64]
    rows: Numbers
    weights: Floats
    unseen: float
    """The rarity of a feature that no row has."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of a question to every row: by each view, and all together; 0 to 1."""

    views: tuple[Floats, ...]
    whole: Floats


@dataclass(frozen=True, slots=True)
class Space:
    """Immutable, and safe to use from several threads."""

    views: tuple[View, ...]
    scale: Floats
    """For each row what makes its views side by side as long as 1."""

    @property
    def size(self) -> int:
        return len(self.scale)

    def likeness(self, features: Features) -> Likeness:
        """Compare with every row; some tenths of a millisecond for a thousand rows."""
        texts = (*features.views[:SOUNDS], features.typed if len(self.views[SOUNDS].rows) else ())
        asked = [_weighed(view, own) for view, own in zip(self.views, texts, strict=True)]
        total = sum(weight for weight, one in zip(VIEW_WEIGHTS, asked, strict=True) if one.length > 0.0)
        scores = tuple(_scores(view, one, self.size) for view, one in zip(self.views, asked, strict=True))
        whole = np.zeros(self.size, np.float32)
        for weight, score in zip(VIEW_WEIGHTS, scores, strict=True):
            whole += np.float32(weight) * score
        return Likeness(scores, whole * self.scale * np.float32(1.0 / math.sqrt(total) if total else 0.0))


@dataclass(frozen=True, slots=True)
class _Asked:
    numbers: NDArray[np.int64]
    weights: tuple[float, ...]
    length: float


def _weighed(view: View, features: Sequence[str]) -> _Asked:
    counts = Counter(features)
    numbers = [view.numbers.get(feature, -1) for feature in counts]
    known = np.array([number for number in numbers if number >= 0], np.int64)
    rarities = iter(view.rarity[known].tolist())
    weights: list[float] = []
    square = 0.0
    for number, count in zip(numbers, counts.values(), strict=True):
        weight = next(rarities) if number >= 0 else view.unseen
        if count > 1:
            weight *= 1.0 + math.log(count)
        square += weight * weight
        if number >= 0:
            weights.append(weight)
    return _Asked(known, tuple(weights), math.sqrt(square))


def _scores(view: View, asked: _Asked, size: int) -> Floats:
    if not len(asked.numbers):
        return np.zeros(size, np.float32)
    places, counts = places_of(asked.numbers, view.starts)
    shares = (np.array(asked.weights) / asked.length).astype(np.float32)
    return np.bincount(view.rows[places], view.weights[places] * np.repeat(shares, counts), size).astype(np.float32)


def build(texts: Sequence[Features]) -> Space:
    """The rows of a release, in their order."""
    views = tuple(_view([text.views[place] for text in texts]) for place in range(len(VIEW_WEIGHTS)))
    filled = np.zeros(len(texts), np.float32)
    for weight, place in zip(VIEW_WEIGHTS, range(len(VIEW_WEIGHTS)), strict=True):
        filled += np.float32(weight) * np.array([bool(text.views[place]) for text in texts], np.float32)
    return Space(views, (1.0 / np.sqrt(np.maximum(filled, 1e-6))).astype(np.float32))


def _view(texts: Sequence[Sequence[str]]) -> View:
    numbers: dict[str, int] = {}
    columns = array("q")
    counts = array("f")
    ends = array("q", [0])
    for text in texts:
        own = Counter(text)
        columns.extend([numbers.setdefault(feature, len(numbers)) for feature in own])
        counts.extend(own.values())
        ends.append(len(columns))
    return _weighed_view(numbers, np.array(columns, np.int64), np.array(counts, np.float32), np.array(ends, np.int64))


def _weighed_view(
    numbers: Mapping[str, int], columns: NDArray[np.int64], counts: Floats, ends: NDArray[np.int64]
) -> View:
    size = len(ends) - 1
    owners = np.repeat(np.arange(size, dtype=np.int32), np.diff(ends))
    frequency = np.bincount(columns, minlength=len(numbers)).astype(np.float32)
    rarity = (np.log((1.0 + size) / (1.0 + frequency)) + 1.0).astype(np.float32)
    weights = (1.0 + np.log(counts)) * rarity[columns] if len(columns) else counts
    lengths = np.sqrt(np.bincount(owners, weights**2, minlength=size))
    weights = (weights / np.maximum(lengths, 1e-9)[owners]).astype(np.float32)
    order = np.argsort(columns, kind="stable")
    starts = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)
    return View(numbers, rarity, starts, owners[order], weights[order], math.log(1.0 + size) + 1.0)
