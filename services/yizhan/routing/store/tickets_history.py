"""What happened to tickets, what was noted, and what is linked: rows that are added."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.tables import among
from yizhan.routing.store.tickets_tables import ticket_events, ticket_links, ticket_notes
from yizhan.routing.tickets.history import LinkKind, TicketEvent, TicketLink, TicketNote
from yizhan.routing.tickets.ticket import Actor, Role


async def add_events(tx: AsyncConnection, events: Sequence[TicketEvent]) -> None:
    """Also the only way in which the history is written."""
    if events:
        await tx.execute(ticket_events.insert(), [_event_row(event) for event in events])


async def load_events(tx: AsyncConnection, ticket_id: str) -> Sequence[TicketEvent]:
    """The history in order."""
    query = sa.select(ticket_events).where(ticket_events.c.ticket_id == ticket_id)
    order = (ticket_events.c.revision, ticket_events.c.id)
    return [_event(row) for row in (await tx.execute(query.order_by(*order))).mappings()]


async def event_at(tx: AsyncConnection, ticket_id: str, kind: str, revision: int) -> TicketEvent | None:
    """The event of this kind that made the ticket's revision what it is."""
    c = ticket_events.c
    query = sa.select(ticket_events).where(c.ticket_id == ticket_id, c.kind == kind, c.revision == revision)
    row = (await tx.execute(query)).mappings().first()
    return _event(row) if row else None


async def kinds_since(tx: AsyncConnection, ticket_id: str, revision: int) -> frozenset[str]:
    """What kinds of things have happened since a revision."""
    c = ticket_events.c
    query = sa.select(c.kind).distinct().where(c.ticket_id == ticket_id, c.revision > revision)
    return frozenset((await tx.execute(query)).scalars())


async def add_note(tx: AsyncConnection, note: TicketNote) -> None:
    await tx.execute(ticket_notes.insert(), [{name: getattr(note, name) for name in _NOTE}])


async def load_note(tx: AsyncConnection, note_id: str) -> TicketNote | None:
    query = sa.select(ticket_notes).where(ticket_notes.c.id == note_id)
    row = (await tx.execute(query)).mappings().first()
    return TicketNote(**{name: row[name] for name in _NOTE}) if row else None


async def load_notes(tx: AsyncConnection, ticket_ids: Sequence[str]) -> Sequence[TicketNote]:
    """The notes of all of these, the oldest first."""
    query = sa.select(ticket_notes).where(among(ticket_notes.c.ticket_id, ticket_ids))
    rows = (await tx.execute(query.order_by(ticket_notes.c.at, ticket_notes.c.id))).mappings()
    return [TicketNote(**{name: row[name] for name in _NOTE}) for row in rows]


async def add_link(tx: AsyncConnection, link: TicketLink) -> None:
    row = {name: getattr(link, name) for name in _LINK}
    await tx.execute(ticket_links.insert(), [row | {"kind": link.kind.value}])


async def remove_link(tx: AsyncConnection, ticket_id: str, kind: LinkKind, other_id: str) -> bool:
    """Whether there was one."""
    c = ticket_links.c
    same = (c.ticket_id == ticket_id, c.kind == kind.value, c.other_id == other_id)
    return (await tx.execute(ticket_links.delete().where(*same))).rowcount > 0


async def load_links(tx: AsyncConnection, ticket_id: str) -> Sequence[TicketLink]:
    """The links that a ticket is one end of."""
    c = ticket_links.c
    query = sa.select(ticket_links).where(sa.or_(c.ticket_id == ticket_id, c.other_id == ticket_id))
    rows = (await tx.execute(query.order_by(c.at, c.ticket_id, c.other_id))).mappings()
    return [TicketLink(**{name: row[name] for name in _LINK} | {"kind": LinkKind(row["kind"])}) for row in rows]


_NOTE = tuple(column.name for column in ticket_notes.columns)
_LINK = tuple(column.name for column in ticket_links.columns)
_EVENT = tuple(column.name for column in ticket_events.columns if not column.name.startswith("by_"))


def _event_row(event: TicketEvent) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(event, name) for name in _EVENT}
    return row | {"by_id": event.by.id, "by_name": event.by.name, "by_role": event.by.role.value}


def _event(row: sa.RowMapping) -> TicketEvent:
    by = Actor(row["by_id"], row["by_name"], Role(row["by_role"]))
    return TicketEvent(**{name: row[name] for name in _EVENT}, by=by)
