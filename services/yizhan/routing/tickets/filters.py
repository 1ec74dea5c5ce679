"""Which tickets somebody wants to see, and in which order. Values, and their stored form."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from yizhan.routing.tickets.ticket import PRIORITIES, Kind, Priority, Source, Status

NOBODY = "none"
"""As assignee or group: tickets that have none."""


class Sort(StrEnum):
    """Newest first, the latest change first, the soonest due first, the most urgent first (then the soonest due), the
    customer who has waited longest for an answer first (tickets where nobody waits after them).
    """

    CREATED = "created"
    UPDATED = "updated"
    DUE = "due"
    PRIORITY = "priority"
    WAITING = "customer_waiting"


class Calls(StrEnum):
    """Tickets whose customer was ever promised a call, is owed one, or was promised one that is late and not made yet."""

    ANY = "any"
    OWED = "owed"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Fields narrow each other; of several values in one field any will do, and an empty field is no condition.

    ``mine`` and ``watching`` are about whoever looks; ``customer_waiting``: the customer wrote and nobody has seen to it. ``tags`` must all be there. ``text`` is searched for.
    """

    statuses: tuple[Status, ...] = ()
    assignees: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    kinds: tuple[Kind, ...] = ()
    sources: tuple[Source, ...] = ()
    tags: tuple[str, ...] = ()
    overdue: bool = False
    mine: bool = False
    watching: bool = False
    customer_waiting: bool = False
    callbacks: Calls | None = None
    conversation_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class TicketView:
    """A filter with a name: one agent's own, or everybody's (no owner)."""

    id: str
    workspace: str
    owner_id: str
    name: str
    filter: TicketFilter
    sort: Sort
    revision: int


def filter_json(filter: TicketFilter) -> str:
    """The stored form; fields without a condition are left out."""
    stored = {name: value for name, value in asdict(filter).items() if value}
    if filter.priorities:
        stored["priorities"] = [priority.word for priority in filter.priorities]
    return json.dumps(stored, ensure_ascii=False, sort_keys=True)


def filter_of(text: str) -> TicketFilter:
    """A stored filter. Values that this version does not know are left out, rather than make the view unreadable."""
    stored: dict[str, Any] = json.loads(text)
    return TicketFilter(
        statuses=tuple(Status(item) for item in stored.get("statuses", ()) if item in set(Status)),
        assignees=tuple(stored.get("assignees", ())),
        groups=tuple(stored.get("groups", ())),
        priorities=tuple(PRIORITIES[item] for item in stored.get("priorities", ()) if item in PRIORITIES),
        kinds=tuple(Kind(item) for item in stored.get("kinds", ()) if item in set(Kind)),
        sources=tuple(Source(item) for item in stored.get("sources", ()) if item in set(Source)),
        tags=tuple(stored.get("tags", ())),
        overdue=bool(stored.get("overdue", False)),
        mine=bool(stored.get("mine", False)),
        watching=bool(stored.get("watching", False)),
        customer_waiting=bool(stored.get("customer_waiting", False)),
        callbacks=Calls(stored["callbacks"]) if stored.get("callbacks") in set(Calls) else None,
        conversation_id=str(stored.get("conversation_id", "")),
        text=str(stored.get("text", "")),
    )
