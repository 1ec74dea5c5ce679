"""Answer when sure, ask back when several may be meant, and say nothing that nobody asked."""

import pytest

from yizhan.dialogue.knowledge.decide import Answer, Clarify, Decision, Nothing, Thresholds, decide
from yizhan.dialogue.knowledge.matcher import Candidate

THRESHOLDS = Thresholds(answer=0.8, clarify=0.2, margin=0.1)


def found(**scores: float) -> list[Candidate]:
    return [Candidate(entry, score, entry) for entry, score in scores.items()]


def said(decision: Decision) -> str:
    match decision:
        case Answer(candidate):
            return f"answer {candidate.entry_id}"
        case Clarify(candidates):
            return "clarify " + " ".join(candidate.entry_id for candidate in candidates)
        case _:
            return "nothing"


CASES = [
    ("nothing was found", {}, "nothing"),
    ("the best is too weak", {"a": 0.19}, "nothing"),
    ("exactly at the lower threshold", {"a": 0.2}, "clarify a"),
    ("in between", {"a": 0.79, "b": 0.1}, "clarify a b"),
    ("exactly at the upper threshold", {"a": 0.8, "b": 0.1}, "answer a"),
    ("sure, and nothing near", {"a": 0.95}, "answer a"),
    ("sure of two different entries", {"a": 0.95, "b": 0.9}, "clarify a b"),
    ("sure, but not far enough ahead", {"a": 0.9, "b": 0.81}, "clarify a b"),
    ("asked literally, though another is near", {"a": 1.0, "b": 0.99}, "answer a"),
    ("literally the phrasing of two entries", {"a": 1.0, "b": 1.0}, "clarify a b"),
    ("many may be meant", {"a": 0.7, "b": 0.6, "c": 0.5, "d": 0.4}, "clarify a b c"),
    ("not in order", {"b": 0.3, "a": 0.9}, "answer a"),
]


@pytest.mark.parametrize(("scores", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_done_with_what_was_found(scores: dict[str, float], expected: str) -> None:
    assert said(decide(found(**scores), THRESHOLDS)) == expected


def test_nothing_is_a_decision_of_its_own() -> None:
    assert decide([], Thresholds()) == Nothing()


@pytest.mark.parametrize(
    "wrong",
    [{"answer": 0.3, "clarify": 0.4}, {"clarify": 0.0}, {"answer": 1.1}, {"margin": -0.1}, {"margin": 1.0}],
)
def test_thresholds_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Thresholds(**wrong)
