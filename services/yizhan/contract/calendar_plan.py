"""Calendars as a contract file states them, and the single days that an administrator decides otherwise."""

from dataclasses import dataclass
from datetime import date

from yizhan.contract.calendar import Spans, check_spans, check_week, check_zone


@dataclass(frozen=True, slots=True)
class CalendarPlan:
    """A week, and whose public holidays interrupt it; `arrangements.resolve` makes a calendar of it.

    ``week`` is the hours of the seven weekdays, Monday first. ``country`` is an ISO 3166 code, with a subdivision
    where holidays differ by it (``CN``, ``DE-BY``); empty: no public holidays. ``make_up`` is the hours of a make-up
    workday (调休); None: those of the weekday that it stands for, else of Monday. Raises `CalendarInvalid`.
    """

    name: str
    zone: str
    week: tuple[Spans, ...]
    country: str = ""
    make_up: Spans | None = None

    def __post_init__(self) -> None:
        check_zone(self.zone)
        check_week(self.week)
        check_spans(self.make_up or (), "make-up workdays")


@dataclass(frozen=True, slots=True)
class Override:
    """What holds on one local day, whatever week and holidays say; no ``spans``: closed. Raises `CalendarInvalid`."""

    day: date
    spans: Spans
    reason: str

    def __post_init__(self) -> None:
        check_spans(self.spans, str(self.day))
