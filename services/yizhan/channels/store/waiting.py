"""Queries on messages to customers that the platform does not take now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.channels.store.tables import waiting
from yizhan.core.store.database import Database
from yizhan.core.store.tables import among


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A message that waits. ``due_at`` None: until the customer does something. ``body``: the protobuf ``Message``."""

    message_id: str
    channel: str
    partition: int
    address_key: str
    seq: int
    body: bytes
    reason: str
    held_at: datetime
    due_at: datetime | None
    expires_at: datetime


async def keys(database: Database, address_keys: Sequence[str]) -> frozenset[str]:
    """Those of the customers for whom something waits. Raises StoreError."""
    query = sa.select(waiting.c.address_key).where(among(waiting.c.address_key, address_keys)).distinct()
    async with database.read() as tx:
        return frozenset((await tx.execute(query)).scalars())


async def put(tx: AsyncConnection, rows: Sequence[WaitingRow]) -> None:
    """Keep messages; what waits already gets its new reason and time."""
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(waiting).values([_values(row) for row in rows])
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=[waiting.c.message_id],
            set_={"reason": insert.excluded.reason, "due_at": insert.excluded.due_at},
        )
    )


async def remove(tx: AsyncConnection, message_ids: Sequence[str]) -> None:
    await tx.execute(sa.delete(waiting).where(among(waiting.c.message_id, message_ids)))


async def postpone(tx: AsyncConnection, message_ids: Sequence[str], until: datetime) -> None:
    """Try these not before."""
    await tx.execute(sa.update(waiting).where(among(waiting.c.message_id, message_ids)).values(due_at=until))


async def wake(tx: AsyncConnection, address_keys: Sequence[str], at: datetime) -> int:
    """These customers did something: try what waits for them. How many messages."""
    statement = sa.update(waiting).where(among(waiting.c.address_key, address_keys), waiting.c.due_at.is_(None))
    return (await tx.execute(statement.values(due_at=at))).rowcount


async def due(
    database: Database, channel: str, partitions: Collection[int], now: datetime, limit: int
) -> list[WaitingRow]:
    """What is to be tried now, in each customer's order; everything of a customer of whom something is due."""
    query = (
        sa.select(waiting.c.address_key)
        .where(waiting.c.channel == channel, waiting.c.due_at <= now, among(waiting.c.partition, list(partitions)))
        .order_by(waiting.c.due_at)
        .limit(limit)
    )
    async with database.read() as tx:
        found = sorted(set((await tx.execute(query)).scalars()))
        if not found:
            return []
        everything = sa.select(waiting).where(among(waiting.c.address_key, found)).order_by(waiting.c.seq)
        return [_row(row) for row in await tx.execute(everything)]


async def of(database: Database, address_key: str) -> list[WaitingRow]:
    """Everything that waits for one customer, in order."""
    query = sa.select(waiting).where(waiting.c.address_key == address_key).order_by(waiting.c.seq)
    async with database.read() as tx:
        return [_row(row) for row in await tx.execute(query)]


async def asleep(
    database: Database, channel: str, partitions: Collection[int], after: str, limit: int
) -> list[tuple[str, str]]:
    """Customers for whom something waits until they do something, by key, with one of their messages: a page after a key."""
    query = (
        sa.select(waiting.c.address_key, sa.func.min(waiting.c.message_id))
        .where(
            waiting.c.channel == channel,
            waiting.c.due_at.is_(None),
            waiting.c.address_key > after,
            among(waiting.c.partition, list(partitions)),
        )
        .group_by(waiting.c.address_key)
        .order_by(waiting.c.address_key)
        .limit(limit)
    )
    async with database.read() as tx:
        return [(row[0], row[1]) for row in await tx.execute(query)]


async def expired(
    database: Database, channel: str, partitions: Collection[int], now: datetime, limit: int
) -> list[WaitingRow]:
    """What has waited too long."""
    query = (
        sa.select(waiting)
        .where(waiting.c.channel == channel, waiting.c.expires_at <= now, among(waiting.c.partition, list(partitions)))
        .order_by(waiting.c.expires_at)
        .limit(limit)
    )
    async with database.read() as tx:
        return [_row(row) for row in await tx.execute(query)]


async def count(database: Database, channel: str) -> int:
    async with database.read() as tx:
        query = sa.select(sa.func.count()).select_from(waiting).where(waiting.c.channel == channel)
        return int((await tx.execute(query)).scalar_one())


def _values(row: WaitingRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NAMES}


def _row(row: sa.Row[Any]) -> WaitingRow:
    return WaitingRow(*(getattr(row, name) for name in _NAMES))


_NAMES = (
    "message_id",
    "channel",
    "partition",
    "address_key",
    "seq",
    "body",
    "reason",
    "held_at",
    "due_at",
    "expires_at",
)
