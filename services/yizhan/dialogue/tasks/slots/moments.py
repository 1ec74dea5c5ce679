"""Days and times as a task passes them on, and how they are read back."""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal

_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Hours:
    """A time of day in the business's zone: a point, or until ``end`` (not included; 00:00 is the day's end)."""

    start: time
    end: time | None = None

    @property
    def canonical(self) -> str:
        """14:30, or 12:00/18:00."""
        return f"{self.start:%H:%M}" if self.end is None else f"{self.start:%H:%M}/{self.end:%H:%M}"

    def shown(self) -> str:
        """14:30, or 12:00–18:00."""
        if self.end is None:
            return f"{self.start:%H:%M}"
        return f"{self.start:%H:%M}–{'24:00' if self.end == time(0) else format(self.end, '%H:%M')}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, or the days until ``last`` (included), with a time of day where one was said."""

    day: date
    last: date | None = None
    hours: Hours | None = None

    @property
    def canonical(self) -> str:
        """ISO 8601: 2026-11-25, 2026-11-28/2026-11-29, 2026-11-25T14:30, 2026-11-25T12:00/18:00."""
        if self.last is not None:
            return f"{self.day.isoformat()}/{self.last.isoformat()}"
        return self.day.isoformat() if self.hours is None else f"{self.day.isoformat()}T{self.hours.canonical}"

    def shown(self, language: Literal["zh", "en"]) -> str:
        """2026年11月25日（周三）12:00–18:00, or Wed 25 Nov 2026, 12:00–18:00."""
        text = _day(self.day, language)
        if self.last is not None:
            return f"{text}{'至' if language == 'zh' else ' to '}{_day(self.last, language)}"
        if self.hours is None:
            return text
        return f"{text}{'' if language == 'zh' else ', '}{self.hours.shown()}"


def moment(value: str) -> Moment:
    """The moment behind a canonical value. Raises ``ValueError`` on anything else."""
    first, _, rest = value.partition("T")
    if not rest:
        day, _, last = first.partition("/")
        return Moment(date.fromisoformat(day), date.fromisoformat(last) if last else None)
    return Moment(date.fromisoformat(first), hours=hours(rest))


def hours(value: str) -> Hours:
    """The hours behind a canonical value. Raises ``ValueError`` on anything else."""
    start, _, end = value.partition("/")
    return Hours(time.fromisoformat(start), time.fromisoformat(end) if end else None)


def _day(day: date, language: Literal["zh", "en"]) -> str:
    weekday = _WEEKDAYS[language][day.weekday()]
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日（周{weekday}）"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]} {day.year}"
