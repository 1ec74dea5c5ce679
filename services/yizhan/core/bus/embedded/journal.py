"""The one writer of the embedded bus. Everything that waits goes into one transaction: batches, acknowledgements,
letters. While one transaction is being made durable the next gathers, so the disk is used once for many callers.

A new row goes straight to the consumer that is up to date with its queue, without being read back. A consumer that
has its hands full falls behind; its rows then stay in the table and are fetched from there.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from yizhan.core.bus.batch import MOST_BYTES, MOST_ENVELOPES, pack
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.runtime.clock import Clock, Monotonic, monotonic
from yizhan.core.store.bus_tables import BusRows, HandedRow, NewRow
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

_GONE_SECONDS: Final = 0.05
"""Acknowledgements wait that long for a transaction to go with; lost ones only mean a redelivery."""

_LOOK_SECONDS: Final = 2.0
"""How often rows are looked for that another process put in (a replay from the command line)."""

_AGAIN_SECONDS: Final = 0.5
_MOST_ENTRIES: Final = 5_000


class Taker(Protocol):
    """A consumer's hold on a queue, as the journal sees it."""

    queue: str
    ended: bool
    live: bool
    """Up to date with the queue: new rows are pushed."""
    last_id: int
    """The highest row it was given."""

    @property
    def room(self) -> int:
        """How many more rows it can hold."""

    def reserve(self) -> None:
        """A row is being written for it."""

    def push(self, row: HandedRow, *, reserved: bool) -> None:
        """It has the row now."""

    def release(self) -> None:
        """The row that was reserved for was not written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One envelope for some queues, and whom to tell."""

    queues: tuple[str, ...]
    envelope: bytes
    done: "Call"


@dataclass(frozen=True, slots=True)
class Letter:
    """A row for a dead-letter queue."""

    dead_queue: str
    letter_id: str
    reason: str
    body: bytes
    done: "Call"


class Call:
    """One caller: done when all its entries are durable."""

    __slots__ = ("future", "open")

    def __init__(self, entries: int) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.open = entries

    def confirm(self) -> None:
        self.open -= 1
        if not self.open and not self.future.done():
            self.future.set_result(None)

    def fail(self, reason: str) -> None:
        if not self.future.done():
            self.future.set_exception(BusUnavailable(reason))


