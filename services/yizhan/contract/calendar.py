"""The hours in which a business is there for its customers: a calendar that needs nothing else to be reckoned with.

Public holidays, make-up workdays and overrides are resolved into its days before (`arrangements`), so a clock that
keeps a calendar comes to the same figure years later, whatever a library or an administrator has changed since. Only
the rules of its time zone come from outside.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError

DAY_MINUTES = 1440
WEEK_DAYS = 7
_OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})  # not the same everywhere


class CalendarInvalid(ValueError):
    """Hours, days or a zone that are none; the text says what is wrong, in words for whoever wrote the calendar."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open hours within one day, in minutes of the local wall clock: ``0 <= start < end <= 1440``.

    Half-open: at ``start`` it is open, at ``end`` no longer. Hours that go over midnight are two spans, one to 1440
    and one of the next day from 0. Raises `CalendarInvalid`.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= DAY_MINUTES:
            raise CalendarInvalid(
                f"hours run from 00:00 to 24:00 and end after they start, not {self.start}-{self.end}"
            )


Spans = tuple[Span, ...]
"""The open hours of one day, in order, none over another; empty: closed."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """``week`` is the hours of the seven weekdays, Monday first; ``special`` the days that differ, in order.

    ``zone`` is an IANA name. Raises `CalendarInvalid`.
    """

    name: str
    zone: str
    week: tuple[Spans, ...]
    special: tuple[tuple[date, Spans], ...]

    def __post_init__(self) -> None:
        check_zone(self.zone)
        check_week(self.week)
        for day, spans in self.special:
            check_spans(spans, str(day))
        for (one, _), (other, _) in pairwise(self.special):
            if one >= other:
                raise CalendarInvalid(f"special days come in order and once each, not {other} after {one}")

    def spans(self, day: date) -> Spans:
        """The open hours of a local day; empty: closed."""
        at = bisect_left(self.special, (day,))
        if at < len(self.special) and self.special[at][0] == day:
            return self.special[at][1]
        return self.week[day.weekday()]

    @property
    def version(self) -> str:
        """16 hex digits that are the same for the same content, and for no other."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """The one text of this calendar: equal calendars have equal texts."""
        content = {
            "name": self.name,
            "special": [[day.isoformat(), _pairs(spans)] for day, spans in self.special],
            "week": [_pairs(spans) for spans in self.week],
            "zone": self.zone,
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"))


def calendar_of(text: str) -> Calendar:
    """The calendar that `Calendar.to_json` wrote down. Raises `CalendarInvalid`."""
    try:
        form = _Form.model_validate_json(text)
    except ValidationError as invalid:
        raise CalendarInvalid(f"not a calendar: {_first_fault(invalid)}") from invalid
    week = tuple(_spans(day) for day in form.week)
    return Calendar(form.name, form.zone, week, tuple((day, _spans(spans)) for day, spans in form.special))


def check_zone(zone: str) -> None:
    """Raises `CalendarInvalid` for what is no time zone of the IANA database."""
    try:
        known = zone not in _OF_THE_MACHINE and ZoneInfo(zone) is not None
    except (ValueError, KeyError, OSError):  # a path out of the database; a name that is not in it; a folder of it
        known = False
    if not known:
        raise CalendarInvalid(f"{zone!r} is no time zone; one is called like Asia/Shanghai")


def check_week(week: Sequence[Spans]) -> None:
    """Raises `CalendarInvalid` unless there are seven days, each with hours in order."""
    if len(week) != WEEK_DAYS:
        raise CalendarInvalid(f"a week has seven days, not {len(week)}")
    for number, spans in enumerate(week, 1):
        check_spans(spans, f"weekday {number}")


def check_spans(spans: Spans, of: str) -> None:
    """Raises `CalendarInvalid`, naming the day ``of``, unless the hours are in order and none lie over another."""
    for one, other in pairwise(spans):
        if other.start < one.end:
            raise CalendarInvalid(f"{of}: hours come in order and do not overlap")


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    name: str
    zone: str
    week: list[list[tuple[int, int]]]
    special: list[tuple[date, list[tuple[int, int]]]]


def _first_fault(invalid: ValidationError) -> str:
    fault = invalid.errors(include_url=False)[0]
    return f"{'.'.join(str(part) for part in fault['loc']) or 'text'}: {fault['msg']}"


def _pairs(spans: Spans) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def _spans(pairs: Sequence[tuple[int, int]]) -> Spans:
    return tuple(Span(start, end) for start, end in pairs)
