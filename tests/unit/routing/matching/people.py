"""Agents and cases for tests: whole ones, of which a test names only what it is about; and random ones."""

from typing import Any

from hypothesis import strategies as st

from yizhan.routing.matching.facts import NEVER, NO_DEADLINE, Policy, Seat, Wanted

POLICY = Policy(wider=(("sales", ("support",)),))

GROUPS = ["sales", "support", "repair"]
LANGUAGES = ["zh", "en", "ja"]
SKILLS = ["refund", "fraud"]


def seat(agent_id: str, **facts: Any) -> Seat:
    """Somebody who is there, with room for three."""
    there: dict[str, Any] = {"online": True, "presence": "online", "heard_ago": 1.0, "capacity": 3, "load": 0}
    return Seat(agent_id, **(there | facts))


def wanted(case_id: str = "case", **facts: Any) -> Wanted:
    """Somebody who asked a second ago, and was promised an answer within a minute."""
    asked: dict[str, Any] = {"waited": 1.0, "left": 59.0}
    return Wanted(case_id, **(asked | facts))


def seconds(highest: float = 5000) -> st.SearchStrategy[float]:
    return st.floats(0, highest, allow_nan=False)


def seats(most: int = 6) -> st.SearchStrategy[list[Seat]]:
    """Teams in which much is the same, so that ties are common."""
    one = st.builds(
        Seat,
        agent_id=st.sampled_from("abcdefghij"),
        online=st.integers(0, 5).map(bool),
        presence=st.sampled_from(["online"] * 5 + ["busy", "away", "offline"]),
        heard_ago=st.sampled_from([1.0, 2.0, 59.9996, 60.0004, 61.0, NEVER]),
        capacity=st.integers(0, 5),
        load=st.integers(0, 5),
        skills=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5)).map(
            lambda each: tuple(sorted(each.items()))
        ),
        languages=subsets(LANGUAGES),
        groups=subsets(GROUPS),
        supervisor=st.integers(0, 4).map(lambda each: each == 0),
        enabled=st.integers(0, 5).map(bool),
        offered_ago=st.sampled_from([NEVER, 0.0, 10.0]) | seconds(),
        served_today=st.integers(0, 3),
    )
    return st.lists(one, max_size=most, unique_by=lambda each: each.agent_id)


def cases(most: int = 8) -> st.SearchStrategy[list[Wanted]]:
    one = st.builds(
        Wanted,
        case_id=st.text("0123456789", min_size=1, max_size=2),
        priority=st.integers(0, 3),
        language=st.sampled_from(["", "", "zh-CN", "en", "ja"]),
        skills=subsets(SKILLS, 1),
        group=st.sampled_from(["", "", *GROUPS]),
        channel=st.just("website"),
        weight=st.integers(1, 4),
        waited=st.sampled_from([0.0, 5.0]) | seconds(),
        left=st.sampled_from([60.0, NO_DEADLINE]) | st.floats(-500, 5000, allow_nan=False),
        passed=st.permutations("abcdefghij").flatmap(lambda ids: st.integers(0, 3).map(lambda n: tuple(ids[:n]))),
        last_agent=st.sampled_from(["", "", "a", "b"]),
        level=st.integers(0, 3),
        only=st.sampled_from(["", "", "", "", "c"]),
    )
    return st.lists(one, max_size=most, unique_by=lambda each: each.case_id)


def subsets(names: list[str], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=most).map(lambda each: tuple(sorted(each)))


policies = st.builds(
    Policy,
    skill_level=st.integers(1, 3),
    supervisors_from=st.integers(0, 3),
    wider=st.sampled_from([(), (("sales", ("support",)),)]),
)
