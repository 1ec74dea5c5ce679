"""When a business's system is posted to again: soon at first, never too often, and not for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from yizhan.routing.attending.webhooks.backoff import LONGEST_FAILING, LONGEST_PAUSE, Answer, Failures, judge

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_what_was_taken(status: int) -> None:
    assert judge(Answer(status), Failures(7, NOON), NOON, 0.5) is None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(500), "status_500"),
        (Answer(301), "status_301"),
        (Answer(199), "status_199"),
        (Answer(400), "status_400"),
        (Answer(429), "status_429"),
        (Answer(problem="timeout"), "timeout"),
        (Answer(problem="url_private"), "url_private"),
    ],
)
def test_everything_else_is_tried_again_and_named(answer: Answer, problem: str) -> None:
    failed = judge(answer, Failures(), NOON, 1.0)
    assert failed is not None
    assert (failed.problem, failed.tries, failed.since, failed.next_try_at) == (problem, 1, NOON, NOON + SECOND)


def test_gone_is_final_whatever_was_before() -> None:
    failed = judge(Answer(410), Failures(), NOON, 0.5)
    assert failed is not None
    assert (failed.problem, failed.next_try_at) == ("gone", None)


@pytest.mark.parametrize(
    ("tries", "least", "most"),
    [(0, 0.5, 1.0), (1, 1.0, 2.0), (2, 2.0, 4.0), (5, 16.0, 32.0), (6, 30.0, 60.0), (4_000, 30.0, 60.0)],
)
def test_pauses_grow_to_a_minute_and_are_spread(tries: int, least: float, most: float) -> None:
    for chance, seconds in ((0.0, least), (1.0, most)):
        failed = judge(Answer(500), Failures(tries, NOON), NOON, chance)
        assert failed is not None
        assert failed.next_try_at == NOON + seconds * SECOND


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        pytest.param(5 * SECOND, 5 * SECOND, id="more than ours"),
        pytest.param(SECOND / 10, SECOND, id="less than ours"),
        pytest.param(timedelta(days=1), LONGEST_PAUSE, id="more than anybody gets"),
    ],
)
def test_a_receiver_may_ask_for_time(asked: timedelta, pause: timedelta) -> None:
    failed = judge(Answer(503, retry_after=asked), Failures(), NOON, 1.0)
    assert failed is not None
    assert failed.next_try_at == NOON + pause


def test_after_days_it_is_given_up() -> None:
    before = Failures(4_000, NOON)
    nearly = judge(Answer(500), before, NOON + LONGEST_FAILING - SECOND, 0.5)
    assert nearly is not None
    assert nearly.next_try_at is not None
    over = judge(Answer(500), before, NOON + LONGEST_FAILING, 0.5)
    assert over is not None
    assert (over.problem, over.next_try_at, over.since) == ("gave_up", None, NOON)
    assert judge(Answer(204), before, NOON + LONGEST_FAILING, 0.5) is None, "a success counts at any time"
