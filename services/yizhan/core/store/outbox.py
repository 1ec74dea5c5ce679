"""Publications kept with the state they belong to, so that what was committed is published, also after a crash."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
    delete,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.bus.interface import BusError, BusUnavailable, Publication, Unroutable
from yizhan.core.bus.topology import Exchange
from yizhan.core.store.bulk import BulkInsert, Write
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.tables import UtcDateTime, among, database_now, seconds_ago
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)


class Publishing(Protocol):
    """The part of a bus that an outbox needs."""

    async def publish(self, publications: Sequence[Publication]) -> None: ...


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """``partition`` is whose consumer writes it (recovered on hand-over); None: nobody's, swept by any replica."""

    publication: Publication
    partition: int | None


@dataclass(frozen=True, slots=True)
class Pending:
    """What one transaction wants published. Publish the pendings of one partition one after another, in order."""

    ids: tuple[int, ...]
    publications: tuple[Publication, ...]

    def __bool__(self) -> bool:
        return bool(self.ids)


def outbox_table(metadata: MetaData, service: str) -> Table:
    return Table(
        f"{service}_outbox",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(always=False), primary_key=True),
        Column("partition", Integer),
        Column("exchange", String, nullable=False),
        Column("key", String, nullable=False),
        Column("envelope", LargeBinary, nullable=False),
        Column("created_at", UtcDateTime, nullable=False, server_default=database_now()),
        sqlite_autoincrement=True,
    )


async def unpublished(tx: AsyncConnection, table: Table) -> list[Envelope]:
    """What is committed and not published yet, in no order that matters."""
    rows = await tx.execute(select(table.c.envelope))
    return [Envelope.FromString(row.envelope) for row in rows]


