"""When somebody can be promised a call, and which times are the nearest when nobody can."""

from datetime import UTC, date, datetime, timedelta

import pytest

from yizhan.contract.arrangements import resolve
from yizhan.contract.calendar import Calendar
from yizhan.contract.file import parse_contract
from yizhan.routing.callbacks.times import Nearest, Promise, Reach, checked, soonest

OFFICE = """
contract: office
calendars:
  desk:
    hours: {mon-fri: ["09:00-12:00", "13:30-18:00"]}
    holidays: CN
"""
LEAD, LATEST = timedelta(minutes=10), timedelta(days=14)


def office() -> Calendar:
    plan = parse_contract(OFFICE).calendar("desk")
    return resolve(plan, [], date(2026, 1, 1), date(2027, 12, 31))


REACH = Reach(office(), LEAD, LATEST)


def local(text: str) -> datetime:
    """By the wall clock of Shanghai: 11-23T10:00, a Monday."""
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


NOW = local("11-23T10:00")


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("11-23T10:00", "11-23T10:10"),
        ("11-23T10:01", "11-23T10:15"),
        ("11-23T11:55", "11-23T13:30"),
        ("11-23T17:50", "11-24T09:00"),
        ("11-23T08:00", "11-23T09:00"),
        ("11-27T20:00", "11-30T09:00"),
        ("09-30T20:00", "10-08T09:00"),
    ],
    ids=[
        "at work: the lead",
        "a round time",
        "lunch",
        "a lead that ends at closing",
        "early",
        "a weekend",
        "the national holidays",
    ],
)
def test_the_soonest_time(now: str, first: str) -> None:
    assert soonest(REACH, local(now)) == local(first)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("11-23T15:00", Promise(local("11-23T15:00"))),
        ("11-23T10:10", Promise(local("11-23T10:10"))),
        ("11-23T10:08", Promise(local("11-23T10:08"))),
        ("11-23T10:05", Nearest("too_soon", (local("11-23T10:10"),))),
        ("11-22T15:00", Nearest("too_soon", (local("11-23T10:10"),))),
        ("11-23T12:30", Nearest("closed", (local("11-23T11:30"), local("11-23T13:30")))),
        ("11-23T20:00", Nearest("closed", (local("11-23T17:30"), local("11-24T09:00")))),
        ("11-28T15:00", Nearest("closed", (local("11-27T17:30"), local("11-30T09:00")))),
        ("12-06T11:00", Nearest("closed", (local("12-04T17:30"), local("12-07T09:00")))),
        ("12-07T11:00", Nearest("too_late", (local("12-07T09:30"),))),
    ],
    ids=[
        "at work",
        "a lead from now",
        "who took a moment to choose",
        "in less than the lead",
        "over",
        "lunch",
        "the evening",
        "a weekend",
        "the last weekend",
        "after what can be promised",
    ],
)
def test_a_time_is_promised_or_the_nearest_ones_are_told(wanted: str, found: Promise | Nearest) -> None:
    assert checked(local(wanted), NOW, REACH) == found


def test_as_soon_as_possible_is_a_promise_too() -> None:
    assert checked(None, NOW, REACH) == Promise(local("11-23T10:10"))


def test_where_nobody_works_within_reach_nothing_is_promised() -> None:
    reach = Reach(office(), LEAD, timedelta(hours=12))
    friday_night = local("11-27T20:00")
    assert soonest(reach, friday_night) is None
    assert checked(None, friday_night, reach) == Nearest("closed", ())
    assert checked(local("11-28T05:00"), friday_night, reach) == Nearest("closed", ())
