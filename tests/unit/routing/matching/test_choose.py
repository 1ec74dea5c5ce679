"""Who gets one case, and why the others do not."""

from typing import Any

import pytest

from tests.unit.routing.matching.people import POLICY, seat, wanted
from yizhan.routing.matching.choose import Decision, choose
from yizhan.routing.matching.eligible import WhyNot
from yizhan.routing.matching.facts import NEVER, Policy, Seat, Wanted


def reasons(decision: Decision) -> dict[str, WhyNot | None]:
    return {each.seat.agent_id: each.why_not for each in decision.standings}


@pytest.mark.parametrize(
    ("agent", "case", "why_not"),
    [
        pytest.param({}, {}, None, id="somebody with room is asked"),
        pytest.param({"enabled": False}, {}, WhyNot.DISABLED, id="an account that was shut"),
        pytest.param({"online": False}, {}, WhyNot.OFFLINE, id="no screen of theirs is open"),
        pytest.param({"presence": "offline"}, {}, WhyNot.OFFLINE, id="signed out"),
        pytest.param({"heard_ago": 60.0}, {}, None, id="heard of at the last moment"),
        pytest.param({"heard_ago": 60.001}, {}, WhyNot.SILENT, id="not heard of since a moment"),
        pytest.param({"heard_ago": NEVER}, {}, WhyNot.SILENT, id="never heard of"),
        pytest.param({"presence": "away"}, {}, WhyNot.AWAY, id="at lunch"),
        pytest.param({"presence": "busy"}, {}, WhyNot.BUSY, id="wants nothing more now"),
        pytest.param({"presence": "dancing"}, {}, WhyNot.AWAY, id="a presence from a newer version"),
        pytest.param({"load": 3}, {}, WhyNot.FULL, id="no room"),
        pytest.param({"load": 2}, {"weight": 2}, WhyNot.FULL, id="not enough room for a heavy one"),
        pytest.param({"load": 1}, {"weight": 2}, None, id="just enough room for a heavy one"),
        pytest.param({"load": 5}, {}, WhyNot.FULL, id="more than full since capacity was lowered"),
        pytest.param({}, {"weight": 4}, WhyNot.TOO_HEAVY, id="never enough room"),
        pytest.param({"capacity": 0}, {}, WhyNot.TOO_HEAVY, id="takes no conversations at all"),
        pytest.param({"groups": ("support",)}, {"group": "sales"}, WhyNot.NOT_IN_GROUP, id="another group"),
        pytest.param(
            {"groups": ("support",)}, {"group": "sales", "level": 1}, None, id="a wider group, once escalated"
        ),
        pytest.param(
            {"groups": ("x",)}, {"group": "sales", "level": 1}, WhyNot.NOT_IN_GROUP, id="not even a wider one"
        ),
        pytest.param({}, {"group": "sales", "level": 2}, None, id="everybody, escalated further"),
        pytest.param({"groups": ("support",)}, {}, None, id="a case of no group"),
        pytest.param({"supervisor": True}, {"level": 2}, WhyNot.NOT_SUPERVISOR_LEVEL, id="a supervisor, too early"),
        pytest.param({"supervisor": True}, {"level": 3}, None, id="a supervisor, when nobody else could"),
        pytest.param({"languages": ("en",)}, {"language": "zh-CN"}, WhyNot.NO_LANGUAGE, id="another language"),
        pytest.param({"languages": ("en", "zh")}, {"language": "zh-CN"}, None, id="the language of that region"),
        pytest.param({"languages": ()}, {"language": "zh-CN"}, None, id="no language stated"),
        pytest.param(
            {"languages": ("en",)}, {"level": 3, "language": "ja"}, WhyNot.NO_LANGUAGE, id="never a language not spoken"
        ),
        pytest.param({"skills": (("refund", 5),)}, {"skills": ("fraud",)}, WhyNot.LACKS_SKILL, id="another skill"),
        pytest.param({"skills": (("fraud", 1),)}, {"skills": ("fraud",)}, None, id="the skill"),
        pytest.param(
            {"groups": ()}, {"group": "sales", "skills": ("fraud",), "only": "a"}, None, id="handed to them by name"
        ),
        pytest.param({"supervisor": True}, {"only": "a"}, None, id="a supervisor, by name"),
        pytest.param({}, {"only": "b"}, WhyNot.NOT_ASKED_FOR, id="handed to somebody else"),
        pytest.param({"load": 3}, {"only": "a"}, WhyNot.FULL, id="by name, and no room"),
        pytest.param({"presence": "away"}, {"only": "a"}, WhyNot.AWAY, id="by name, and not at the desk"),
    ],
)
def test_who_may_be_asked(agent: dict[str, Any], case: dict[str, Any], why_not: WhyNot | None) -> None:
    decision = choose(wanted(**case), [seat("a", **agent)], POLICY)
    assert reasons(decision) == {"a": why_not}
    assert decision.agent_id == ("" if why_not else "a")


def test_a_beginner_does_not_count_where_the_policy_asks_for_more() -> None:
    policy = Policy(skill_level=3)
    team = [seat("a", skills=(("fraud", 2),)), seat("b", skills=(("fraud", 3),))]
    assert reasons(choose(wanted(skills=("fraud",)), team, policy)) == {"a": WhyNot.LACKS_SKILL, "b": None}


