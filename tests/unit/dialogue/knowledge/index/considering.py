"""Considered questions made up for tests of what is done with them."""

from collections.abc import Mapping, Sequence

import numpy as np

from yizhan.dialogue.knowledge.index.evidence import SIGNS, Considered


def considered(
    *entries: Mapping[str, float],
    positions: Sequence[int] = (),
    known: float = 0.2,
    length: int = 3,
    strange: float = 0.0,
) -> Considered:
    """An entry is given by its signs; those not named are 0."""
    signs = np.array([[own.get(sign, 0.0) for sign in SIGNS] for own in entries]).reshape(len(entries), len(SIGNS))
    places = tuple(positions) or tuple(range(len(entries)))
    return Considered(places, signs, tuple(range(len(entries))), known, length, strange)
