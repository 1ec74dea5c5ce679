"""Arithmetic on days that respects month lengths, leap years and ISO weeks. Pure; ``None`` where there is no such day."""

from calendar import monthrange
from datetime import date, timedelta

_LAST_YEAR = 9000


def on(year: int, month: int, day: int) -> date | None:
    """The day, if the calendar has it."""
    if not (1 <= month <= 12 and 1 <= year <= _LAST_YEAR and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def nearest(month: int, day: int, today: date) -> date | None:
    """The day of the year that is nearest to today: 1 January said in December is the next one, 3 November is past."""
    near = [found for year in (today.year - 1, today.year, today.year + 1) if (found := on(year, month, day))]
    return min(near, key=lambda found: (abs((found - today).days), found < today), default=None)


def next_with(day: int, today: date) -> date | None:
    """The next day of the month with this number, today included; months that are too short are passed over."""
    if not 1 <= day <= 31:
        return None
    for step in range(12):
        first = month_from(today, step)
        found = on(first.year, first.month, day)
        if found is not None and found >= today:
            return found
    return None


def month_from(today: date, months: int) -> date:
    """The first day of the month that is so many months away."""
    index = today.year * 12 + today.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_later(today: date, months: int) -> date:
    """The same day some months on; the month's last day where that is shorter."""
    first = month_from(today, months)
    return first.replace(day=min(today.day, monthrange(first.year, first.month)[1]))


def monday(today: date, weeks: int = 0) -> date:
    """The Monday of the ISO week that is so many weeks away."""
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def later(today: date, days: int) -> date:
    """So many days from today; beyond a hundred years it is a hundred years."""
    return today + timedelta(days=max(-36_500, min(days, 36_500)))
