"""Queries on what devices are told: a row is claimed before a provider is called, and only one process can claim it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.channels.store.tables import pushes
from yizhan.core.store.database import Database, Transaction


class PushState(IntEnum):
    PLANNED = 0
    CALLING = 1
    SENT = 2
    QUIET = 3
    FAILED = 4
    UNKNOWN = 5


@dataclass(frozen=True, slots=True)
class PushRow:
    """``due_at``: when it is to be looked at; once it is being called, when that began."""

    message_id: str
    device: str
    address_key: str
    seq: int
    platform: str
    state: PushState
    tries: int
    reason: str
    due_at: datetime
    planned_at: datetime


async def plan(tx: Transaction, rows: Sequence[PushRow]) -> None:
    """What is planned already stays as it is: the same message may be handed over again."""
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(pushes).values([asdict(row) for row in rows])
    await tx.execute(insert.on_conflict_do_nothing(index_elements=["message_id", "device"]))


async def due(database: Database, now: datetime, limit: int) -> Sequence[PushRow]:
    """The oldest first. Raises StoreError."""
    query = (
        sa.select(pushes)
        .where(pushes.c.state == PushState.PLANNED, pushes.c.due_at <= now)
        .order_by(pushes.c.due_at, pushes.c.message_id, pushes.c.device)
        .limit(limit)
    )
    async with database.read() as tx:
        return [_row(row) for row in (await tx.execute(query)).mappings()]


async def claim(tx: Transaction, row: PushRow, now: datetime) -> bool:
    """The call is ours. False: it is somebody else's, or it was decided meanwhile."""
    mine = sa.and_(_is(row), pushes.c.state == PushState.PLANNED, pushes.c.tries == row.tries)
    values = {"state": PushState.CALLING, "tries": row.tries + 1, "due_at": now}
    return (await tx.execute(sa.update(pushes).where(mine).values(values))).rowcount > 0


async def decide(
    tx: Transaction, rows: Sequence[PushRow], before: PushState, after: PushState, reason: str = ""
) -> int:
    """Rows in the state ``before`` are in the state ``after`` from now on; how many were."""
    changed = 0
    for row in rows:
        these = sa.and_(_is(row), pushes.c.state == before)
        changed += (await tx.execute(sa.update(pushes).where(these).values(state=after, reason=reason))).rowcount
    return changed


async def postpone(tx: Transaction, rows: Sequence[PushRow], before: PushState, due_at: datetime) -> None:
    """To be looked at then."""
    for row in rows:
        these = sa.and_(_is(row), pushes.c.state == before)
        await tx.execute(sa.update(pushes).where(these).values(state=PushState.PLANNED, due_at=due_at))


async def strand(tx: Transaction, before: datetime) -> Sequence[str]:
    """Calls that began before this and of which nobody told the end: their outcome is not known. The platform of each."""
    these = sa.and_(pushes.c.state == PushState.CALLING, pushes.c.due_at < before)
    stranded = {"state": PushState.UNKNOWN, "reason": "interrupted"}
    gone = sa.update(pushes).where(these).values(stranded).returning(pushes.c.platform)
    return [str(platform) for platform in (await tx.execute(gone)).scalars()]


async def waiting(database: Database) -> int:
    """How many are planned. Raises StoreError."""
    query = sa.select(sa.func.count()).select_from(pushes).where(pushes.c.state == PushState.PLANNED)
    async with database.read() as tx:
        return int((await tx.execute(query)).scalar_one())


async def drop_old(tx: Transaction, before: datetime, limit: int) -> int:
    """Forget what was planned before this: nothing can hand those messages over again. How many rows went."""
    old = sa.select(pushes.c.message_id).where(pushes.c.planned_at < before).limit(limit)
    return (await tx.execute(sa.delete(pushes).where(pushes.c.message_id.in_(old)))).rowcount


def _is(row: PushRow) -> sa.ColumnElement[bool]:
    return sa.and_(pushes.c.message_id == row.message_id, pushes.c.device == row.device)


def _row(row: sa.RowMapping) -> PushRow:
    return PushRow(**{**row, "state": PushState(row["state"])})
