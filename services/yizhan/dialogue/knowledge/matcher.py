"""Finds the entries that may answer a question, and says how sure it is of each: what everyone else knows of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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


class NothingKnown:
    """The matcher of a knowledge without entries."""

    def match(self, question: str, limit: int = 5) -> Sequence[Candidate]:
        """See ``Matcher``."""
        del question, limit
        return ()
