"""A day as operation kept it becomes a day that can be played again: nothing is invented unsaid."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.routing.matching import make_day
from yizhan.core.messages.address import Address
from yizhan.routing.desk import Case, CaseState
from yizhan.routing.matching.day import read_day, written_day
from yizhan.routing.matching.escalation import Step
from yizhan.routing.matching.facts import Policy, Presence
from yizhan.routing.matching.what_if import Rules, read_rules, written_rules
from yizhan.routing.recording import Kept, Names, NotedAgent, NotedOffer, names_of, recorded, without_history

DAY = datetime(2026, 11, 20, tzinfo=UTC)
NAMES = Names({"a1": "李", "a2": "王"}, {"g1": "售后"})


def at(seconds: float) -> datetime:
    return DAY + timedelta(seconds=seconds)


LI = NotedAgent("a1", at(-900), Presence.ONLINE, 3, False, (("refund", 4),), ("zh",), ("g1",))
CASE = Case(
    "c1", "shop", "v1", Address("shop", "website", "demo", "v1"), 2, CaseState.WAITING, "requested", "", "", at(100),
    at(160), group_id="g1", priority=2, language="zh", skills=("refund",), last_agent="a2", level=3,
)  # fmt: skip
SERVED = replace(CASE, state=CaseState.DONE, agent_id="a1", assigned_at=at(112), ended_at=at(352.5))


def kept(
    *cases: Case, offers: Sequence[NotedOffer] = (), agents: Sequence[NotedAgent] = (LI,), until: float = 3600
) -> Kept:
    return Kept(DAY, at(until), agents, cases, offers, offer=20.0)


def test_who_was_there_is_there_from_the_first_second_and_changes_later() -> None:
    away = replace(LI, at=at(60), presence=Presence.AWAY)
    gone = replace(LI, at=at(90), presence=Presence.OFFLINE, capacity=1)
    first, second, third = recorded(kept(CASE, agents=(LI, away, gone)), NAMES).day.staffed
    assert (first.at, first.seat.agent_id, first.seat.online, first.seat.capacity) == (0.0, "李", True, 3)
    assert (first.seat.skills, first.seat.languages, first.seat.groups) == ((("refund", 4),), ("zh",), ("售后",))
    assert (second.at, second.seat.presence, second.seat.online) == (60.0, "away", True)
    assert (third.at, third.seat.online, third.seat.capacity) == (90.0, False, 1)


def test_a_case_asks_for_what_it_asked_for_and_takes_as_long_as_it_took() -> None:
    made = recorded(kept(SERVED, offers=[NotedOffer("c1", at(108), "a1")]), NAMES)
    [asked] = made.day.asked
    wanted = asked.wanted
    assert (asked.at, asked.promise, asked.handling, asked.answers, asked.declines) == (100.0, 60.0, 240.5, (4.0,), 0)
    assert (wanted.group, wanted.last_agent, wanted.skills) == ("售后", "王", ("refund",))
    assert (wanted.language, wanted.priority, wanted.channel) == ("zh", 2, "website")
    assert wanted.level == 0, "how far it had to climb is what is played again, not given"
    assert made.guessed == 0


WAITED = replace(CASE, state=CaseState.TICKETED, ended_at=at(160))
OFFERS = [NotedOffer("c1", at(100), "a1"), NotedOffer("c1", at(109), "a2"), NotedOffer("c1", at(130), "a1")]


@pytest.mark.parametrize(
    ("case", "offers", "answers", "declines"),
    [
        pytest.param(
            replace(SERVED, assigned_at=at(133)), OFFERS, (9.0, 20.0, 3.0), 2, id="two let it go, one took it"
        ),
        pytest.param(WAITED, OFFERS, (9.0, 20.0, 20.0), 3, id="nobody took it"),
        pytest.param(WAITED, [], (), 0, id="nobody was asked"),
        pytest.param(CASE, OFFERS[:1], (20.0,), 1, id="somebody is being asked"),
    ],
)
def test_how_those_asked_reacted(
    case: Case, offers: list[NotedOffer], answers: tuple[float, ...], declines: int
) -> None:
    [asked] = recorded(kept(case, offers=offers), NAMES).day.asked
    assert (asked.answers, asked.declines) == (answers, declines)


def test_a_conversation_taken_over_is_the_work_of_who_took_it() -> None:
    [asked] = recorded(kept(replace(SERVED, assigned_at=CASE.requested_at)), NAMES).day.asked
    assert (asked.wanted.only, asked.answers) == ("李", (0.0,))


def test_cases_not_served_to_their_end_take_as_long_as_others_and_are_counted() -> None:
    long = replace(SERVED, id="c2", ended_at=at(112 + 600))
    running = replace(SERVED, id="c3", state=CaseState.ASSIGNED, ended_at=None)
    made = recorded(kept(SERVED, long, running, WAITED, until=2000), NAMES)
    assert [asked.handling for asked in made.day.asked] == [240.5, 600.0, 1888.0, 420.25]
    assert made.guessed == 2


def test_what_is_called_the_same_keeps_its_id() -> None:
    assert names_of([("a1", "李"), ("a2", "王"), ("a3", "李")]) == {"a1": "李 (a1)", "a2": "王", "a3": "李 (a3)"}


def test_agents_of_whom_nothing_was_noted_are_as_today() -> None:
    other = replace(LI, agent_id="a2", at=at(9999))
    assert without_history([LI], [replace(LI, capacity=9), other], DAY) == [LI, replace(other, at=DAY)]


def test_what_is_written_is_read_as_the_same_day() -> None:
    day = read_day(make_day.FILE.read_text("utf-8").splitlines())
    assert read_day(written_day(day)) == day


def test_rules_that_are_written_are_read_as_the_same_rules() -> None:
    policy = Policy(wider=(("售后", ("销售", "其他")),), supervisors_from=0)
    rules = Rules(policy, (Step(20, 1), Step(40, 3)), 12.5)
    assert read_rules(written_rules(rules)) == rules
