"""Which replicas of a service are alive, and which partitions each of them consumes."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Column, MetaData, String, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError, StoreUnavailable
from yizhan.core.store.tables import UtcDateTime, among, database_now

log = structlog.get_logger(__name__)

OnChange = Callable[[tuple[str, ...]], Awaitable[None]]
Assign = Callable[[frozenset[int]], Awaitable[None]]


def members_table(metadata: MetaData, service: str) -> Table:
    return Table(
        f"{service}_members",
        metadata,
        Column("role", String, primary_key=True),
        Column("replica_id", String, primary_key=True),
        Column("seen_at", UtcDateTime, nullable=False),
    )


def spread(members: Sequence[str], partitions: int) -> dict[int, str]:
    """Who has which partition: everyone gets the same number, give or take one; no members, no owners.

    Rendezvous hashing with a limit: every pair of member and partition has a fixed weight, the heaviest pairs are
    taken first as long as the member has room. Every replica computes the same, and a change of members moves little.
    """
    names = sorted(set(members))
    if not names:
        return {}
    least, spare = divmod(partitions, len(names))
    pairs = sorted((_weight(name, number), name, number) for name in names for number in range(partitions))
    owners: dict[int, str] = {}
    held = dict.fromkeys(names, 0)
    for _, name, number in pairs:
        if number in owners or held[name] > least or (held[name] == least and not spare):
            continue
        spare -= held[name] == least
        held[name] += 1
        owners[number] = name
    return owners


def _weight(name: str, number: int) -> bytes:
    return hashlib.blake2b(f"{number}:{name}".encode(), digest_size=8).digest()


class Membership:
    """This replica's row among those of its service (and ``role``, where a service has several kinds of process)."""

    def __init__(
        self,
        database: Database,
        table: Table,
        replica_id: str,
        *,
        role: str = "",
        heartbeat: float = 2.0,
        dead_after: float = 6.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._table = table
        self.replica_id = replica_id
        self._role = role
        self._heartbeat = heartbeat
        self._dead_after = dead_after
        self._monotonic = monotonic

    async def join(self) -> tuple[str, ...]:
        """Beat once; everyone alive, this replica included, sorted. Raises StoreUnavailable."""
        table = self._table
        dialect = postgresql if self._database.dialect == "postgresql" else sqlite
        row = dialect.insert(table).values(role=self._role, replica_id=self.replica_id, seen_at=database_now())
        beat = row.on_conflict_do_update(index_elements=["role", "replica_id"], set_={"seen_at": database_now()})
        async with self._database.begin() as tx:
            await tx.execute(beat)
            query = select(table.c.replica_id, table.c.seen_at, database_now().label("now"))
            rows = (await tx.execute(query.where(table.c.role == self._role))).all()
            dead = timedelta(seconds=self._dead_after)
            forgotten = [row.replica_id for row in rows if row.seen_at < row.now - 10 * dead]
            if forgotten:
                gone = among(table.c.replica_id, forgotten)
                await tx.execute(delete(table).where(table.c.role == self._role, gone))
        earliest = self._earliest_process()
        alive = {row.replica_id for row in rows if row.seen_at >= max(row.now - dead, earliest)}
        return tuple(sorted(alive | {self.replica_id}))

    def _earliest_process(self) -> datetime:
        """An SQLite file has one process: who was last seen before this one opened it is dead, however lately."""
        if self._database.dialect == "sqlite":
            return self._database.started_at - timedelta(milliseconds=10)  # its clock counts milliseconds
        return datetime.min.replace(tzinfo=UTC)

    async def leave(self) -> None:
        """Be gone at once instead of after ``dead_after``. Raises StoreUnavailable."""
        table = self._table
        mine = (table.c.role == self._role, table.c.replica_id == self.replica_id)
        async with self._database.begin() as tx:
            await tx.execute(delete(table).where(*mine))

    async def run(self, on_change: OnChange) -> None:
        """Beat until cancelled and call ``on_change`` with everyone alive, at first and whenever that changes.

        It is called one at a time, with the newest members, while the beats go on. With the database away for
        longer than ``dead_after`` the others count this replica as dead, so it is told that nobody is left.
        An ``on_change`` that raises is called again with the next beat.
        """
        latest: tuple[str, ...] | None = None
        changed = asyncio.Event()

        async def beat() -> None:
            nonlocal latest
            seen = self._monotonic()
            while True:
                members = latest
                try:
                    members = await self.join()
                    seen = self._monotonic()
                except StoreUnavailable as error:
                    log.warning("membership_beat_failed", members=self._table.name, reason=error.reason)
                    if self._monotonic() - seen > self._dead_after:
                        members = ()
                if members is not None and members != latest:
                    latest = members
                    log.info("membership_changed", members=self._table.name, alive=len(members))
                    changed.set()
                await asyncio.sleep(self._heartbeat)

        async def tell() -> None:
            while True:
                await changed.wait()
                changed.clear()
                try:
                    await on_change(latest or ())
                except Exception as error:
                    log.exception("membership_change_failed", members=self._table.name, error=type(error).__name__)
                    await asyncio.sleep(self._heartbeat)
                    changed.set()

        async with asyncio.TaskGroup() as group:
            group.create_task(beat())
            group.create_task(tell())


class Shares:
    """Keeps a consumer on this replica's share of the partitions."""

    def __init__(self, membership: Membership, partitions: int) -> None:
        self._membership = membership
        self._partitions = partitions

    def own(self, members: Sequence[str]) -> frozenset[int]:
        owners = spread(members, self._partitions)
        return frozenset(number for number, name in owners.items() if name == self._membership.replica_id)

    async def run(self, assign: Assign) -> None:
        """Join, then call ``assign`` with this replica's partitions whenever they may have changed; leave at the end."""

        async def on_change(members: tuple[str, ...]) -> None:
            await assign(self.own(members))

        try:
            await self._membership.run(on_change)
        finally:
            try:
                await self._membership.leave()
            except StoreError as error:
                log.warning("membership_leave_failed", error=type(error).__name__)
