"""What to do with what was found: answer, ask back, or say that there is nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.matcher import Candidate

MOST_OPTIONS = 3

WORTH_OFFERING = 0.01
"""Of what is offered beside the likeliest entry, the least score: of 131 options below it, on labelled questions to the demo
shop, none was what the customer meant.
"""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores, 0 to 1, from which on something is done. ``margin`` is how far the best must be ahead of the second.

    Raises ValueError unless 0 < clarify <= answer <= 1 and 0 <= margin < 1.
    """

    answer: float = 0.84
    clarify: float = 0.08
    margin: float = 0.1

    def __post_init__(self) -> None:
        if not 0.0 < self.clarify <= self.answer <= 1.0:
            raise ValueError("thresholds must be 0 < clarify <= answer <= 1")
        if not 0.0 <= self.margin < 1.0:
            raise ValueError("margin must be at least 0 and below 1")


@dataclass(frozen=True, slots=True)
class Answer:
    """This entry answers it."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Clarify:
    """One of these may be meant: ask which. Best first, at most three."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """The knowledge does not speak of it."""


Decision = Answer | Clarify | Nothing


def decide(candidates: Sequence[Candidate], thresholds: Thresholds) -> Decision:
    """Deterministic. A question asked literally is answered, whatever else is near; a near tie never is."""
    ranked = sorted(candidates, key=lambda candidate: -candidate.score)
    if not ranked or ranked[0].score < thresholds.clarify:
        return Nothing()
    best = ranked[0]
    second = ranked[1].score if len(ranked) > 1 else 0.0
    literal = best.score >= 1.0 > second
    if literal or (best.score >= thresholds.answer and best.score - second >= thresholds.margin):
        return Answer(best)
    return Clarify((best, *(other for other in ranked[1:MOST_OPTIONS] if other.score >= WORTH_OFFERING)))
