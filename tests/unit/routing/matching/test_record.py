"""A decision that was written down is the same when it is made again, also by the code of later versions."""

import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given

from tests.unit.routing.matching.people import GROUPS, LANGUAGES, POLICY, cases, policies, seat, seats, wanted
from yizhan.core.messages.ids import derived_id
from yizhan.routing.matching.choose import choose
from yizhan.routing.matching.dispatch import outlook
from yizhan.routing.matching.eligible import WhyNot
from yizhan.routing.matching.facts import Policy, Seat, Wanted
from yizhan.routing.matching.record import RecordInvalid, in_words, recompute, record, recorded, same_today

GOLDEN = Path(__file__).with_name("golden_records.jsonl")
"""Decisions of version 1, never to be changed: rules that decide them otherwise need another ``RULES``, and a word in
``docs/routing.md``; the records of before must go on showing what was decided."""


@given(seats(), cases(), policies)
def test_made_again_it_is_the_same(team: list[Seat], waiting: list[Wanted], policy: Policy) -> None:
    for case in waiting:
        decision = outlook(case.case_id, waiting, team, policy)
        assert decision is not None
        text = record(decision)
        assert recompute(text) == decision
        assert record(recompute(text)) == text
        assert same_today(text)
        assert recorded(text).agent_id == decision.agent_id
        assert recorded(text).reasons == tuple((each.seat.agent_id, each.why_not) for each in decision.standings)


def golden() -> list[str]:
    return GOLDEN.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("number", range(40))
def test_the_rules_of_today_decide_as_they_did(number: int) -> None:
    assert same_today(golden()[number])


def test_the_kept_decisions_meet_every_reason_and_every_component() -> None:
    kept = [recorded(text) for text in golden()]
    assert {reason for each in kept for _, reason in each.reasons} == {None, *WhyNot}
    by = {each.decided_by for each in kept}
    assert by == {"", "passed", "last_agent", "skill", "language", "load", "offered", "served_today", "id"}


def test_a_record_shows_what_was_decided_even_where_rules_have_changed() -> None:
    text = record(choose(wanted(), [seat("a"), seat("b")], POLICY)).replace('"agent":"a"', '"agent":"b"')
    assert recorded(text).agent_id == "b"
    assert recompute(text).agent_id == "a"
    assert not same_today(text)


def five_hundred(alike: bool) -> list[Seat]:
    chance = random.Random(1)
    return [
        seat(
            derived_id("agent", f"{number}"),
            heard_ago=chance.uniform(0, 90),
            capacity=3 if alike else chance.randint(1, 6),
            load=chance.randint(0, 4),
            skills=tuple((name, 3 if alike else chance.randint(1, 5)) for name in ("fraud", "refund")),
            languages=("zh",) if alike else tuple(chance.sample(LANGUAGES, 2)),
            groups=(chance.choice(GROUPS),),
            offered_ago=chance.uniform(0, 4000),
            served_today=chance.randint(0, 60),
        )
        for number in range(500)
    ]


@pytest.mark.parametrize(("alike", "most"), [(False, 64), (True, 48)], ids=["no two alike", "many alike"])
def test_five_hundred_agents_fit_into_a_row(alike: bool, most: int) -> None:
    size = len(record(choose(wanted(skills=("fraud",)), five_hundred(alike), POLICY)))
    print(f"\na record of 500 agents: {size} bytes, {size / 500:.0f} per agent")
    assert size < most * 1024


def test_the_words_name_the_chosen_and_why_each_other_not() -> None:
    team = [seat("li"), seat("wang", load=1), seat("zhao", presence="away")]
    assert in_words(choose(wanted("c1"), team, POLICY)) == [
        "case c1: li, ahead in load",
        "  li: place 1 (passed 0, last_agent 0, skill [0, 0], language 0, load 0.3333)",
        "  wang: place 2 (passed 0, last_agent 0, skill [0, 0], language 0, load 0.6667)",
        "  zhao: away",
    ]
    assert in_words(choose(wanted("c1"), team[2:], POLICY))[0] == "case c1: nobody could be asked"
    assert in_words(choose(wanted("c1"), team[1:], POLICY))[0] == "case c1: wang, nobody else could be asked"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"v": 2}', '{"v": 1}', '{"v": 1, "case": [], "seats": [[]], "why": "."}'],
)
def test_what_is_no_record_is_refused(text: str) -> None:
    for read in (recompute, recorded, same_today):
        with pytest.raises(RecordInvalid):
            read(text)


@pytest.mark.parametrize("part", ["policy", "case", "profiles", "seats", "held"])
def test_a_damaged_record_is_refused(part: str) -> None:
    content = orjson.loads(record(choose(wanted(), [seat("a")], POLICY)))
    damages: list[Any] = [5, [[]], None]
    for damage in damages:
        with pytest.raises(RecordInvalid):
            recompute(orjson.dumps(content | {part: damage}).decode())
