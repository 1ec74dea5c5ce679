"""Business time: how long a calendar was open between two moments, and when so much open time will have passed.

Moments go in and come out aware, in UTC. Open time is time that really elapses: a moment is open when the wall clock in
the calendar's zone shows a minute of that day's hours. An hour that the clocks skip in spring is no open time, an hour
that they show twice in autumn is open twice.

Hours are half-open. At the opening instant it is open, at the closing instant it is not. What is asked with a length
is answered with the *earliest* moment that fits:

- `add` of nothing is the start itself, open or not;
- open time that is used up exactly at closing ends at the closing instant, not at the next opening;
- a start at the closing instant, or at any closed one, begins to count at the next opening.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from yizhan.contract.calendar import Calendar

LOOK_AHEAD = timedelta(days=731)
"""How long a calendar may stay closed, or open, before it is taken to be so for good."""

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(3000, 1, 1, tzinfo=UTC)
"""Business time is reckoned between these moments."""

_NOTHING = timedelta()
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class NeverOpen(Exception):
    """The calendar stays closed for `LOOK_AHEAD`, or has not been open for long enough by `LAST`."""


class NeverCloses(Exception):
    """The calendar stays open for `LOOK_AHEAD`."""


class LengthNegative(ValueError):
    """A length below nothing: business time is not added backwards."""


class MomentInvalid(ValueError):
    """A moment without a time zone, which could be any, or one that is not between `FIRST` and `LAST`."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Open from one moment to another, both in UTC: ``opens < closes``."""

    opens: datetime
    closes: datetime


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at that instant. Raises `MomentInvalid`."""
    local = _utc(at).astimezone(ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    return any(span.start <= minute < span.end for span in calendar.spans(local.date()))


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """The first open instant from ``at`` on: ``at`` itself when it is open. Raises `NeverOpen`, `MomentInvalid`."""
    return next(_endless(calendar, _utc(at))).opens


def next_close(calendar: Calendar, at: datetime) -> datetime:
    """When the hours that run at ``at``, or, when it is closed, the next ones end; always after ``at``.

    Hours that touch are one: a night shift to 24:00 and from 00:00 does not close at midnight. Raises `NeverOpen`,
    `NeverCloses`, `MomentInvalid`.
    """
    closes = next(_endless(calendar, _utc(at))).closes
    given_up = closes + LOOK_AHEAD
    for stretch in _stretches(calendar, closes, given_up):
        if stretch.opens > closes:
            return closes
        closes = stretch.closes
    if closes == given_up:
        raise NeverCloses(calendar.name)
    return closes


def add(calendar: Calendar, start: datetime, length: timedelta) -> datetime:
    """The earliest moment, not before ``start``, when ``length`` of open time has passed since ``start``.

    Raises `NeverOpen`, `LengthNegative`, `MomentInvalid`.
    """
    if length < _NOTHING:
        raise LengthNegative(length)
    now = _utc(start)
    if not length:
        return now
    missing = length
    for stretch in _endless(calendar, now):
        elapsed = stretch.closes - stretch.opens
        if missing <= elapsed:
            return stretch.opens + missing
        missing -= elapsed
    raise NeverOpen(calendar.name)


def between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The open time from ``start`` to ``end``; nothing when the end is not after the start. Raises `MomentInvalid`."""
    return sum((each.closes - each.opens for each in stretches(calendar, start, end)), _NOTHING)


def stretches(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Stretch]:
    """The open time from ``start`` to ``end``, piece by piece: what `between` adds up, for whoever wants to check it.

    A new piece begins with every day and with every change of the clocks, also where it stays open. Raises
    `MomentInvalid`.
    """
    return _stretches(calendar, _utc(start), _utc(end))


def _endless(calendar: Calendar, start: datetime) -> Iterator[Stretch]:
    """All that is open from ``start`` on, until `LAST`. Raises `NeverOpen` when nothing is for `LOOK_AHEAD`."""
    now = start
    while now < LAST:
        known_until = now + LOOK_AHEAD
        seen_open = False
        for stretch in _stretches(calendar, now, known_until):
            yield stretch
            now, seen_open = stretch.closes, True
        if not seen_open:
            break
    raise NeverOpen(calendar.name)


def _stretches(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Stretch]:
    zone = ZoneInfo(calendar.zone)
    now = start
    while now < end:
        local = now.astimezone(zone)
        offset = local.utcoffset() or _NOTHING
        # As if this offset had held since the day began: true of every moment until the clocks or the day change.
        midnight = datetime.combine(local.date(), time(), UTC) - offset
        until = _same_offset_until(now, midnight + _DAY, offset, zone)
        for span in calendar.spans(local.date()):
            opens = max(now, midnight + timedelta(minutes=span.start))
            closes = min(until, end, midnight + timedelta(minutes=span.end))
            if opens < closes:
                yield Stretch(opens, closes)
        now = until


def _same_offset_until(start: datetime, end: datetime, offset: timedelta, zone: ZoneInfo) -> datetime:
    """The first moment after ``start`` when the zone's offset is another, if that is before ``end``; else ``end``.

    Clocks change on a whole second, and not twice within a day.
    """
    if end.astimezone(zone).utcoffset() == offset:
        return end
    begin = start.replace(microsecond=0)
    same, other = 0, (end - begin) // _SECOND
    while other - same > 1:
        middle = (same + other) // 2
        if (begin + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            same = middle
        else:
            other = middle
    return begin + other * _SECOND


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None or not FIRST <= at < LAST:
        raise MomentInvalid(at.isoformat())
    return at.astimezone(UTC)
