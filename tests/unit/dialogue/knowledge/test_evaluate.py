"""The figures by which thresholds are chosen are counted as they are defined."""

import pytest

from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.evaluate import Case, Judged, evaluate, judge, summary
from yizhan.dialogue.knowledge.matcher import Candidate, Meaning, NothingKnown

IN = frozenset({"a"})


def judged(expected: frozenset[str], entry: str, score: float, *, answered: bool, offered: tuple[str, ...]) -> Judged:
    return Judged(Case("?", expected), entry, score, answered, offered)


def test_each_share_counts_what_it_says() -> None:
    found = summary(
        [
            judged(IN, "a", 0.9, answered=True, offered=("a",)),
            judged(IN, "b", 0.9, answered=True, offered=("b",)),
            judged(IN, "b", 0.5, answered=False, offered=("b", "a")),
            judged(IN, "a", 0.1, answered=False, offered=()),
            judged(frozenset(), "a", 0.9, answered=True, offered=("a",)),
            judged(frozenset(), "", 0.0, answered=False, offered=()),
        ]
    )
    assert (found.rows, found.in_scope, found.out_of_scope) == (6, 4, 2)
    assert found.accuracy == pytest.approx(2 / 4)
    assert found.coverage == pytest.approx(2 / 4)
    assert found.precision == pytest.approx(1 / 3)
    assert found.helped == pytest.approx(2 / 4)
    assert found.oos_recall == pytest.approx(1 / 2)


def test_nothing_to_judge_is_no_division_by_zero() -> None:
    found = summary([])
    assert (found.accuracy, found.coverage, found.precision, found.helped, found.oos_recall) == (0.0,) * 5
    assert evaluate(NothingKnown(), [Case("在吗", IN)], Thresholds()).coverage == 0.0


class Finds:
    """A matcher that finds these, whatever is asked."""

    def __init__(self, *found: tuple[str, float]) -> None:
        self._found = [Candidate(entry, score, "") for entry, score in found]

    def match(self, question: str, limit: int = 5, meaning: Meaning | None = None) -> list[Candidate]:
        del question, meaning
        return self._found[:limit]


@pytest.mark.parametrize(
    ("found", "answered", "offered", "entry"),
    [
        ([("a", 0.95), ("b", 0.01)], True, ("a",), "a"),
        ([("a", 0.95), ("b", 0.9)], False, ("a", "b"), "a"),
        ([("b", 0.5), ("a", 0.3), ("c", 0.2), ("d", 0.1)], False, ("b", "a", "c"), "b"),
        ([("a", 0.01)], False, (), "a"),
        ([], False, (), ""),
    ],
    ids=["sure", "a near tie", "in between", "hardly anything", "nothing"],
)
def test_a_case_is_judged_by_what_a_customer_would_see(
    found: list[tuple[str, float]], answered: bool, offered: tuple[str, ...], entry: str
) -> None:
    one = judge(Finds(*found), Case("?", IN), Thresholds(0.84, 0.08, 0.1))
    assert (one.answered, one.offered, one.entry_id) == (answered, offered, entry)
    assert one.score == (found[0][1] if found else 0.0)
    assert one.right == (entry == "a")
