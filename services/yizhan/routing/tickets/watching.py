"""Having dialogue tell what customers write, where a ticket follows it: ADR 0036."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import structlog

from yizhan.core.messages.command import Watch
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.routing.shift import Shift
from yizhan.routing.store import tickets as rows
from yizhan.routing.tickets.ticket import Status, Ticket

log = structlog.get_logger(__name__)

AT_ONCE = 200
LOOK_SECONDS = 60.0

Shifts = Callable[[str], AbstractAsyncContextManager[Shift]]


def watch(shift: Shift, ticket: Ticket) -> None:
    """Ask for the conversation of a ticket. What a pending one waits for may have come already; it is told then."""
    since = ticket.since if ticket.status is Status.PENDING else shift.now
    shift.command(ticket.address, ticket.conversation_id, 0, Watch(since))


async def watch_unwatched(shifts: Shifts, database: Database) -> int:
    """Ask for tickets that the version before made, and for closed ones that were taken up again; how many.

    Raises StoreUnavailable.
    """
    async with database.read() as tx:
        found = await rows.unwatched(tx, AT_ONCE)
    for workspace in sorted({ticket.workspace for ticket in found}):
        async with shifts(workspace) as shift:
            for ticket in found:
                if ticket.workspace == workspace:
                    watch(shift, ticket)
                    await rows.mark_watched(shift.tx, ticket.id)
    return len(found)


async def keep_watching(shifts: Shifts, database: Database) -> None:
    """As long as the service runs."""
    while True:
        try:
            asked = await watch_unwatched(shifts, database)
            if asked:
                log.info("tickets_watched", tickets=asked)
        except StoreUnavailable as error:
            asked = 0
            log.warning("tickets_watching_waits", reason=error.reason)
        await asyncio.sleep(0 if asked == AT_ONCE else LOOK_SECONDS)
