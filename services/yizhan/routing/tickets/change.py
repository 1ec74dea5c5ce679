"""An edit of a ticket, and the history that it leaves. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yizhan.routing.tickets.due import Deadlines
from yizhan.routing.tickets.errors import TicketMerged, ValueTooLarge
from yizhan.routing.tickets.ticket import Actor, Kind, Priority, Status, Ticket
from yizhan.routing.tickets.transitions import Periods, moved

LONGEST_TITLE = 200
LONGEST_TAG = 40
MOST_TAGS = 30
MOST_WATCHERS = 50


@dataclass(frozen=True, slots=True)
class TicketChange:
    """What is to be different; None leaves a field as it is. Tags and watchers are added and removed one by one, so that
    two people who add different ones at once lose neither.
    """

    status: Status | None = None
    agent_id: str | None = None
    group_id: str | None = None
    priority: Priority | None = None
    kind: Kind | None = None
    title: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    add_watchers: tuple[str, ...] = ()
    remove_watchers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One difference: what kind of thing, from what, to what.

    ``quiet``: an edit of the ticket as it was before is still right, so its revision stays.
    """

    kind: str
    before: str
    after: str
    note_id: str = ""
    detail: str = ""
    quiet: bool = False


def changed(
    ticket: Ticket, change: TicketChange, by: Actor, at: datetime, deadlines: Deadlines, periods: Periods
) -> tuple[Ticket, Sequence[Step]]:
    """The ticket after the edit and what was different; no steps: nothing was.

    Due times stay when the priority changes: they were promised under the one before. Raises TicketMerged, ValueTooLarge
    and what ``moved`` raises.
    """
    if ticket.merged_into:
        raise TicketMerged
    after = replace(
        ticket,
        agent_id=_kept(change.agent_id, ticket.agent_id),
        group_id=_kept(change.group_id, ticket.group_id),
        title=_kept(change.title, ticket.title),
        priority=ticket.priority if change.priority is None else change.priority,
        kind=ticket.kind if change.kind is None else change.kind,
        tags=_members(ticket.tags, change.add_tags, change.remove_tags),
        watchers=_members(ticket.watchers, change.add_watchers, change.remove_watchers),
    )
    _check(after)
    if change.status is not None:
        after = moved(after, change.status, by.role, at, deadlines, periods)
        if ticket.status is Status.CLOSED is not after.status:
            after = replace(after, watched=False)  # dialogue may have stopped to tell of it
    return after, tuple(_steps(ticket, after))


def _kept(given: str | None, now: str) -> str:
    return now if given is None else given.strip()


def _members(now: tuple[str, ...], add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
    """In order of the alphabet, each once."""
    added = {item.strip() for item in add} - {""}
    return tuple(sorted((set(now) - set(remove)) | added))


def _check(ticket: Ticket) -> None:
    if len(ticket.title) > LONGEST_TITLE:
        raise ValueTooLarge(f"a title has at most {LONGEST_TITLE} characters")
    if len(ticket.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in ticket.tags):
        raise ValueTooLarge(f"at most {MOST_TAGS} tags of {LONGEST_TAG} characters")
    if len(ticket.watchers) > MOST_WATCHERS:
        raise ValueTooLarge(f"at most {MOST_WATCHERS} watchers")


def _steps(before: Ticket, after: Ticket) -> Iterator[Step]:
    plain = (
        ("status", before.status.value, after.status.value),
        ("assignee", before.agent_id, after.agent_id),
        ("group", before.group_id, after.group_id),
        ("priority", before.priority.word, after.priority.word),
        ("type", before.kind.value, after.kind.value),
        ("title", before.title, after.title),
    )
    for kind, was, now in plain:
        if was != now:
            yield Step(kind, was, now)
    for kind, had, has in (("tag", before.tags, after.tags), ("watcher", before.watchers, after.watchers)):
        for gone in sorted(set(had) - set(has)):
            yield Step(kind, gone, "")
        for new in sorted(set(has) - set(had)):
            yield Step(kind, "", new)
