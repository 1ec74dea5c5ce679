"""Timers as rows: they survive restarts, and one of several replicas fires each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Column, Index, Integer, MetaData, String, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.ids import NewId, new_id
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.tables import UtcDateTime, database_now

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
        lease: float = 30.0,
        new_id: NewId = new_id,
    ) -> None:
        """``clock``: for tests; without it the database's clock says what is due. ``lease``: seconds for a handler."""
        self._database = database
        self._table = table
        self._clock = clock
        self._lease = lease
        self._new_id = new_id

    async def set(self, tx: AsyncConnection, case_id: str, purpose: str, due_at: datetime, payload: str = "{}") -> None:
        """Start or move the timer; a firing on its way for the old date is void."""
        values = {"due_at": due_at, "payload": payload, "claimed_until": None, "claim": None, "tries": 0}
        dialect = postgresql if self._database.dialect == "postgresql" else sqlite
        statement = dialect.insert(self._table).values(case_id=case_id, purpose=purpose, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["case_id", "purpose"], set_=values))

    async def cancel(self, tx: AsyncConnection, case_id: str, purpose: str) -> bool:
        """Stop the timer; False: there was none."""
        table = self._table
        statement = delete(table).where(table.c.case_id == case_id, table.c.purpose == purpose)
        return (await tx.execute(statement)).rowcount > 0

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
        query = (
            select(table)
            .where(table.c.due_at <= now, (table.c.claimed_until.is_(None)) | (table.c.claimed_until <= now))
            .order_by(table.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = (await tx.execute(query)).all()
        claim, until = self._new_id(), now + timedelta(seconds=self._lease)
        for row in rows:
            await tx.execute(
                update(table)
                .where(table.c.case_id == row.case_id, table.c.purpose == row.purpose)
                .values(claimed_until=until, claim=claim, tries=table.c.tries + 1)
            )
        return [Timer(row.case_id, row.purpose, row.due_at, row.payload, claim, row.tries + 1) for row in rows]

    async def run(self, handler: TimerHandler, poll: float = 0.25, *, concurrency: int = 16) -> None:
        """Fire due timers until cancelled. A handler that fails or takes too long is called again after the lease."""
        while True:
            fired = 0
            try:
                fired = await self.fire_due(handler, concurrency)
            except StoreUnavailable as error:
                log.warning("timers_wait_for_store", timers=self._table.name, reason=error.reason)
            if fired < concurrency:
                await asyncio.sleep(poll)

    async def fire_due(self, handler: TimerHandler, limit: int = 16) -> int:
        """Claim and handle what is due now; how many were claimed. Raises StoreUnavailable."""
        async with self._database.begin() as tx:
            now = self._clock() if self._clock else (await tx.execute(select(database_now()))).scalar_one()
            timers = await self.claim_due(tx, now, limit)
        async with asyncio.TaskGroup() as group:
            for timer in timers:
                group.create_task(self._fire(handler, timer))
        return len(timers)

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
