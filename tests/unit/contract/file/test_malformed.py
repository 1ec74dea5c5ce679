"""Whoever writes a contract wrongly is told where and why, and no clock ever runs on it."""

import pytest

from tests.unit.contract.file.problems import told
from yizhan.contract.file import MOST_BYTES

HEAD = "contract: shop\n"

SHAPE = {
    "no id": ("title: Shop\n", 1, "contract", "is missing"),
    "an id with spaces": ("contract: my shop\n", 1, "contract", "small letters, digits and hyphens"),
    "an empty file": ("", 1, "contract", "is missing"),
    "a list instead of clauses": ("- 1\n- 2\n", 1, "", "must be a mapping"),
    "broken YAML": ("contract: [\n", 2, "", "not valid YAML"),
    "the same clause twice": (HEAD + "zone: UTC\nzone: UTC\n", 3, "zone", "'zone' is there more than once"),
    "an anchor": (HEAD + "title: &a x\nzone: *a\n", 3, "", "anchors and aliases"),
    "a misspelt clause": (HEAD + "hand_off: {window: 30s}\n", 2, "hand_off", "did you mean 'handoff'?"),
    "a misspelt key inside": (HEAD + "handoff:\n  windows: 30s\n", 3, "handoff.windows", "did you mean 'window'?"),
    "a misspelt key in a list": (
        HEAD + "handoff:\n  escalation:\n    - {afer: 20s, to: group}\n",
        4,
        "handoff.escalation[0].afer",
        "did you mean 'after'?",
    ),
    "a misspelt key of a calendar": (
        HEAD + 'calendars:\n  office:\n    hour: {mon: "09:00-18:00"}\n',
        4,
        "calendars.office.hour",
        "did you mean 'hours'?",
    ),
    "a misspelt figure with compensation": (
        HEAD + "compensation:\n  availibility: []\n",
        3,
        "compensation.availibility",
        "did you mean 'availability'?",
    ),
    "a key like no other": (HEAD + "waiting: {music: true}\n", 2, "waiting.music", "known here: tell_every, callback"),
    "seconds without a unit": (HEAD + "handoff: {window: 60}\n", 2, "handoff.window", "written like 10s"),
    "no time at all": (HEAD + "handoff: {window: 0s}\n", 2, "handoff.window", "above zero"),
    "a time with spaces": (HEAD + "tickets: {solution: 1d 12h}\n", 2, "tickets.solution", "written like 10s"),
    "a mapping for a time": (HEAD + "tickets: {solution: {hours: 1}}\n", 2, "tickets.solution", "written like 10s"),
    "more than all of a share": (
        HEAD + "targets: {transfer_success: 101%}\n",
        2,
        "targets.transfer_success",
        "between 0 and 100%",
    ),
    "a bare target that is no share": (
        HEAD + "targets:\n  auto_resolution: 95\n",
        3,
        "targets.auto_resolution.at_least",
        "between 0 and 100%",
    ),
    "satisfaction in percent": (HEAD + "targets: {satisfaction: 85%}\n", 2, "targets.satisfaction", "points"),
    "satisfaction above the scale": (HEAD + "targets: {satisfaction: 185}\n", 2, "targets.satisfaction", "0 to 100"),
    "a zone that is none": (HEAD + "zone: Asia/Beijing\n", 2, "zone", "no such time zone"),
    "a zone that is a path": (HEAD + "zone: ../../etc/localtime\n", 2, "zone", "no such time zone"),
    "a calendar's name with spaces": (
        HEAD + 'calendars:\n  My Desk:\n    hours: {daily: "09:00-18:00"}\n',
        3,
        "calendars.My Desk",
        "small letters, digits and hyphens",
    ),
    "a title over two lines": (HEAD + 'title: "a\\nb"\n', 2, "title", "one line"),
    "a callback offered when it is over": (
        HEAD + "waiting:\n  callback:\n    lead: 2d\n    latest: 1d\n",
        4,
        "waiting.callback.lead",
        "lead (48h) must be less than latest (24h)",
    ),
    "a callback with something unknown": (
        HEAD + "waiting:\n  callback: {leads: 10m}\n",
        3,
        "waiting.callback.leads",
        "did you mean 'lead'",
    ),
    "a switch that is neither": (HEAD + "waiting: {callback: maybe}\n", 2, "waiting.callback", "true or false"),
    "an exclusion nobody knows": (
        HEAD + "exclusions: [off_hours, bad_mood]\n",
        2,
        "exclusions[1]",
        "must be one of: 'off_hours'",
    ),
    "a pause nobody knows": (HEAD + "tickets: {paused_by: [solved]}\n", 2, "tickets.paused_by[0]", "'pending'"),
    "a step to nobody": (
        HEAD + "handoff:\n  escalation:\n    - after: 20s\n      to: boss\n",
        5,
        "handoff.escalation[0].to",
        "'supervisors'",
    ),
}

