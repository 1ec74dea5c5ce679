"""Groups of agents, and which case asks for which of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

NORMAL_PRIORITY = 1
URGENT_PRIORITY = 3


@dataclass(frozen=True, slots=True)
class Group:
    """``wider`` are the groups that are asked as well when nobody here takes a case in time."""

    id: str
    workspace: str
    name: str
    agents: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of a hand-off when it is decided who it is for. ``urgency`` as in ``yizhan.v1.Urgency``."""

    channel: str
    reason: str
    rule: str = ""
    topic: str = ""
    language: str = ""
    urgency: int = 1


@dataclass(frozen=True, slots=True)
class Route:
    """A rule: hand-offs that fit all of its conditions ask for its group and skills. Empty conditions fit everything.

    ``topic`` fits every topic that begins with it.
    """

    channel: str = ""
    reason: str = ""
    rule: str = ""
    topic: str = ""
    language: str = ""
    least_urgency: int = 0
    group_id: str = ""
    skills: tuple[str, ...] = ()
    priority: int = NORMAL_PRIORITY
    weight: int = 1

    def fits(self, request: Request) -> bool:
        return (
            self.channel in ("", request.channel)
            and self.reason in ("", request.reason)
            and self.rule in ("", request.rule)
            and request.topic.startswith(self.topic)
            and self.language in ("", request.language)
            and request.urgency >= self.least_urgency
        )


@dataclass(frozen=True, slots=True)
class Routes:
    """``revision`` grows with every change; who changes them says which one they read."""

    rules: tuple[Route, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where a conversation that goes back to the queue is to go: to one agent, to a group, or to whoever is free."""

    conversation_id: str
    epoch: int
    at: datetime
    to_agent: str = ""
    to_group: str = ""
    from_agent: str = ""
    note: str = ""


def asked_for(request: Request, rules: Sequence[Route]) -> Route:
    """The first rule that fits; what is more urgent than normal raises its priority. Without any, everybody may serve it."""
    found = next((rule for rule in rules if rule.fits(request)), Route())
    pressing = request.urgency if request.urgency > NORMAL_PRIORITY else 0
    priority = min(URGENT_PRIORITY, max(found.priority, pressing))
    return Route(group_id=found.group_id, skills=found.skills, priority=priority, weight=found.weight)
