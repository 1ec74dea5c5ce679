"""The threshold that keeps a promise, and the one from which on asking back is worth it."""

import pytest

from yizhan.dialogue.knowledge.index.calibration import (
    FEWEST,
    NOT_BELOW,
    WITHOUT_EVIDENCE,
    Believed,
    Point,
    asking_threshold,
    curve,
    sampled,
    threshold,
    unproven,
)


def rows(*beliefs: tuple[float, bool], in_scope: bool = True, times: int = 1) -> list[Believed]:
    """Each of them a little less sure than the one before, so that every one is a point of its own."""
    return [Believed(belief - 1e-6 * turn, right, in_scope) for belief, right in beliefs for turn in range(times)]


def test_the_curve_counts_answers_from_the_surest_on() -> None:
    believed = [
        Believed(0.9, right=True, in_scope=True),
        Believed(0.8, right=False, in_scope=True),
        Believed(0.7, right=False, in_scope=False),
        Believed(0.6, right=True, in_scope=True),
    ]
    points = curve(believed)
    assert [point.threshold for point in points] == [0.9, 0.8, 0.7, 0.6]
    assert [point.coverage for point in points] == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1.0])
    assert [point.precision for point in points] == pytest.approx([1.0, 1 / 2, 1 / 3, 1 / 2])


def test_equal_beliefs_are_answered_together_whatever_their_order() -> None:
    one, other = Believed(0.5, right=True, in_scope=True), Believed(0.5, right=False, in_scope=True)
    assert curve([one, other]) == curve([other, one]) == [Point(0.5, 1.0, 0.5)]


def test_weights_count_as_so_many_questions() -> None:
    believed = [
        Believed(0.9, right=True, in_scope=True),
        Believed(0.8, right=False, in_scope=False, weight=3.0),
    ]
    assert curve(believed)[-1] == Point(0.8, 1.0, 0.25)


def test_nothing_in_scope_covers_nothing_and_nothing_at_all_has_no_curve() -> None:
    assert curve([Believed(0.9, right=False, in_scope=False)]) == [Point(0.9, 0.0, 0.0)]
    assert curve([]) == []


@pytest.mark.parametrize(
    ("believed", "precision", "expected"),
    [
        (rows((0.9, True), (0.8, True), (0.7, False), (0.6, True), times=30), 0.999, 0.8),
        (rows((0.4, True), (0.3, True), (0.2, False), (0.1, True), times=30), 0.75, 0.1),
        (rows((0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.5, True), times=30), 0.8, 0.5),
        (rows((0.8, True), times=30), 0.95, 0.8),
        (rows((0.9, True), times=30), 0.95, 0.85),
    ],
    ids=[
        "all must be right",
        "some may be wrong",
        "right again further down",
        "just enough answers",
        "no more than others need",
    ],
)
def test_the_lowest_threshold_with_the_wanted_precision_is_found(
    believed: list[Believed], precision: float, expected: float
) -> None:
    assert threshold(believed, precision) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "believed",
    [
        [],
        rows((0.9, True), times=FEWEST - 1),
        rows((0.9, False), (0.8, True), times=40),
        rows((0.9, True), times=10) + rows((0.85, False), times=40),
    ],
    ids=["nothing asked", "too few answers to prove anything", "the surest are wrong", "right only while too few"],
)
def test_without_proof_the_threshold_is_what_other_releases_needed(believed: list[Believed]) -> None:
    assert threshold(believed, 0.95) == unproven(0.95) == pytest.approx(0.85)


def test_the_threshold_does_not_depend_on_the_order_of_questions() -> None:
    believed = rows((0.9, True), (0.8, True), (0.7, False), (0.6, True), times=20)
    assert threshold(believed, 0.9) == threshold(believed[::-1], 0.9)


def test_a_greater_promise_needs_a_higher_threshold() -> None:
    promises = (0.5, 0.8, 0.9, 0.95, 0.98, 0.999)
    assert [unproven(promise) for promise in promises] == sorted(unproven(promise) for promise in promises)
    assert all(0.0 < unproven(promise) < 1.0 for promise in promises)


def offered(belief: float, count: int, *, found: bool) -> list[Believed]:
    return [Believed(belief - 1e-6 * turn, right=False, in_scope=found, offered=found) for turn in range(count)]


@pytest.mark.parametrize(
    ("believed", "expected"),
    [
        (offered(0.6, 30, found=True) + offered(0.3, 30, found=True) + offered(0.1, 40, found=False), 0.1),
        (offered(0.6, 30, found=True) + offered(0.3, 60, found=False), 0.3),
        (offered(0.95, 100, found=False) + offered(0.5, 40, found=True), 0.5),
    ],
    ids=["half of all asked find it", "asking ends where too few find it", "answers are not counted"],
)
def test_asking_back_begins_where_half_of_those_asked_find_their_question(
    believed: list[Believed], expected: float
) -> None:
    assert asking_threshold(believed, 0.9) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    "believed",
    [[], offered(0.6, FEWEST - 1, found=True), offered(0.6, 100, found=False)],
    ids=["nothing asked", "too few to tell", "nobody finds it"],
)
def test_without_evidence_asking_back_begins_where_it_usually_does(believed: list[Believed]) -> None:
    assert asking_threshold(believed, 0.9) == WITHOUT_EVIDENCE


def test_nobody_is_asked_where_nothing_at_all_was_found_nor_above_an_answer() -> None:
    assert asking_threshold([Believed(0.0, right=False, in_scope=True, offered=True)] * 100, 0.9) == WITHOUT_EVIDENCE
    assert asking_threshold([], 0.1) == 0.1


def test_nobody_is_asked_back_about_something_that_has_nothing_to_do_with_the_business() -> None:
    assert asking_threshold(offered(0.05, 60, found=True), 0.9) == NOT_BELOW
    assert asking_threshold(offered(0.3, 60, found=True), 0.9) == pytest.approx(0.3, abs=1e-3)
    assert asking_threshold(offered(0.02, 60, found=True), 0.05) <= 0.05


@pytest.mark.parametrize("count", [0, 1, 2, 39, 40, 41, 1000])
def test_a_long_curve_is_thinned_out_and_keeps_its_ends(count: int) -> None:
    points = [Point(1.0 - place / 1000, place / 1000, 0.9) for place in range(count)]
    few = sampled(points)
    assert len(few) == min(count, 40)
    assert list(few) == sorted(few, key=lambda point: -point.threshold)
    if count:
        assert (few[0], few[-1]) == (points[0], points[-1])
