"""A recorded day and its rules as files: what is wrong is said with its line, and nothing is guessed."""

import json

import pytest

from tests.unit.routing.matching import make_day
from yizhan.routing.matching.day import DayInvalid, read_day
from yizhan.routing.matching.escalation import Step
from yizhan.routing.matching.facts import Presence
from yizhan.routing.matching.what_if import Rules, RulesInvalid, Staffing, read_rules, restaffed

CASE = '{"at": 5, "case": "c1", "handling": 60}'


def test_a_line_about_an_agent_says_what_changes_and_the_rest_stays() -> None:
    lines = [
        '{"at": 50, "agent": "li", "presence": "away"}',
        CASE,
        "",
        '{"at": 0, "agent": "li", "capacity": 4, "skills": {"refund": 2, "fraud": 5}, "groups": ["sales"]}',
        '{"at": 90, "agent": "li", "online": false}',
    ]
    first, second, third = (each.seat for each in read_day(lines).staffed)
    assert (first.capacity, first.presence, first.skills) == (4, Presence.ONLINE, (("fraud", 5), ("refund", 2)))
    assert (second.capacity, second.presence, second.online) == (4, Presence.AWAY, True)
    assert (third.groups, third.presence, third.online) == (("sales",), Presence.AWAY, False)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param([], "no line is about a case", id="an empty file"),
        pytest.param(['{"at": 0, "agent": "li"}'], "no line is about a case", id="nobody asks"),
        pytest.param([CASE, "{"], "line 2: Invalid JSON", id="no JSON"),
        pytest.param(["[]"], "line 1: Input should be an object", id="no object"),
        pytest.param([CASE, "", CASE], "line 3: case c1 is in line 1 already", id="a case twice"),
        pytest.param(['{"at": 5, "case": "c1"}'], "line 1: handling: Field required", id="no handling time"),
        pytest.param([CASE.replace("5", "-5")], "line 1: at: ", id="before the day"),
        pytest.param([CASE.replace("60", "1e999")], "line 1: handling: ", id="no end of it"),
        pytest.param([CASE.replace("case", "cse")], "line 1: case: Field required", id="a misspelt name"),
        pytest.param(
            ['{"at": 0, "agent": "li", "skills": {"refund": 6}}'], "line 1: skills.refund: ", id="a level too high"
        ),
        pytest.param(
            ['{"at": 0, "agent": "li", "presence": "gone"}'], "line 1: presence: ", id="a presence that is none"
        ),
        pytest.param(['{"at": 0, "agent": "li", "shoe": 43}'], "line 1: shoe: ", id="a fact nobody asked for"),
    ],
)
def test_what_is_no_day_is_refused_with_its_line(lines: list[str], problem: str) -> None:
    with pytest.raises(DayInvalid) as caught:
        read_day(lines)
    assert any(each.startswith(problem) for each in caught.value.problems)


def test_a_file_that_is_wrong_throughout_is_told_in_twenty_lines() -> None:
    with pytest.raises(DayInvalid) as caught:
        read_day(["x"] * 1000)
    assert len(caught.value.problems) == 20


def test_the_example_is_what_its_script_makes() -> None:
    assert make_day.FILE.read_text(encoding="utf-8") == make_day.text()


def test_rules_that_are_not_named_are_as_shipped() -> None:
    assert read_rules("") == Rules()
    rules = read_rules("wider: {sales: [support]}\nsteps: [{after: 30, ticket: true}]\ncredit: [0, 1, 2, 3]\noffer: 9")
    assert rules.policy.wider == (("sales", ("support",)),)
    assert (rules.steps, rules.policy.credit, rules.offer) == ((Step(30, ticket=True),), (0, 1, 2, 3), 9)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a: [", "not YAML", id="no YAML"),
        pytest.param("- 1", "Input should be", id="a list"),
        pytest.param("credits: [1, 2]", "credits: Extra", id="a misspelt name"),
        pytest.param("credit: [1, 2]", "credit", id="too few priorities"),
        pytest.param("steps: [{after: 5, level: 9}]", "steps.0.level", id="a level that is none"),
        pytest.param(
            "steps: [{after: 5, ticket: true}, {after: 9, level: 2}]", "steps: the step after 9 s", id="no ladder"
        ),
    ],
)
def test_rules_that_are_wrong_are_refused(text: str, problem: str) -> None:
    with pytest.raises(RulesInvalid) as caught:
        read_rules(text)
    assert any(problem in each for each in caught.value.problems)


def test_other_people_are_there() -> None:
    day = read_day(
        [CASE, *(json.dumps({"at": 1, "agent": name, "supervisor": name == "boss"}) for name in ("li", "wang", "boss"))]
    )
    people = restaffed(day, Staffing(without=frozenset({"wang"}), capacity=7, extra=2)).staffed
    assert [each.seat.agent_id for each in people] == ["li", "boss", "li+1", "li+2"]
    assert {each.seat.capacity for each in people} == {7}
    assert restaffed(read_day([CASE]), Staffing(extra=5)).staffed == ()
