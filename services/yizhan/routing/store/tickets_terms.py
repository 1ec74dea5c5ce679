"""The terms by which tickets are found."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.bulk import BulkInsert
from yizhan.routing.store.tickets_tables import ticket_terms

_INSERT = BulkInsert(ticket_terms, ("workspace", "term", "ticket_id"), ignore_conflicts=True)


async def add_terms(tx: AsyncConnection, workspace: str, ticket_id: str, terms: Collection[str]) -> None:
    """Find the ticket by these as well."""
    await _INSERT.insert(tx, [(workspace, term, ticket_id) for term in sorted(terms)])


async def set_terms(tx: AsyncConnection, workspace: str, ticket_id: str, terms: Collection[str]) -> None:
    """Find the ticket by these and no others."""
    await tx.execute(ticket_terms.delete().where(ticket_terms.c.ticket_id == ticket_id))
    await add_terms(tx, workspace, ticket_id, terms)
