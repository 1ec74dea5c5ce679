"""Business time at its edges: a promise given at closing time, over lunch, over a holiday, in the night of the change."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from tests.unit.contract.calendars.weeks import ALL_DAY, CLOSED, SHOP, WORK, at, daily, hours
from yizhan.contract.arrangements import resolve
from yizhan.contract.business_time import (
    LOOK_AHEAD,
    LengthNegative,
    MomentInvalid,
    NeverCloses,
    NeverOpen,
    add,
    between,
    is_open,
    next_close,
    next_open,
    stretches,
)
from yizhan.contract.calendar import Calendar
from yizhan.contract.calendar_plan import Override

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

OFFICE = resolve(SHOP, (), date(2026, 1, 1), date(2026, 12, 31))
"""Shanghai, 9 to 12 and 13 to 18 from Monday to Friday, with the public holidays and make-up workdays of 2026."""

NIGHT_SHIFT = daily("Asia/Shanghai", hours("00:00-06:00", "22:00-24:00"))
ROUND_THE_CLOCK = daily("Europe/Berlin", ALL_DAY)


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        pytest.param("2026-11-24 09:00", HOUR, "2026-11-24 10:00", id="asked at the opening instant"),
        pytest.param("2026-11-24 08:59:59", HOUR, "2026-11-24 10:00", id="asked a second before opening"),
        pytest.param("2026-11-24 03:00", HOUR, "2026-11-24 10:00", id="asked in the night"),
        pytest.param("2026-11-24 18:00", HOUR, "2026-11-25 10:00", id="asked at the closing instant"),
        pytest.param("2026-11-24 17:59:59", HOUR, "2026-11-25 09:59:59", id="asked a second before closing"),
        pytest.param("2026-11-24 17:00", HOUR, "2026-11-24 18:00", id="due exactly at closing: that day, not the next"),
        pytest.param("2026-11-24 11:00", HOUR, "2026-11-24 12:00", id="due exactly when lunch begins"),
        pytest.param("2026-11-24 11:30", HOUR, "2026-11-24 13:30", id="lunch between"),
        pytest.param("2026-11-24 12:00", HOUR, "2026-11-24 14:00", id="asked when lunch begins"),
        pytest.param("2026-11-24 12:30", HOUR, "2026-11-24 14:00", id="asked at lunch"),
        pytest.param("2026-11-24 13:00", HOUR, "2026-11-24 14:00", id="asked when lunch ends"),
        pytest.param("2026-11-24 09:00", 8 * HOUR, "2026-11-24 18:00", id="a whole day's hours"),
        pytest.param("2026-11-24 09:00", 24 * HOUR, "2026-11-26 18:00", id="three days' hours"),
        pytest.param("2026-11-27 17:30", HOUR, "2026-11-30 09:30", id="over the weekend"),
        pytest.param("2026-11-28 12:00", HOUR, "2026-11-30 10:00", id="asked on a Saturday"),
        pytest.param("2026-09-30 17:30", HOUR, "2026-10-08 09:30", id="over 国庆, a Saturday and a Sunday within"),
        pytest.param("2026-10-09 17:30", HOUR, "2026-10-10 09:30", id="into the make-up Saturday after it"),
        pytest.param("2026-09-18 17:30", HOUR, "2026-09-20 09:30", id="Saturday off, make-up Sunday on"),
        pytest.param("2026-02-13 17:30", 9 * HOUR, "2026-02-24 09:30", id="over 春节 with a make-up Saturday before"),
        pytest.param("2026-09-30 17:30", 24 * HOUR, "2026-10-10 17:30", id="the example of docs/calendars.md"),
        pytest.param("2026-11-24 12:30", timedelta(), "2026-11-24 12:30", id="nothing, at lunch: at once"),
        pytest.param("2026-11-24 09:30", timedelta(), "2026-11-24 09:30", id="nothing, at work: at once"),
        pytest.param("2026-11-24 12:30", TICK, "2026-11-24 13:00:00.000001", id="the least there is, at lunch"),
    ],
)
def test_when_a_promise_of_the_office_is_due(start: str, length: timedelta, due: str) -> None:
    assert add(OFFICE, at(f"{start}+08:00"), length) == at(f"{due}+08:00")


def test_a_make_up_day_closed_by_an_override_makes_the_promise_later() -> None:
    """The example of docs/calendars.md, for a customer who asks after it was decided."""
    decided = [Override(date(2026, 10, 10), CLOSED, "stocktaking")]
    calendar = resolve(SHOP, decided, date(2026, 1, 1), date(2026, 12, 31))
    assert add(calendar, at("2026-09-30 17:30+08:00"), 24 * HOUR) == at("2026-10-12 17:30+08:00")


@pytest.mark.parametrize(
    ("calendar", "start", "end", "open_for"),
    [
        pytest.param(
            ROUND_THE_CLOCK, "2026-03-29 00:00+01:00", "2026-03-30 00:00+02:00", 23 * HOUR, id="Berlin, spring"
        ),
        pytest.param(
            ROUND_THE_CLOCK, "2026-10-25 00:00+02:00", "2026-10-26 00:00+01:00", 25 * HOUR, id="Berlin, autumn"
        ),
        pytest.param(
            daily("Australia/Lord_Howe", ALL_DAY),
            "2026-10-04 00:00+10:30",
            "2026-10-05 00:00+11:00",
            23 * HOUR + 30 * MINUTE,
            id="Lord Howe, spring: half an hour",
        ),
        pytest.param(
            daily("America/New_York", hours("01:00-03:00")),
            "2026-11-01 00:00-04:00",
            "2026-11-02 00:00-05:00",
            3 * HOUR,
            id="New York, autumn: the hour from one to two is open twice",
        ),
        pytest.param(
            daily("America/New_York", hours("01:00-03:00")),
            "2026-03-08 00:00-05:00",
            "2026-03-09 00:00-04:00",
            HOUR,
            id="New York, spring: the hour from two to three is never",
        ),
        pytest.param(
            daily("Europe/Berlin", hours("02:15-02:45")),
            "2026-03-29 00:00+01:00",
            "2026-03-30 00:00+02:00",
            timedelta(),
            id="hours that are skipped altogether",
        ),
        pytest.param(
            daily("Europe/Berlin", hours("01:00-02:30")),
            "2026-10-25 00:00+02:00",
            "2026-10-26 00:00+01:00",
            2 * HOUR,
            id="hours that end in what is shown twice: open, closed, and open again",
        ),
        pytest.param(
            daily("Asia/Shanghai", hours("09:00-18:00")),
            "2028-02-28 17:00+08:00",
            "2028-03-01 10:00+08:00",
            11 * HOUR,
            id="a leap day between",
        ),
        pytest.param(NIGHT_SHIFT, "2026-11-24 21:00+08:00", "2026-11-25 07:00+08:00", 8 * HOUR, id="one night's shift"),
        pytest.param(
            OFFICE, "2026-11-24 18:00+08:00", "2026-11-25 09:00+08:00", timedelta(), id="from closing to opening"
        ),
        pytest.param(
            OFFICE, "2026-11-24 12:00+08:00", "2026-11-24 11:00+08:00", timedelta(), id="an end before the start"
        ),
    ],
)
def test_how_long_it_was_open(calendar: Calendar, start: str, end: str, open_for: timedelta) -> None:
    assert between(calendar, at(start), at(end)) == open_for


@pytest.mark.parametrize(
    ("calendar", "moment", "opens", "closes"),
    [
        pytest.param(OFFICE, "2026-11-24 08:00", "2026-11-24 09:00", "2026-11-24 12:00", id="before work"),
        pytest.param(OFFICE, "2026-11-24 09:00", "2026-11-24 09:00", "2026-11-24 12:00", id="at the opening instant"),
        pytest.param(OFFICE, "2026-11-24 10:00", "2026-11-24 10:00", "2026-11-24 12:00", id="at work"),
        pytest.param(OFFICE, "2026-11-24 12:00", "2026-11-24 13:00", "2026-11-24 18:00", id="at the closing instant"),
        pytest.param(OFFICE, "2026-09-30 18:00", "2026-10-08 09:00", "2026-10-08 12:00", id="on the eve of 国庆"),
        pytest.param(NIGHT_SHIFT, "2026-11-24 23:00", "2026-11-24 23:00", "2026-11-25 06:00", id="a night shift"),
        pytest.param(NIGHT_SHIFT, "2026-11-25 00:00", "2026-11-25 00:00", "2026-11-25 06:00", id="its midnight"),
    ],
)
def test_the_next_opening_and_the_next_closing(calendar: Calendar, moment: str, opens: str, closes: str) -> None:
    asked = at(f"{moment}+08:00")
    assert (next_open(calendar, asked), next_close(calendar, asked)) == (at(f"{opens}+08:00"), at(f"{closes}+08:00"))


ONCE = Calendar("once", "UTC", (CLOSED,) * 7, ((date(2026, 11, 25), hours("09:00-10:00")),))
"""Open for one hour of one day, and never again."""


def test_the_last_hour_of_all_ends() -> None:
    """A business that is about to shut down for good still has its promises of that day."""
    start = at("2026-11-24 00:00Z")
    assert add(ONCE, start, HOUR) == next_close(ONCE, start) == at("2026-11-25 10:00Z")
    with pytest.raises(NeverOpen):
        add(ONCE, start, HOUR + TICK)
    with pytest.raises(NeverOpen):
        next_open(ONCE, at("2026-11-25 10:00Z"))


@pytest.mark.parametrize("ask", [next_open, next_close, lambda calendar, start: add(calendar, start, TICK)])
def test_a_calendar_that_never_opens_is_told_and_not_waited_for(ask: Callable[[Calendar, datetime], object]) -> None:
    never = daily("Asia/Shanghai", CLOSED, [(date(2026, 11, 20), WORK)])
    with pytest.raises(NeverOpen):
        ask(never, at("2026-11-24 00:00Z"))


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        pytest.param(date(2028, 11, 23), True, id="the last day that is looked at"),
        pytest.param(date(2028, 11, 25), False, id="the first one beyond"),
    ],
)
def test_how_far_ahead_an_opening_is_looked_for(day: date, opens: bool) -> None:
    calendar = Calendar("far", "UTC", (CLOSED,) * 7, ((day, ALL_DAY),))
    start = at("2026-11-24 00:00Z")
    if opens:
        assert next_open(calendar, start) - start < LOOK_AHEAD
    else:
        with pytest.raises(NeverOpen):
            next_open(calendar, start)


def test_a_calendar_that_never_closes() -> None:
    with pytest.raises(NeverCloses):
        next_close(ROUND_THE_CLOCK, at("2026-11-24 00:00Z"))


def test_a_length_that_no_time_suffices_for() -> None:
    """One minute a week: a promise of years of open time ends in an answer, and not in an overflow."""
    rarely = Calendar("rarely", "UTC", (hours("00:00-00:01"), *(CLOSED,) * 6), ())
    with pytest.raises(NeverOpen):
        add(rarely, at("2990-11-24 00:00Z"), timedelta.max)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(2026, 11, 24), id="without a zone"),  # noqa: DTZ001
        pytest.param(at("1969-12-31 23:59Z"), id="before there were clocks here"),
        pytest.param(at("3000-01-01 00:00Z"), id="a thousand years on"),
    ],
)
def test_moments_that_nothing_is_said_of(moment: datetime) -> None:
    noon = at("2026-11-24 12:00Z")
    asks: list[Callable[[], object]] = [
        lambda: is_open(OFFICE, moment),
        lambda: next_open(OFFICE, moment),
        lambda: next_close(OFFICE, moment),
        lambda: add(OFFICE, moment, HOUR),
        lambda: between(OFFICE, moment, noon),
        lambda: between(OFFICE, noon, moment),
        lambda: stretches(OFFICE, noon, moment),
    ]
    for ask in asks:
        with pytest.raises(MomentInvalid):
            ask()


def test_no_length_below_nothing() -> None:
    with pytest.raises(LengthNegative):
        add(OFFICE, at("2026-11-24 12:00Z"), -TICK)


def test_another_zone_s_moments_are_the_same_moments() -> None:
    due = add(OFFICE, datetime.fromisoformat("2026-11-24T09:30:00+08:00"), HOUR)
    assert due.isoformat() == "2026-11-24T02:30:00+00:00"


# --- algebra: what holds of all lengths and moments ------------------------------------------------------------------

BERLIN = daily("Europe/Berlin", hours("00:00-02:30", "02:45-12:00", "13:00-24:00"))
CALENDARS = st.sampled_from([OFFICE, NIGHT_SHIFT, ROUND_THE_CLOCK, BERLIN])
MOMENTS = st.one_of(
    st.timedeltas(timedelta(), timedelta(days=365)).map(lambda since: at("2026-01-01 00:00Z") + since),
    st.sampled_from([1, 4, 5, 10, 12]).map(
        lambda hour: at(f"2026-11-24 {hour:02}:00Z")
    ),  # when OFFICE opens and closes
)
LENGTHS = st.one_of(st.timedeltas(timedelta(), timedelta(days=20)), st.integers(0, 400).map(lambda n: n * HOUR / 2))


@given(CALENDARS, MOMENTS, LENGTHS)
def test_what_was_added_has_passed_and_not_a_tick_before(
    calendar: Calendar, start: datetime, length: timedelta
) -> None:
    due = add(calendar, start, length)
    assert between(calendar, start, due) == length
    if due > start:
        assert between(calendar, start, due - TICK) < length


@given(CALENDARS, MOMENTS, LENGTHS, LENGTHS)
def test_a_longer_promise_is_due_later(calendar: Calendar, start: datetime, one: timedelta, other: timedelta) -> None:
    assert (one < other) == (add(calendar, start, one) < add(calendar, start, other))


@given(CALENDARS, MOMENTS, MOMENTS, LENGTHS)
def test_who_asks_later_is_not_promised_earlier(
    calendar: Calendar, one: datetime, other: datetime, length: timedelta
) -> None:
    first, second = sorted([one, other])
    assert add(calendar, first, length) <= add(calendar, second, length)


@given(CALENDARS, MOMENTS, LENGTHS, LENGTHS)
def test_one_after_the_other_is_both_at_once(
    calendar: Calendar, start: datetime, one: timedelta, other: timedelta
) -> None:
    """A clock that is paused at a closing instant and goes on in the morning has lost nothing."""
    if other:
        assert add(calendar, add(calendar, start, one), other) == add(calendar, start, one + other)


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_open_time_adds_up(calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
    start, middle, end = sorted([one, two, three])
    assert between(calendar, start, middle) + between(calendar, middle, end) == between(calendar, start, end)


@given(CALENDARS, MOMENTS, LENGTHS)
def test_a_start_outside_the_hours_is_a_start_at_the_next_opening(
    calendar: Calendar, start: datetime, length: timedelta
) -> None:
    """A clock that jumps to the opening instant and then does not count from it never ends."""
    if length:
        assert add(calendar, start, length) == add(calendar, next_open(calendar, start), length)


@given(CALENDARS, MOMENTS, MOMENTS)
def test_every_piece_is_open_and_everything_else_is_not(calendar: Calendar, one: datetime, other: datetime) -> None:
    start, end = sorted([one, min(other, one + timedelta(days=30))])
    now = start
    for piece in stretches(calendar, start, end):
        assert is_open(calendar, piece.opens)
        assert is_open(calendar, piece.closes - TICK)
        if now < piece.opens:
            assert not is_open(calendar, now)
            assert not is_open(calendar, piece.opens - TICK)
        now = piece.closes
    assert now <= end
    if now < end:
        assert not is_open(calendar, end - TICK)
