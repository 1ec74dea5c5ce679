"""What a reader is told and what it gives back."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Reason(StrEnum):
    """Why a value could not be taken as it stands: the closed set a task has words for."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    MASKED = "masked"
    """Some of the digits are hidden by asterisks."""
    NO_AREA_CODE = "no_area_code"
    FOREIGN = "foreign"
    SEVERAL = "several"
    """More than one value, and nothing says which."""
    CHECKSUM = "checksum"
    BAD_DATE = "bad_date"
    """A day that is in no calendar."""
    BAD_REGION = "bad_region"
    OLD_FORM = "old_form"
    """An identity card number of 15 digits, not valid since 2013."""
    SHAPE = "shape"
    """Not built as the business's numbers are."""
    LOOKS_LIKE_PHONE = "looks_like_phone"
    PAST = "past"
    TOO_FAR = "too_far"
    NO_DAY = "no_day"
    NO_TIME = "no_time"
    WHICH_DAY = "which_day"
    """Several days where one is wanted: a weekend, the end of the month."""
    TOO_WIDE = "too_wide"
    """No day at all: soon, any time, next month."""
    HOLIDAY = "holiday"
    DAY_OR_MONTH = "day_or_month"
    BACKWARDS = "backwards"
    BAD_TIME = "bad_time"
    MORNING_OR_EVENING = "morning_or_evening"
    INCOMPLETE = "incomplete"
    """``Unclear.missing`` names the parts."""
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_WHOLE = "not_whole"
    CURRENCY = "currency"
    VAGUE = "vague"
    NONE_OF_THEM = "none_of_them"
    ANY_OF_THEM = "any_of_them"
    UNKNOWN_OPTION = "unknown_option"
    MIXED = "mixed"
    """Yes and no at once, or a double negation."""
    NO_DOMAIN = "no_domain"
    SPELLING = "spelling"
    SURNAME_ONLY = "surname_only"
    NOT_A_NAME = "not_a_name"


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stood in the customer's text, in characters; ``end`` is the first one after it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A value that was read.

    ``value`` is canonical and complete, for the backend. ``shown`` is what may be read back and stored for display.
    Where ``private`` is set, ``value`` identifies a person: it may be kept while the task runs, and must give way to
    ``shown`` as soon as the task has ended. Neither is in ``repr``, so that neither reaches a log by accident.
    """

    value: str = field(repr=False)
    shown: str = field(repr=False)
    span: Span
    private: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """The customer meant this slot, but what they wrote cannot be taken. ``missing`` names absent parts of an address."""

    reason: Reason
    span: Span
    missing: tuple[str, ...] = ()


Reading = Found | Unclear | None
"""None: the text does not speak of this slot."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things to choose from, as it was offered, in the order in which it was offered."""

    id: str
    label: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader must know besides the text.

    ``now`` is aware, in the business's own zone. ``asked``: this slot is the one that was just asked for, so that a bare
    "A1023" or "明天" is its answer. ``options`` are those of a choice.
    """

    now: datetime
    asked: bool = False
    language: Literal["zh", "en"] = "zh"
    options: tuple[Option, ...] = ()


def one_of(found: list[Found]) -> Reading:
    """The one value among several places where it may stand; two different values are unclear."""
    if not found:
        return None
    if len({each.value for each in found}) > 1:
        return Unclear(Reason.SEVERAL, Span(found[0].span.start, found[-1].span.end))
    return found[0]
