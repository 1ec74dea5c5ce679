"""Whatever the hours, the zone and the night the clocks change: business time is what counting minutes comes to."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from tests.unit.contract.calendars.oracle import Oracle
from tests.unit.contract.calendars.weeks import SHOP, at, daily, hours
from yizhan.contract import business_time
from yizhan.contract.arrangements import resolve
from yizhan.contract.business_time import NeverCloses, NeverOpen
from yizhan.contract.calendar import Calendar, Span, Spans

TICK = timedelta(microseconds=1)
NIGHTS = {
    "Europe/Berlin": ["2026-03-29 01:00Z", "2026-10-25 01:00Z"],
    "America/New_York": ["2026-03-08 07:00Z", "2026-11-01 06:00Z"],
    "Australia/Lord_Howe": ["2026-04-04 15:00Z", "2026-10-03 15:30Z"],  # half an hour
    "Africa/Cairo": ["2026-04-23 22:00Z", "2026-10-29 21:00Z"],  # at midnight: to 01:00, and back to 23:00
    "Pacific/Apia": ["2011-12-30 10:00Z"],  # a Friday that never was
    "Asia/Shanghai": ["2026-10-01 00:00Z", "2028-02-29 00:00Z"],
    "UTC": ["2027-12-31 12:00Z"],
}
"""Zones, and what happens there in the middle of the days that are tried."""

BEFORE, AFTER = timedelta(days=1), timedelta(days=3)
MINUTES = (BEFORE + AFTER) // timedelta(minutes=1)

edges = st.one_of(st.sampled_from([0, 1440, 540, 60, 120, 150, 180]), st.integers(0, 1440))


@st.composite
def some_hours(draw: st.DrawFn) -> Spans:
    cuts = sorted(draw(st.lists(edges, max_size=6, unique=True)))
    one_after_the_other = [Span(start, end) for start, end in pairwise(cuts)]
    return tuple(one_after_the_other if draw(st.booleans()) else one_after_the_other[::2])


@st.composite
def some_place(draw: st.DrawFn) -> tuple[Calendar, Oracle]:
    """A calendar, and an oracle for the days around a remarkable moment of its zone."""
    zone = draw(st.sampled_from(sorted(NIGHTS)))
    first = at(draw(st.sampled_from(NIGHTS[zone]))) - BEFORE
    special = draw(
        st.dictionaries(st.integers(0, 4).map(lambda n: first.date() + timedelta(n)), some_hours(), max_size=3)
    )
    calendar = Calendar("any", zone, tuple(draw(some_hours()) for _ in range(7)), tuple(sorted(special.items())))
    return calendar, Oracle(calendar, first, MINUTES)


def a_moment(data: st.DataObject, oracle: Oracle) -> datetime:
    """Any moment that the oracle knows, and often one of opening or closing, or the instant before."""
    anywhere = st.integers(0, (oracle.last - oracle.first) // TICK - 1).map(lambda n: oracle.first + n * TICK)
    flips = oracle.flips()
    if not flips:
        return data.draw(anywhere)
    at_edge = st.builds(lambda flip, off: flip - off * TICK, st.sampled_from(flips), st.integers(0, 1))
    return data.draw(st.one_of(anywhere, at_edge))


def agrees(oracle: Oracle, expected: datetime | None, ask: Callable[[], datetime]) -> bool:
    """Whether the answer is the expected one; where the oracle knows none, it lies beyond what the oracle knows."""
    try:
        answer = ask()
    except (NeverOpen, NeverCloses):
        return expected is None
    return answer >= oracle.last if expected is None else answer == expected


@given(some_place())
def test_it_opens_and_closes_when_the_wall_clock_says(place: tuple[Calendar, Oracle]) -> None:
    calendar, oracle = place
    for moment in [oracle.first, *oracle.flips()]:
        for near in (moment, moment + TICK, moment + timedelta(seconds=59)):
            assert business_time.is_open(calendar, near) == oracle.is_open(near)
        if moment > oracle.first:
            assert business_time.is_open(calendar, moment - TICK) == oracle.is_open(moment - TICK)


@given(some_place(), st.data())
def test_next_opening_and_closing(place: tuple[Calendar, Oracle], data: st.DataObject) -> None:
    calendar, oracle = place
    moment = a_moment(data, oracle)
    opens, closes = oracle.next_open(moment), oracle.next_close(moment)
    assert agrees(oracle, opens, lambda: business_time.next_open(calendar, moment))
    assert agrees(oracle, closes, lambda: business_time.next_close(calendar, moment))


@given(some_place(), st.data())
def test_open_time_between_two_moments(place: tuple[Calendar, Oracle], data: st.DataObject) -> None:
    calendar, oracle = place
    start, end = sorted([a_moment(data, oracle), a_moment(data, oracle)])
    assert business_time.between(calendar, start, end) == oracle.count(start, end)
    assert business_time.between(calendar, end, start) == timedelta()


@given(some_place(), st.data())
def test_when_so_much_open_time_has_passed(place: tuple[Calendar, Oracle], data: st.DataObject) -> None:
    """The length often leads exactly to a closing instant, or one tick past it."""
    calendar, oracle = place
    start, end = sorted([a_moment(data, oracle), a_moment(data, oracle)])
    length = oracle.count(start, end) + data.draw(st.integers(0, 1)) * TICK
    expected = oracle.walk(start, length)
    assert agrees(oracle, expected, lambda: business_time.add(calendar, start, length))


@given(some_place(), st.data())
def test_the_quick_oracle_is_the_slow_one(place: tuple[Calendar, Oracle], data: st.DataObject) -> None:
    _, oracle = place
    start, end = sorted([a_moment(data, oracle), a_moment(data, oracle)])
    length = oracle.count(start, end)
    assert oracle.count_fast(start, end) == length
    assert oracle.walk_fast(start, length) == oracle.walk(start, length)


@pytest.mark.parametrize(
    ("zone", "length"),
    [
        pytest.param("Europe/Berlin", timedelta(hours=1100), id="both changes of the clocks within"),
        pytest.param("Australia/Lord_Howe", timedelta(hours=1100), id="by half an hour"),
        pytest.param("Asia/Shanghai", timedelta(hours=1100, microseconds=7), id="a leap day within"),
    ],
)
def test_far_horizons(zone: str, length: timedelta) -> None:
    """A promise of most of a year's open hours."""
    calendar = daily(zone, hours("01:30-02:45", "22:15-24:00"), [(date(2028, 2, 29), hours("00:00-24:00"))])
    start = datetime(2028, 1, 15, 7, 3, 1, tzinfo=UTC)
    oracle = Oracle(calendar, start.replace(second=0), 400 * 1440)
    due = business_time.add(calendar, start, length)
    assert due - start > timedelta(days=300)
    assert due == oracle.walk_fast(start, length)
    assert business_time.between(calendar, start, due) == length


def test_a_month_of_ten_thousand_cases_over_holidays_and_lunch_breaks() -> None:
    """Every promised moment and every figure of the month is the oracle's: 国庆, two make-up workdays, 40 lunches."""
    calendar = resolve(SHOP, (), date(2026, 1, 1), date(2026, 12, 31))
    first = at("2026-09-18 00:00+08:00")
    oracle = Oracle(calendar, first, 75 * 1440)
    chance = random.Random(20261001)
    promises = [timedelta(seconds=10), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=24)]
    late = met = 0
    for _ in range(10_000):
        start = first + timedelta(seconds=chance.randrange(30 * 86400), microseconds=chance.choice([0, 1, 999_999]))
        promised = chance.choice(promises)
        solved = start + timedelta(seconds=chance.expovariate(1 / 86400))
        due = business_time.add(calendar, start, promised)
        taken = business_time.between(calendar, start, solved)
        assert (due, taken) == (oracle.walk_fast(start, promised), oracle.count_fast(start, solved))
        assert (taken <= promised) == (solved <= due or taken == promised)
        late, met = late + (taken > promised), met + (taken <= promised)
    assert min(late, met) > 1000
