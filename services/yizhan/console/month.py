"""A month of a contract's calendars, day by day, as a supervisor looks at it. Pure."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yizhan.contract import hours
from yizhan.contract.arrangements import resolve
from yizhan.contract.calendar import Spans
from yizhan.contract.calendar_plan import CalendarPlan, Override
from yizhan.contract.contract import Contract
from yizhan.pb.v1 import routing_pb2 as pb

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


class MonthInvalid(ValueError):
    """The text names no month of this century."""


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """``usual`` is what the week says. ``reason`` of whoever decided the day; empty: nobody did, holidays may have."""

    day: date
    spans: Spans
    usual: Spans
    reason: str
    decided: bool
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    plan: CalendarPlan
    days: tuple[DayOfMonth, ...]


def month_of(
    contract: Contract, kept: Sequence[pb.Override], doubtful: Sequence[pb.Unconfirmed], month: str
) -> tuple[CalendarMonth, ...]:
    """Every calendar that the contract defines. Raises MonthInvalid."""
    found = _MONTH.fullmatch(month)
    if found is None:
        raise MonthInvalid(month)
    first = date(int(found[1]), int(found[2]), 1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    unsure = {one.calendar: frozenset(one.days) for one in doubtful}
    return tuple(
        CalendarMonth(plan, _days(plan, _overrides(kept, plan.name), unsure.get(plan.name, frozenset()), first, last))
        for plan in contract.calendars
    )


def _overrides(kept: Sequence[pb.Override], name: str) -> tuple[Override, ...]:
    return tuple(
        Override(date.fromisoformat(one.day), hours.day_hours([hours.span(text) for text in one.hours]), one.reason)
        for one in kept
        if one.calendar == name
    )


def _days(
    plan: CalendarPlan, decided: Sequence[Override], unsure: frozenset[str], first: date, last: date
) -> tuple[DayOfMonth, ...]:
    resolved = resolve(plan, decided, first, last)
    reasons = {one.day: one.reason for one in decided}
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(
        DayOfMonth(
            day=day,
            spans=resolved.spans(day),
            usual=plan.week[day.weekday()],
            reason=reasons.get(day, ""),
            decided=day in reasons,
            unconfirmed=day.isoformat() in unsure,
        )
        for day in days
    )