HOURS = {
    "no hours": ("{}", 3, "hours", "is missing"),
    "hours in words": ('{hours: {mon: "nine to five"}}', 3, "hours.mon[0]", 'written like "09:00-18:00"'),
    "a 25th hour": ('{hours: {mon: "09:00-25:00"}}', 3, "hours.mon[0]", "between 00:00 and 24:00"),
    "a 61st minute": ('{hours: {mon: "09:61-10:00"}}', 3, "hours.mon[0]", "between 00:00 and 24:00"),
    "a night shift in one": ('{hours: {mon: "22:00-06:00"}}', 3, "hours.mon[0]", "over midnight, write two"),
    "hours of no length": ('{hours: {mon: "09:00-09:00"}}', 3, "hours.mon[0]", "ends before it begins"),
    "lunch inside the morning": (
        '{hours: {mon: ["09:00-13:00", "12:00-18:00"]}}',
        3,
        "hours.mon",
        "overlap: 09:00-13:00 and 12:00-18:00",
    ),
    "the same day twice": (
        '{hours: {mon-fri: "09:00-18:00", wed: "10:00-12:00"}}',
        3,
        "hours.wed",
        "wed is there already",
    ),
    "a day in full": ('{hours: {monday: "09:00-18:00"}}', 3, "hours.monday", "did you mean 'mon'?"),
    "a day in another language": ('{hours: {周一: "09:00-18:00"}}', 3, "hours.周一", "write mon to sun"),
    "hours for every minute": (
        f"{{hours: {{mon: [{', '.join(['x'] * 25)}]}}}}".replace("x", '"09:00-09:01"'),
        3,
        "hours.mon",
        "more than the limit of 24",
    ),
    "days over the weekend": ('{hours: {fri-mon: "09:00-18:00"}}', 3, "hours.fri-mon", "backwards"),
    "a calendar that never opens": ("{hours: {mon-sun: closed}}", 3, "hours", "never open"),
    "a calendar without a day": ("{hours: {}}", 3, "hours", "never open"),
    "only make-up days": ('{hours: {daily: []}, holidays: CN, make_up_hours: "09:00-18:00"}', 3, "hours", "never open"),
    "make-up days without holidays": (
        '{hours: {daily: "09:00-18:00"}, make_up_hours: "09:00-18:00"}',
        3,
        "make_up_hours",
        "no make-up days",
    ),
    "a country without holidays": ('{hours: {daily: "09:00-18:00"}, holidays: XX}', 3, "holidays", "a code like CN"),
    "holidays by the country's name": (
        '{hours: {daily: "09:00-18:00"}, holidays: China}',
        3,
        "holidays",
        "a code like CN",
    ),
    "a zone of its own that is none": ('{zone: Mars, hours: {daily: "09:00-18:00"}}', 3, "zone", "no such time zone"),
}

