"""Whether an agent may be asked for a case, and if not, the first reason why not."""

from enum import StrEnum

from yizhan.routing.matching.facts import Level, Policy, Presence, Seat, Wanted


class WhyNot(StrEnum):
    """Why an agent is not asked, in the order in which the reasons are looked for: who they are, are they there, do
    they fit, have they room.
    """

    DISABLED = "disabled"
    OFFLINE = "offline"
    SILENT = "silent"
    AWAY = "away"
    BUSY = "busy"
    NOT_ASKED_FOR = "not_asked_for"
    """The case is handed to somebody else by name."""
    NOT_SUPERVISOR_LEVEL = "not_supervisor_level"
    NOT_IN_GROUP = "not_in_group"
    NO_LANGUAGE = "no_language"
    LACKS_SKILL = "lacks_skill"
    TOO_HEAVY = "too_heavy"
    """The case weighs more than the agent could ever carry."""
    FULL = "full"
    HELD = "held"
    """Their room is kept for a heavier case that comes before this one."""
    PASSED = "passed"
    """They declined it or let it lapse, and somebody else has not yet."""


def why_not(wanted: Wanted, seat: Seat, policy: Policy, held: frozenset[str] = frozenset()) -> WhyNot | None:
    """The first reason why an agent may not be asked now; None: they may. ``PASSED`` is not among these reasons."""
    return _not_there(seat, policy) or _does_not_fit(wanted, seat, policy) or _no_room(wanted, seat, held)


def has_room(seat: Seat, policy: Policy) -> bool:
    """Whether an agent is there and could take the lightest case, if it were for them."""
    return _not_there(seat, policy) is None and seat.load < seat.capacity


def speaks(language: str, languages: tuple[str, ...]) -> bool:
    """Whether a language is among those stated. ``zh`` and ``zh-CN`` are the same language."""
    return _language(language) in map(_language, languages)


def level_of(skill: str, seat: Seat) -> int:
    """The agent's level in a skill; 0: none."""
    return next((level for name, level in seat.skills if name == skill), 0)


def _not_there(seat: Seat, policy: Policy) -> WhyNot | None:
    if not seat.enabled:
        return WhyNot.DISABLED
    if not seat.online or seat.presence == Presence.OFFLINE:
        return WhyNot.OFFLINE
    if not 0 <= seat.heard_ago <= policy.heard_within:
        return WhyNot.SILENT
    if seat.presence == Presence.ONLINE:
        return None
    return WhyNot.BUSY if seat.presence == Presence.BUSY else WhyNot.AWAY


def _does_not_fit(wanted: Wanted, seat: Seat, policy: Policy) -> WhyNot | None:
    if wanted.only:
        # Whoever hands a case to somebody by name has chosen; groups, languages and skills do not overrule them.
        return None if wanted.only == seat.agent_id else WhyNot.NOT_ASKED_FOR
    if seat.supervisor and wanted.level < policy.supervisors_from:
        return WhyNot.NOT_SUPERVISOR_LEVEL
    if not _in_group(wanted, seat, policy):
        return WhyNot.NOT_IN_GROUP
    if wanted.language and seat.languages and not speaks(wanted.language, seat.languages):
        return WhyNot.NO_LANGUAGE
    if any(level_of(skill, seat) < policy.skill_level for skill in wanted.skills):
        return WhyNot.LACKS_SKILL
    return None


def _in_group(wanted: Wanted, seat: Seat, policy: Policy) -> bool:
    if not wanted.group or wanted.level >= Level.EVERYONE or wanted.group in seat.groups:
        return True
    return not policy.groups_asked(wanted.group, wanted.level).isdisjoint(seat.groups)


def _no_room(wanted: Wanted, seat: Seat, held: frozenset[str]) -> WhyNot | None:
    if wanted.weight > seat.capacity:
        return WhyNot.TOO_HEAVY
    if seat.load + wanted.weight > seat.capacity:
        return WhyNot.FULL
    return WhyNot.HELD if seat.agent_id in held else None


def _language(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()
