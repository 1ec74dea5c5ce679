"""Single days that differ from a calendar, as a file of the business says them: under ``overrides``, items such as
``{day: 2027-02-06, until: 2027-02-12, closed: true, reason: 春节}`` or
``{day: 2027-02-20, hours: ["09:00-18:00"], reason: 调休}``.
"""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field, ValidationError

from yizhan.contract import reasons
from yizhan.contract.calendar_plan import Override
from yizhan.contract.file import ContractInvalid, readable
from yizhan.contract.shape import Strict
from yizhan.contract.values import Day, DayHours, Line
from yizhan.core.documents.reasons import Problem, Reason
from yizhan.core.documents.shapes import problem_at, shape_problems
from yizhan.core.documents.tree import Tree

MOST = 2_000
MOST_BYTES = 400_000
_LONGEST = timedelta(days=366)
_DAY = timedelta(days=1)


class _Entry(Strict):
    day: Day
    until: Day | None = None
    closed: bool = False
    hours: DayHours | None = None
    reason: Line


class _File(Strict):
    overrides: Annotated[list[_Entry], Field(max_length=MOST)]


class OverridesInvalid(ContractInvalid):
    """The file holds no overrides; ``problems`` as with a contract."""


def parse_overrides(text: str) -> tuple[Override, ...]:
    """In the order of their days, each day once. Raises OverridesInvalid."""
    tree, entries = _entries(text)
    found: dict[date, tuple[Override, int]] = {}
    problems: list[Problem] = []
    for number, entry in enumerate(entries):
        wrong = _wrong(entry)
        if wrong is not None:
            problems.append(problem_at(tree, ("overrides", number, wrong[0]), wrong[1]))
            continue
        for day in _days(entry):
            if day in found:
                problems.append(_repeated(tree, number, day, found[day][1]))
                break
            found[day] = Override(day, tuple(entry.hours or ()), entry.reason), number
    if problems:
        raise OverridesInvalid(problems)
    return tuple(found[day][0] for day in sorted(found))


def _entries(text: str) -> tuple[Tree, list[_Entry]]:
    """Raises OverridesInvalid."""
    try:
        tree = readable(text, MOST_BYTES)
    except ContractInvalid as invalid:
        raise OverridesInvalid(invalid.problems) from invalid
    try:
        return tree, _File.model_validate(tree.values).overrides
    except ValidationError as invalid:
        raise OverridesInvalid(shape_problems(invalid, _File, tree)) from invalid


def _wrong(entry: _Entry) -> tuple[str, Reason] | None:
    """The key and what is wrong with it."""
    if entry.closed is (entry.hours is not None):
        return "hours" if entry.hours is not None else "closed", reasons.CLOSED_OR_HOURS
    if entry.until is not None and entry.until < entry.day:
        return "until", reasons.UNTIL_BEFORE
    if entry.until is not None and entry.until - entry.day >= _LONGEST:
        return "until", reasons.UNTIL_TOO_FAR
    return None


def _days(entry: _Entry) -> list[date]:
    last = entry.until or entry.day
    return [entry.day + _DAY * number for number in range((last - entry.day).days + 1)]


def _repeated(tree: Tree, number: int, day: date, first: int) -> Problem:
    reason = reasons.repeated_day(day.isoformat(), tree.line(("overrides", first)))
    return problem_at(tree, ("overrides", number, "day"), reason)
