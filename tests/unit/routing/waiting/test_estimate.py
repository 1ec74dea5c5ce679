"""What a waiting customer is told, and when it is better to tell nothing."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from yizhan.routing.waiting.estimate import Interval, Unreliable, estimate, estimates, rounded, unreliable
from yizhan.routing.waiting.flow import NEVER, Flow, Handled


def conversations(count: int, took: float, spread: float = 0.3, seed: int = 1) -> tuple[Handled, ...]:
    chance = random.Random(seed)
    return tuple(Handled(took * chance.uniform(1 - spread, 1 + spread), 20.0 * number) for number in range(count))


STEADY = Flow(slots=4, running=(20.0, 60.0, 100.0, 140.0), handled=conversations(60, 240.0))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param({}, None, id="a steady queue"),
        pytest.param({"slots": 0}, Unreliable.NOBODY_THERE, id="nobody is there"),
        pytest.param({"handled": conversations(19, 240.0)}, Unreliable.FEW_DATA, id="the day has only begun"),
        pytest.param({"handled": ()}, Unreliable.FEW_DATA, id="the first day of all"),
        pytest.param({"staff_changed_ago": 0.0}, Unreliable.STAFF_CHANGED, id="somebody leaves this moment"),
        pytest.param({"staff_changed_ago": 299.0}, Unreliable.STAFF_CHANGED, id="somebody left just now"),
        pytest.param({"staff_changed_ago": 300.0}, None, id="somebody left a while ago"),
        pytest.param(
            {
                "handled": (
                    *conversations(30, 240.0)[:15],
                    *(replace(each, took=80.0) for each in conversations(60, 9)[15:]),
                )
            },
            Unreliable.HANDLING_CHANGED,
            id="conversations have become longer",
        ),
        pytest.param({"running": (900.0,) * 4}, Unreliable.HANDLING_CHANGED, id="the running ones do not end"),
        pytest.param(
            {"arrivals": tuple(float(n) for n in range(120)), "waiting": 40},
            Unreliable.BACKLOG_GROWS,
            id="many more come than are served",
        ),
        pytest.param(
            {"arrivals": tuple(float(n) for n in range(120)), "waiting": 4}, None, id="a crowd that is served yet"
        ),
    ],
)
def test_when_nothing_is_told(change: dict[str, object], why: Unreliable | None) -> None:
    flow = replace(STEADY, **change)  # type: ignore[arg-type]
    assert unreliable(flow) == why
    assert (estimate(1, flow) is None) == (why is not None)


def test_further_back_waits_longer() -> None:
    told = [each for each in estimates(12, STEADY) if each]
    assert len(told) == 12
    assert all(before.low <= after.low and before.high <= after.high for before, after in pairwise(told))
    assert told[0].high < told[-1].low


def test_a_wait_that_is_certain_has_a_narrow_interval() -> None:
    flow = Flow(1, (100.0,), conversations(60, 240.0, spread=0.02))
    assert estimate(1, flow) == Interval(120, 150)
    assert estimate(2, flow) == Interval(360, 420)


def test_with_room_left_nobody_waits_long() -> None:
    assert estimate(1, replace(STEADY, slots=6)) == Interval(0, 10)


def test_when_somebody_left_their_conversations_make_no_room() -> None:
    before, after = estimate(1, STEADY), estimate(1, replace(STEADY, slots=2))
    assert before is not None
    assert after is not None
    assert after.low >= before.high


def test_an_hour_or_more_is_not_told() -> None:
    flow = Flow(1, (100.0,), conversations(60, 240.0))
    told = estimates(40, flow)
    assert told[0] is not None
    assert told[-1] is None


def test_one_who_waits_for_one_agent_with_very_different_conversations_is_told_nothing() -> None:
    chance = random.Random(3)
    flow = Flow(1, (100.0,), tuple(Handled(chance.expovariate(1 / 300), 30.0 * number) for number in range(60)))
    assert unreliable(flow) is None
    assert estimate(1, flow) is None


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param(0.0, 0.0, Interval(0, 10), id="at once"),
        pytest.param(12.0, 41.0, Interval(10, 40), id="within a minute: tens of seconds"),
        pytest.param(12.0, 45.0, Interval(10, 50), id="rather later than sooner"),
        pytest.param(65.0, 171.0, Interval(60, 180), id="within five minutes: half minutes"),
        pytest.param(290.0, 610.0, Interval(300, 600), id="within a quarter of an hour: minutes"),
        pytest.param(1210.0, 1790.0, Interval(1200, 1800), id="later: five minutes"),
        pytest.param(200.0, 201.0, Interval(180, 210), id="never empty, and never beside the truth"),
    ],
)
def test_times_are_told_as_people_say_them(low: float, high: float, expected: Interval) -> None:
    assert rounded(low, high) == expected


@settings(max_examples=60)
@given(
    st.integers(0, 40),
    st.lists(st.floats(0, 1e5), max_size=30),
    st.lists(st.builds(Handled, st.floats(0, 1e4), st.floats(0, 1e4)), max_size=60),
    st.integers(-1, 20),
)
def test_whatever_is_known_the_answer_is_an_interval_or_nothing(
    slots: int, running: list[float], handled: list[Handled], places: int
) -> None:
    flow = Flow(slots, tuple(running), tuple(handled), (), 3, NEVER)
    told = estimates(places, flow)
    assert len(told) == max(places, 0)
    assert told == estimates(places, flow)
    for each in told:
        assert each is None or 0 <= each.low < each.high <= 3900
