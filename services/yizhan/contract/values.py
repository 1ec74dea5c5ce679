"""The types of single values in the files of this package: text in, a value out, or the reason why not."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from yizhan.contract import hours, reasons
from yizhan.contract.arrangements import check_country
from yizhan.contract.calendar import CalendarInvalid, Span, Spans, check_zone
from yizhan.contract.durations import NotADuration, duration
from yizhan.contract.shares import NotAShare, points, share
from yizhan.core.documents.reasons import Reason
from yizhan.core.documents.shapes import told

T = TypeVar("T")
MOST_SPANS = 24
_MOST_TITLE = 200
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")


def _read(parse: Callable[[str], T], error: type[Exception], reason: Reason) -> Callable[[Any], T]:
    """A validator that tells ``reason`` when ``parse`` raises ``error``, and for whatever is no text."""

    def read(value: Any) -> T:
        if not isinstance(value, str):
            raise told(reason)
        try:
            return parse(value)
        except error as refused:
            raise told(reason) from refused

    return read


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(text)
    return text


def _line(text: str) -> str:
    if not text.strip() or len(text) > _MOST_TITLE or not text.isprintable():
        raise ValueError(text)
    return text.strip()


def _zone(text: str) -> str:
    check_zone(text)
    return text


def _country(text: str) -> str:
    """Empty for none."""
    country = "" if text == "none" else text
    check_country(country)
    return country


def _date(text: str) -> date:
    day = date.fromisoformat(text)
    if day.isoformat() != text:  # ISO 8601 has more forms
        raise ValueError(text)
    return day


def _span(value: Any) -> Span:
    try:
        return hours.span(value if isinstance(value, str) else "")
    except hours.NotHours as refused:
        raise told(reasons.NOT_HOURS) from refused
    except hours.BackwardsHours as refused:
        raise told(reasons.BACKWARDS_HOURS) from refused


def _listed(value: Any) -> Any:
    """One pair of times may stand without a list, and ``closed`` for none."""
    if value == "closed":
        return []
    return [value] if isinstance(value, str) else value


def _in_order(written: list[Span]) -> Spans:
    try:
        return hours.day_hours(written)
    except hours.OverlappingHours as refused:
        one, other = hours.shown(refused.one), hours.shown(refused.other)
        raise told(reasons.overlapping(one, other)) from refused


Duration = Annotated[timedelta, PlainValidator(_read(duration, NotADuration, reasons.NOT_A_DURATION))]
Share = Annotated[float, PlainValidator(_read(share, NotAShare, reasons.NOT_A_SHARE))]
Points = Annotated[float, PlainValidator(_read(points, NotAShare, reasons.NOT_POINTS))]
Id = Annotated[str, PlainValidator(_read(_id, ValueError, reasons.NOT_AN_ID))]
Line = Annotated[str, PlainValidator(_read(_line, ValueError, reasons.NOT_ONE_LINE))]
Zone = Annotated[str, PlainValidator(_read(_zone, CalendarInvalid, reasons.NOT_A_ZONE))]
Country = Annotated[str, PlainValidator(_read(_country, CalendarInvalid, reasons.NOT_A_COUNTRY))]
Day = Annotated[date, PlainValidator(_read(_date, ValueError, reasons.NOT_A_DAY))]
DayHours = Annotated[
    list[Annotated[Span, PlainValidator(_span)]],
    Field(max_length=MOST_SPANS),
    BeforeValidator(_listed),
    AfterValidator(_in_order),
]
"""The hours of a day, in order; arrives as a tuple."""
