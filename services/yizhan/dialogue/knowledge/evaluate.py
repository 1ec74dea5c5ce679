"""How good a knowledge is at answering: measured on questions whose right entry is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.decide import Answer, Clarify, Thresholds, decide
from yizhan.dialogue.knowledge.matcher import Matcher, Meaning


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the entries that answer it; none when the knowledge should not answer."""

    question: str
    expected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one case. ``score`` and ``entry_id`` are those of the best candidate (0 and empty: none)."""

    case: Case
    entry_id: str
    score: float
    answered: bool
    offered: tuple[str, ...]

    @property
    def right(self) -> bool:
        return self.entry_id in self.case.expected


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Shares are 0 to 1; one over an empty set is 0."""

    rows: int
    in_scope: int
    out_of_scope: int
    accuracy: float
    """Of the in-scope questions, how many have a right entry on top, answered or not."""
    coverage: float
    """Of the in-scope questions, how many were answered."""
    precision: float
    """Of the answers given, how many were right; an answer to an out-of-scope question is wrong."""
    helped: float
    """Of the in-scope questions, how many got the right answer or were offered it."""
    oos_recall: float
    """Of the out-of-scope questions, how many were not answered."""
    judged: tuple[Judged, ...]


def judge(matcher: Matcher, case: Case, thresholds: Thresholds, meaning: Meaning | None = None) -> Judged:
    """``meaning``: the question's vector, where the matcher compares by it and the thresholds are for it."""
    candidates = matcher.match(case.question, meaning=meaning)
    best = candidates[0] if candidates else None
    decision = decide(candidates, thresholds)
    offered: tuple[str, ...] = ()
    if isinstance(decision, Answer):
        offered = (decision.candidate.entry_id,)
    elif isinstance(decision, Clarify):
        offered = tuple(option.entry_id for option in decision.candidates)
    answered = isinstance(decision, Answer)
    return Judged(case, best.entry_id if best else "", best.score if best else 0.0, answered, offered)


def evaluate(matcher: Matcher, cases: Sequence[Case], thresholds: Thresholds) -> Evaluation:
    return summary([judge(matcher, case, thresholds) for case in cases])


def summary(judged: Sequence[Judged]) -> Evaluation:
    inside = [one for one in judged if one.case.expected]
    outside = [one for one in judged if not one.case.expected]
    answered = [one for one in judged if one.answered]
    return Evaluation(
        rows=len(judged),
        in_scope=len(inside),
        out_of_scope=len(outside),
        accuracy=_share(inside, lambda one: one.right),
        coverage=_share(inside, lambda one: one.answered),
        precision=_share(answered, lambda one: one.right),
        helped=_share(inside, lambda one: not one.case.expected.isdisjoint(one.offered)),
        oos_recall=_share(outside, lambda one: not one.answered),
        judged=tuple(judged),
    )


def _share(judged: Sequence[Judged], is_so: Callable[[Judged], bool]) -> float:
    return sum(map(is_so, judged)) / len(judged) if judged else 0.0
