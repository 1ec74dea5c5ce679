"""A decision as text that is kept: what it was decided from, and what came of it. Made again from it, it is the same.

The text is JSON of version 1, compact since every agent is in it: what many agents share (skills, languages, groups,
capacity) is written once, an agent is a row that points there, and reasons are one letter each. No customer's words
are in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from yizhan.routing.matching.choose import COMPONENTS, Decision, Score, Standing, choose
from yizhan.routing.matching.eligible import WhyNot
from yizhan.routing.matching.facts import NO_DEADLINE, Policy, Presence, Seat, Wanted

VERSION = 1
_ASKED: Final = "."
_LETTERS: Final = {
    WhyNot.DISABLED: "d",
    WhyNot.OFFLINE: "o",
    WhyNot.SILENT: "s",
    WhyNot.AWAY: "a",
    WhyNot.BUSY: "b",
    WhyNot.NOT_ASKED_FOR: "n",
    WhyNot.NOT_SUPERVISOR_LEVEL: "v",
    WhyNot.NOT_IN_GROUP: "g",
    WhyNot.NO_LANGUAGE: "l",
    WhyNot.LACKS_SKILL: "k",
    WhyNot.TOO_HEAVY: "w",
    WhyNot.FULL: "f",
    WhyNot.HELD: "h",
    WhyNot.PASSED: "p",
}
_REASONS: Final = {letter: reason for reason, letter in _LETTERS.items()}


class RecordInvalid(Exception):
    """The text is no record of a decision, or of a version that is not known here."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was decided then, whatever the rules of today would say.

    ``reasons``: for every agent why not, None for those who could be asked. ``decided_by``: see ``Decision``.
    """

    rules: int
    policy_version: str
    case_id: str
    agent_id: str
    decided_by: str
    reasons: tuple[tuple[str, WhyNot | None], ...]


def record(decision: Decision) -> str:
    """The text of a decision."""
    profiles: dict[tuple[object, ...], int] = {}
    rows = [_row(each.seat, profiles) for each in decision.standings]
    content = {
        "v": VERSION,
        "rules": decision.rules,
        "policy_version": decision.policy_version,
        "policy": _policy(decision.policy),
        "case": _case(decision.wanted),
        "profiles": list(profiles),
        "seats": rows,
        "held": decision.held,
        "agent": decision.agent_id,
        "by": decision.decided_by,
        "why": "".join(_LETTERS[each.why_not] if each.why_not else _ASKED for each in decision.standings),
        "scores": [_score(each.score) for each in decision.standings if each.score],
    }
    return orjson.dumps(content).decode()


def recompute(text: str) -> Decision:
    """The decision made again from what is recorded, by the rules of today. Raises RecordInvalid."""
    content = _content(text)
    try:
        return choose(_wanted_of(content["case"]), _seats_of(content), _policy_of(content["policy"]), content["held"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise RecordInvalid(f"not a whole record: {error!r}") from error


def recorded(text: str) -> Recorded:
    """What was decided then. Raises RecordInvalid."""
    content = _content(text)
    try:
        letters: str = content["why"]
        reasons = [None if letter == _ASKED else _REASONS[letter] for letter in letters]
        ids: list[str] = [row[0] for row in content["seats"]]
        return Recorded(
            rules=content["rules"],
            policy_version=content["policy_version"],
            case_id=content["case"][0],
            agent_id=content["agent"],
            decided_by=content["by"],
            reasons=tuple(zip(ids, reasons, strict=True)),
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise RecordInvalid(f"not a whole record: {error!r}") from error


def same_today(text: str) -> bool:
    """Whether the rules of today decide a recorded case as it was decided then. Raises RecordInvalid."""
    decision = recompute(text)
    reasons = tuple((each.seat.agent_id, each.why_not) for each in decision.standings)
    scores = [_score(each.score) for each in decision.standings if each.score]
    then = recorded(text)
    return (then.agent_id, then.decided_by, then.reasons, _content(text)["scores"]) == (
        decision.agent_id,
        decision.decided_by,
        reasons,
        scores,
    )


def in_words(decision: Decision) -> list[str]:
    """Lines for people: who, by what, and why each of the others not."""
    case = decision.wanted
    if not decision.agent_id:
        head = f"case {case.case_id}: nobody could be asked"
    elif decision.decided_by:
        head = f"case {case.case_id}: {decision.agent_id}, ahead in {decision.decided_by}"
    else:
        head = f"case {case.case_id}: {decision.agent_id}, nobody else could be asked"
    places = {each.seat.agent_id: place for place, each in enumerate(decision.ranking, start=1)}
    return [head, *(_line(each, places) for each in decision.standings)]


def _line(standing: Standing, places: dict[str, int]) -> str:
    if standing.why_not:
        return f"  {standing.seat.agent_id}: {standing.why_not.value}"
    values = zip(COMPONENTS, _score(standing.score) if standing.score else [], strict=False)
    shown = ", ".join(f"{name} {value}" for name, value in values)
    return f"  {standing.seat.agent_id}: place {places[standing.seat.agent_id]} ({shown})"


def _content(text: str) -> dict[str, Any]:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RecordInvalid(f"not JSON: {error}") from error
    if not isinstance(content, dict) or content.get("v") != VERSION:
        raise RecordInvalid(f"not a record of version {VERSION}")
    return content


def _policy(policy: Policy) -> list[object]:
    return [
        policy.heard_within,
        policy.skill_level,
        policy.supervisors_from,
        policy.wider,
        policy.credit,
        policy.patience,
    ]


def _policy_of(row: Sequence[Any]) -> Policy:
    heard_within, skill_level, supervisors_from, wider, credit, patience = row
    low, normal, high, urgent = credit
    return Policy(
        heard_within=heard_within,
        skill_level=skill_level,
        supervisors_from=supervisors_from,
        wider=tuple((group, tuple(wide)) for group, wide in wider),
        credit=(low, normal, high, urgent),
        patience=patience,
    )


def _case(wanted: Wanted) -> list[object]:
    return [
        wanted.case_id,
        wanted.priority,
        wanted.language,
        wanted.skills,
        wanted.group,
        wanted.channel,
        wanted.weight,
        wanted.waited,
        None if wanted.left == NO_DEADLINE else wanted.left,
        wanted.passed,
        wanted.last_agent,
        wanted.level,
        wanted.only,
    ]


def _wanted_of(row: Sequence[Any]) -> Wanted:
    case_id, priority, language, skills, group, channel, weight, waited, left, passed, last_agent, level, only = row
    return Wanted(
        case_id=case_id,
        priority=priority,
        language=language,
        skills=tuple(skills),
        group=group,
        channel=channel,
        weight=weight,
        waited=waited,
        left=NO_DEADLINE if left is None else left,
        passed=tuple(passed),
        last_agent=last_agent,
        level=level,
        only=only,
    )


def _row(seat: Seat, profiles: dict[tuple[object, ...], int]) -> list[object]:
    presence = _PRESENCES.index(seat.presence)
    profile = (seat.capacity, seat.skills, seat.languages, seat.groups, int(seat.supervisor), int(seat.enabled))
    place = profiles.setdefault(profile, len(profiles))
    now = [presence if seat.online else -1 - presence, seat.heard_ago, seat.load, seat.offered_ago, seat.served_today]
    return [seat.agent_id, place, *now]


def _seats_of(content: dict[str, Any]) -> list[Seat]:
    return [_seat(row, content["profiles"][row[1]]) for row in content["seats"]]


def _seat(row: Sequence[Any], profile: Sequence[Any]) -> Seat:
    agent_id, _, presence, heard_ago, load, offered_ago, served_today = row
    capacity, skills, languages, groups, supervisor, enabled = profile
    return Seat(
        agent_id=agent_id,
        online=presence >= 0,
        presence=_PRESENCES[presence if presence >= 0 else -1 - presence],
        heard_ago=heard_ago,
        capacity=capacity,
        load=load,
        skills=tuple((name, level) for name, level in skills),
        languages=tuple(languages),
        groups=tuple(groups),
        supervisor=bool(supervisor),
        enabled=bool(enabled),
        offered_ago=offered_ago,
        served_today=served_today,
    )


def _score(score: Score | None) -> list[object]:
    """As ``COMPONENTS`` names them, but for what the agent's row says already."""
    if score is None:
        return []
    return [score.passed, int(score.last_agent), list(score.skill), int(score.language), round(score.load, 4)]


_PRESENCES: Final = (Presence.ONLINE.value, Presence.BUSY.value, Presence.AWAY.value, Presence.OFFLINE.value)
"""The order is part of the format."""
