"""Calendars for the tests: a shop in Shanghai with a lunch break, and a short way of writing others."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from yizhan.contract.calendar import Calendar, Span, Spans
from yizhan.contract.calendar_plan import CalendarPlan

CLOSED: Spans = ()
ALL_DAY: Spans = (Span(0, 1440),)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def hours(*texts: str) -> Spans:
    """``hours("09:00-12:00", "13:00-18:00")``."""
    return tuple(Span(*(_minute(clock) for clock in text.split("-"))) for text in texts)


def at(text: str) -> datetime:
    """``at("2026-10-01 09:00:00.5Z")`` is UTC; another offset, as +08:00, is converted."""
    return datetime.fromisoformat(text).astimezone(UTC)


def daily(zone: str, spans: Spans, special: Iterable[tuple[date, Spans]] = ()) -> Calendar:
    return Calendar("daily", zone, (spans,) * 7, tuple(special))


WORK = hours("09:00-12:00", "13:00-18:00")
SHOP_WEEK = (WORK,) * 5 + (CLOSED, CLOSED)
SHOP = CalendarPlan("shop", "Asia/Shanghai", SHOP_WEEK, "CN")