@pytest.mark.parametrize(
    ("case", "team", "chosen", "by"),
    [
        pytest.param(wanted(), [seat("a")], "a", "", id="nobody to compare with"),
        pytest.param(wanted(), [seat("b"), seat("a")], "a", "id", id="equal in all: always the same one"),
        pytest.param(
            wanted(last_agent="b"),
            [seat("a"), seat("b", load=2)],
            "b",
            "last_agent",
            id="whom the customer knows already",
        ),
        pytest.param(
            wanted(last_agent="b", passed=("b",)), [seat("a"), seat("b")], "a", "", id="known, but declined just now"
        ),
        pytest.param(
            wanted(skills=("fraud",)),
            [seat("a", skills=(("fraud", 3),)), seat("b", skills=(("fraud", 5),), load=2)],
            "b",
            "skill",
            id="the better one before the freer one",
        ),
        pytest.param(
            wanted(skills=("fraud", "refund")),
            [seat("a", skills=(("fraud", 5), ("refund", 1))), seat("b", skills=(("fraud", 2), ("refund", 2)))],
            "b",
            "skill",
            id="good at both before excellent at one",
        ),
        pytest.param(
            wanted(language="en"),
            [seat("a"), seat("b", languages=("en",), load=1)],
            "b",
            "language",
            id="a stated language",
        ),
        pytest.param(wanted(), [seat("a", load=2), seat("b", load=1)], "b", "load", id="the least loaded"),
        pytest.param(
            wanted(),
            [seat("a", load=1, capacity=2), seat("b", load=2, capacity=5)],
            "b",
            "load",
            id="relative to capacity",
        ),
        pytest.param(
            wanted(weight=2),
            [seat("a", load=0, capacity=2), seat("b", load=2, capacity=5)],
            "b",
            "load",
            id="after taking it, not before",
        ),
        pytest.param(
            wanted(),
            [seat("a", offered_ago=5.0), seat("b", offered_ago=9.0)],
            "b",
            "offered",
            id="longest not offered anything",
        ),
        pytest.param(
            wanted(),
            [seat("a", offered_ago=5.0), seat("b", offered_ago=NEVER)],
            "b",
            "offered",
            id="never offered anything",
        ),
        pytest.param(
            wanted(),
            [seat("a", served_today=2), seat("b", served_today=1)],
            "b",
            "served_today",
            id="fewer offers today",
        ),
        pytest.param(
            wanted(passed=("b", "a")), [seat("a"), seat("b")], "b", "passed", id="all declined: the earliest again"
        ),
        pytest.param(
            wanted(passed=("b", "a")),
            [seat("a"), seat("b", load=3)],
            "a",
            "",
            id="all who could declined, the other is full",
        ),
    ],
)
def test_who_is_asked_first(case: Wanted, team: list[Seat], chosen: str, by: str) -> None:
    decision = choose(case, team, POLICY)
    assert (decision.agent_id, decision.decided_by) == (chosen, by)


@pytest.mark.parametrize(
    ("passed", "chosen", "by"),
    [
        pytest.param((), "wang", "load", id="nobody has declined"),
        pytest.param(("wang",), "li", "language", id="wang has"),
        pytest.param(("wang", "li"), "zhao", "", id="li has too"),
        pytest.param(("wang", "li", "zhao"), "wang", "passed", id="all have"),
    ],
)
def test_the_example_of_the_documentation_holds(passed: tuple[str, ...], chosen: str, by: str) -> None:
    sales: dict[str, Any] = {"groups": ("sales",), "skills": (("refund", 3),), "load": 1}
    expert: dict[str, Any] = {"languages": ("zh",), "skills": (("refund", 5),)}
    team = [
        seat("li", **sales, languages=("zh",), offered_ago=40.0),
        seat("wang", **sales, languages=("zh", "en"), capacity=4, offered_ago=10.0),
        seat("zhao", **(sales | {"load": 0}), offered_ago=90.0),
        seat("chen", **expert, groups=("sales",), load=3, offered_ago=200.0),
        seat("sun", **expert, groups=("support",)),
    ]
    decision = choose(wanted(skills=("refund",), language="zh-CN", group="sales", passed=passed), team, POLICY)
    assert (decision.agent_id, decision.decided_by) == (chosen, by)
    assert (reasons(decision)["chen"], reasons(decision)["sun"]) == (WhyNot.FULL, WhyNot.NOT_IN_GROUP)


def test_who_declined_waits_until_everybody_has() -> None:
    team = [seat("a"), seat("b", load=2)]
    assert reasons(choose(wanted(passed=("a",)), team, POLICY)) == {"a": WhyNot.PASSED, "b": None}
    assert reasons(choose(wanted(passed=("a", "b")), team, POLICY)) == {"a": None, "b": None}


def test_with_nobody_there_is_no_agent_and_no_crash() -> None:
    decision = choose(wanted(), [], POLICY)
    assert (decision.agent_id, decision.standings, decision.decided_by) == ("", (), "")


def test_a_changed_policy_has_another_version() -> None:
    assert Policy().version == Policy().version
    assert Policy().version != Policy(heard_within=61).version
