"""Queries on what customers did that lets the business write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.channels.store.tables import windows
from yizhan.core.store.database import Database
from yizhan.core.store.tables import among


@dataclass(frozen=True, slots=True)
class WindowRow:
    """What one kind of trigger allows one customer: when it happened last, and how much was sent on its strength."""

    address_key: str
    trigger: str
    at: datetime
    spent: int = 0
    closed: bool = False
    by: str = ""


async def read(database: Database, address_keys: Sequence[str]) -> list[WindowRow]:
    """Raises StoreError."""
    async with database.read() as tx:
        return await _rows(tx, address_keys)


async def open_(tx: AsyncConnection, rows: Sequence[WindowRow]) -> list[WindowRow]:
    """Triggers happened; a repetition of an older one changes nothing. Gives every row of these customers afterwards."""
    newest: dict[tuple[str, str], WindowRow] = {}
    for row in rows:
        known = newest.get((row.address_key, row.trigger))
        if known is None or known.at <= row.at:
            newest[row.address_key, row.trigger] = row
    values = [
        {
            "address_key": row.address_key,
            "trigger": row.trigger,
            "at": row.at,
            "spent": 0,
            "closed": False,
            "by": row.by[:300],
        }
        for row in sorted(newest.values(), key=lambda row: (row.address_key, row.trigger))
    ]
    await tx.execute(_opening(tx.dialect.name), values)
    return await _rows(tx, sorted({row.address_key for row in rows}))


async def spend(tx: AsyncConnection, spent: Sequence[tuple[str, str, int]]) -> list[WindowRow]:
    """So many messages more were sent to customers on the strength of a trigger; every row of them afterwards."""
    statement = (
        sa.update(windows)
        .where(windows.c.address_key == sa.bindparam("key"), windows.c.trigger == sa.bindparam("key_trigger"))
        .values(spent=windows.c.spent + sa.bindparam("more"))
    )
    await tx.execute(statement, [{"key": key, "key_trigger": trigger, "more": more} for key, trigger, more in spent])
    return await _rows(tx, sorted({key for key, _, _ in spent}))


async def close(tx: AsyncConnection, address_key: str) -> None:
    """Nothing may be sent until the customer does something."""
    await tx.execute(sa.update(windows).where(windows.c.address_key == address_key).values(closed=True))


async def exhaust(tx: AsyncConnection, address_key: str, spent: int) -> None:
    """The platform says that nothing is left; ``spent`` is at least any grant."""
    await tx.execute(sa.update(windows).where(windows.c.address_key == address_key).values(spent=spent))


async def forget(tx: AsyncConnection, before: datetime) -> int:
    """Remove what is long over; how many."""
    return (await tx.execute(sa.delete(windows).where(windows.c.at < before))).rowcount


@cache
def _opening(dialect_name: str) -> Any:
    """One row: a statement with many rows in it would be compiled anew every time."""
    dialect: Any = postgresql if dialect_name == "postgresql" else sqlite
    insert = dialect.insert(windows)
    return insert.on_conflict_do_update(
        index_elements=[windows.c.address_key, windows.c.trigger],
        set_={"at": insert.excluded.at, "spent": 0, "closed": False, "by": insert.excluded.by},
        # Platforms count time in seconds: two things may well happen in one.
        where=sa.or_(
            windows.c.at < insert.excluded.at,
            sa.and_(windows.c.at == insert.excluded.at, windows.c.by != insert.excluded.by),
        ),
    )


async def _rows(tx: AsyncConnection, address_keys: Sequence[str]) -> list[WindowRow]:
    found = await tx.execute(sa.select(windows).where(among(windows.c.address_key, address_keys)))
    return [WindowRow(row.address_key, row.trigger, row.at, row.spent, row.closed) for row in found]
