"""Likeness in meaning: vectors of an embedding model, mixed into the likeness of words where a release has them.

What all phrasings of a release have in common is taken away first: it tells nothing apart, and how much of it there is
differs from one model to the next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.index.space import Floats

HalfVectors = NDArray[np.float16]

SHARE = 0.7
"""What likeness in meaning adds to the whole, likeness of words the rest: flat from 0.5 to 0.9 with 1 to 10 phrasings."""


class OtherVectors(ValueError):
    """A vector that has not as many numbers as those of the release: another model made it."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Of an embedding model, one each: for every phrasing in the order of the entries, and for every question outside."""

    rows: HalfVectors
    outside: HalfVectors


@dataclass(frozen=True, slots=True)
class Meanings:
    """``raw``: the vectors of all rows as the model gave them, in their order; ``rows``: away from ``middle``, of length 1."""

    raw: HalfVectors
    middle: Floats
    rows: Floats

    def likeness(self, vector: NDArray[np.floating]) -> Floats:
        """Of a question to every row, -1 to 1. Raises OtherVectors."""
        if vector.shape != self.middle.shape:
            raise OtherVectors(f"{vector.shape} is not {self.middle.shape}")
        away = _away(np.asarray(vector, np.float32)[None, :], self.middle)[0]
        # Not ``@``: its sums differ in the last bit from machine to machine, and a decision is to be found again.
        return np.asarray(np.einsum("rd,d->r", self.rows, away), np.float32)


def meanings(raw: HalfVectors) -> Meanings:
    """From one vector for each row, shape (rows, dimension)."""
    whole = raw.astype(np.float32)
    middle = whole.mean(axis=0, dtype=np.float64).astype(np.float32) if len(whole) else np.zeros(0, np.float32)
    return Meanings(raw, middle, _away(whole, middle))


def mixed(words: Floats, meaning: Floats) -> Floats:
    """One likeness from both."""
    return np.asarray(np.float32(1.0 - SHARE) * words + np.float32(SHARE) * meaning, np.float32)


def _away(vectors: Floats, middle: Floats) -> Floats:
    away = vectors - middle
    lengths = np.sqrt(np.einsum("rd,rd->r", away, away))
    return np.asarray(away / np.maximum(lengths, np.float32(1e-6))[:, None], np.float32)
