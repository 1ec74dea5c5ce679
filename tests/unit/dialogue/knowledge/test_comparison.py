"""Publishing refuses a fall: what counts as one, and what does not."""

from dataclasses import replace

import pytest

from yizhan.dialogue.knowledge.comparison import Fall, FallKind, compare, mean_precision
from yizhan.dialogue.knowledge.engine import CurvePoint, Training
from yizhan.dialogue.knowledge.report import (
    Finding,
    FindingKind,
    Outcome,
    QuestionResult,
    ReleaseReport,
    Severity,
    figures,
    report_bytes,
    report_from,
)

R, W, U = Outcome.RIGHT, Outcome.WRONG, Outcome.UNANSWERED


def results(outcomes: str) -> tuple[QuestionResult, ...]:
    """One letter per question: R, W, U; small: nothing may answer it."""
    kinds = {"R": R, "W": W, "U": U}
    return tuple(
        QuestionResult(f"q{number}", "entry" if letter.isupper() else "", "", kinds[letter.upper()], 0.5)
        for number, letter in enumerate(outcomes)
    )


def training(*precisions: float) -> Training:
    """What cross-validation found, by precisions at coverages evenly spread from 0 to 1."""
    last = max(1, len(precisions) - 1)
    points = tuple(CurvePoint(1.0 - n / last, n / last, precision) for n, precision in enumerate(precisions))
    return Training(0.8, 0.1, 0.1, 0.95, 0.5, points)


def report(outcomes: str, trained: Training | None = None, findings: tuple[Finding, ...] = ()) -> ReleaseReport:
    return ReleaseReport(5_000, 20_000, "test-1", trained, results(outcomes), findings, 0, 1.0, 100)


@pytest.mark.parametrize(
    ("before", "after", "falls"),
    [
        pytest.param("RRRR", "RRRR", [], id="the same"),
        pytest.param("RRRU", "RRRR", [], id="better"),
        pytest.param("WUUU", "RRUU", [], id="better, and still not good"),
        pytest.param("RRRR", "RRRU", ["coverage", "q3"], id="one is not answered any more"),
        pytest.param("RRRR", "RRRW", ["precision", "q3"], id="one is answered wrongly now"),
        pytest.param("RRRU", "URRR", ["q0"], id="one was won and another lost"),
        pytest.param("RRRr", "RRRw", ["precision", "q3"], id="what must not be answered is"),
        pytest.param("RRUU", "RRWU", ["precision"], id="what was not answered is answered wrongly"),
        pytest.param("", "", [], id="no test questions"),
    ],
)
def test_falls_on_the_same_test_questions(before: str, after: str, falls: list[str]) -> None:
    found = compare(report(after), "r1", results(before), None).falls
    assert [fall.detail or fall.kind.value for fall in found] == falls


def test_nothing_falls_where_nothing_is_published() -> None:
    assert compare(report("WWW"), "", None, None).falls == ()


@pytest.mark.parametrize(
    ("before", "after", "falls"),
    [
        pytest.param((0.98, 0.9, 0.6), (0.98, 0.9, 0.6), [], id="the same"),
        pytest.param((0.98, 0.9, 0.6), (0.98, 0.89, 0.6), [], id="within what folds differ by"),
        pytest.param((0.98, 0.9, 0.6), (0.98, 0.8, 0.5), [FallKind.VALIDATED], id="less is right"),
        pytest.param((0.98, 0.9, 0.6), (0.99, 0.95, 0.7), [], id="more is right"),
        pytest.param((), (0.5, 0.5), [], id="nothing could be left out before"),
        pytest.param((0.98, 0.9, 0.6), (), [], id="nothing can be left out now"),
    ],
)
def test_falls_by_cross_validation(before: tuple[float, ...], after: tuple[float, ...], falls: list[FallKind]) -> None:
    found = compare(report("", training(*after)), "r1", (), report("", training(*before))).falls
    assert [fall.kind for fall in found] == falls


def test_a_threshold_that_jumps_is_no_fall() -> None:
    """With one entry more the promised precision is first reached at another threshold; the knowledge is the same."""
    before = report("", training(0.98, 0.9, 0.6))
    assert before.training is not None
    jumped = replace(before, training=replace(before.training, answer_threshold=0.95, precision=0.97, coverage=0.05))
    assert compare(jumped, "r1", (), before).falls == ()


@pytest.mark.parametrize(
    ("precisions", "mean"),
    [
        pytest.param((1.0, 1.0), 1.0, id="always right"),
        pytest.param((1.0, 0.5, 0.0), 0.5, id="ever less right"),
        pytest.param((), 0.0, id="nothing"),
    ],
)
def test_mean_precision(precisions: tuple[float, ...], mean: float) -> None:
    assert mean_precision(training(*precisions).curve) == pytest.approx(mean)


def test_few_phrasings_must_fall_far_to_fall() -> None:
    """Of thirty phrasings one more that is not found is three per cent."""
    before, after = report("", training(0.98, 0.9, 0.6)), report("", training(0.95, 0.85, 0.55))
    assert compare(after, "r1", (), before).falls
    small = [replace(one, phrasings=30) for one in (before, after)]
    assert compare(small[1], "r1", (), small[0]).falls == ()


def test_an_error_is_a_fall_also_for_the_first_release_and_a_warning_is_none() -> None:
    error = Finding(FindingKind.SAME_PHRASING, Severity.ERROR, ("a", "b"), "发货")
    warning = Finding(FindingKind.EXPIRED, Severity.WARNING, ("c",), "2026-01-01")
    found = compare(report("", findings=(error, warning)), "", None, None).falls
    assert found == (Fall(FallKind.ERROR, "same_phrasing: a, b: 发货"),)


@pytest.mark.parametrize(
    ("outcomes", "precision", "coverage"),
    [
        pytest.param("RRRW", 0.75, 1.0, id="one wrong"),
        pytest.param("RRUU", 1.0, 0.5, id="half not answered"),
        pytest.param("RRrw", 2 / 3, 1.0, id="an answer where none should be is wrong, and covers nothing"),
        pytest.param("", 1.0, 1.0, id="nothing asked, nothing wrong"),
    ],
)
def test_figures(outcomes: str, precision: float, coverage: float) -> None:
    found = figures(results(outcomes))
    assert found.precision == pytest.approx(precision)
    assert found.coverage == pytest.approx(coverage)


def test_a_report_reads_back_as_it_was() -> None:
    one = report("RW", training(0.9, 0.8), (Finding(FindingKind.EXPIRED, Severity.WARNING, ("c",), "x"),))
    assert report_from(report_bytes(one)) == one
