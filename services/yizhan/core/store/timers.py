"""Timers as rows: they survive restarts, and one of several replicas fires each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Column, Index, Integer, MetaData, String, Table, delete, exists, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.ids import NewId, new_id
from yizhan.core.store.bulk import BulkInsert, Write, write_together
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.tables import UtcDateTime, among, database_now

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that is due. ``claim`` tells this firing from any other; ``tries`` counts firings, this one included."""

    case_id: str
    purpose: str
    due_at: datetime
    payload: str
    claim: str
    tries: int


@dataclass(frozen=True, slots=True)
class TimerSetting:
    """A timer to start, or to move where the case has one for this purpose."""

    case_id: str
    purpose: str
    due_at: datetime
    payload: str = "{}"


TimerHandler = Callable[[Timer], Awaitable[None]]


def timers_table(metadata: MetaData, service: str) -> Table:
    return Table(
        f"{service}_timers",
        metadata,
        Column("case_id", String, primary_key=True),
        Column("purpose", String, primary_key=True),
        Column("due_at", UtcDateTime, nullable=False),
        Column("payload", String, nullable=False),
        Column("claimed_until", UtcDateTime),
        Column("claim", String),
        Column("tries", Integer, nullable=False, server_default="0"),
        Index(None, "due_at"),
    )


