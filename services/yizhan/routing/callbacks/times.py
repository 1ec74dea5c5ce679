"""Whether somebody can call at a time, and when else. Pure: hours of people, lead and reach come from the contract."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from yizhan.contract import business_time
from yizhan.contract.calendar import Calendar

CLOSED, TOO_SOON, TOO_LATE = "closed", "too_soon", "too_late"

BEFORE_CLOSING = timedelta(minutes=30)
"""A call that is offered before people go home is offered so long before, if they work as long."""

_STEP = timedelta(minutes=5)
_GRACE = timedelta(minutes=2)
"""Whoever was offered the soonest time may take so long to choose it."""


@dataclass(frozen=True, slots=True)
class Promise:
    at: datetime


@dataclass(frozen=True, slots=True)
class Nearest:
    """Not then: ``reason`` is one of the above, ``times`` are possible, earliest first, none where nobody ever works."""

    reason: str
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Agents are asked ``lead`` before a call, and none is promised more than ``latest`` ahead."""

    hours: Calendar
    lead: timedelta
    latest: timedelta


def soonest(reach: Reach, now: datetime) -> datetime | None:
    """The first time that can be promised; None where there is none within reach."""
    try:
        first = business_time.next_open(reach.hours, _rounded(now + reach.lead))
    except business_time.NeverOpen:
        return None
    return first if first <= now + reach.latest else None


def checked(wanted: datetime | None, now: datetime, reach: Reach) -> Promise | Nearest:
    """A promise, or the nearest times to what was wanted; None: as soon as possible."""
    first = soonest(reach, now)
    if wanted is None:
        return Promise(first) if first is not None else Nearest(CLOSED, ())
    if wanted < now + reach.lead - _GRACE:
        return Nearest(TOO_SOON, (first,) if first is not None else ())
    if wanted > now + reach.latest:
        last = _last_before(now + reach.latest, now, reach)
        return Nearest(TOO_LATE, (last,) if last is not None else ())
    if business_time.is_open(reach.hours, wanted):
        return Promise(wanted)
    around = (_last_before(wanted, now, reach), _next_after(wanted, now, reach))
    return Nearest(CLOSED, tuple(sorted({at for at in around if at is not None})))


def _next_after(wanted: datetime, now: datetime, reach: Reach) -> datetime | None:
    try:
        opens = business_time.next_open(reach.hours, wanted)
    except business_time.NeverOpen:
        return None
    return opens if opens <= now + reach.latest else None


def _last_before(wanted: datetime, now: datetime, reach: Reach) -> datetime | None:
    """Shortly before people went home the last time until then."""
    last = None
    for last in business_time.stretches(reach.hours, _rounded(now + reach.lead), wanted):  # noqa: B007 - the last one
        pass
    return None if last is None else max(last.opens, last.closes - BEFORE_CLOSING)


def _rounded(at: datetime) -> datetime:
    """Up to five minutes of the clock, as people name times."""
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole - (whole - at) // _STEP * _STEP
