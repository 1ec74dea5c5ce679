"""What happened to a ticket, what people noted on it, and what it is linked to. Values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yizhan.routing.tickets.ticket import Actor


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of the history, never changed afterwards. ``revision`` is the ticket's after it.

    ``kind``: created, status, assignee, group, priority, type, title, tag, watcher, note, taken, answered, replied, reply_held,
    reply_unsaid, wrote, surveyed, rated, comment, linked, unlinked, merged, absorbed, unmerged. ``detail`` is for programs.
    """

    id: str
    workspace: str
    ticket_id: str
    at: datetime
    by: Actor
    kind: str
    before: str
    after: str
    revision: int
    note_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TicketNote:
    """Words for colleagues; the customer never sees them."""

    id: str
    workspace: str
    ticket_id: str
    at: datetime
    author_id: str
    author_name: str
    text: str


class LinkKind(StrEnum):
    """``relates`` goes both ways; the others from the ticket that has the link to the other one."""

    RELATES = "relates"
    DUPLICATES = "duplicates"
    CAUSES = "causes"


@dataclass(frozen=True, slots=True)
class TicketLink:
    """``ticket_id`` … ``kind`` … ``other_id``, such as: this one causes that one."""

    workspace: str
    ticket_id: str
    kind: LinkKind
    other_id: str
    at: datetime
    by: str
