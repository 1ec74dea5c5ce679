"""The bus of a single process, kept in its SQLite file: what was published is on disk before ``publish`` returns."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

from yizhan.core.bus.batch import unpack
from yizhan.core.bus.consumer import QueueConsumer
from yizhan.core.bus.embedded.consumer import EmbeddedSlot, Turns
from yizhan.core.bus.embedded.journal import Call, Entry, Journal, Letter
from yizhan.core.bus.embedded.live import Board, BoardListener
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.hints import Hints
from yizhan.core.bus.intake import Intake, Parked
from yizhan.core.bus.interface import (
    BusUnavailable,
    Consumer,
    DeadLetter,
    Depth,
    Handler,
    LiveHandler,
    Publication,
)
from yizhan.core.bus.letters import envelope_of, letter_id, original_queue, queue_of, told
from yizhan.core.bus.routing import Routes
from yizhan.core.bus.topology import dead_queue, queues
from yizhan.core.runtime.clock import Clock, now
from yizhan.core.store.bus_tables import BusRows
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)

_LAST_MOMENT: Final = 2.0
_PAGE: Final = 200


class EmbeddedBus:
    """See ``Bus``. Made by ``open_embedded``."""

    def __init__(
        self,
        database: Database,
        rows: BusRows,
        journal: Journal,
        *,
        partitions: int,
        producer: str,
        figures: BusFigures,
        seconds: float,
    ) -> None:
        self._rows = rows
        self._journal = journal
        self._producer = producer
        self._figures = figures
        self._seconds = seconds
        self._names = [queue.name for queue in queues(partitions)]
        self._routes = Routes(queues(partitions))
        self._turns = Turns()
        self._board = Board()
        self._consumers: list[QueueConsumer | BoardListener] = []
        self._lock = _FileLock(database.path)
        self._closed = False

    async def close(self) -> None:
        """Leave; see ``RabbitBus.close``. What is acknowledged is written."""
        await asyncio.gather(*(consumer.stop(_LAST_MOMENT) for consumer in self._consumers))
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_MOMENT):
                await self._journal.settled()
        self._journal.abandon()
        self._lock.release()

    @property
    def connected(self) -> bool:
        return not self._closed and self._journal.in_order

    @property
    def blocked(self) -> bool:
        return False  # there is no broker; a full disk refuses what is published, and says so

    async def publish(self, publications: Sequence[Publication]) -> None:
        if not publications:
            return
        taken = [self._routes.take(item.exchange, item.key) for item in publications]
        call = Call(len(publications))
        entries = []
        for publication, targets in zip(publications, taken, strict=True):
            if not publication.envelope.producer:
                publication.envelope.producer = self._producer
            entries.append(Entry(targets, publication.envelope.SerializeToString(), call))
        await self._write(entries, call)
        for publication in publications:
            self._figures.published.labels(publication.exchange.value).inc()

    async def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            if not envelope.producer:
                envelope.producer = self._producer
        self._board.announce(key, envelopes)

    async def consume(
        self,
        queues: Sequence[str],
        handler: Handler,
        *,
        batch: int = 200,
        prefetch: int = 100,
        tries: int = 3,
        linger: float = 0.0,
    ) -> Consumer:
        self._lock.take()
        intake = Intake(handler, self._park, batch=batch, tries=tries, linger=linger, figures=self._figures)
        consumer = QueueConsumer(
            intake,
            lambda queue: EmbeddedSlot(self._turns, self._journal, intake, queue, prefetch),
            known=self._names,
        )
        self._consumers.append(consumer)
        await consumer.assign(queues)
        return consumer

    async def listen(
        self, keys: Sequence[str], handler: LiveHandler, *, on_gap: Callable[[], Awaitable[None]] | None = None
    ) -> Consumer:
        listener = BoardListener(self._board, Hints(handler, on_gap, self._figures), keys)
        self._consumers.append(listener)
        return listener

    async def depths(self) -> Sequence[Depth]:
        with _store_errors():
            await self._settled()
            counts = await self._rows.counts()
        depths = [
            Depth(name, max(0, counts.get(name, 0) - self._turns.in_hand(name)), self._turns.consumers(name))
            for name in self._names
        ]
        return [*depths, *(Depth(dead_queue(name), counts.get(dead_queue(name), 0), 0) for name in self._names)]

    async def dead_letters(self, queue: str | None = None, *, limit: int = 100) -> Sequence[DeadLetter]:
        wanted = self._names if queue is None else [original_queue(queue)]
        if any(name not in self._names for name in wanted):
            raise ValueError(f"no such queue: {queue}")
        with _store_errors():
            found = await self._rows.letters([dead_queue(name) for name in wanted], limit)
        return [
            DeadLetter(
                row.letter_id, original_queue(row.queue), row.reason, row.parked_at, row.body, envelope_of(row.body)
            )
            for row in found
        ]

    async def replay(self, letter_id: str) -> bool:
        queue = queue_of(letter_id)
        if queue not in self._names:
            return False
        with _store_errors():
            new_id = self._journal.new_id()
            found = await self._rows.move_letter(dead_queue(queue), letter_id, queue=queue, new_id=new_id)
        self._journal.look_now()
        return found

    async def discard(self, letter_id: str) -> bool:
        queue = queue_of(letter_id)
        if queue not in self._names:
            return False
        with _store_errors():
            return await self._rows.drop_letter(dead_queue(queue), letter_id)

    async def waiting(self, queues: Sequence[str], concerns: Callable[[Envelope], bool]) -> int:
        found = after = 0
        with _store_errors():
            while page := await self._rows.bodies(queues, after=after, most=_PAGE):
                after = page[-1][0]
                parts = (part for _, body in page for part in unpack(body))
                found += sum(1 for part in parts if isinstance(part, Envelope) and concerns(part))
        return found

    async def _park(self, letters: Sequence[Parked]) -> None:
        events = [event for letter in letters if (event := told(letter)) is not None]
        call = Call(len(letters) + len(events))
        entries: list[Entry | Letter] = [
            Letter(
                dead_queue(letter.queue),
                letter_id(letter.queue, letter.body if letter.envelope is None else letter.envelope),
                letter.reason,
                letter.body,
                call,
            )
            for letter in letters
        ]
        for event in events:
            targets = self._routes.take(event.exchange, event.key)
            entries.append(Entry(targets, event.envelope.SerializeToString(), call))
        await self._write(entries, call)

    async def _write(self, entries: Sequence[Entry | Letter], call: Call) -> None:
        if self._closed:
            raise BusUnavailable("closed")
        self._journal.add(entries)
        try:
            async with asyncio.timeout(self._seconds):
                await call.future
        except TimeoutError:
            self._figures.refused.labels("timeout").inc(call.open)
            raise BusUnavailable("not written in time") from None

    async def _settled(self) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._journal.settled()
        except TimeoutError:
            raise BusUnavailable("not written in time") from None


class _FileLock:
    """Only one process consumes the bus of a file. The operating system frees it when the process ends, however."""

    def __init__(self, database: Path | None) -> None:
        self._path = None if database is None else database.with_name(f"{database.name}-bus.lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises BusUnavailable when another process has it."""
        if self._path is None or self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise BusUnavailable("another process consumes this bus") from None
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except StoreUnavailable as error:
        raise BusUnavailable(error.reason) from error


@asynccontextmanager
async def open_embedded(
    database: Database,
    *,
    partitions: int,
    producer: str,
    figures: BusFigures,
    clock: Clock = now,
    publish_seconds: float = 10.0,
) -> AsyncIterator[EmbeddedBus]:
    """Raises BusUnavailable, SchemaMismatch (the ``bus`` schema was not migrated) or ValueError (not SQLite)."""
    if database.dialect != "sqlite":
        raise ValueError("the embedded bus needs the SQLite database")
    rows = BusRows(database)
    with _store_errors():
        first_id = await rows.highest_id()
    journal = Journal(rows, clock=clock, figures=figures, first_id=first_id)
    task = asyncio.create_task(journal.run(), name="bus-journal")
    bus = EmbeddedBus(
        database, rows, journal, partitions=partitions, producer=producer, figures=figures, seconds=publish_seconds
    )
    try:
        yield bus
    finally:
        await bus.close()
        task.cancel()
        await asyncio.wait([task])
