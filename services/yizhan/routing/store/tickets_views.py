"""Saved views of tickets."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.routing.store.tickets_tables import ticket_views
from yizhan.routing.tickets.filters import Sort, TicketView, filter_json, filter_of

SHARED = ""


async def insert_view(tx: AsyncConnection, view: TicketView, at: datetime) -> None:
    """Raises IntegrityConflict when the owner has one of this name."""
    await tx.execute(ticket_views.insert(), [_row(view) | {"created_at": at}])


async def save_view(tx: AsyncConnection, view: TicketView, seen: int) -> bool:
    """False: it was changed since, or is gone. Raises IntegrityConflict when the owner has another one of this name."""
    where = (ticket_views.c.id == view.id, ticket_views.c.revision == seen)
    return (await tx.execute(ticket_views.update().where(*where).values(_row(view)))).rowcount > 0


async def delete_view(tx: AsyncConnection, view_id: str) -> None:
    await tx.execute(ticket_views.delete().where(ticket_views.c.id == view_id))


async def load_view(tx: AsyncConnection, workspace: str, view_id: str) -> TicketView | None:
    query = sa.select(ticket_views).where(ticket_views.c.id == view_id, ticket_views.c.workspace == workspace)
    row = (await tx.execute(query)).mappings().first()
    return _view(row) if row else None


async def load_views(tx: AsyncConnection, workspace: str, viewer: str) -> Sequence[TicketView]:
    """The shared views and one's own, the oldest first."""
    c = ticket_views.c
    query = sa.select(ticket_views).where(c.workspace == workspace, c.owner_id.in_([SHARED, viewer]))
    return [_view(row) for row in (await tx.execute(query.order_by(c.owner_id, c.created_at, c.id))).mappings()]


def _row(view: TicketView) -> dict[str, object]:
    return {
        "id": view.id,
        "workspace": view.workspace,
        "owner_id": view.owner_id,
        "name": view.name,
        "filter": filter_json(view.filter),
        "sort": view.sort.value,
        "revision": view.revision,
    }


def _view(row: sa.RowMapping) -> TicketView:
    return TicketView(
        id=row["id"],
        workspace=row["workspace"],
        owner_id=row["owner_id"],
        name=row["name"],
        filter=filter_of(row["filter"]),
        sort=Sort(row["sort"]),
        revision=row["revision"],
    )
