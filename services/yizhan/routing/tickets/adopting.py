"""Tickets that the version before has written: they are given what it knew nothing of."""

import asyncio

import structlog

from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.routing.store import tickets as rows, tickets_terms as found_by
from yizhan.routing.tickets.writing import words

log = structlog.get_logger(__name__)

AT_ONCE = 200
LOOK_SECONDS = 60.0


async def adopt_tickets(database: Database) -> int:
    """Make a number of such tickets found by their words; how many. Raises StoreUnavailable.

    Their status stays as it is written, which the version before may still be working with.
    """
    async with database.begin() as tx:
        found = await rows.unadopted_tickets(tx, AT_ONCE)
        for ticket in found:
            await found_by.set_terms(tx, ticket.workspace, ticket.id, words(ticket))
        await rows.mark_adopted(tx, [ticket.id for ticket in found])
    return len(found)


async def keep_adopting(database: Database) -> None:
    """While both versions may run; as long as the service does."""
    while True:
        try:
            adopted = await adopt_tickets(database)
            if adopted:
                log.info("tickets_adopted", tickets=adopted)
        except StoreUnavailable as error:
            adopted = 0
            log.warning("tickets_adoption_waits", reason=error.reason)
        await asyncio.sleep(0 if adopted == AT_ONCE else LOOK_SECONDS)
