"""Whose turn it is, and all waiting cases at one moment."""

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.unit.routing.matching.people import POLICY, cases, policies, seat, seats, wanted
from yizhan.routing.matching.choose import Decision, choose
from yizhan.routing.matching.dispatch import dispatch, in_order, outlook
from yizhan.routing.matching.eligible import WhyNot, why_not
from yizhan.routing.matching.facts import NO_DEADLINE, Policy, Priority, Seat, Wanted


def order(*waiting: Wanted) -> list[str]:
    return [each.case_id for each in in_order(waiting, POLICY)]


def offers(decisions: list[Decision]) -> dict[str, str]:
    return {each.wanted.case_id: each.agent_id for each in decisions}


def why(case_id: str, waiting: list[Wanted], team: list[Seat]) -> list[WhyNot | None]:
    decision = outlook(case_id, waiting, team, POLICY)
    assert decision is not None
    return [each.why_not for each in decision.standings]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"left": 10}, {"left": 50}, id="the promise that runs out first"),
        pytest.param({"left": -5}, {"left": 1}, id="a promise that is broken already"),
        pytest.param({"left": 10, "waited": 50}, {"left": 10, "waited": 20}, id="of equal promises, who asked first"),
        pytest.param({"left": 60, "priority": 3}, {"left": 10, "priority": 1}, id="urgent before somewhat older"),
        pytest.param(
            {"left": -70, "priority": 0}, {"left": 60, "priority": 3}, id="low, once it has waited long enough"
        ),
        pytest.param({"left": 60}, {"left": 1800}, id="a chat before an e-mail"),
        pytest.param({"left": 86400, "waited": 3590}, {"left": 60, "waited": 0}, id="an e-mail that waited an hour"),
        pytest.param(
            {"left": NO_DEADLINE, "waited": 3590}, {"left": 60, "waited": 0}, id="no promise, and an hour's wait"
        ),
        pytest.param({"case_id": "x"}, {"case_id": "y"}, id="equal in all: always the same one"),
    ],
)
def test_whose_turn_it_is(first: dict[str, Any], second: dict[str, Any]) -> None:
    one, other = wanted(**({"case_id": "first"} | first)), wanted(**({"case_id": "second"} | second))
    assert order(one, other) == order(other, one) == [one.case_id, other.case_id]


def test_a_priority_nobody_knows_counts_as_the_nearest_known() -> None:
    assert order(wanted("high", priority=9, left=50), wanted("low", priority=-9, left=40)) == ["high", "low"]


def test_one_look_at_the_queue_fills_everybody_evenly_and_nobody_too_much() -> None:
    team = [seat("a", capacity=2), seat("b", capacity=2)]
    decisions = dispatch([wanted(f"{n}", left=n) for n in range(6)], team, POLICY)
    assert offers(decisions) == {"0": "a", "1": "b", "2": "a", "3": "b"}
    third = decisions[2].standings[0].seat
    assert (third.load, third.offered_ago, third.served_today) == (1, 0.0, 1)
    assert why("5", [wanted(f"{n}", left=n) for n in range(6)], team) == [WhyNot.FULL, WhyNot.FULL]


def test_a_case_given_twice_is_offered_once() -> None:
    assert len(dispatch([wanted("x"), wanted("x", left=1), wanted("x")], [seat("a"), seat("b")], POLICY)) == 1


def test_light_cases_leave_the_room_that_a_heavy_one_waits_for() -> None:
    team = [seat("a", load=2), seat("b", load=1, groups=("sales",))]
    heavy, light = wanted("heavy", weight=3, left=1), wanted("light", left=2)
    decisions = dispatch([light, heavy], team, POLICY)
    assert offers(decisions) == {"light": "a"}
    assert [each.why_not for each in decisions[0].standings] == [None, WhyNot.HELD]
    assert why("light", [light, heavy], [seat("b", load=1)]) == [WhyNot.HELD]
    assert offers(dispatch([light, heavy], [seat("b", load=0)], POLICY)) == {"heavy": "b"}


def test_a_case_too_heavy_for_everybody_holds_nothing() -> None:
    assert offers(dispatch([wanted("heavy", weight=9, left=1), wanted("light")], [seat("a")], POLICY)) == {"light": "a"}


@given(seats(), cases(), policies)
def test_nobody_is_offered_what_they_cannot_take(team: list[Seat], waiting: list[Wanted], policy: Policy) -> None:
    decisions = dispatch(waiting, team, policy)
    assert len({each.wanted.case_id for each in decisions}) == len(decisions)
    load = {each.agent_id: each.load for each in team}
    known = {each.agent_id: each for each in team}
    for decision in decisions:
        agent = known[decision.agent_id]
        assert why_not(decision.wanted, replace(agent, heard_ago=round(agent.heard_ago, 3), load=0), policy) is None
        load[agent.agent_id] += decision.wanted.weight
        assert load[agent.agent_id] <= agent.capacity


