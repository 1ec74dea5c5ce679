"""Queries on the menus that customers were shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.channels.store.tables import menus
from yizhan.core.store.database import Database


@dataclass(frozen=True, slots=True)
class MenuRow:
    """A menu as it was shown. ``options``: id and label of each, in order."""

    address_key: str
    code: str
    menu_id: str
    options: tuple[tuple[str, str], ...]
    shown_at: datetime


async def put(tx: AsyncConnection, rows: Sequence[MenuRow]) -> None:
    """Remember menus; one that is shown again counts as shown now."""
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    values = [
        {
            "address_key": row.address_key,
            "code": row.code,
            "menu_id": row.menu_id,
            "options": [list(option) for option in row.options],
            "shown_at": row.shown_at,
        }
        for row in rows
    ]
    insert = dialect.insert(menus).values(values)
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=[menus.c.address_key, menus.c.code], set_={"shown_at": insert.excluded.shown_at}
        )
    )


async def newest(database: Database, address_key: str, code: str = "") -> MenuRow | None:
    """The menu of this code, or the last one that was shown. Raises StoreError."""
    query = sa.select(menus).where(menus.c.address_key == address_key)
    if code:
        query = query.where(menus.c.code == code)
    async with database.read() as tx:
        row = (await tx.execute(query.order_by(menus.c.shown_at.desc()).limit(1))).one_or_none()
    if row is None:
        return None
    options = tuple((str(option[0]), str(option[1])) for option in row.options)
    return MenuRow(row.address_key, row.code, row.menu_id, options, row.shown_at)


async def age(tx: AsyncConnection, address_key: str, by: timedelta) -> None:
    """Something else was said to the customer since: their menus count as shown so much earlier."""
    found = await tx.execute(sa.select(menus.c.code, menus.c.shown_at).where(menus.c.address_key == address_key))
    for code, shown_at in found.all():
        same = (menus.c.address_key == address_key, menus.c.code == code)
        await tx.execute(sa.update(menus).where(*same).values(shown_at=shown_at - by))


async def forget(tx: AsyncConnection, before: datetime) -> int:
    """Remove what nobody will press any more; how many."""
    return (await tx.execute(sa.delete(menus).where(menus.c.shown_at < before))).rowcount
