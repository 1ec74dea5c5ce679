"""The record of a routing decision, as the console reads it: JSON of version 1, described in ``docs/routing.md``.

Routing writes it compactly and keeps the rules to itself. Here it is only read, to tell people what was decided and why.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

VERSION: Final = 1
_ASKED: Final = "."
_REASONS: Final = {
    "d": "disabled",
    "o": "offline",
    "s": "silent",
    "a": "away",
    "b": "busy",
    "n": "not_asked_for",
    "v": "not_supervisor_level",
    "g": "not_in_group",
    "l": "no_language",
    "k": "lacks_skill",
    "w": "too_heavy",
    "f": "full",
    "h": "held",
    "p": "passed",
}


class RecordUnreadable(Exception):
    """A record of a version, or with a reason, that is not known here."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One agent in a decision. ``why_not``: None for who could be asked. ``load`` and ``capacity`` at that time."""

    agent_id: str
    why_not: str | None
    load: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Read:
    """What was decided. ``agent_id``: "" where nobody could be asked. ``decided_by``: what put the agent ahead of the
    others, "" where there was nobody else. ``level``: how far the case was escalated, 0 to 3. ``waited``: seconds.
    """

    agent_id: str
    decided_by: str
    priority: int
    language: str
    skills: tuple[str, ...]
    group_id: str
    level: int
    waited: float
    standings: tuple[Standing, ...]


def read_record(text: str) -> Read:
    """Raises RecordUnreadable."""
    try:
        content = orjson.loads(text)
        if content["v"] != VERSION:
            raise RecordUnreadable(f"not a record of version {VERSION}")
        _, priority, language, skills, group, _, _, waited, _, _, _, level, _ = content["case"]
        return Read(
            agent_id=content["agent"],
            decided_by=content["by"],
            priority=priority,
            language=language,
            skills=tuple(skills),
            group_id=group,
            level=level,
            waited=waited,
            standings=_standings(content),
        )
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise RecordUnreadable(f"not a whole record: {error!r}") from error


def _standings(content: dict[str, Any]) -> tuple[Standing, ...]:
    profiles = content["profiles"]
    return tuple(
        Standing(
            agent_id=row[0],
            why_not=None if letter == _ASKED else _REASONS[letter],
            load=row[4],
            capacity=profiles[row[1]][0],
        )
        for row, letter in zip(content["seats"], content["why"], strict=True)
    )
