"""Public holidays, make-up workdays (调休) and overrides become days of a calendar; and which days are not sure yet.

What public holidays there are comes from the ``holidays`` library. In China they are sure only late: the law names the
festivals' own days, the *statutory* ones, but how they are joined to weekends, and which Saturdays and Sundays are
worked for that, the State Council arranges year by year, usually in the November before. A release of the library that
is older than the arrangement knows the statutory days alone.

A day is *confirmed* unless an arrangement still to come could change it. An arrangement could change the days up to
`ARRANGED_DAYS` before and after a statutory day; it has come

- for a whole year, when the library knows make-up workdays in that year: an arrangement without any has not been made
  since there are arrangements;
- for one statutory day, when an override decides that day: whoever types an arrangement in starts with the festival.

A day with an override is confirmed by it. Days far from every festival are always confirmed, and so is every day in a
country whose holidays the law settles (all others, here).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import holidays

from yizhan.contract.calendar import Calendar, CalendarInvalid, Spans
from yizhan.contract.calendar_plan import CalendarPlan, Override
from yizhan.contract.overrides import check_overrides

ARRANGED_DAYS = 14
"""No arrangement from 2001 to 2026 reached further from its festival than 10 days."""

_ARRANGED_YEARLY = frozenset({"CN"})
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,6})?")
_DAY = timedelta(days=1)


def check_country(country: str) -> None:
    """Raises `CalendarInvalid` for a country whose public holidays nobody here knows; empty is none, and well."""
    if country:
        _library(country, ())


def horizon(today: date) -> tuple[date, date]:
    """The days to resolve for a calendar that is used today: from the last year's first day to the next one's last.

    Whole years, so that a calendar's version changes with its content and at New Year, and not every day.
    """
    return date(today.year - 1, 1, 1), date(today.year + 1, 12, 31)


def resolve(plan: CalendarPlan, overrides: Iterable[Override], first: date, last: date) -> Calendar:
    """The calendar of a plan, with public holidays and make-up workdays from ``first`` to ``last``, both included.

    Before and after, its week alone holds. Overrides win over everything, and all are kept, also those outside.
    Raises `CalendarInvalid`: a country that is not known, or a day that is decided twice.
    """
    decided = tuple(overrides)
    check_overrides(decided)
    days = _arranged(plan, first, last) if plan.country else {}
    days |= {override.day: override.spans for override in decided}
    special = tuple((day, days[day]) for day in sorted(days) if days[day] != plan.week[day.weekday()])
    return Calendar(plan.name, plan.zone, plan.week, special)


def unconfirmed(plan: CalendarPlan, overrides: Iterable[Override], first: date, days: int = 60) -> Sequence[date]:
    """Which of the ``days`` from ``first`` on an arrangement could still change, in order. Raises `CalendarInvalid`."""
    decided = frozenset(override.day for override in overrides)
    asked = [first + timedelta(days=number) for number in range(days)]
    open_questions = [
        day for day in _unarranged(plan.country, first, first + timedelta(days=days)) if day not in decided
    ]
    return [
        day
        for day in asked
        if day not in decided and any(abs((day - statutory).days) <= ARRANGED_DAYS for statutory in open_questions)
    ]


def confirmed_until(plan: CalendarPlan, overrides: Iterable[Override], first: date, last: date) -> date | None:
    """The day up to which every day from ``first`` on is confirmed, at most ``last``; None: not even ``first`` is.

    Raises `CalendarInvalid`.
    """
    doubtful = unconfirmed(plan, overrides, first, (last - first).days + 1)
    if not doubtful:
        return last
    return None if doubtful[0] == first else doubtful[0] - _DAY


def _unarranged(country: str, first: date, last: date) -> Sequence[date]:
    """The statutory days from about ``first`` to about ``last`` whose arrangement the library does not know."""
    if country not in _ARRANGED_YEARLY:
        return ()
    reach = timedelta(days=ARRANGED_DAYS)
    years = range((first - reach).year, (last + reach).year + 1)
    return [day for year in years if not _is_arranged(country, year) for day in sorted(_statutory(country, year))]


def _is_arranged(country: str, year: int) -> bool:
    return any(day.year == year for day in _library(country, (year,)).weekend_workdays)


def _statutory(country: str, year: int) -> Iterable[date]:
    return list(_library(country, (year,), observed=False))


def _arranged(plan: CalendarPlan, first: date, last: date) -> dict[date, Spans]:
    """The days off and the make-up workdays from ``first`` to ``last``, with their hours."""
    library = _library(plan.country, range(first.year, last.year + 1))
    stands_for = _stands_for(library)
    whole_breaks = plan.country in _ARRANGED_YEARLY
    found: dict[date, Spans] = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if library.is_weekend(day) and library.is_working_day(day):
            found[day] = plan.week[stands_for.get(day, 0)] if plan.make_up is None else plan.make_up
        elif _is_off(library, day, whole_breaks=whole_breaks):
            found[day] = ()
    return found


def _is_off(library: holidays.HolidayBase, day: date, *, whole_breaks: bool) -> bool:
    """Whether it is a public holiday, or with ``whole_breaks`` a day of a break that has one.

    The arrangements count the weekend in the middle in (“10月1日至8日放假，共8天”), the library does not: it is a weekend
    anyway. For a business that works at weekends it makes the difference.
    """
    if day in library:
        return True
    return whole_breaks and (_leads_to_holiday(library, day, _DAY) or _leads_to_holiday(library, day, -_DAY))


def _leads_to_holiday(library: holidays.HolidayBase, day: date, step: timedelta) -> bool:
    while not library.is_working_day(day):
        if day in library:
            return True
        day += step
    return False


def _stands_for(library: holidays.HolidayBase) -> dict[date, int]:
    """The weekday that each make-up workday stands for, where the library says."""
    found: dict[date, int] = {}
    for year, rows in getattr(library, "special_public_holidays", {}).items():
        for row in rows if rows and isinstance(rows[0], tuple) else (rows,):
            match row:
                case (int(to_month), int(to_day), int(month), int(day)):
                    found[date(year, month, day)] = date(year, to_month, to_day).weekday()
                case (int(to_month), int(to_day), int(month), int(day), int(of_year)):
                    found[date(of_year, month, day)] = date(year, to_month, to_day).weekday()
                case _:  # a holiday by decree for which nobody works another day
                    pass
    return found


def _library(country: str, years: Iterable[int], *, observed: bool = True) -> holidays.HolidayBase:
    if _COUNTRY.fullmatch(country) is None:
        raise _unknown(country)
    code, _, subdivision = country.partition("-")
    try:
        return holidays.country_holidays(code, subdiv=subdivision or None, years=years, observed=observed)
    except NotImplementedError as unknown:  # what the library says of a country that it does not know
        raise _unknown(country) from unknown


def _unknown(country: str) -> CalendarInvalid:
    return CalendarInvalid(f"no public holidays are known of {country[:40]!r}; countries are like CN or DE-BY")
