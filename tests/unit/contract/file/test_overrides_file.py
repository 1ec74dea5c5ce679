"""Days that an administrator types in: what is wrong is told by line, and no day is decided twice."""

from datetime import date

import pytest

from yizhan.contract.calendar import Span
from yizhan.contract.calendar_plan import Override
from yizhan.contract.overrides_file import OverridesInvalid, parse_overrides

WRONG = {
    "no list": ("overrides: closed\n", 1, "overrides", "must be a list"),
    "a day in words": (
        "overrides:\n  - {day: tomorrow, closed: true, reason: x}\n",
        2,
        "overrides[0].day",
        "2027-02-06",
    ),
    "a day that is none": (
        "overrides:\n  - {day: 2027-02-30, closed: true, reason: x}\n",
        2,
        "overrides[0].day",
        "2027-02-06",
    ),
    "a day without its year's digits": (
        "overrides:\n  - {day: 20270206, closed: true, reason: x}\n",
        2,
        "overrides[0].day",
        "2027-02-06",
    ),
    "a day of a week": (
        "overrides:\n  - {day: 2027-W05-6, closed: true, reason: x}\n",
        2,
        "overrides[0].day",
        "2027-02-06",
    ),
    "neither closed nor open": (
        "overrides:\n  - {day: 2027-02-06, reason: x}\n",
        2,
        "overrides[0].closed",
        "exactly one",
    ),
    "closed and open": (
        'overrides:\n  - day: 2027-02-06\n    closed: true\n    hours: "09:00-18:00"\n    reason: x\n',
        4,
        "overrides[0].hours",
        "exactly one",
    ),
    "hours over each other": (
        'overrides:\n  - day: 2027-02-06\n    hours: ["09:00-13:00", "12:00-18:00"]\n    reason: x\n',
        3,
        "overrides[0].hours",
        "overlap",
    ),
    "no reason": ("overrides:\n  - {day: 2027-02-06, closed: true}\n", 2, "overrides[0].reason", "is missing"),
    "an empty reason": (
        'overrides:\n  - {day: 2027-02-06, closed: true, reason: ""}\n',
        2,
        "overrides[0].reason",
        "one line",
    ),
    "an end before the beginning": (
        "overrides:\n  - {day: 2027-02-06, until: 2027-02-05, closed: true, reason: x}\n",
        2,
        "overrides[0].until",
        "before day",
    ),
    "more than a year": (
        "overrides:\n  - {day: 2027-02-06, until: 2028-02-07, closed: true, reason: x}\n",
        2,
        "overrides[0].until",
        "one year at most",
    ),
    "a misspelt key": (
        "overrides:\n  - {day: 2027-02-06, closed: true, reasons: x}\n",
        2,
        "overrides[0].reasons",
        "did you mean 'reason'?",
    ),
    "a day twice": (
        "overrides:\n  - {day: 2027-02-06, until: 2027-02-08, closed: true, reason: x}\n  - {day: 2027-02-08, hours: [], reason: y}\n",
        3,
        "overrides[1].day",
        "2027-02-08 is there already, in line 2",
    ),
    "broken YAML": ("overrides: [\n", 2, "", "not valid YAML"),
}


@pytest.mark.parametrize(("text", "line", "place", "reason"), WRONG.values(), ids=WRONG)
def test_wrong_days_are_told_with_their_lines(text: str, line: int, place: str, reason: str) -> None:
    with pytest.raises(OverridesInvalid) as refused:
        parse_overrides(text)
    (problem,) = refused.value.problems
    assert (problem.line, problem.place) == (line, place)
    assert reason in problem.reason_en
    assert problem.reason_zh


def test_days_come_in_order_and_a_row_of_days_one_by_one() -> None:
    text = (
        "overrides:\n"
        '  - {day: 2027-02-20, hours: ["13:30-18:00", "09:00-12:00"], reason: 调休}\n'
        "  - {day: 2027-02-06, until: 2027-02-07, closed: true, reason: 春节}\n"
        "  - {day: 2027-03-01, hours: closed, reason: 盘点}\n"
    )
    assert parse_overrides(text) == (
        Override(date(2027, 2, 6), (), "春节"),
        Override(date(2027, 2, 7), (), "春节"),
        Override(date(2027, 2, 20), (Span(540, 720), Span(810, 1080)), "调休"),
        Override(date(2027, 3, 1), (), "盘点"),
    )


def test_no_days_are_no_problem() -> None:
    assert parse_overrides("overrides: []\n") == ()
