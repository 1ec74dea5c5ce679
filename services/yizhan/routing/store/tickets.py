"""Queries on tickets."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.routing.desk import Ticket
from yizhan.routing.store.addresses import address_of, address_text
from yizhan.routing.store.tables import tickets

_TICKET = tuple(column.name for column in tickets.columns)


async def insert_ticket(tx: AsyncConnection, ticket: Ticket) -> None:
    await tx.execute(tickets.insert(), [_ticket_row(ticket)])


async def save_ticket(tx: AsyncConnection, ticket: Ticket) -> None:
    await tx.execute(tickets.update().where(tickets.c.id == ticket.id).values(_ticket_row(ticket)))


async def load_ticket(tx: AsyncConnection, workspace: str, ticket_id: str) -> Ticket | None:
    query = sa.select(tickets).where(tickets.c.id == ticket_id, tickets.c.workspace == workspace)
    row = (await tx.execute(query)).mappings().first()
    return _ticket(row) if row else None


async def open_tickets_of(tx: AsyncConnection, workspace: str, conversation_id: str) -> Sequence[Ticket]:
    query = sa.select(tickets).where(
        tickets.c.workspace == workspace,
        tickets.c.conversation_id == conversation_id,
        tickets.c.status.in_(["open", "taken"]),
    )
    return [_ticket(row) for row in (await tx.execute(query)).mappings()]


async def list_tickets(tx: AsyncConnection, workspace: str, status: str, offset: int, size: int) -> Sequence[Ticket]:
    """Open promises by their deadline, others newest first; one more than ``size`` when there are more."""
    query = sa.select(tickets).where(tickets.c.workspace == workspace)
    if status:
        query = query.where(tickets.c.status == status)
    order = tickets.c.promised_by.asc() if status == "open" else tickets.c.created_at.desc()
    query = query.order_by(order, tickets.c.id).offset(offset).limit(size + 1)
    return [_ticket(row) for row in (await tx.execute(query)).mappings()]


async def count_open_tickets(tx: AsyncConnection, workspace: str) -> int:
    query = sa.select(sa.func.count()).where(tickets.c.workspace == workspace, tickets.c.status == "open")
    return (await tx.execute(query)).scalar_one()


def _ticket(row: sa.RowMapping) -> Ticket:
    plain = {name: row[name] for name in _TICKET if name != "address"}
    return Ticket(**plain, address=address_of(row["address"]))


def _ticket_row(ticket: Ticket) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(ticket, name) for name in _TICKET}
    row["address"] = address_text(ticket.address)
    return row