TOGETHER = {
    "a calendar that is not there": (
        "first_response:\n  email: {calendar: office}\n",
        3,
        "first_response.email.calendar",
        "no calendar named 'office'; there are: always",
    ),
    "a calendar misspelt": (
        'calendars:\n  office:\n    hours: {daily: "09:00-18:00"}\ntickets:\n  calendar: ofice\n',
        6,
        "tickets.calendar",
        "did you mean 'office'?",
    ),
    "a priority's calendar that is not there": (
        "tickets:\n  priorities:\n    urgent: {calendar: night}\n",
        4,
        "tickets.priorities.urgent.calendar",
        "no calendar named 'night'",
    ),
    "its own always": (
        'calendars:\n  always:\n    hours: {daily: "09:00-18:00"}\n',
        3,
        "calendars.always",
        "cannot be defined",
    ),
    "an offer beyond the window": (
        "handoff:\n  window: 30s\n  offer: 40s\n",
        4,
        "handoff.offer",
        "offer (40s) is longer than window (30s)",
    ),
    "nobody waited for beyond the window": (
        "handoff: {window: 30s, nobody: 31s}\n",
        2,
        "handoff.nobody",
        "nobody (31s) is longer than window (30s)",
    ),
    "a step after the window": (
        "handoff:\n  window: 30s\n  escalation:\n    - {after: 40s, to: everyone}\n",
        5,
        "handoff.escalation[0].after",
        "after (40s) is longer than window (30s)",
    ),
    "steps out of order": (
        "handoff:\n  escalation:\n    - {after: 40s, to: group}\n    - {after: 20s, to: everyone}\n",
        5,
        "handoff.escalation[1].after",
        "20s is not later than the step before (40s)",
    ),
    "a step that narrows": (
        "handoff:\n  escalation:\n    - {after: 20s, to: supervisors}\n    - {after: 40s, to: group}\n",
        5,
        "handoff.escalation[1].to",
        "group goes no farther than the step before (supervisors)",
    ),
    "a ticket before the window ends": (
        "handoff:\n  escalation:\n    - {after: 45s, to: ticket}\n",
        4,
        "handoff.escalation[0].after",
        "the ticket comes when the window ends (1m), not before",
    ),
    "supervisors when it is too late": (
        "handoff:\n  escalation:\n    - {after: 60s, to: supervisors}\n",
        4,
        "handoff.escalation[0].after",
        "comes together with the ticket (1m)",
    ),
    "an answer after the solution": (
        "tickets:\n  response: 5h\n  solution: 4h\n",
        3,
        "tickets.response",
        "response (5h) is longer than solution (4h)",
    ),
    "an urgent answer after its solution": (
        "tickets:\n  priorities:\n    urgent: {response: 2h, solution: 1h}\n",
        4,
        "tickets.priorities.urgent.response",
        "response (2h) is longer than solution (1h)",
    ),
    "urgent slower than high": (
        "tickets:\n  priorities:\n    urgent: {solution: 8h}\n    high: {solution: 4h}\n",
        4,
        "tickets.priorities.urgent.solution",
        "urgent (8h) is slower than high (4h), which is less pressing",
    ),
    "urgent slower than normal, beside a high by another calendar": (
        (
            "tickets:\n  priorities:\n    urgent: {solution: 30h}\n    high: {calendar: day}\n"
            'calendars: {day: {hours: {daily: "09:00-18:00"}}}\n'
        ),
        4,
        "tickets.priorities.urgent.solution",
        "urgent (30h) is slower than normal (24h)",
    ),
    "low faster than all others": (
        "tickets:\n  priorities:\n    low: {solution: 4h}\n",
        4,
        "tickets.priorities.low.solution",
        "normal (24h) is slower than low (4h)",
    ),
    "an exclusion twice": (
        "exclusions:\n  - abuse\n  - abuse\n",
        4,
        "exclusions[1]",
        "'abuse' is there more than once",
    ),
    "a pause twice": (
        "tickets: {paused_by: [pending, pending]}\n",
        2,
        "tickets.paused_by[1]",
        "'pending' is there more than once",
    ),
    "response records for less than three months": (
        "retention:\n  responses: 91d\n",
        3,
        "retention.responses",
        "three months at least (92d), not 91d",
    ),
    "compensation for what meets the target": (
        "compensation:\n  availability:\n    - {below: 99.95%, credit: 5%}\n",
        4,
        "compensation.availability[0].below",
        "99.95% is above the target 99.9%",
    ),
    "tiers that do not descend": (
        "compensation:\n  availability:\n    - {below: 99%, credit: 5%}\n    - {below: 99%, credit: 10%}\n",
        5,
        "compensation.availability[1].below",
        "99% is not below the tier before (99%)",
    ),
    "less compensation for a worse figure": (
        "compensation:\n  satisfaction:\n    - {below: 80, credit: 5%}\n    - {below: 70, credit: 3%}\n",
        5,
        "compensation.satisfaction[1].credit",
        "3% is no more than the tier before (5%)",
    ),
    "a tier above the most that is paid": (
        "compensation:\n  at_most: 10%\n  availability:\n    - {below: 99%, credit: 20%}\n",
        5,
        "compensation.availability[0].credit",
        "20% is more than at_most (10%)",
    ),
}


