"""Pairs of phrasings that are spelt nearly alike, found without comparing each with each.

Two texts that differ by few edits share most of their pairs of characters; so they share one of the rarest, and only
those that do are compared.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from rapidfuzz import fuzz, process

ALIKE = 90.0
"""Per cent of ``fuzz.ratio`` from which on two phrasings are nearly the same question."""

_SHORTEST = 4
_CROWD = 200
"""A pair of characters that more phrasings have is no way to find the few that are alike."""


def alike(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places of two different texts that are alike, the smaller first; each pair once, in order."""
    grams = [_grams(text) for text in texts]
    frequency = Counter(gram for own in grams for gram in own)
    seen: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if len(text) < _SHORTEST:
            continue
        near: set[int] = set()
        rare = sorted(grams[place], key=lambda gram: (frequency[gram], gram))
        for gram in rare[: _needed(len(text))]:
            sharing = seen.setdefault(gram, [])
            if len(sharing) < _CROWD:
                near.update(sharing)
                sharing.append(place)
        others = [other for other in sorted(near) if texts[other] != text]
        if others:
            scores = process.cdist([text], [texts[other] for other in others], scorer=fuzz.ratio, score_cutoff=ALIKE)
            yield from ((others[int(found)], place) for found in np.flatnonzero(scores[0]))


def _grams(text: str) -> frozenset[str]:
    return frozenset(first + second for first, second in pairwise(text))


def _needed(length: int) -> int:
    """So many of the rarest pairs that edits within the limit cannot have changed all of them."""
    edits = int(length * 2 * (1 - ALIKE / 100)) + 1
    return 2 * edits + 1
