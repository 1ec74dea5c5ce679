"""Opening hours as a contract writes them: ``"09:00-12:00"`` on ``mon-fri``."""

import re
from collections.abc import Sequence

from yizhan.contract.calendar import DAY_MINUTES, Span, Spans

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)


class NotHours(ValueError):
    """The text is no pair of times of a day."""


class BackwardsHours(ValueError):
    """The hours end before, or when, they begin: over midnight, perhaps."""


class OverlappingHours(ValueError):
    """Two of a day's hours lie over each other; ``one`` and ``other`` are they."""

    def __init__(self, one: Span, other: Span) -> None:
        super().__init__(f"{shown(one)} {shown(other)}")
        self.one = one
        self.other = other


class NotDays(ValueError):
    """The text names no weekdays; ``name`` is the part that is none."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class BackwardsDays(ValueError):
    """A range of weekdays ends before it begins."""


def span(text: str) -> Span:
    """Raises NotHours and BackwardsHours."""
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise NotHours(text)
    hour, minute, to_hour, to_minute = map(int, found.groups())
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if max(minute, to_minute) > 59 or start >= DAY_MINUTES or end > DAY_MINUTES:
        raise NotHours(text)
    if start >= end:
        raise BackwardsHours(text)
    return Span(start, end)


def day_hours(written: Sequence[Span]) -> Spans:
    """A day's hours in order; those that touch become one. Raises OverlappingHours."""
    joined: list[Span] = []
    for one in sorted(written):
        if joined and one.start < joined[-1].end:
            raise OverlappingHours(joined[-1], one)
        if joined and one.start == joined[-1].end:
            joined[-1] = Span(joined[-1].start, one.end)
        else:
            joined.append(one)
    return tuple(joined)


def weekdays(text: str) -> tuple[int, ...]:
    """``mon``, ``mon-fri``, ``mon,wed,sat-sun`` or ``daily``: from 0, Monday. Raises NotDays and BackwardsDays."""
    if text.strip().lower() == "daily":
        return tuple(range(len(DAYS)))
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = (name.strip().lower() for name in part.partition("-"))
        begin = _day(first)
        end = _day(last) if dash else begin
        if end < begin:
            raise BackwardsDays(text)
        found += range(begin, end + 1)
    return tuple(found)


def shown(hours: Span) -> str:
    """As `span` reads it."""
    return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (hours.start, hours.end))


def _day(name: str) -> int:
    if name not in DAYS:
        raise NotDays(name)
    return DAYS.index(name)
