"""The rows of the embedded bus. One row is one batch of envelopes in one queue; ``core.bus.embedded`` gives it meaning."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from yizhan.core.store.database import Database
from yizhan.core.store.sqlite_driver import Statement
from yizhan.core.store.tables import UtcDateTime, among, metadata_for

metadata = metadata_for("bus")

messages = Table(
    "bus_messages",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("queue", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("handed", Integer, nullable=False, server_default="0"),
    Column("letter_id", String),
    Column("reason", String),
    Column("parked_at", UtcDateTime),
    Index(None, "queue", "id"),
)
"""``handed``: how often it was handed to a consumer. The last three columns are those of dead-letter queues."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """Ids are the writer's: ascending, so that a queue is read in the order of its ids."""

    id: int
    queue: str
    body: bytes
    handed: int = 0
    letter_id: str | None = None
    reason: str | None = None
    parked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandedRow:
    """A row that is handed out now; ``earlier`` times it was before."""

    id: int
    body: bytes
    earlier: int


@dataclass(frozen=True, slots=True)
class LetterRow:
    id: int
    queue: str
    letter_id: str
    reason: str
    parked_at: datetime
    body: bytes


class BusRows:
    """Reads and writes the rows, which are in SQLite; every method is one transaction. All raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def highest_id(self) -> int:
        """0 when there is no row."""
        async with self._database.read() as tx:
            found: int | None = (await tx.execute(select(func.max(messages.c.id)))).scalar_one()
        return found or 0

    async def write(self, rows: Sequence[NewRow], gone: Collection[int]) -> None:
        """Insert ``rows`` and delete those of the ids in ``gone``, together."""
        statements: list[Statement] = []
        if rows:
            values = [(r.id, r.queue, r.body, r.handed, r.letter_id, r.reason, _as_number(r.parked_at)) for r in rows]
            statements.append((_INSERT, values))
        if gone:
            statements.append((_DELETE, [(row_id,) for row_id in gone]))
        await self._database.write_at_once(statements)

    async def hand_out(self, queue: str, *, after: int, most: int, new_only: bool = False) -> list[HandedRow]:
        """The next rows of a queue, in order, counted as handed out from now on."""
        wanted = [messages.c.queue == queue, messages.c.id > after]
        if new_only:
            wanted.append(messages.c.handed == 0)
        query = (
            select(messages.c.id, messages.c.body, messages.c.handed).where(*wanted).order_by(messages.c.id).limit(most)
        )
        async with self._database.begin() as tx:
            found = (await tx.execute(query)).all()
            if found:
                taken = among(messages.c.id, [row.id for row in found])
                await tx.execute(update(messages).where(taken).values(handed=messages.c.handed + 1))
        return [HandedRow(row.id, row.body, row.handed) for row in found]

    async def hand_back(self, ids: Collection[int]) -> None:
        """They were not handled, and it was nobody's fault: the hand-out counts only as a first one."""
        async with self._database.begin() as tx:
            again = messages.c.handed > 1
            await tx.execute(
                update(messages).where(among(messages.c.id, ids), again).values(handed=messages.c.handed - 1)
            )

    async def with_new(self, queues: Collection[str]) -> set[str]:
        """Which of these queues hold rows that were never handed out."""
        query = select(messages.c.queue).distinct().where(among(messages.c.queue, queues), messages.c.handed == 0)
        async with self._database.read() as tx:
            return set((await tx.execute(query)).scalars())

    async def counts(self) -> dict[str, int]:
        """Rows per queue; empty queues are left out."""
        query = select(messages.c.queue, func.count()).group_by(messages.c.queue)
        async with self._database.read() as tx:
            return {row[0]: row[1] for row in (await tx.execute(query)).all()}

    async def letters(self, queues: Collection[str], most: int) -> list[LetterRow]:
        """The oldest rows of dead-letter queues."""
        query = (
            select(messages)
            .where(among(messages.c.queue, queues), messages.c.parked_at.is_not(None))
            .order_by(messages.c.id)
            .limit(most)
        )
        async with self._database.read() as tx:
            return [_letter(row) for row in (await tx.execute(query)).all()]

    async def bodies(self, queues: Collection[str], *, after: int, most: int) -> list[tuple[int, bytes]]:
        """A page of what these queues hold, whether handed out or not: ids and batches."""
        query = (
            select(messages.c.id, messages.c.body)
            .where(among(messages.c.queue, queues), messages.c.id > after)
            .order_by(messages.c.id)
            .limit(most)
        )
        async with self._database.read() as tx:
            return [(row.id, row.body) for row in await tx.execute(query)]

    async def drop_letter(self, dead_queue: str, letter_id: str) -> bool:
        """False: there is none."""
        parked = (messages.c.queue == dead_queue, messages.c.letter_id == letter_id)
        async with self._database.begin() as tx:
            return (await tx.execute(delete(messages).where(*parked))).rowcount > 0

    async def move_letter(self, dead_queue: str, letter_id: str, *, queue: str, new_id: int) -> bool:
        """Put a letter's body into ``queue`` and remove the letter. False: there is none."""
        found = select(messages.c.id, messages.c.body).where(
            messages.c.queue == dead_queue, messages.c.letter_id == letter_id
        )
        async with self._database.begin() as tx:
            row = (await tx.execute(found.order_by(messages.c.id).limit(1))).one_or_none()
            if row is None:
                return False
            await tx.execute(delete(messages).where(messages.c.id == row.id))
            await tx.execute(insert(messages).values(id=new_id, queue=queue, body=row.body))
        return True


_SQLITE = sqlite.dialect()
_INSERT = (
    "INSERT INTO bus_messages (id, queue, body, handed, letter_id, reason, parked_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_DELETE = "DELETE FROM bus_messages WHERE id = ?"


def _as_number(at: datetime | None) -> int | None:
    value: int | None = UtcDateTime().process_bind_param(at, _SQLITE)
    return value


def _letter(row: Any) -> LetterRow:
    return LetterRow(row.id, row.queue, row.letter_id, row.reason, row.parked_at, row.body)
