"""A calendar is a value: written down, read again, told from others by its version; nonsense is refused in words."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from tests.unit.contract.calendars.weeks import ALL_DAY, CLOSED, SHOP_WEEK, WORK, hours
from yizhan.contract.calendar import Calendar, CalendarInvalid, Span, calendar_of
from yizhan.contract.calendar_plan import CalendarPlan, Override

HOLIDAY = date(2026, 10, 1)
SHOP = Calendar("客服", "Asia/Shanghai", SHOP_WEEK, ((HOLIDAY, CLOSED), (date(2026, 10, 10), WORK)))


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        pytest.param(date(2026, 9, 30), WORK, id="a day of the week before all that differ"),
        pytest.param(HOLIDAY, CLOSED, id="a day that differs"),
        pytest.param(date(2026, 10, 2), WORK, id="a day of the week between"),
        pytest.param(date(2026, 10, 10), WORK, id="a Saturday that differs"),
        pytest.param(date(2026, 10, 17), CLOSED, id="a Saturday after"),
    ],
)
def test_the_hours_of_a_day(day: date, spans: tuple[Span, ...]) -> None:
    assert SHOP.spans(day) == spans


days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
cuts = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(sorted)
some_hours = cuts.map(lambda at: tuple(Span(*pair) for pair in zip(at[::2], at[1::2], strict=False)))
calendars = st.builds(
    Calendar,
    st.text(),
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin"]),
    st.tuples(*[some_hours] * 7),
    st.dictionaries(days, some_hours, max_size=4).map(lambda special: tuple(sorted(special.items()))),
)


@given(calendars)
def test_what_is_written_down_is_read_again(calendar: Calendar) -> None:
    again = calendar_of(calendar.to_json())
    assert again == calendar
    assert again.version == calendar.version


@given(calendars, calendars)
def test_the_version_is_the_content_s(one: Calendar, other: Calendar) -> None:
    assert (one.version == other.version) == (one == other)


def test_a_version_is_the_same_for_ever() -> None:
    """Clocks of last year name it; were it reckoned otherwise now, nobody would find what they went by."""
    assert SHOP.version == "8b2db7dc3fd4ef97"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(replace(SHOP, name="售后"), id="name"),
        pytest.param(replace(SHOP, zone="Asia/Hong_Kong"), id="zone, though it shows the same time"),
        pytest.param(
            replace(SHOP, week=(hours("09:00-12:00", "13:00-18:01"), *SHOP_WEEK[1:])), id="a minute of Mondays"
        ),
        pytest.param(replace(SHOP, special=SHOP.special[:1]), id="a day less that differs"),
    ],
)
def test_whatever_changes_has_another_version(changed: Calendar) -> None:
    assert changed.version != SHOP.version


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(-1, 60, id="before the day"),
        pytest.param(0, 1441, id="after the day"),
        pytest.param(60, 60, id="no time at all"),
        pytest.param(1320, 360, id="over midnight"),
    ],
)
def test_hours_that_no_day_has(start: int, end: int) -> None:
    with pytest.raises(CalendarInvalid, match="hours run from 00:00 to 24:00"):
        Span(start, end)


BACKWARDS = (WORK[1], WORK[0])
OVERLAPPING = (Span(540, 720), Span(719, 900))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"week": SHOP_WEEK[:6]}, "a week has seven days, not 6", id="a week of six days"),
        pytest.param(
            {"week": (*SHOP_WEEK[:6], OVERLAPPING)}, "weekday 7: hours come in order", id="hours that overlap"
        ),
        pytest.param({"week": (BACKWARDS, *SHOP_WEEK[1:])}, "weekday 1: hours come in order", id="hours out of order"),
        pytest.param({"special": ((HOLIDAY, OVERLAPPING),)}, "2026-10-01: hours", id="a day whose hours overlap"),
        pytest.param({"special": ((HOLIDAY, ()), (HOLIDAY, ()))}, "not 2026-10-01 after 2026-10-01", id="a day twice"),
        pytest.param(
            {"special": ((HOLIDAY, ()), (HOLIDAY - timedelta(1), ()))}, "not 2026-09-30 after", id="days out of order"
        ),
        pytest.param({"zone": "Asia/Peking"}, "'Asia/Peking' is no time zone", id="a zone there is not"),
        pytest.param({"zone": ""}, "is no time zone", id="no zone"),
        pytest.param({"zone": "America"}, "is no time zone", id="a folder of zones"),
        pytest.param({"zone": "../../etc/passwd"}, "is no time zone", id="a way out"),
        pytest.param({"zone": "localtime"}, "is no time zone", id="whatever this machine has"),
    ],
)
def test_calendars_that_are_none(change: dict[str, object], said: str) -> None:
    with pytest.raises(CalendarInvalid, match=said):
        replace(SHOP, **change)  # type: ignore[arg-type]


def test_hours_may_touch() -> None:
    """Two shifts, and a night that goes on at midnight."""
    assert replace(SHOP, week=((Span(0, 720), Span(720, 1440)),) * 7).spans(date(2026, 10, 2))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("week", None, id="no week"),
        pytest.param("week", [[[540, 720.5]]] * 7, id="half minutes"),
        pytest.param("week", [[[540]]] * 7, id="hours without an end"),
        pytest.param("week", [[["540", "720"]]] * 7, id="numbers as text"),
        pytest.param("week", [[[720, 540]]] * 7, id="hours backwards"),
        pytest.param("special", [["2026-02-30", []]], id="30 February"),
        pytest.param("special", [[20260230, []]], id="a number for a day"),
        pytest.param("zone", "nowhere", id="no zone"),
        pytest.param("colour", "red", id="a field that nobody knows"),
    ],
)
def test_texts_that_are_no_calendar(key: str, value: object) -> None:
    with pytest.raises(CalendarInvalid):
        calendar_of(json.dumps(json.loads(SHOP.to_json()) | {key: value}))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", "日历", "[" * 100_000])
def test_texts_that_are_nothing_at_all(text: str) -> None:
    with pytest.raises(CalendarInvalid, match="not a calendar"):
        calendar_of(text)


def test_plans_and_overrides_are_checked_alike() -> None:
    with pytest.raises(CalendarInvalid, match="no time zone"):
        CalendarPlan("shop", "Asia/Peking", SHOP_WEEK)
    with pytest.raises(CalendarInvalid, match="seven days"):
        CalendarPlan("shop", "Asia/Shanghai", (ALL_DAY,))
    with pytest.raises(CalendarInvalid, match="make-up workdays: hours"):
        CalendarPlan("shop", "Asia/Shanghai", SHOP_WEEK, "CN", OVERLAPPING)
    with pytest.raises(CalendarInvalid, match="2026-10-01: hours"):
        Override(HOLIDAY, BACKWARDS, "shift")