class Journal:
    """``run`` is its task. ``close`` writes what is left."""

    def __init__(
        self, rows: BusRows, *, clock: Clock, figures: BusFigures, first_id: int, monotonic: Monotonic = monotonic
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._figures = figures
        self._monotonic = monotonic
        self._last_id = first_id
        self._entries: deque[Entry | Letter] = deque()
        self._gone: list[int] = []
        self._gone_due = False
        self._timer: asyncio.TimerHandle | None = None
        self._back: list[int] = []
        self._behind: dict[Taker, None] = {}
        self._takers: dict[str, Taker] = {}
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._next_look = 0.0
        self.in_order = True
        """False while the last transaction failed."""

    def new_id(self) -> int:
        """Ids follow the clock (microseconds), so that another process hardly ever takes the same."""
        self._last_id = max(self._last_id + 1, int(self._clock().timestamp() * 1_000_000))
        return self._last_id

    def add(self, entries: Iterable[Entry | Letter]) -> None:
        """Written with the next transaction, in this order."""
        self._entries.extend(entries)
        self._wake()

    def gone(self, ids: Sequence[int]) -> None:
        """Acknowledged: deleted soon."""
        self._gone.extend(ids)
        if len(self._gone) >= _MOST_ENTRIES:
            self._gone_is_due()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_GONE_SECONDS, self._gone_is_due)

    def attach(self, taker: Taker) -> None:
        """From now on the queue's rows are this taker's, the ones that lie there first."""
        self._takers[taker.queue] = taker
        self.fetch(taker)

    def fetch(self, taker: Taker) -> None:
        """It has room for rows that it was not given."""
        self._behind[taker] = None
        self._wake()

    def detach(self, taker: Taker, back: Sequence[int]) -> None:
        """It leaves the queue; the rows ``back`` were not handled and no harm came from them."""
        if self._takers.get(taker.queue) is taker:
            del self._takers[taker.queue]
        self._behind.pop(taker, None)
        self._back.extend(back)
        if back:
            self._wake()

    def look_now(self) -> None:
        """Rows were written past this journal."""
        self._next_look = 0.0
        self._wake()

    async def settled(self) -> None:
        """Wait until everything so far is written, acknowledgements included, or could not be written now."""
        self._gone_is_due()
        await self._idle.wait()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._work.wait()
            except TimeoutError:
                pass
            self._work.clear()
            try:
                await self._turn()
            except StoreError as error:
                self._failed(type(error).__name__)
            except Exception as error:  # noqa: BLE001 - callers must be told, and the next turn may work
                self._failed(type(error).__name__)
            if self._nothing_left():
                self._idle.set()

    def abandon(self) -> None:
        """The end: whoever still waits is told."""
        if self._timer is not None:
            self._timer.cancel()
        for entry in self._entries:
            entry.done.fail("closed")
        self._entries.clear()

    async def _turn(self) -> None:
        while True:
            if self._entries or (self._gone and self._gone_due):
                await self._write()
            elif not self._behind:
                break
            if self._behind:
                await self._catch_up()
            elif self._monotonic() >= self._next_look:
                await self._look()
        self._gone_due = False
        await self._hand_back()
        if self._monotonic() >= self._next_look:
            await self._look()

    async def _hand_back(self) -> None:
        back = self._back[:]
        if back:
            await self._rows.hand_back(back)
            del self._back[: len(back)]

    async def _write(self, *, entries_too: bool = True) -> None:
        count = min(len(self._entries), _MOST_ENTRIES) if entries_too else 0
        entries = [self._entries.popleft() for _ in range(count)]
        entries = [entry for entry in entries if not entry.done.future.done()]
        gone, self._gone = self._gone, []
        if not entries and not gone:
            return
        rows = list(self._rows_of(entries))
        reserved = [self._reserve(row) for row in rows]
        rows = [_handed(row) if taker is not None else row for row, taker in zip(rows, reserved, strict=True)]
        started = self._monotonic()
        try:
            await self._rows.write(rows, gone)
        except BaseException as error:
            self._gone[:0] = gone
            for taker in reserved:
                if taker is not None:
                    taker.release()
            for entry in entries:
                entry.done.fail(type(error).__name__)
            self._figures.refused.labels("store").inc(len(entries))
            raise
        self.in_order = True
        self._figures.confirm_seconds.observe(self._monotonic() - started)
        self._figures.publish_batch.observe(len(entries))
        for row, taker in zip(rows, reserved, strict=True):
            if taker is not None:
                taker.push(HandedRow(row.id, row.body, 0), reserved=True)
        for entry in entries:
            entry.done.confirm()

    def _rows_of(self, entries: Sequence[Entry | Letter]) -> Iterator[NewRow]:
        """Envelopes for the same queue share a row, up to a batch's limits."""
        gathered: dict[str, list[bytes]] = {}
        sizes: dict[str, int] = {}
        for entry in entries:
            if isinstance(entry, Letter):
                yield NewRow(
                    self.new_id(),
                    entry.dead_queue,
                    entry.body,
                    handed=1,
                    letter_id=entry.letter_id,
                    reason=entry.reason,
                    parked_at=self._clock(),
                )
                continue
            for queue in entry.queues:
                batch = gathered.setdefault(queue, [])
                size = sizes.get(queue, 0) + len(entry.envelope)
                if batch and (size > MOST_BYTES or len(batch) >= MOST_ENVELOPES):
                    yield NewRow(self.new_id(), queue, pack(batch))
                    batch.clear()
                    size = len(entry.envelope)
                batch.append(entry.envelope)
                sizes[queue] = size
        for queue, batch in gathered.items():
            yield NewRow(self.new_id(), queue, pack(batch))

    def _reserve(self, row: NewRow) -> Taker | None:
        """The taker that gets the row as soon as it is written."""
        taker = self._takers.get(row.queue)
        if taker is None or not taker.live:
            return None
        if not taker.room:
            taker.live = False
            return None
        taker.reserve()
        return taker

    async def _catch_up(self) -> None:
        # What is acknowledged must be gone before, or the next holder of a queue would be given it again.
        await self._write(entries_too=False)
        await self._hand_back()
        for taker in list(self._behind):
            waiting = taker in self._behind  # it may have left while another was being served
            self._behind.pop(taker, None)
            if not waiting or taker.ended or not taker.room:
                continue
            room = taker.room
            try:
                rows = await self._rows.hand_out(taker.queue, after=taker.last_id, most=room)
            except BaseException:
                self._behind[taker] = None
                raise
            self._give(taker, rows)
            if len(rows) < room:
                taker.live = True

    async def _look(self) -> None:
        """Rows that were never handed out although their queue's taker is up to date came from another process."""
        self._next_look = self._monotonic() + _LOOK_SECONDS
        live = [queue for queue, taker in self._takers.items() if taker.live]
        if not live:
            return
        for queue in await self._rows.with_new(live):
            taker = self._takers.get(queue)
            if taker is not None and taker.room:
                self._give(taker, await self._rows.hand_out(queue, after=0, most=taker.room, new_only=True))

    def _give(self, taker: Taker, rows: Sequence[HandedRow]) -> None:
        if taker.ended:
            self._back.extend(row.id for row in rows)
            return
        for row in rows:
            taker.push(row, reserved=False)

    def _failed(self, reason: str) -> None:
        """What was being written was refused; callers were told. The rest is tried again soon."""
        self.in_order = False
        self._idle.set()
        log.warning("bus_journal_failed", reason=reason, waiting=len(self._entries))
        asyncio.get_running_loop().call_later(_AGAIN_SECONDS, self._gone_is_due)

    def _gone_is_due(self) -> None:
        self._timer = None
        self._gone_due = True
        self._wake()

    def _wake(self) -> None:
        self._idle.clear()
        self._work.set()

    def _nothing_left(self) -> bool:
        return not (self._entries or self._gone or self._back or self._work.is_set())


def _handed(row: NewRow) -> NewRow:
    return NewRow(row.id, row.queue, row.body, handed=1)
