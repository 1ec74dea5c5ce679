"""Queries on the ledger of sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.channels.store.tables import sends
from yizhan.core.store.bulk import BulkUpdate
from yizhan.core.store.database import Database
from yizhan.core.store.tables import among


class SendState(IntEnum):
    """What is known of a call. ``CALLING`` in a row of a process that is gone: nobody knows."""

    CALLING = 1
    SENT = 2
    FAILED = 3
    UNKNOWN = 4
    NOT_SENT = 5


_finishing = BulkUpdate(sends, ("message_id", "part", "state", "external_id", "reason", "detail"))


@dataclass(frozen=True, slots=True)
class SendRow:
    """One part of a message on its way. ``body``: the part, where it goes in the answer to the push ``slot_key``.

    ``address_key``: to whom, where that is ever asked for.
    """

    message_id: str
    part: int
    channel: str
    state: SendState
    began_at: datetime
    slot_key: str | None = None
    body: bytes | None = None
    external_id: str = ""
    reason: str = ""
    detail: str = ""
    address_key: str | None = None


MOST_OF_ONE = 200
"""Sends to one customer that are looked through."""


async def newest_to(database: Database, address_key: str) -> list[SendRow]:
    """What was sent to one customer, the newest first; of channels that note to whom. Raises StoreError."""
    query = sa.select(sends).where(sends.c.address_key == address_key).order_by(sends.c.began_at.desc())
    async with database.read() as tx:
        return [_row(row) for row in await tx.execute(query.limit(MOST_OF_ONE))]


async def read(database: Database, message_ids: Sequence[str]) -> list[SendRow]:
    """What is known of these messages. Raises StoreError."""
    async with database.read() as tx:
        return [_row(row) for row in await tx.execute(sa.select(sends).where(among(sends.c.message_id, message_ids)))]


async def slots_in_use(database: Database, slot_keys: Sequence[str]) -> frozenset[str]:
    """Those of the pushes into whose answers something was to go. Raises StoreError."""
    async with database.read() as tx:
        found = await tx.execute(sa.select(sends.c.slot_key).where(among(sends.c.slot_key, slot_keys)))
        return frozenset(found.scalars())


async def begin(tx: AsyncConnection, rows: Sequence[SendRow]) -> set[tuple[str, int]]:
    """Write down that these calls are about to be made; gives those that may be: not begun by anybody, or certainly not sent."""
    begun = await tx.execute(_beginning(tx.dialect.name), [_values(row) for row in rows])
    return {(row.message_id, row.part) for row in begun}


async def finish(tx: AsyncConnection, rows: Sequence[SendRow]) -> None:
    """Write down what became of calls. What a row says of its slot stays."""
    last = {(row.message_id, row.part): row for row in rows}
    await _finishing.update(
        tx,
        [
            (row.message_id, row.part, int(row.state), row.external_id[:200], row.reason[:64], row.detail[:500])
            for row in last.values()
        ],
    )


async def withdraw(tx: AsyncConnection, row: SendRow) -> bool:
    """The part has certainly not gone and may go in another way; False: a repetition of the push has it meanwhile."""
    same = (sends.c.message_id == row.message_id, sends.c.part == row.part, sends.c.state == SendState.CALLING)
    done = await tx.execute(sa.update(sends).where(*same).values(state=int(SendState.NOT_SENT)))
    return done.rowcount > 0


async def claim(tx: AsyncConnection, slot_key: str) -> list[SendRow]:
    """A repetition of the push came: what was on its way into its answer goes into this one, and no other way any more."""
    on_the_way = sends.c.state.in_([int(SendState.CALLING), int(SendState.SENT)])
    statement = sa.update(sends).where(sends.c.slot_key == slot_key, sends.c.body.is_not(None), on_the_way)
    found = [_row(row) for row in await tx.execute(statement.values(state=int(SendState.SENT)).returning(sends))]
    return sorted(found, key=lambda row: (row.began_at, row.part))


async def forget(tx: AsyncConnection, before: datetime) -> int:
    """Remove what is older than any repetition can be; how many."""
    return (await tx.execute(sa.delete(sends).where(sends.c.began_at < before))).rowcount


@cache
def _beginning(dialect_name: str) -> Any:
    """One row: a statement with many rows in it would be compiled anew every time."""
    dialect: Any = postgresql if dialect_name == "postgresql" else sqlite
    insert = dialect.insert(sends)
    return insert.on_conflict_do_update(
        index_elements=[sends.c.message_id, sends.c.part],
        set_={
            name: insert.excluded[name]
            for name in ("state", "slot_key", "body", "reason", "detail", "began_at", "address_key")
        },
        where=sends.c.state == SendState.NOT_SENT,
    ).returning(sends.c.message_id, sends.c.part)


def _values(row: SendRow) -> dict[str, Any]:
    return {
        "message_id": row.message_id,
        "part": row.part,
        "channel": row.channel,
        "state": int(row.state),
        "slot_key": row.slot_key,
        "body": row.body,
        "external_id": row.external_id[:200],
        "reason": row.reason[:64],
        "detail": row.detail[:500],
        "began_at": row.began_at,
        "address_key": row.address_key,
    }


def _row(row: sa.Row[Any]) -> SendRow:
    return SendRow(
        row.message_id,
        row.part,
        row.channel,
        SendState(row.state),
        row.began_at,
        row.slot_key,
        row.body,
        row.external_id,
        row.reason,
        row.detail,
        row.address_key,
    )
