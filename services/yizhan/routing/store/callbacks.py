"""Queries on how customers of tickets are reached, and on callbacks."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.bulk import BulkInsert, write_together
from yizhan.core.store.tables import among
from yizhan.routing.callbacks.callback import OWED, CallbackState, Contact
from yizhan.routing.store.callback_tables import ticket_contacts
from yizhan.routing.tickets.filters import Calls

_FIELDS = tuple(column.name for column in ticket_contacts.columns)
_PUT = BulkInsert(ticket_contacts, _FIELDS, update_conflicts=True)


async def put_contact(tx: AsyncConnection, contact: Contact) -> None:
    """A ticket has one; a later one takes its place."""
    row = tuple(contact.state.value if name == "state" else getattr(contact, name) for name in _FIELDS)
    await write_together(tx, [_PUT.of([row])])


async def load_contact(tx: AsyncConnection, ticket_id: str) -> Contact | None:
    return (await load_contacts(tx, [ticket_id])).get(ticket_id)


async def load_contacts(tx: AsyncConnection, ticket_ids: Sequence[str]) -> Mapping[str, Contact]:
    """By ticket; tickets that have none are left out."""
    if not ticket_ids:
        return {}
    query = sa.select(ticket_contacts).where(among(ticket_contacts.c.ticket_id, ticket_ids))
    return {row["ticket_id"]: _contact(row) for row in (await tx.execute(query)).mappings()}


async def owed_callback(tx: AsyncConnection, workspace: str, conversation_id: str) -> Contact | None:
    """The call that a conversation's customer still expects; the soonest of several."""
    query = (
        sa.select(ticket_contacts)
        .where(
            ticket_contacts.c.workspace == workspace,
            ticket_contacts.c.conversation_id == conversation_id,
            ticket_contacts.c.state.in_([state.value for state in OWED]),
        )
        .order_by(ticket_contacts.c.callback_at, ticket_contacts.c.ticket_id)
        .limit(1)
    )
    row = (await tx.execute(query)).mappings().first()
    return _contact(row) if row else None


def promised_calls(workspace: str, wanted: Calls) -> sa.Select[tuple[str]]:
    """The tickets of which this is so."""
    c = ticket_contacts.c
    states = {Calls.ANY: (), Calls.OWED: sorted(OWED), Calls.LATE: [CallbackState.MISSED]}[wanted]
    query = sa.select(c.ticket_id).where(c.workspace == workspace, c.callback_at.is_not(None))
    return query.where(c.state.in_([state.value for state in states])) if states else query


def _contact(row: sa.RowMapping) -> Contact:
    fields = {name: row[name] for name in _FIELDS if name != "state"}
    return Contact(**fields, state=CallbackState(row["state"]))
