"""Queries on how far sources have been read: one row per source, whose lease lets one replica at a time read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.channels.store.tables import cursors
from yizhan.core.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Source:
    """What is read: ``name`` is unique within the account."""

    channel: str
    account: str
    name: str


@dataclass(frozen=True, slots=True)
class CursorRow:
    """``position`` empty: never read. ``hint`` is what the platform's last hint at something new gave for reading it.

    ``pulled_at``: since when everything is known to have been read. ``lease_until`` None: nobody is reading.
    """

    position: str
    hint: str = field(repr=False)
    hinted_at: datetime | None
    pulled_at: datetime | None
    lease_holder: str
    lease_until: datetime | None


async def read(database: Database, source: Source) -> CursorRow | None:
    """Raises StoreError."""
    async with database.read() as tx:
        row = (await tx.execute(sa.select(cursors).where(_is(source)))).one_or_none()
    return None if row is None else _row(row)


async def known(database: Database, channel: str) -> Sequence[Source]:
    """Every source that was ever hinted at or read. Raises StoreError."""
    query = sa.select(cursors.c.account, cursors.c.source).where(cursors.c.channel == channel)
    async with database.read() as tx:
        return [Source(channel, row.account, row.source) for row in await tx.execute(query)]


async def note_hint(tx: Transaction, source: Source, hint: str, at: datetime) -> None:
    """There may be something new; an older hint is forgotten."""
    insert = _insert(tx).values(**_key(source), position="", hint=hint, hinted_at=at, lease_holder="")
    await tx.execute(
        insert.on_conflict_do_update(index_elements=_KEY, set_={"hint": hint, "hinted_at": at}),
    )


async def lock(tx: Transaction, source: Source) -> CursorRow:
    """The source's row, made where there is none, held until the transaction ends."""
    new = _insert(tx).values(**_key(source), position="", hint="", lease_holder="")
    await tx.execute(new.on_conflict_do_nothing(index_elements=_KEY))
    return _row((await tx.execute(sa.select(cursors).where(_is(source)).with_for_update())).one())


async def take_lease(tx: Transaction, source: Source, holder: str, until: datetime) -> None:
    """Let ``holder`` read; the caller holds the row and has seen that nobody else does."""
    lease = {"lease_holder": holder, "lease_until": until}
    await tx.execute(sa.update(cursors).where(_is(source)).values(lease))


async def extend_lease(tx: Transaction, source: Source, holder: str, until: datetime) -> bool:
    """The holder needs longer. False: the lease is somebody else's by now."""
    return (await tx.execute(sa.update(cursors).where(_held(source, holder)).values(lease_until=until))).rowcount > 0


async def release_lease(tx: Transaction, source: Source, holder: str) -> None:
    """Nothing more is read for now."""
    free = {"lease_holder": "", "lease_until": None}
    await tx.execute(sa.update(cursors).where(_held(source, holder)).values(free))


async def move(
    tx: Transaction, source: Source, holder: str, before: str, position: str, pulled_at: datetime | None
) -> bool:
    """What came after ``before`` is durable up to ``position``.

    ``pulled_at``: that was all there was then, and the lease ends; None: there is more, and it goes on. False: the lease
    or the position is somebody else's by now, and nothing is changed.
    """
    values: dict[str, Any] = {"position": position}
    if pulled_at is not None:
        values |= {"pulled_at": pulled_at, "lease_holder": "", "lease_until": None}
    mine = sa.and_(_held(source, holder), cursors.c.position == before)
    return (await tx.execute(sa.update(cursors).where(mine).values(values))).rowcount > 0


_KEY = ["channel", "account", "source"]


def _key(source: Source) -> dict[str, Any]:
    return {"channel": source.channel, "account": source.account, "source": source.name}


def _insert(tx: Transaction) -> Any:
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    return dialect.insert(cursors)


def _is(source: Source) -> sa.ColumnElement[bool]:
    return sa.and_(
        cursors.c.channel == source.channel, cursors.c.account == source.account, cursors.c.source == source.name
    )


def _held(source: Source, holder: str) -> sa.ColumnElement[bool]:
    return sa.and_(_is(source), cursors.c.lease_holder == holder)


def _row(row: sa.Row[Any]) -> CursorRow:
    return CursorRow(row.position, row.hint, row.hinted_at, row.pulled_at, row.lease_holder, row.lease_until)
