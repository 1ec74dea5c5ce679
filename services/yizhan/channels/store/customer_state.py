"""Queries on short-lived facts of a channel's own about one customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.channels.store.tables import customer_state
from yizhan.core.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class StateRow:
    """``value`` (at most 300 characters) holds until ``until``; the row stays a while longer."""

    address_key: str
    name: str
    value: str = field(repr=False)
    until: datetime


async def read(database: Database, address_key: str) -> Mapping[str, StateRow]:
    """What is known of one customer, by name, what has run out included. Raises StoreError."""
    query = sa.select(customer_state).where(customer_state.c.address_key == address_key)
    async with database.read() as tx:
        return {row.name: _row(row) for row in await tx.execute(query)}


async def put(tx: Transaction, rows: Sequence[StateRow]) -> None:
    """Note facts; of several with one name the last counts."""
    newest = {(row.address_key, row.name): row for row in rows}
    if not newest:
        return
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(customer_state).values(
        [
            {"address_key": row.address_key, "name": row.name, "value": row.value, "until": row.until}
            for _, row in sorted(newest.items())
        ]
    )
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=["address_key", "name"],
            set_={"value": insert.excluded.value, "until": insert.excluded.until},
        )
    )


async def lock(tx: Transaction, address_key: str, name: str) -> StateRow | None:
    """One fact, held until the transaction ends."""
    same = sa.and_(customer_state.c.address_key == address_key, customer_state.c.name == name)
    row = (await tx.execute(sa.select(customer_state).where(same).with_for_update())).one_or_none()
    return None if row is None else _row(row)


async def forget(tx: Transaction, before: datetime) -> int:
    """Remove what ran out before; how many."""
    return (await tx.execute(sa.delete(customer_state).where(customer_state.c.until < before))).rowcount


def _row(row: sa.Row[Any]) -> StateRow:
    return StateRow(row.address_key, row.name, row.value, row.until)
