"""Which status may follow which, by whom, and what the move sets and clears. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yizhan.routing.tickets.due import Deadlines
from yizhan.routing.tickets.errors import ReopenTooLate, RoleTooLow, StatusRefused
from yizhan.routing.tickets.ticket import WORKED, Role, Status, Survey, Ticket

S = Status

STAFF = frozenset({Role.AGENT, Role.SUPERVISOR, Role.SYSTEM})
HEADS = frozenset({Role.SUPERVISOR, Role.SYSTEM})
ANYONE = STAFF | {Role.CUSTOMER}

ALLOWED: Mapping[Status, Mapping[Status, frozenset[Role]]] = {
    S.OPEN: {S.PENDING: STAFF, S.ON_HOLD: STAFF, S.SOLVED: STAFF, S.CLOSED: HEADS},
    S.REOPENED: {S.PENDING: STAFF, S.ON_HOLD: STAFF, S.SOLVED: STAFF, S.CLOSED: HEADS},
    S.PENDING: {S.OPEN: ANYONE, S.ON_HOLD: STAFF, S.SOLVED: STAFF, S.CLOSED: HEADS},
    S.ON_HOLD: {S.OPEN: STAFF, S.PENDING: STAFF, S.SOLVED: STAFF, S.CLOSED: HEADS},
    S.SOLVED: {S.REOPENED: ANYONE, S.CLOSED: STAFF},
    S.CLOSED: {S.REOPENED: HEADS},
}
"""Who may move a ticket from one status to another; what is not here cannot be done."""


@dataclass(frozen=True, slots=True)
class Periods:
    """``close``: after it a solved ticket is closed. ``reopen``: how long after the solution it can be taken up again.

    ``doubt``: how long after the solution the customer's own words take it up again.
    """

    close: timedelta = timedelta(days=7)
    reopen: timedelta = timedelta(days=14)
    doubt: timedelta = timedelta(days=3)


def moved(ticket: Ticket, to: Status, role: Role, at: datetime, deadlines: Deadlines, periods: Periods) -> Ticket:
    """The ticket in its new status. Raises StatusRefused, RoleTooLow, ReopenTooLate.

    Pending and on hold rest the solution's clock, as the deadlines say; leaving them moves its due time by the open time that passed. So does
    reopening, by the time since the solution: nobody owed anything then. What was asked and said about the earlier solution goes.
    """
    if to is ticket.status:
        return ticket
    roles = ALLOWED[ticket.status].get(to)
    if roles is None:
        raise StatusRefused(f"{to} cannot follow {ticket.status}")
    if role not in roles:
        raise RoleTooLow(f"{ticket.status} to {to} is for {', '.join(sorted(roles - {Role.SYSTEM}))}")
    ticket = replace(_attended(ticket, to, role, at), status_at=at)
    if to is S.REOPENED:
        return _reopened(ticket, at, deadlines, periods)
    if deadlines.pauses(to):
        return replace(ticket, status=to, paused_at=ticket.paused_at or at)
    going = _resumed(ticket, at, deadlines)
    if to is S.SOLVED:
        survey = Survey.WITH_SESSION if role is Role.SYSTEM else Survey.WAITING
        return replace(going, status=to, solved_at=at, solvings=going.solvings + 1, survey=survey)
    if to is S.CLOSED:
        return replace(going, status=to, closed_at=at)
    return replace(going, status=to)


def attended(ticket: Ticket, at: datetime) -> Ticket:
    """Somebody has seen to what the customer wrote until then."""
    seen = max(at, ticket.attended_at or at)
    waiting = ticket.customer_waiting_since
    return replace(ticket, attended_at=seen, customer_waiting_since=waiting if waiting and waiting > seen else None)


def following_statuses(ticket: Ticket, role: Role) -> Sequence[Status]:
    """What this role may make of the ticket, were it not too late to reopen it; nothing of a merged one."""
    if ticket.merged_into:
        return ()
    return [status for status, roles in ALLOWED[ticket.status].items() if role in roles]


def settled_at(ticket: Ticket) -> datetime | None:
    """When work on it ended; None: it has not."""
    return ticket.solved_at or ticket.closed_at


def closes_at(ticket: Ticket, periods: Periods) -> datetime | None:
    """When a solved ticket is closed by itself; None: it is not solved."""
    return ticket.solved_at + periods.close if ticket.status is S.SOLVED and ticket.solved_at else None


def _attended(ticket: Ticket, to: Status, role: Role, at: datetime) -> Ticket:
    """Whoever puts it aside or settles it has read what there was to read."""
    return ticket if role is Role.CUSTOMER or to in WORKED else attended(ticket, at)


def _resumed(ticket: Ticket, at: datetime, deadlines: Deadlines) -> Ticket:
    if ticket.paused_at is None:
        return ticket
    return replace(ticket, paused_at=None, solution_due=deadlines.resumed(ticket, ticket.paused_at, at))


def _reopened(ticket: Ticket, at: datetime, deadlines: Deadlines, periods: Periods) -> Ticket:
    since = settled_at(ticket)
    if since is not None and at - since > periods.reopen:
        raise ReopenTooLate(f"settled more than {periods.reopen.days} days ago")
    due = ticket.due if since is None else deadlines.resumed(ticket, since, at)
    again = replace(ticket, status=S.REOPENED, solution_due=due, solved_at=None, closed_at=None, taken_at=None)
    return replace(
        again, rating=0, rating_comment="", rated_at=None, survey=Survey.NONE, survey_reason="", surveyed_at=None
    )
