"""A day played again: nobody has too much, every case ends as one thing, and the same day gives the same figures."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.unit.routing.matching import make_day
from yizhan.routing.matching.day import Day, read_day
from yizhan.routing.matching.escalation import Step
from yizhan.routing.matching.facts import Policy
from yizhan.routing.matching.outcome import outcome
from yizhan.routing.matching.simulate import Played, play
from yizhan.routing.matching.what_if import Rules, Staffing, restaffed


def day(*rows: dict[str, Any]) -> Day:
    return read_day(map(json.dumps, rows))


def agent(name: str = "li", at: float = 0, **facts: Any) -> dict[str, Any]:
    return {"at": at, "agent": name, **facts}


def case(name: str, at: float, **facts: Any) -> dict[str, Any]:
    return {"at": at, "case": name, "handling": 100, "answers": [2] * 9, **facts}


def ends(played: Played) -> dict[str, tuple[str, float, int]]:
    return {each.case_id: (each.agent_id, round(each.waited, 3), each.level) for each in played.served}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([agent(), case("a", 10)], {"a": ("li", 2, 0)}, id="served at once"),
        pytest.param([case("a", 10)], {"a": ("", 60, 3)}, id="nobody there all day"),
        pytest.param([case("a", 10), agent(at=30)], {"a": ("li", 22, 1)}, id="somebody comes"),
        pytest.param(
            [agent(), case("a", 0), case("b", 60)],
            {"a": ("li", 2, 0), "b": ("li", 44, 3)},
            id="waits for the one before",
        ),
        pytest.param(
            [agent(), case("a", 0), case("b", 1)], {"a": ("li", 2, 0), "b": ("", 60, 3)}, id="waits too long: a ticket"
        ),
        pytest.param(
            [agent(), agent("wu"), case("a", 0, declines=1)], {"a": ("wu", 4, 0)}, id="declined, then another"
        ),
        pytest.param([agent(), case("a", 0, declines=1)], {"a": ("li", 4, 0)}, id="declined, and nobody else"),
        pytest.param(
            [agent(), agent("wu"), case("a", 0, answers=[99, 3])], {"a": ("wu", 18, 0)}, id="lapsed, then another"
        ),
        pytest.param([agent(), case("a", 0, answers=[99] * 9)], {"a": ("", 60, 3)}, id="never answered: a ticket"),
        pytest.param(
            [agent(), agent("wu"), agent(at=1, online=False), case("a", 0)],
            {"a": ("wu", 3, 0)},
            id="signs off with an offer open",
        ),
        pytest.param(
            [agent(groups=["x"]), case("a", 0, group="y")],
            {"a": ("li", 42, 3)},
            id="another group, once everybody is asked",
        ),
        pytest.param(
            [agent("boss", supervisor=True), case("a", 0)],
            {"a": ("boss", 42, 3)},
            id="a supervisor, when nobody else could",
        ),
        pytest.param(
            [agent(), agent("wu", capacity=0), case("a", 0, only="wu")],
            {"a": ("li", 22, 1)},
            id="handed to one without room",
        ),
        pytest.param([agent(), case("a", 0, promise=5, answers=[5.5])], {"a": ("", 5, 0)}, id="accepted too late"),
    ],
)
def test_what_becomes_of_a_case(rows: list[dict[str, Any]], expected: dict[str, tuple[str, float, int]]) -> None:
    assert ends(play(day(*rows), Rules())) == expected


def test_an_agent_who_signs_off_finishes_what_they_have() -> None:
    result = play(day(agent(), case("a", 0), agent(at=50, online=False)), Rules())
    assert [(each.there, each.busy) for each in result.worked] == [(50.0, 102.0)]


def test_the_figures_add_up_by_hand() -> None:
    rows = [agent(groups=["x"]), case("a", 0, group="x"), case("b", 60, group="x"), case("c", 61, group="x")]
    result = outcome(play(day(*rows), Rules()))
    assert (result.total.met, result.total.escalated, result.total.ticketed) == (1, 1, 1)
    assert (result.total.waits.p50, result.total.waits.p90, result.total.waits.longest) == (2, 44, 44)
    assert result.agents[0].served == 2
    assert result.utilisation == 1.0
    assert [each.group for each in result.groups] == ["x"]


def example() -> Day:
    return read_day(make_day.text().splitlines())


def test_the_example_day_comes_out_as_documented() -> None:
    result = outcome(play(example(), Rules()))
    total = result.total
    assert total.met + total.escalated + total.ticketed == total.cases == make_day.CASES
    assert sum(each.figures.cases for each in result.groups) == total.cases
    assert (total.met, total.escalated, total.ticketed) == (329, 59, 32)


def test_other_rules_and_more_people_keep_more_promises() -> None:
    before = outcome(play(example(), Rules())).total
    wider = Rules(Policy(), (Step(5, 1), Step(10, 2), Step(15, 3), Step(60, 3, ticket=True)))
    assert outcome(play(example(), wider)).total.ticketed < before.ticketed
    assert outcome(play(restaffed(example(), Staffing(extra=12)), Rules())).total.ticketed < before.ticketed


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    assert play(example(), Rules(), 7) == play(example(), Rules(), 7)
    assert play(example(), Rules(), 7) != play(example(), Rules(), 8)


names = st.sampled_from(["a", "b", "c"])
agents = st.builds(
    agent,
    names,
    st.integers(0, 300),
    online=st.booleans(),
    presence=st.sampled_from(["online", "online", "away"]),
    groups=st.lists(st.sampled_from(["x", "y"]), max_size=2),
    supervisor=st.booleans(),
)
asked = st.builds(
    lambda number, at, **facts: case(f"{number}", at, **facts),
    st.integers(0, 40),
    st.floats(0, 300),
    weight=st.integers(1, 3),
    group=st.sampled_from(["", "x", "y"]),
    handling=st.floats(0, 200),
    declines=st.integers(0, 2),
    answers=st.lists(st.floats(0, 20), max_size=3),
    promise=st.floats(0.5, 120),
    priority=st.integers(0, 3),
)


@settings(max_examples=60)
@given(
    st.lists(agents, max_size=8),
    st.lists(asked, min_size=1, max_size=25, unique_by=lambda row: row["case"]),
    st.integers(1, 4),
)
def test_whatever_the_day_every_case_ends_once_and_nobody_has_too_much(
    people: list[dict[str, Any]], rows: list[dict[str, Any]], capacity: int
) -> None:
    whole = restaffed(day(*people, *rows), Staffing(capacity=capacity))
    result = play(whole, Rules())
    assert Counter(each.case_id for each in result.served) == Counter(row["case"] for row in rows)
    came = {each.wanted.case_id: each for each in whole.asked}
    changes: dict[str, list[tuple[float, int]]] = {}
    for each in result.served:
        one = came[each.case_id]
        assert each.waited <= min(one.promise, 60) + 0.01
        if each.agent_id:
            begin = one.at + each.waited
            changes.setdefault(each.agent_id, []).append((begin, one.wanted.weight))
            changes[each.agent_id].append((begin + one.handling, -one.wanted.weight))
    for moments in changes.values():
        load = 0
        for _, change in sorted(moments):
            load += change
            assert load <= capacity
