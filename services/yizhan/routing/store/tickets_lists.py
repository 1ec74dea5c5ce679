"""Lists of tickets: filtered, in order, page by page, and counted.

A page begins after the last ticket of the one before, by the values that the order goes by: what is added meanwhile shifts
no page, so that no ticket is shown twice or left out. One whose place in the order changes meanwhile moves with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.words.terms import asked
from yizhan.routing.store.callbacks import promised_calls
from yizhan.routing.store.tickets import TAG, WATCHER, read_tickets, source_of, stored_as
from yizhan.routing.store.tickets_tables import ticket_labels, ticket_terms, tickets
from yizhan.routing.tickets.filters import NOBODY, Sort, TicketFilter
from yizhan.routing.tickets.ticket import UNSETTLED, Status, Ticket

_DUE = sa.func.coalesce(tickets.c.solution_due, tickets.c.promised_by)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_WAITING = sa.func.coalesce(tickets.c.customer_waiting_since, sa.literal(_NEVER, tickets.c.created_at.type))
_UPDATED = sa.func.coalesce(tickets.c.updated_at, tickets.c.created_at)


@dataclass(frozen=True, slots=True)
class Place:
    """After which ticket a page begins: what the order goes by, and the ticket's id."""

    at: datetime
    rank: int
    ticket_id: str


def place_of(ticket: Ticket, sort: Sort) -> Place:
    """Where a ticket stands in this order."""
    if sort is Sort.CREATED:
        return Place(ticket.created_at, 0, ticket.id)
    if sort is Sort.UPDATED:
        return Place(ticket.updated_at or ticket.created_at, 0, ticket.id)
    if sort is Sort.WAITING:
        return Place(ticket.customer_waiting_since or _NEVER, 0, ticket.id)
    return Place(ticket.due, int(ticket.priority) if sort is Sort.PRIORITY else 0, ticket.id)


async def find_tickets(
    tx: AsyncConnection,
    workspace: str,
    wanted: TicketFilter,
    sort: Sort,
    after: Place | None,
    size: int,
    *,
    viewer: str,
    now: datetime,
) -> Sequence[Ticket]:
    """At most ``size`` tickets; ``viewer`` is whom ``mine`` and ``watching`` are about."""
    query = sa.select(tickets).where(*_conditions(workspace, wanted, viewer, now))
    if after is not None:
        query = query.where(_beyond(sort, after))
    return await read_tickets(tx, query.order_by(*_order(sort)).limit(size))


async def count_tickets(
    tx: AsyncConnection, workspace: str, wanted: TicketFilter, *, viewer: str, now: datetime
) -> int:
    query = sa.select(sa.func.count()).select_from(tickets).where(*_conditions(workspace, wanted, viewer, now))
    return (await tx.execute(query)).scalar_one()


async def count_open_tickets(tx: AsyncConnection, workspace: str) -> int:
    """Unsettled tickets that nobody has taken."""
    query = sa.select(sa.func.count()).where(
        tickets.c.workspace == workspace, tickets.c.agent_id == "", tickets.c.status.in_(stored_as(sorted(UNSETTLED)))
    )
    return (await tx.execute(query)).scalar_one()


async def simple_list(tx: AsyncConnection, workspace: str, state: str, offset: int, size: int) -> Sequence[Ticket]:
    """The list of RoutingService: ``open`` (nobody has it, the soonest promise first), ``taken``, ``resolved``,
    ``cancelled``, or all; one more than ``size`` when there are more.
    """
    unsettled = tickets.c.status.in_(stored_as(sorted(UNSETTLED)))
    solved = sa.or_(tickets.c.status.in_(stored_as([Status.SOLVED])), tickets.c.solved_at.is_not(None))
    states: dict[str, Sequence[sa.ColumnElement[bool]]] = {
        "": (),
        "open": (unsettled, tickets.c.agent_id == ""),
        "taken": (unsettled, tickets.c.agent_id != ""),
        "resolved": (sa.not_(unsettled), solved),
        "cancelled": (sa.not_(unsettled), sa.not_(solved)),
    }
    query = sa.select(tickets).where(tickets.c.workspace == workspace, *states.get(state, (sa.false(),)))
    order = tickets.c.promised_by.asc() if state == "open" else tickets.c.created_at.desc()
    return await read_tickets(tx, query.order_by(order, tickets.c.id).offset(offset).limit(size + 1))


