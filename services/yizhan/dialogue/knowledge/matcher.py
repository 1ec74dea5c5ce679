"""Finds the entries that may answer a question, and says how sure it is of each: what everyone else knows of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Meaning = NDArray[np.floating]
"""A question as a vector of an embedding model, of length 1."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer. ``score`` is the probability that it does; 1.0 only for a phrasing asked literally."""

    entry_id: str
    score: float
    matched: str


class Matcher(Protocol):
    """Immutable, and safe to use from several threads. The same question always gives the same candidates."""

    def match(self, question: str, limit: int = 5, meaning: Meaning | None = None) -> Sequence[Candidate]:
        """At most ``limit`` candidates, best first; none when the question shares nothing with the knowledge.

        ``meaning``: the question's vector by the model that the knowledge was embedded with; without it, or where the
        knowledge was not, words alone are compared. Raises OtherVectors for a vector of another model.
        """
        ...


class NothingKnown:
    """The matcher of a knowledge without entries."""

    def match(self, question: str, limit: int = 5, meaning: Meaning | None = None) -> Sequence[Candidate]:
        """See ``Matcher``."""
        del question, limit, meaning
        return ()
