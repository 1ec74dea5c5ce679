"""Tickets as rows. Statuses of the version before (taken, resolved, cancelled) are read as today's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.tables import among
from yizhan.routing.store.addresses import address_of, address_text
from yizhan.routing.store.tickets_tables import ticket_labels, tickets
from yizhan.routing.tickets.ticket import UNSETTLED, WINDOW_CLOSED, Kind, Priority, Source, Status, Survey, Ticket

TAG = "tag"
WATCHER = "watcher"

_OLD = {"taken": Status.OPEN, "resolved": Status.SOLVED, "cancelled": Status.CLOSED}
_TICKET = tuple(column.name for column in tickets.columns)
_TYPED = {"address", "status", "kind", "priority", "source", "survey"}


def stored_as(statuses: Sequence[Status]) -> list[str]:
    """Every word that a row may have for one of these."""
    return [*statuses, *(word for word, status in _OLD.items() if status in statuses)]


async def insert_ticket(tx: AsyncConnection, ticket: Ticket) -> None:
    await tx.execute(tickets.insert(), [_row(ticket)])
    await _set_labels(tx, ticket, frozenset())


async def save_ticket(tx: AsyncConnection, before: Ticket, after: Ticket) -> bool:
    """Write what is different now; False: somebody else changed it since it was read, and nothing was written."""
    where = (tickets.c.id == after.id, tickets.c.revision == before.revision)
    if (await tx.execute(tickets.update().where(*where).values(_row(after)))).rowcount == 0:
        return False
    await _set_labels(tx, after, _labels(before))
    return True


async def load_ticket(tx: AsyncConnection, workspace: str, ticket_id: str, *, lock: bool = False) -> Ticket | None:
    """``lock``: let nobody else change it until the transaction ends."""
    query = sa.select(tickets).where(tickets.c.id == ticket_id, tickets.c.workspace == workspace)
    found = await read_tickets(tx, query.with_for_update() if lock else query)
    return found[0] if found else None


async def ticket_named(tx: AsyncConnection, workspace: str, name: str) -> Ticket | None:
    """By its id or by its number."""
    same = sa.or_(tickets.c.id == name, tickets.c.number == name.upper())
    found = await read_tickets(tx, sa.select(tickets).where(tickets.c.workspace == workspace, same))
    return found[0] if found else None


async def open_tickets_of(tx: AsyncConnection, workspace: str, conversation_id: str) -> Sequence[Ticket]:
    """Unsettled tickets of a conversation; nobody else changes them until the transaction ends.

    They are locked in the order of their ids, as everywhere.
    """
    query = (
        sa.select(tickets)
        .where(
            tickets.c.workspace == workspace,
            tickets.c.conversation_id == conversation_id,
            tickets.c.status.in_(stored_as(sorted(UNSETTLED))),
        )
        .order_by(tickets.c.id)
        .with_for_update()
    )
    return await read_tickets(tx, query)


async def is_answer_awaited(tx: AsyncConnection, workspace: str, conversation_id: str) -> bool:
    """Whether an unsettled ticket of the conversation has had no answer yet, or none to what the customer wrote since."""
    waiting = sa.exists().where(
        tickets.c.workspace == workspace,
        tickets.c.conversation_id == conversation_id,
        tickets.c.status.in_(stored_as(sorted(UNSETTLED))),
        sa.or_(tickets.c.first_response_at.is_(None), tickets.c.customer_waiting_since.is_not(None)),
    )
    return bool((await tx.execute(sa.select(waiting))).scalar())


async def last_solved(tx: AsyncConnection, workspace: str, conversation_id: str) -> Ticket | None:
    """The ticket of a conversation that was solved last, if one waits to be closed."""
    query = (
        sa.select(tickets)
        .where(
            tickets.c.workspace == workspace,
            tickets.c.conversation_id == conversation_id,
            tickets.c.status.in_(stored_as([Status.SOLVED])),
        )
        .order_by(sa.func.coalesce(tickets.c.solved_at, tickets.c.created_at).desc())
        .limit(1)
        .with_for_update()
    )
    found = await read_tickets(tx, query)
    return found[0] if found else None


async def merged_into(tx: AsyncConnection, workspace: str, ticket_ids: Sequence[str]) -> Sequence[Ticket]:
    """The tickets that became part of one of these, directly."""
    query = sa.select(tickets).where(tickets.c.workspace == workspace, among(tickets.c.merged_into, ticket_ids))
    return await read_tickets(tx, query.order_by(tickets.c.created_at, tickets.c.id))


async def unwatched(tx: AsyncConnection, size: int) -> Sequence[Ticket]:
    """Tickets that follow their conversation and of which dialogue does not know that."""
    following = stored_as(sorted({*UNSETTLED, Status.SOLVED}))
    query = sa.select(tickets).where(tickets.c.watched.is_(False), tickets.c.status.in_(following))
    return await read_tickets(tx, query.order_by(tickets.c.id).limit(size))


async def mark_watched(tx: AsyncConnection, ticket_id: str) -> None:
    """Dialogue has been asked."""
    await tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(watched=True))


async def unadopted_tickets(tx: AsyncConnection, size: int) -> Sequence[Ticket]:
    """Rows that the version before wrote and nothing has changed since."""
    query = sa.select(tickets).where(tickets.c.revision == 0).order_by(tickets.c.id).limit(size).with_for_update()
    return await read_tickets(tx, query)


async def mark_adopted(tx: AsyncConnection, ticket_ids: Sequence[str]) -> None:
    """They are found by their words now."""
    await tx.execute(
        tickets.update().where(among(tickets.c.id, ticket_ids), tickets.c.revision == 0).values(revision=1)
    )


async def read_tickets(tx: AsyncConnection, query: "sa.Select[tuple[object, ...]]") -> list[Ticket]:
    """The tickets of a query for whole rows, with their tags and watchers."""
    rows = list((await tx.execute(query)).mappings())
    if not rows:
        return []
    found = await _load_labels(tx, [row["id"] for row in rows])
    return [_ticket(row, found) for row in rows]


def source_of() -> "sa.ColumnElement[str]":
    """What a row came from, also where the version before wrote it."""
    return sa.case(
        (tickets.c.source != "", tickets.c.source),
        (tickets.c.reason == WINDOW_CLOSED, Source.WINDOW_CLOSED.value),
        else_=Source.HANDOFF.value,
    )


def _ticket(row: sa.RowMapping, labels: Mapping[tuple[str, str], tuple[str, ...]]) -> Ticket:
    old = Source.WINDOW_CLOSED if row["reason"] == WINDOW_CLOSED else Source.HANDOFF
    ticket = Ticket(
        **{name: row[name] for name in _TICKET if name not in _TYPED},
        address=address_of(row["address"]),
        status=_OLD.get(row["status"]) or Status(row["status"]),
        kind=Kind(row["kind"]),
        priority=Priority(row["priority"]),
        source=Source(row["source"]) if row["source"] else old,
        survey=Survey(row["survey"]),
        tags=labels.get((row["id"], TAG), ()),
        watchers=labels.get((row["id"], WATCHER), ()),
    )
    if row["status"] == "taken" and ticket.taken_at is None:
        return replace(ticket, taken_at=ticket.created_at)
    if row["status"] == "resolved" and ticket.solved_at is None:
        return replace(ticket, solved_at=ticket.updated_at or ticket.created_at)
    return ticket


def _row(ticket: Ticket) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(ticket, name) for name in _TICKET}
    row["address"] = address_text(ticket.address)
    row["priority"] = int(ticket.priority)
    row |= {name: getattr(ticket, name).value for name in ("status", "kind", "source", "survey")}
    return row


def _labels(ticket: Ticket) -> frozenset[tuple[str, str]]:
    return frozenset({(TAG, tag) for tag in ticket.tags} | {(WATCHER, agent) for agent in ticket.watchers})


async def _set_labels(tx: AsyncConnection, ticket: Ticket, before: frozenset[tuple[str, str]]) -> None:
    after, table = _labels(ticket), ticket_labels
    for kind, value in sorted(before - after):
        same = (table.c.ticket_id == ticket.id, table.c.kind == kind, table.c.value == value)
        await tx.execute(table.delete().where(*same))
    new = [
        {"ticket_id": ticket.id, "kind": kind, "value": value, "workspace": ticket.workspace}
        for kind, value in sorted(after - before)
    ]
    if new:
        await tx.execute(table.insert(), new)


async def _load_labels(tx: AsyncConnection, ticket_ids: Sequence[str]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Sorted values by ticket and kind."""
    query = sa.select(ticket_labels).where(among(ticket_labels.c.ticket_id, ticket_ids))
    found: dict[tuple[str, str], list[str]] = {}
    for row in (await tx.execute(query)).mappings():
        found.setdefault((row["ticket_id"], row["kind"]), []).append(row["value"])
    return {key: tuple(sorted(values)) for key, values in found.items()}