class Timers:
    """The timers of one service: one per case and purpose.

    A timer that was moved or cancelled while its handler was on the way must not act: a handler that writes calls
    ``finish(tx, timer)`` in its own transaction and acts only when that is True; then the effect and the end of the
    timer are one. A handler whose effect may be repeated can do without.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        *,
        clock: Callable[[], datetime] | None = None,
        lease: float = 15.0,
        new_id: NewId = new_id,
    ) -> None:
        """``clock``: for tests; without it the database's clock says what is due. ``lease``: seconds for a handler."""
        self._database = database
        self._table = table
        self._upsert = BulkInsert(
            table,
            ("case_id", "purpose", "due_at", "payload", "claimed_until", "claim", "tries"),
            update_conflicts=True,
        )
        self._clock = clock
        self._lease = lease
        self._new_id = new_id

    async def set(self, tx: AsyncConnection, case_id: str, purpose: str, due_at: datetime, payload: str = "{}") -> None:
        """Start or move the timer; a firing on its way for the old date is void."""
        await self.set_many(tx, [TimerSetting(case_id, purpose, due_at, payload)])

    async def set_many(self, tx: AsyncConnection, settings: Sequence[TimerSetting]) -> None:
        """``set`` with one statement. Of several for one case and purpose the last counts."""
        await write_together(tx, [self.setting(settings)])

    def setting(self, settings: Sequence[TimerSetting]) -> Write:
        """``set_many``, to be written along with something else."""
        last = {(one.case_id, one.purpose): one for one in settings}
        # In one order everywhere, so that two transactions cannot wait for each other.
        return self._upsert.of([(*key, last[key].due_at, last[key].payload, None, None, 0) for key in sorted(last)])

    async def cancel(self, tx: AsyncConnection, case_id: str, purpose: str) -> bool:
        """Stop the timer; False: there was none."""
        return await self.cancel_many(tx, [(case_id, purpose)]) > 0

    async def cancel_many(self, tx: AsyncConnection, timers: Sequence[tuple[str, str]]) -> int:
        """Stop these (case id, purpose); how many there were."""
        if not timers:
            return 0
        table = self._table
        purposes = {purpose for _, purpose in timers}
        stopped = 0
        for purpose in sorted(purposes):
            cases = sorted({case_id for case_id, of in timers if of == purpose})
            statement = delete(table).where(table.c.purpose == purpose, among(table.c.case_id, cases))
            stopped += (await tx.execute(statement)).rowcount
        return stopped

    async def finish(self, tx: AsyncConnection, timer: Timer) -> bool:
        """End this firing in the handler's transaction; False: moved, cancelled or taken over, so do not act."""
        table = self._table
        statement = delete(table).where(
            table.c.case_id == timer.case_id, table.c.purpose == timer.purpose, table.c.claim == timer.claim
        )
        return (await tx.execute(statement)).rowcount > 0

    async def claim_due(self, tx: AsyncConnection, now: datetime, limit: int = 16) -> Sequence[Timer]:
        """Take due timers nobody has, the oldest first, for the length of the lease."""
        table = self._table
        free = (table.c.claimed_until.is_(None)) | (table.c.claimed_until <= now)
        due = (
            select(table.c.case_id, table.c.purpose)
            .where(table.c.due_at <= now, free)
            .order_by(table.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = self._new_id()
        statement = (
            update(table)
            .where(tuple_(table.c.case_id, table.c.purpose).in_(select(due.c.case_id, due.c.purpose)))
            .values(claimed_until=now + timedelta(seconds=self._lease), claim=claim, tries=table.c.tries + 1)
            .returning(table.c.case_id, table.c.purpose, table.c.due_at, table.c.payload, table.c.tries)
        )
        rows = sorted(await tx.execute(statement), key=lambda row: row.due_at)
        return [Timer(row.case_id, row.purpose, row.due_at, row.payload, claim, row.tries) for row in rows]

    async def run(self, handler: TimerHandler, poll: float = 0.25, *, concurrency: int = 16) -> None:
        """Fire due timers until cancelled, at most ``concurrency`` at a time.

        A handler that raises or takes longer than 4/5 of the lease is called again after the lease.
        """
        running = set[asyncio.Task[None]]()
        away = False
        async with asyncio.TaskGroup() as group:
            while True:
                free, claimed = concurrency - len(running), 0
                try:
                    if free and await self._any_due():
                        for timer in await self._claim(free):
                            task = group.create_task(self._fire(handler, timer))
                            running.add(task)
                            task.add_done_callback(running.discard)
                            claimed += 1
                    if free and away:
                        away = False
                        log.info("timers_store_back", timers=self._table.name)
                except StoreUnavailable as error:
                    if not away:  # said once, however often the store is asked
                        away = True
                        log.warning("timers_wait_for_store", timers=self._table.name, reason=error.reason)
                await asyncio.sleep(0 if free and claimed == free else poll)

    async def fire_due(self, handler: TimerHandler, limit: int = 16) -> int:
        """Claim what is due now, handle it and wait for that; how many were claimed. Raises StoreUnavailable."""
        timers = await self._claim(limit)
        async with asyncio.TaskGroup() as group:
            for timer in timers:
                group.create_task(self._fire(handler, timer))
        return len(timers)

    async def _any_due(self) -> bool:
        """A look without a lock, which is all that an idle poll costs."""
        table, now = self._table, self._clock() if self._clock else database_now()
        free = (table.c.claimed_until.is_(None)) | (table.c.claimed_until <= now)
        async with self._database.read() as tx:
            query = select(exists().where(table.c.due_at <= now, free))
            return bool((await tx.execute(query)).scalar())

    async def _claim(self, limit: int) -> Sequence[Timer]:
        async with self._database.begin() as tx:
            now = self._clock() if self._clock else (await tx.execute(select(database_now()))).scalar_one()
            return await self.claim_due(tx, now, limit)

    async def _fire(self, handler: TimerHandler, timer: Timer) -> None:
        try:
            # Well inside the lease, so that nobody else has the timer while this handler is at work.
            async with asyncio.timeout(self._lease * 0.8):
                await handler(timer)
            async with self._database.begin() as tx:
                await self.finish(tx, timer)
        except Exception as error:
            log.exception(
                "timer_failed",
                timers=self._table.name,
                case_id=timer.case_id,
                purpose=timer.purpose,
                tries=timer.tries,
                error=type(error).__name__,
            )
