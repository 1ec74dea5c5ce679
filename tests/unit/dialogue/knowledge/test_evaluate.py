"""The figures by which thresholds are chosen are counted as they are defined."""

import pytest

from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.evaluate import (
    Case,
    Judged,
    answer_threshold,
    evaluate,
    leave_one_out,
    summary,
)
from yizhan.dialogue.knowledge.matcher import build

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
    assert summary([]).precision == 0.0
    assert evaluate(build([]), [Case("在吗", IN)], Thresholds()).coverage == 0.0


@pytest.mark.parametrize(
    ("scores", "precision", "expected"),
    [
        ([(0.9, True), (0.8, True), (0.7, False), (0.6, True)], 1.0, 0.8),
        ([(0.9, True), (0.8, True), (0.7, False), (0.6, True)], 0.75, 0.6),
        ([(0.9, False), (0.8, True)], 0.9, 1.0),
        ([(0.9, True), (0.9, False), (0.5, True)], 0.9, 1.0),
        ([(0.0, True)], 0.9, 1.0),
        ([], 0.9, 1.0),
    ],
)
def test_the_lowest_threshold_with_the_wanted_precision_is_found(
    scores: list[tuple[float, bool]], precision: float, expected: float
) -> None:
    rows = [judged(IN, "a" if right else "b", score, answered=False, offered=()) for score, right in scores]
    assert answer_threshold(rows, precision) == expected


def test_leaving_out_asks_each_phrasing_of_a_knowledge_without_it() -> None:
    entries = [
        Entry("ship", "什么时候发货", ("啥时候发货",), "48小时内。"),
        Entry("fee", "运费多少钱", ("运费是多少",), "8元。"),
        Entry("one", "只有一种问法", (), "好。"),
    ]
    found = leave_one_out(entries, Thresholds())
    assert found.rows == 4
    assert found.accuracy == 1.0
    assert all(one.score < 1.0 for one in found.judged)
