"""The days off and the make-up workdays of China, day by day, as the State Council announced them for 2025 and 2026."""

from datetime import date, timedelta

import pytest

from tests.unit.contract.calendars.weeks import SHOP, WORK, hours
from yizhan.contract.arrangements import resolve
from yizhan.contract.calendar_plan import CalendarPlan

WEEKEND = (5, 6)

ANNOUNCED_OFF = {
    2025: [
        ("元旦", "01-01", "01-01"),
        ("春节", "01-28", "02-04"),
        ("清明节", "04-04", "04-06"),
        ("劳动节", "05-01", "05-05"),
        ("端午节", "05-31", "06-02"),
        ("国庆节、中秋节", "10-01", "10-08"),
    ],
    2026: [
        ("元旦", "01-01", "01-03"),
        ("春节", "02-15", "02-23"),
        ("清明节", "04-04", "04-06"),
        ("劳动节", "05-01", "05-05"),
        ("端午节", "06-19", "06-21"),
        ("中秋节", "09-25", "09-27"),
        ("国庆节", "10-01", "10-07"),
    ],
}
ANNOUNCED_WORKED = {
    2025: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}


def days_off(year: int) -> set[date]:
    found: set[date] = set()
    for _, first, last in ANNOUNCED_OFF[year]:
        begin, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
        found |= {begin + timedelta(days=number) for number in range((end - begin).days + 1)}
    return found


def days_worked(year: int) -> set[date]:
    return {date.fromisoformat(f"{year}-{day}") for day in ANNOUNCED_WORKED[year]}


def every_day(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", [2025, 2026])
def test_an_office_works_on_weekdays_but_for_the_breaks_and_on_the_make_up_days(year: int) -> None:
    calendar = resolve(SHOP, (), date(year, 1, 1), date(year, 12, 31))
    off, worked = days_off(year), days_worked(year)
    for day in every_day(year):
        expected = day in worked or (day.weekday() not in WEEKEND and day not in off)
        assert calendar.spans(day) == (WORK if expected else ()), day


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_shop_that_is_open_at_weekends_is_closed_through_the_whole_break(year: int) -> None:
    """The Saturday and Sunday in the middle of 春节 are off like the days around them."""
    seven_days = CalendarPlan("shop", "Asia/Shanghai", (WORK,) * 7, "CN")
    calendar = resolve(seven_days, (), date(year, 1, 1), date(year, 12, 31))
    assert {day for day in every_day(year) if not calendar.spans(day)} == days_off(year)


@pytest.mark.parametrize(
    ("day", "stands_for"),
    [
        pytest.param(date(2025, 1, 26), 0, id="the Sunday for 3 February, a Monday"),
        pytest.param(date(2025, 2, 8), 1, id="the Saturday for 4 February, a Tuesday"),
        pytest.param(date(2025, 10, 11), 2, id="the Saturday for 8 October, a Wednesday"),
        pytest.param(date(2026, 1, 4), 4, id="the Sunday for 2 January, a Friday"),
    ],
)
def test_a_make_up_day_has_the_hours_of_the_weekday_it_stands_for(day: date, stands_for: int) -> None:
    each_its_own = (*(hours(f"0{number + 1}:00-18:00") for number in range(5)), (), ())
    plan = CalendarPlan("uneven", "Asia/Shanghai", each_its_own, "CN")
    assert resolve(plan, (), day, day).spans(day) == each_its_own[stands_for]


def test_a_make_up_day_has_the_hours_that_are_stated_for_make_up_days() -> None:
    short = hours("10:00-15:00")
    plan = CalendarPlan("short", "Asia/Shanghai", SHOP.week, "CN", short)
    calendar = resolve(plan, (), date(2026, 10, 1), date(2026, 10, 31))
    assert calendar.spans(date(2026, 10, 10)) == short
    assert calendar.spans(date(2026, 10, 9)) == WORK


def test_make_up_days_may_be_none_of_a_business_that_does_not_work_them() -> None:
    plan = CalendarPlan("never on Saturdays", "Asia/Shanghai", SHOP.week, "CN", ())
    assert resolve(plan, (), date(2026, 10, 1), date(2026, 10, 31)).spans(date(2026, 10, 10)) == ()
