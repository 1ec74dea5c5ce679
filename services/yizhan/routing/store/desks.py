"""The lock of a workspace's desk, and the numbers of its tickets."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.bulk import BulkInsert
from yizhan.routing.store.tables import desks

_FIRST = BulkInsert(desks, ("workspace", "tickets"), ignore_conflicts=True)


async def lock_desk(tx: AsyncConnection, workspace: str) -> None:
    """Let nobody else change who serves whom in this workspace until the transaction ends."""
    query = sa.select(desks.c.workspace).where(desks.c.workspace == workspace).with_for_update()
    if (await tx.execute(query)).first() is None:
        await _FIRST.insert(tx, [(workspace, 0)])  # of two who come first, one waits here for the other
        await tx.execute(query)


async def next_ticket_number(tx: AsyncConnection, workspace: str) -> int:
    """The next number; the desk must be locked."""
    await tx.execute(desks.update().where(desks.c.workspace == workspace).values(tickets=desks.c.tickets + 1))
    number: int = (await tx.execute(sa.select(desks.c.tickets).where(desks.c.workspace == workspace))).scalar_one()
    return number


async def workspaces(tx: AsyncConnection) -> Sequence[str]:
    return list((await tx.execute(sa.select(desks.c.workspace))).scalars())
