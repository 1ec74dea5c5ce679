"""Holidays, make-up days and overrides become one calendar; what is not sure yet is told in time."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import holidays
import pytest

from tests.unit.contract.calendars.weeks import ALL_DAY, CLOSED, SHOP, WORK, hours
from yizhan.contract.arrangements import (
    ARRANGED_DAYS,
    check_country,
    confirmed_until,
    horizon,
    resolve,
    unconfirmed,
)
from yizhan.contract.calendar import CalendarInvalid, Spans
from yizhan.contract.calendar_plan import CalendarPlan, Override
from yizhan.contract.overrides import put_among, usual_hours

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
NATIONAL_DAY = date(2026, 10, 1)
MAKE_UP_SATURDAY = date(2026, 10, 10)
ORDINARY_TUESDAY = date(2026, 11, 24)
SUNDAY = date(2026, 11, 29)

SEVEN_DAYS = replace(SHOP, week=(WORK,) * 7, make_up=ALL_DAY)

NEW_YEAR_2040 = date(2040, 1, 1)
"""A day that nobody will have arranged for a long time."""


def closed(*days: date) -> list[Override]:
    return [Override(day, CLOSED, "as announced") for day in days]


@pytest.mark.parametrize(
    ("day", "decided"),
    [
        pytest.param(NATIONAL_DAY, hours("10:00-16:00"), id="a shift on a public holiday"),
        pytest.param(MAKE_UP_SATURDAY, CLOSED, id="a make-up day that is not worked"),
        pytest.param(MAKE_UP_SATURDAY, hours("09:00-12:00"), id="a make-up day that is half a day"),
        pytest.param(ORDINARY_TUESDAY, CLOSED, id="a stocktaking on a working day"),
        pytest.param(SUNDAY, ALL_DAY, id="a sale on a Sunday"),
        pytest.param(date(2029, 5, 1), WORK, id="a day after all that was resolved"),
    ],
)
def test_what_an_administrator_decides_wins(day: date, decided: Spans) -> None:
    assert resolve(SHOP, [Override(day, decided, "decided")], FIRST, LAST).spans(day) == decided


def test_a_day_decided_twice_is_refused() -> None:
    twice = [Override(SUNDAY, WORK, "sale"), Override(SUNDAY, CLOSED, "no sale")]
    with pytest.raises(CalendarInvalid, match="2026-11-29 is decided twice"):
        resolve(SHOP, twice, FIRST, LAST)
    with pytest.raises(CalendarInvalid, match="twice"):
        put_among([], twice)


def test_an_import_replaces_what_was_decided_for_its_days_alone() -> None:
    sale, moved = Override(SUNDAY, WORK, "sale"), Override(SUNDAY, CLOSED, "sale moved")
    early = Override(FIRST, WORK, "first day")
    assert put_among([sale], [moved, early]) == (early, moved)


@pytest.mark.parametrize(
    ("plan", "day", "expected"),
    [
        pytest.param(SHOP, ORDINARY_TUESDAY, WORK, id="a weekday: its hours"),
        pytest.param(SHOP, SUNDAY, WORK, id="a closed Sunday: Monday's"),
        pytest.param(replace(SHOP, make_up=ALL_DAY), SUNDAY, ALL_DAY, id="a closed Sunday: those of make-up days"),
        pytest.param(replace(SHOP, make_up=()), SUNDAY, (), id="a closed Sunday, no make-up days: to be stated"),
    ],
)
def test_what_open_means_without_hours(plan: CalendarPlan, day: date, expected: Spans) -> None:
    assert usual_hours(plan, day) == expected


@pytest.mark.parametrize(
    ("country", "day", "is_open"),
    [
        pytest.param("", NATIONAL_DAY, True, id="no country, no holidays"),
        pytest.param("DE-BY", date(2026, 6, 4), False, id="Corpus Christi in Bavaria"),
        pytest.param("DE-BE", date(2026, 6, 4), True, id="and in Berlin"),
        pytest.param("DE-BY", date(2026, 4, 4), True, id="the Saturday between Good Friday and Easter is a shop's day"),
        pytest.param("US", date(2026, 7, 3), False, id="a holiday observed on the Friday before"),
        pytest.param("HU", date(2026, 8, 8), True, id="a make-up Saturday of another country"),
    ],
)
def test_holidays_of_other_places(country: str, day: date, is_open: bool) -> None:
    plan = CalendarPlan("shop", "Europe/Berlin", (*(WORK,) * 5, WORK, CLOSED), country)
    assert bool(resolve(plan, (), FIRST, LAST).spans(day)) == is_open


@pytest.mark.parametrize("country", ["XX", "cn", "CHN", "DE-", "DE-QQ", "HolidayBase", "中国", "../x", "CN\n"])
def test_a_country_nobody_knows(country: str) -> None:
    with pytest.raises(CalendarInvalid, match="no public holidays are known"):
        check_country(country)
    with pytest.raises(CalendarInvalid, match="no public holidays are known"):
        resolve(replace(SHOP, country=country), (), FIRST, LAST)


def test_a_week_that_is_reckoned_with_changes_its_version_with_its_content_alone() -> None:
    monday, sunday = date(2026, 11, 23), date(2026, 11, 29)
    calendar = resolve(SHOP, (), *horizon(monday))
    changes_nothing = [Override(ORDINARY_TUESDAY, WORK, "as always"), *closed(NATIONAL_DAY)]
    assert resolve(SHOP, changes_nothing, *horizon(sunday)).version == calendar.version
    assert resolve(SHOP, closed(ORDINARY_TUESDAY), *horizon(monday)).version != calendar.version


def test_calendars_reach_into_the_next_year() -> None:
    """A promise given on 31 December runs over the holidays of January."""
    calendar = resolve(SHOP, (), *horizon(date(2025, 12, 31)))
    assert calendar.spans(date(2026, 2, 17)) == CLOSED
    assert calendar.spans(date(2026, 2, 28)) == WORK


@pytest.mark.parametrize("year", range(2001, 2028))
def test_a_day_s_hours_do_not_depend_on_how_much_else_is_resolved(year: int) -> None:
    """The turn of the year is arranged with one year's holidays or the other's, and worked for in either."""
    whole = resolve(SEVEN_DAYS, (), date(2000, 1, 1), date(2028, 12, 31))
    december, january = date(year - 1, 12, 20), date(year, 1, 12)
    turn = [
        *resolve(SEVEN_DAYS, (), december, date(year - 1, 12, 31)).special,
        *resolve(SEVEN_DAYS, (), date(year, 1, 1), january).special,
    ]
    assert turn == [(day, spans) for day, spans in whole.special if december <= day <= january]


# --- confirmed ------------------------------------------------------------------------------------------------------


def run(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("overrides", "doubtful"),
    [
        pytest.param([], run(date(2039, 12, 18), date(2040, 1, 15)), id="nothing is known of New Year yet"),
        pytest.param(closed(NEW_YEAR_2040), [], id="an administrator has typed it in"),
        pytest.param(
            closed(date(2039, 12, 31)),
            [day for day in run(date(2039, 12, 18), date(2040, 1, 15)) if day != date(2039, 12, 31)],
            id="a day beside it alone: the holiday itself is as doubtful as before",
        ),
    ],
)
def test_days_that_an_arrangement_to_come_may_change(overrides: list[Override], doubtful: list[date]) -> None:
    """The last days of December too: in 2018 the next year's arrangement took the 31st and had the 29th worked."""
    asked = date(2039, 11, 23)
    assert list(unconfirmed(SHOP, overrides, asked)) == doubtful
    until = doubtful[0] - timedelta(days=1) if doubtful else date(2040, 1, 21)
    assert confirmed_until(SHOP, overrides, asked, date(2040, 1, 21)) == until