@pytest.mark.parametrize(("text", "line", "place", "reason"), SHAPE.values(), ids=SHAPE)
def test_what_is_written_wrongly_is_told_with_its_line(text: str, line: int, place: str, reason: str) -> None:
    (found,) = told(text)
    assert (found[0], found[1]) == (line, place)
    assert reason in found[2]


@pytest.mark.parametrize(("calendar", "line", "place", "reason"), HOURS.values(), ids=HOURS)
def test_hours_that_are_none_are_refused(calendar: str, line: int, place: str, reason: str) -> None:
    (found,) = told(f"{HEAD}calendars:\n  desk: {calendar}\n")
    assert (found[0], found[1]) == (line, f"calendars.desk.{place}")
    assert reason in found[2]


@pytest.mark.parametrize(("clauses", "line", "place", "reason"), TOGETHER.values(), ids=TOGETHER)
def test_clauses_that_cannot_be_kept_together_are_refused(clauses: str, line: int, place: str, reason: str) -> None:
    (found,) = told(HEAD + clauses)
    assert (found[0], found[1]) == (line, place)
    assert reason in found[2]


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_lines() -> None:
    found = told("tickets: {solution: soon}\nhandoff:\n  window: 1x\n  ofer: 2s\ncontract: shop\nzone: here\n")
    assert [(line, place) for line, place, _ in found] == [
        (1, "tickets.solution"),
        (3, "handoff.window"),
        (4, "handoff.ofer"),
        (6, "zone"),
    ]


def test_several_clauses_that_contradict_are_told_at_once() -> None:
    found = told(f"{HEAD}handoff: {{window: 10s, offer: 20s}}\nretention: {{responses: 1d}}\n")
    assert [line for line, _, _ in found] == [2, 3]


def test_nothing_comes_after_the_ticket() -> None:
    steps = "    - {after: 60s, to: ticket}\n    - {after: 90s, to: supervisors}\n"
    found = told(f"{HEAD}handoff:\n  escalation:\n{steps}")
    assert found == [
        (5, "handoff.escalation[1].after", "after (1m30s) is longer than window (1m)"),
        (
            5,
            "handoff.escalation[1].to",
            "supervisors goes no farther than the step before (ticket); the order is group, everyone, supervisors, ticket",
        ),
    ]


def test_of_very_many_problems_the_first_are_told_and_how_many_more() -> None:
    found = told(HEAD + "".join(f"key{number}: 1\n" for number in range(300)))
    assert [line for line, _, _ in found] == [*range(2, 202), 0]
    assert found[-1][2] == "…100 more problems are not listed"


def test_a_file_beyond_all_measure_is_not_even_read() -> None:
    ((line, place, reason),) = told(HEAD + "#" * MOST_BYTES)
    assert (line, place) == (0, "")
    assert "larger than 64 kB" in reason
