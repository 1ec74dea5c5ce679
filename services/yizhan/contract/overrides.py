"""Single days that an administrator decides: what an open day means, and how new decisions join those there are."""

from collections.abc import Iterable
from datetime import date

from yizhan.contract.calendar import CalendarInvalid, Spans
from yizhan.contract.calendar_plan import CalendarPlan, Override


def usual_hours(plan: CalendarPlan, day: date) -> Spans:
    """The hours of a day that is declared open and no more is said: its weekday's, or those of a make-up workday.

    Empty when the plan has hours for neither: then they have to be stated.
    """
    return plan.week[day.weekday()] or (plan.week[0] if plan.make_up is None else plan.make_up)


def check_overrides(overrides: Iterable[Override]) -> None:
    """Raises `CalendarInvalid` when a day is decided twice: nobody could say which one holds."""
    seen: set[date] = set()
    for override in overrides:
        if override.day in seen:
            raise CalendarInvalid(f"{override.day} is decided twice")
        seen.add(override.day)


def put_among(present: Iterable[Override], new: Iterable[Override]) -> tuple[Override, ...]:
    """Both, by day; where both decide a day, the new one holds. Raises `CalendarInvalid` when ``new`` decides twice."""
    added = tuple(new)
    check_overrides(added)
    by_day = {override.day: override for override in (*present, *added)}
    return tuple(by_day[day] for day in sorted(by_day))
