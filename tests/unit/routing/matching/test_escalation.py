"""The ladder of a case that nobody serves."""

import pytest
from hypothesis import given, strategies as st

from yizhan.contract.clauses import STEPS, To
from yizhan.routing.matching.escalation import STANDARD, LadderInvalid, Rung, Step, checked, rung
from yizhan.routing.matching.facts import Level


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        pytest.param(-1, Rung(0, False, 20), id="a clock a second behind"),
        pytest.param(0, Rung(0, False, 20), id="at once: the own group"),
        pytest.param(19.999, Rung(0, False, 20), id="just before a step"),
        pytest.param(20, Rung(1, False, 40), id="at a step's very second"),
        pytest.param(39, Rung(1, False, 40), id="still the wider groups"),
        pytest.param(40, Rung(3, False, 60), id="everybody, supervisors too"),
        pytest.param(60, Rung(3, True, None), id="a ticket, and nothing more"),
        pytest.param(9999, Rung(3, True, None), id="long after"),
    ],
)
def test_where_a_case_stands(elapsed: float, expected: Rung) -> None:
    assert rung(STANDARD, elapsed) == expected


def test_the_standard_ladder_is_that_of_the_contract_as_shipped() -> None:
    assert [(step.after, step.ticket) for step in STANDARD] == [
        (step.after.total_seconds(), step.to is To.TICKET) for step in STEPS
    ]
    assert [step.to for step in STEPS] == [To.GROUP, To.SUPERVISORS, To.TICKET]
    assert [step.level for step in STANDARD] == [Level.WIDER_GROUPS, Level.SUPERVISORS, Level.SUPERVISORS]


def test_a_contract_without_steps_stays_with_the_own_group() -> None:
    assert rung((), 1e9) == Rung(0, False, None)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        pytest.param([Step(-1, 1)], "before the request", id="before it began"),
        pytest.param([Step(10, 1), Step(10, 2)], "there are two", id="two at once"),
        pytest.param([Step(10, 2), Step(20, 1)], "can only rise", id="back to fewer people"),
        pytest.param([Step(10, 4)], "up to 3", id="a level that is none"),
        pytest.param([Step(10, ticket=True), Step(20, 3)], "comes after the ticket", id="asking on after the ticket"),
    ],
)
def test_what_is_no_ladder_is_refused(steps: list[Step], words: str) -> None:
    with pytest.raises(LadderInvalid, match=words):
        checked(steps)


def test_steps_may_be_written_in_any_order() -> None:
    assert checked(reversed(STANDARD)) == STANDARD


@given(st.lists(st.floats(0, 100), min_size=2, max_size=20))
def test_a_case_never_comes_down_again_and_knows_its_next_step(moments: list[float]) -> None:
    moments.sort()
    rungs = [rung(STANDARD, moment) for moment in moments]
    assert [each.level for each in rungs] == sorted(each.level for each in rungs)
    assert [each.ticket for each in rungs] == sorted(each.ticket for each in rungs)
    for each, moment in zip(rungs, moments, strict=True):
        if each.next_after is not None:
            assert each.next_after > moment
            assert rung(STANDARD, each.next_after) != each