def _conditions(workspace: str, wanted: TicketFilter, viewer: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    c = tickets.c
    choices: tuple[tuple[sa.ColumnElement[Any], Sequence[object]], ...] = (
        (c.status, stored_as(wanted.statuses)),
        (c.agent_id, ["" if one == NOBODY else one for one in wanted.assignees]),
        (c.group_id, ["" if one == NOBODY else one for one in wanted.groups]),
        (c.priority, [int(priority) for priority in wanted.priorities]),
        (c.kind, [kind.value for kind in wanted.kinds]),
        (source_of(), [source.value for source in wanted.sources]),
        (c.conversation_id, [wanted.conversation_id] if wanted.conversation_id else []),
    )
    found = [c.workspace == workspace, *(column.in_(values) for column, values in choices if values)]
    if wanted.mine:
        found.append(c.agent_id == viewer)
    if wanted.watching:
        found.append(_labelled(workspace, WATCHER, viewer))
    if wanted.customer_waiting:
        found.append(c.customer_waiting_since.is_not(None))
    if wanted.callbacks is not None:
        found.append(c.id.in_(promised_calls(workspace, wanted.callbacks)))
    if wanted.overdue:
        found.append(_overdue(now))
    found += [_labelled(workspace, TAG, tag) for tag in wanted.tags]
    return found + _worded(workspace, wanted.text)


def _labelled(workspace: str, kind: str, value: str) -> sa.ColumnElement[bool]:
    table = ticket_labels
    same = (table.c.workspace == workspace, table.c.kind == kind, table.c.value == value)
    return tickets.c.id.in_(sa.select(table.c.ticket_id).where(*same))


def _overdue(now: datetime) -> sa.ColumnElement[bool]:
    """As ``ticket.overdue`` says."""
    c = tickets.c
    unanswered = sa.and_(c.first_response_at.is_(None), c.response_due < now)
    unsolved = sa.func.coalesce(c.paused_at, sa.literal(now, c.paused_at.type)) > _DUE
    return sa.and_(c.status.in_(stored_as(sorted(UNSETTLED))), sa.or_(unanswered, unsolved))


def _worded(workspace: str, text: str) -> list[sa.ColumnElement[bool]]:
    """Tickets that have every term of the text; one that only has signs finds nothing."""
    terms = asked(text)
    if not terms:
        return [sa.false()] if text.strip() else []
    table = ticket_terms
    having = (
        sa.select(table.c.ticket_id)
        .where(table.c.workspace == workspace, table.c.term.in_(terms))
        .group_by(table.c.ticket_id)
        .having(sa.func.count() == len(terms))
    )
    return [tickets.c.id.in_(having)]


def _order(sort: Sort) -> tuple[sa.ColumnElement[object], ...]:
    if sort is Sort.CREATED:
        return (tickets.c.created_at.desc(), tickets.c.id.desc())
    if sort is Sort.UPDATED:
        return (_UPDATED.desc(), tickets.c.id.desc())
    if sort is Sort.DUE:
        return (_DUE, tickets.c.id)
    if sort is Sort.WAITING:
        return (_WAITING, tickets.c.id)
    return (tickets.c.priority.desc(), _DUE, tickets.c.id)


def _beyond(sort: Sort, after: Place) -> sa.ColumnElement[bool]:
    if sort is Sort.CREATED:
        return _later(tickets.c.created_at, after, descending=True)
    if sort is Sort.UPDATED:
        return _later(_UPDATED, after, descending=True)
    if sort is Sort.WAITING:
        return _later(_WAITING, after, descending=False)
    due = _later(_DUE, after, descending=False)
    if sort is Sort.DUE:
        return due
    return sa.or_(tickets.c.priority < after.rank, sa.and_(tickets.c.priority == after.rank, due))


def _later(column: sa.ColumnElement[datetime], after: Place, *, descending: bool) -> sa.ColumnElement[bool]:
    at = sa.literal(after.at, tickets.c.created_at.type)
    if descending:
        return sa.or_(column < at, sa.and_(column == at, tickets.c.id < after.ticket_id))
    return sa.or_(column > at, sa.and_(column == at, tickets.c.id > after.ticket_id))
