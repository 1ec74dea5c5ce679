"""What a routing decision is made of: agents, cases and the policy, as the decision sees them. Times are in seconds.

Nothing here knows a store or a clock: whoever asks for a decision says how long ago things were.
"""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from enum import IntEnum, StrEnum

NEVER = -1.0
"""For ``heard_ago`` and ``offered_ago``: it has not happened yet."""

NO_DEADLINE = math.inf
"""For ``left``: nothing was promised."""

MILLISECOND = 3
"""Decisions see times to the millisecond, so that one that was written down is the same when it is made again."""


class Presence(StrEnum):
    """What an agent says of themselves. ``busy``: here, and nothing more now; ``away``: not at the desk."""

    ONLINE = "online"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"


class AwayReason(StrEnum):
    """Why an agent is busy or away; for supervisors and reports, a decision does not look at it."""

    LUNCH = "lunch"
    TRAINING = "training"
    BREAK = "break"
    MEETING = "meeting"
    OTHER = "other"


class Priority(IntEnum):
    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3


class Level(IntEnum):
    """How far a case has been escalated: who may be asked."""

    OWN_GROUP = 0
    WIDER_GROUPS = 1
    EVERYONE = 2
    SUPERVISORS = 3


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent as a decision sees them.

    ``online``: a screen or a stream of theirs is connected; ``presence``: what they say, see ``Presence``.
    ``heard_ago``, ``offered_ago``: seconds, ``NEVER`` where it has not happened. ``capacity`` and ``load`` are units of
    weight. ``skills``: (skill, level 1 to 5), sorted. ``languages``: empty where the agent has stated none, who is
    then taken to speak what customers speak. ``served_today``: offers so far today.
    """

    agent_id: str
    online: bool
    presence: str
    heard_ago: float
    capacity: int
    load: int
    skills: tuple[tuple[str, int], ...] = ()
    languages: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    supervisor: bool = False
    enabled: bool = True
    offered_ago: float = NEVER
    served_today: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A waiting case as a decision sees it.

    ``language`` and ``group``: "" for any. ``weight``: units of capacity it takes, at least 1. ``waited``: since the
    request; ``left``: until what was promised, negative once that is past, ``NO_DEADLINE`` where nothing was promised.
    ``passed``: who declined or let an offer lapse, in that order. ``only``: the agent of a direct transfer, or "".
    """

    case_id: str
    priority: int = Priority.NORMAL
    language: str = ""
    skills: tuple[str, ...] = ()
    group: str = ""
    channel: str = ""
    weight: int = 1
    waited: float = 0.0
    left: float = NO_DEADLINE
    passed: tuple[str, ...] = ()
    last_agent: str = ""
    level: int = Level.OWN_GROUP
    only: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a workspace may set about its decisions.

    ``heard_within``: an agent not heard of for longer is silent. ``skill_level``: the lowest level that counts as
    having a skill. ``supervisors_from``: the level from which supervisors are asked. ``wider``: for a group, the groups
    asked at ``Level.WIDER_GROUPS``. ``credit``: seconds by which a case of each priority, low to urgent, goes ahead of
    its promise. ``patience``: a case counts as due this long after its request at the latest, whatever was promised.
    """

    heard_within: float = 60.0
    skill_level: int = 1
    supervisors_from: int = Level.SUPERVISORS
    wider: tuple[tuple[str, tuple[str, ...]], ...] = ()
    credit: tuple[float, float, float, float] = (0.0, 30.0, 60.0, 120.0)
    patience: float = 3600.0

    @property
    def version(self) -> str:
        """16 hexadecimal digits; equal content has an equal version."""
        content = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def groups_asked(self, group: str, level: int) -> frozenset[str]:
        """The groups whose agents may be asked below ``Level.EVERYONE``."""
        if level < Level.WIDER_GROUPS:
            return frozenset({group})
        return frozenset({group, *(wide for name, names in self.wider if name == group for wide in names)})


def seat_seen(seat: Seat) -> Seat:
    """A seat with its times to the millisecond."""
    return replace(seat, heard_ago=round(seat.heard_ago, MILLISECOND), offered_ago=round(seat.offered_ago, MILLISECOND))


def wanted_seen(wanted: Wanted) -> Wanted:
    """A case with its times to the millisecond."""
    return replace(wanted, waited=round(wanted.waited, MILLISECOND), left=round(wanted.left, MILLISECOND))
