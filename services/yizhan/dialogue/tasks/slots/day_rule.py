"""The form of a rule that knows some words for days."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from yizhan.dialogue.tasks.slots.reading import Reason


@dataclass(frozen=True, slots=True)
class Days:
    """The days that were meant, both included."""

    first: date
    last: date


Meaning = Days | Reason | None
"""What words mean: days, why no day can be taken from them, or that they mean no day after all."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """``asked``: the words mean a day only as the answer to a question for one. ``floats``: after another day (3号到5号) the
    words mean the next such day after it.
    """

    pattern: re.Pattern[str]
    meaning: Callable[[re.Match[str], date], Meaning]
    asked: bool = False
    floats: bool = False


def one(day: date | None) -> Meaning:
    """The meaning of a single day; a day that no calendar has is said to be none."""
    return Reason.BAD_DATE if day is None else Days(day, day)