def test_a_year_to_come_throws_its_doubts_into_this_one() -> None:
    doubtful = unconfirmed(SHOP, [], date(2040, 12, 1), 20)
    assert list(doubtful) == [date(2040, 12, 18), date(2040, 12, 19), date(2040, 12, 20)]


def test_half_an_arrangement_leaves_the_other_half_in_doubt() -> None:
    """春节 2040 is from 11 to 14 February: with the first three days typed in, all around the fourth is open still."""
    typed = closed(date(2040, 2, 11), date(2040, 2, 12), date(2040, 2, 13))
    doubtful = unconfirmed(SHOP, typed, date(2040, 2, 1), 45)
    assert doubtful[0] == date(2040, 2, 1)
    assert doubtful[-1] == date(2040, 2, 28)
    assert not {override.day for override in typed} & set(doubtful)
    assert unconfirmed(SHOP, [*typed, *closed(date(2040, 2, 14))], date(2040, 2, 1), 45) == []


def test_when_not_even_today_is_confirmed() -> None:
    assert confirmed_until(SHOP, [], NEW_YEAR_2040, date(2040, 1, 31)) is None


@pytest.mark.parametrize(
    ("plan", "first"),
    [
        pytest.param(SHOP, date(2026, 1, 15), id="an arranged year"),
        pytest.param(SHOP, date(2026, 8, 20), id="an arranged autumn"),
        pytest.param(replace(SHOP, country=""), date(2039, 12, 1), id="no public holidays"),
        pytest.param(replace(SHOP, country="DE"), date(2039, 12, 1), id="holidays that the law settles"),
    ],
)
def test_days_that_are_sure(plan: CalendarPlan, first: date) -> None:
    assert unconfirmed(plan, [], first) == []
    assert confirmed_until(plan, [], first, first + timedelta(days=60)) == first + timedelta(days=60)


@pytest.mark.parametrize("year", range(2001, 2027))
def test_no_arrangement_reached_further_than_is_looked_at(year: int) -> None:
    """Else a day would be called sure and then be changed. The next New Year's Day is a festival to be near, too."""
    statutory = statutory_days([year, year + 1])
    for day in arranged_days(year):
        assert min(abs((day - festival).days) for festival in statutory) <= ARRANGED_DAYS, day


def statutory_days(years: Iterable[int]) -> list[date]:
    library = holidays.country_holidays("CN", years=years, observed=False, language="zh_CN")
    return [day for day, name in library.items() if "调休" not in name]


def arranged_days(year: int) -> list[date]:
    library = holidays.country_holidays("CN", years=year, language="zh_CN")
    return [
        day for day in run(date(year, 1, 1), date(year, 12, 31)) if day in library or day in library.weekend_workdays
    ]