class Outbox:
    """The outbox of one service in this process.

    ``add`` inside the transaction, ``publish`` after its commit. A crash between the two leaves rows: those of a
    partition are published by ``recover`` before whoever owns the partition next consumes it, the others by ``run``.
    Consumers dedupe by the envelope's id, so publishing twice is harmless and publishing never is impossible.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        bus: Publishing,
        *,
        flush_every: float = 0.5,
        sweep_after: float = 5.0,
        backoff: tuple[float, float] = (0.1, 5.0),
        page: int = 500,
        on_rows: Callable[[int], None] | None = None,
    ) -> None:
        self._database = database
        self._table = table
        self._insert = BulkInsert(table, ("partition", "exchange", "key", "envelope"))
        self._bus = bus
        self._flush_every = flush_every
        self._sweep_after = sweep_after
        self._backoff = backoff
        self._page = page
        self._on_rows = on_rows
        self._published: set[int] = set()
        self._publishing: set[int] = set()

    async def add(self, tx: AsyncConnection, rows: Sequence[OutboxRow], *, along: Sequence[Write] = ()) -> Pending:
        """Keep the rows in the caller's transaction, in this order; ``along``: what else is written with them."""
        values = [
            (
                row.partition,
                row.publication.exchange.value,
                row.publication.key,
                row.publication.envelope.SerializeToString(),
            )
            for row in rows
        ]
        ids = await self._insert.insert_ids(tx, values, along=along)
        return Pending(ids, tuple(row.publication for row in rows))

    async def publish(self, pending: Pending) -> None:
        """Returns when all are on the bus; waits as long as the bus is away. Raises Unroutable (the rows stay)."""
        if not pending:
            return
        self._publishing.update(pending.ids)
        try:
            await self._publish_patiently(pending.publications)
        finally:
            self._publishing.difference_update(pending.ids)
        self._published.update(pending.ids)

    async def recover(self, partitions: Iterable[int], *, older_than: float = 0.0) -> int:
        """Publish what earlier owners of these partitions left behind, in order; then it is safe to consume them.

        With ``older_than`` only rows that have lain there for so many seconds and are not on their way in this process:
        what a predecessor committed just when it lost the partition. Returns how many. Raises StoreUnavailable or
        Unroutable.
        """
        wanted, last, total = sorted(set(partitions)), 0, 0
        await self.flush()
        while wanted:
            found = await self._leftovers(among(self._table.c.partition, wanted), older_than, after=last)
            if not found:
                break
            last = found[-1].id
            left = [row for row in found if not self._is_known(row.id, on_its_way=older_than > 0)]
            if left:
                await self._publish_patiently([_publication(row) for row in left])
            self._published.update(row.id for row in left)
            total += len(left)
        await self.flush()
        if total:
            log.info("outbox_recovered", outbox=self._table.name, rows=total, partitions=len(wanted))
        return total

    async def flush(self) -> None:
        """Delete the rows that are on the bus. Raises StoreUnavailable (they are deleted next time)."""
        ids = sorted(self._published)
        for start in range(0, len(ids), 5000):
            part = ids[start : start + 5000]
            async with self._database.begin() as tx:
                await tx.execute(delete(self._table).where(among(self._table.c.id, part)))
            self._published.difference_update(part)

    async def run(self) -> None:
        """Delete and sweep until cancelled; a last deletion on the way out."""
        elapsed = 0.0
        try:
            while True:
                await asyncio.sleep(self._flush_every)
                elapsed += self._flush_every
                try:
                    await self.flush()
                    if elapsed >= self._sweep_after:
                        elapsed = 0.0
                        await self._report()  # first: a sweep that fails is when somebody looks at the figure
                        await self.sweep()
                except (StoreUnavailable, BusError) as error:
                    log.warning("outbox_upkeep_failed", outbox=self._table.name, error=type(error).__name__)
        finally:
            with suppress(StoreUnavailable):
                await self.flush()

    async def sweep(self) -> int:
        """Publish old rows of no partition, which a crashed process left; how many. Raises StoreUnavailable or BusError.

        Replicas sweep at the same time: on PostgreSQL each takes rows that no other has. A row that no queue takes is
        left and does not hold up the others.
        """
        total, last = 0, 0
        while True:
            swept, last = await (self._sweep_locked(last) if self._locks_rows else self._sweep_alone(last))
            total += swept
            if not last:
                break
        if total:
            log.info("outbox_swept", outbox=self._table.name, rows=total)
        return total

    @property
    def _locks_rows(self) -> bool:
        return self._database.dialect == "postgresql"

    async def _sweep_locked(self, after: int) -> tuple[int, int]:
        """One page, published while its rows are locked; how many, and the last id (0: no more)."""
        async with self._database.begin() as tx:
            query = self._leftovers_query(self._table.c.partition.is_(None), self._sweep_after, after)
            found = (await tx.execute(query.with_for_update(skip_locked=True))).all()
            done = await self._publish_once([row for row in found if not self._is_known(row.id, on_its_way=True)])
            if done:
                await tx.execute(delete(self._table).where(among(self._table.c.id, done)))
        return len(done), found[-1].id if found else 0

    async def _sweep_alone(self, after: int) -> tuple[int, int]:
        """The same where there is one process. The embedded bus writes to the same file, so nothing is held meanwhile."""
        found = await self._leftovers(self._table.c.partition.is_(None), self._sweep_after, after=after)
        done = await self._publish_once([row for row in found if not self._is_known(row.id, on_its_way=True)])
        self._published.update(done)
        return len(done), found[-1].id if found else 0

    async def _publish_once(self, rows: Sequence[Any]) -> list[int]:
        """The ids of the rows that are on the bus now."""
        try:
            if rows:
                await self._bus.publish([_publication(row) for row in rows])
            return [row.id for row in rows]
        except Unroutable:
            done = []
            for row in rows:
                try:
                    await self._bus.publish([_publication(row)])
                    done.append(row.id)
                except Unroutable:
                    log.warning("outbox_row_unroutable", outbox=self._table.name, row=row.id, exchange=row.exchange)
            return done

    def _is_known(self, row_id: int, *, on_its_way: bool) -> bool:
        """Whether this process has the row on the bus already (or, if asked, is just publishing it)."""
        return row_id in self._published or (on_its_way and row_id in self._publishing)

    async def _leftovers(self, whose: ColumnElement[bool], older_than: float, *, after: int) -> Sequence[Row[Any]]:
        async with self._database.read() as tx:
            found: Sequence[Row[Any]] = (await tx.execute(self._leftovers_query(whose, older_than, after))).all()
        return found

    def _leftovers_query(self, whose: ColumnElement[bool], older_than: float, after: int) -> Select[Any]:
        table = self._table
        query = select(table).where(whose, table.c.id > after).order_by(table.c.id).limit(self._page)
        return query.where(table.c.created_at <= seconds_ago(older_than)) if older_than else query

    async def _report(self) -> None:
        if self._on_rows is not None:
            async with self._database.read() as tx:
                count = (await tx.execute(select(func.count()).select_from(self._table))).scalar_one()
            self._on_rows(count)

    async def _publish_patiently(self, publications: Sequence[Publication]) -> None:
        delay, most = self._backoff
        while True:
            try:
                await self._bus.publish(publications)
                return
            except BusUnavailable:
                log.warning("outbox_waits_for_bus", outbox=self._table.name, rows=len(publications))
            await asyncio.sleep(delay)
            delay = min(delay * 2, most)


def _publication(row: Any) -> Publication:
    return Publication(Exchange(row.exchange), row.key, Envelope.FromString(row.envelope))
