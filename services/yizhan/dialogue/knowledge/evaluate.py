"""How good a knowledge is at answering: measured on questions whose right entry is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from yizhan.dialogue.knowledge.decide import Answer, Clarify, Thresholds, decide
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.matcher import Matcher, build


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


def judge(matcher: Matcher, case: Case, thresholds: Thresholds) -> Judged:
    candidates = matcher.match(case.question)
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


def leave_one_out(entries: Sequence[Entry], thresholds: Thresholds) -> Evaluation:
    """Asks every phrasing of a knowledge that does not have it: what a customer with own words would meet.

    One index is built per place of a phrasing in its entry, each without the phrasings at that place.
    """
    judged: list[Judged] = []
    for place in range(max((len(entry.phrasings) for entry in entries), default=0)):
        left_out = [entry for entry in entries if place < len(entry.phrasings) > 1]
        matcher = build([_without(entry, place) for entry in entries])
        judged.extend(
            judge(matcher, Case(entry.phrasings[place], frozenset({entry.id})), thresholds) for entry in left_out
        )
    return summary(judged)


def answer_threshold(judged: Sequence[Judged], precision: float) -> float:
    """The lowest score from which on answers reach ``precision``; 1.0 when none does."""
    right = 0
    threshold = 1.0
    ranked = sorted(judged, key=lambda one: -one.score)
    for count, one in enumerate(ranked, start=1):
        right += one.right
        last_of_its_score = count == len(ranked) or ranked[count].score < one.score
        if last_of_its_score and one.score > 0.0 and right >= precision * count:
            threshold = one.score
    return threshold


def _without(entry: Entry, place: int) -> Entry:
    phrasings = [phrasing for number, phrasing in enumerate(entry.phrasings) if number != place]
    return replace(entry, question=phrasings[0], paraphrases=tuple(phrasings[1:])) if phrasings else entry


def _share(judged: Sequence[Judged], is_so: Callable[[Judged], bool]) -> float:
    return sum(map(is_so, judged)) / len(judged) if judged else 0.0