@given(seats(), cases(), policies)
def test_who_is_not_offered_could_not_be_and_is_told_why(
    team: list[Seat], waiting: list[Wanted], policy: Policy
) -> None:
    offered = {each.wanted.case_id: each for each in dispatch(waiting, team, policy)}
    for case in waiting:
        decision = outlook(case.case_id, waiting, team, policy)
        assert decision is not None
        assert decision == offered.get(case.case_id, decision)
        assert bool(decision.agent_id) == (case.case_id in offered)
        assert bool(decision.agent_id) == any(each.why_not is None for each in decision.standings)


def test_who_does_not_wait_has_no_outlook() -> None:
    assert outlook("gone", [wanted("here")], [seat("a")], POLICY) is None


@given(seats(), cases(), policies, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_from_the_store_changes_nothing(
    team: list[Seat], waiting: list[Wanted], policy: Policy, chance: random.Random
) -> None:
    expected = dispatch(waiting, team, policy)
    chance.shuffle(team)
    chance.shuffle(waiting)
    assert dispatch(waiting, team, policy) == expected


@given(st.integers(2, 9), st.integers(0, 2**32), st.integers(1, 12))
def test_equal_agents_get_equal_shares(agents: int, seed: int, most: int) -> None:
    """Equal cases come in lots of any size, and every lot is done before the next comes."""
    chance, served = random.Random(seed), Counter[str]()
    team = {f"{n}": seat(f"{n}", capacity=12, offered_ago=-1.0) for n in range(agents)}
    rest = 200
    while rest:
        lot = [wanted(f"{rest}-{n}") for n in range(min(rest, chance.randint(1, most)))]
        team = {
            key: replace(each, offered_ago=each.offered_ago + 7 if each.offered_ago >= 0 else -1.0)
            for key, each in team.items()
        }
        for decision in dispatch(lot, team.values(), POLICY):
            served[decision.agent_id] += 1
            one = team[decision.agent_id]
            team[decision.agent_id] = replace(one, offered_ago=0.0, served_today=one.served_today + 1)
        rest -= len(lot)
        assert max(served.values()) - min(served[key] for key in team) <= 1
    assert served.total() == 200


def test_a_thousand_equal_cases_are_shared_to_within_one() -> None:
    served = Counter[str]()
    team = {f"{n}": seat(f"{n}", capacity=5) for n in range(7)}
    for number in range(1000):
        team = {
            key: replace(each, offered_ago=-1.0 if each.served_today == 0 else each.offered_ago + 3)
            for key, each in team.items()
        }
        taken = choose(wanted(f"{number}"), team.values(), POLICY).agent_id
        team[taken] = replace(team[taken], offered_ago=0.0, served_today=served[taken] + 1)
        served[taken] += 1
    assert sorted(served.values()) == [142, 143, 143, 143, 143, 143, 143]


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("weight", [1, 2, 3])
@pytest.mark.parametrize("promise", [60.0, 1800.0, NO_DEADLINE], ids=["a chat", "an e-mail", "no promise"])
def test_nobody_starves_behind_endless_urgent_cases(priority: Priority, weight: int, promise: float) -> None:
    """One agent with room for three; every ten seconds one conversation ends and an urgent light one is asked for.

    What can come before the case: all that was waiting, and what came within the patience and the widest credit.
    """
    policy = Policy(patience=900)
    bound = int((policy.patience + max(policy.credit)) / 10) + 3 + 20
    crowd: list[tuple[int, Wanted]] = [(0, wanted(f"old{n}", priority=3, left=60.0)) for n in range(20)]
    case, load = wanted("one", priority=priority, weight=weight, left=promise), 3
    for tick in range(1, bound + 1):
        load -= 1
        crowd.append((tick, wanted(f"new{tick:04}", priority=3, left=60.0)))
        waiting = [replace(each, waited=10.0 * (tick - at), left=60.0 - 10.0 * (tick - at)) for at, each in crowd]
        waiting.append(replace(case, waited=10.0 * tick, left=promise - 10.0 * tick))
        taken = offers(dispatch(waiting, [seat("a", load=load)], policy))
        if "one" in taken:
            return
        load += len(taken)
        assert load <= 3
        crowd = [(at, each) for at, each in crowd if each.case_id not in taken]
    pytest.fail(f"not offered within {bound} departures")
