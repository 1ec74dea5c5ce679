"""Consuming rows of the embedded bus. Consumers of one queue take turns: the first has it until it leaves."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Final

from yizhan.core.bus.embedded.journal import Journal
from yizhan.core.bus.intake import Arrival, Intake, Lease
from yizhan.core.store.bus_tables import HandedRow

_RENEW_SECONDS: Final = 1.0
_WRITE_SECONDS: Final = 5.0


class RowLease(Lease):
    """A queue as long as one consumer has it. At most ``most`` rows are in hand."""

    def __init__(self, queue: str, most: int, journal: Journal, slot: "EmbeddedSlot") -> None:
        super().__init__(queue)
        self.live = False
        self.last_id = 0
        self._most = most
        self._journal = journal
        self._slot = slot
        self._reserved = 0
        self._tag = 0
        self._unacknowledged: deque[tuple[int, int]] = deque()

    @property
    def room(self) -> int:
        return max(0, self._most - len(self._unacknowledged) - self._reserved)

    @property
    def unacknowledged(self) -> list[int]:
        """The ids of the rows in hand."""
        return [row_id for _, row_id in self._unacknowledged]

    def reserve(self) -> None:
        self._reserved += 1

    def release(self) -> None:
        self._reserved -= 1

    def push(self, row: HandedRow, *, reserved: bool) -> None:
        self._reserved -= reserved
        if self.ended:
            return
        self.last_id = max(self.last_id, row.id)
        self._tag += 1
        self._unacknowledged.append((self._tag, row.id))
        self._slot.intake.arrived(Arrival(self, self._tag, row.body, row.earlier > 0, row.earlier))

    async def acknowledge(self, tag: int) -> None:
        done = []
        while self._unacknowledged and self._unacknowledged[0][0] <= tag:
            done.append(self._unacknowledged.popleft()[1])
        self._journal.gone(done)
        if not self.live and not self.ended and self.room >= max(1, self._most // 2):
            self._journal.fetch(self)

    def give_back(self) -> None:
        self._slot.renew()


class Turns:
    """Who waits for which queue; the first of each line has it."""

    def __init__(self) -> None:
        self._lines: dict[str, list[EmbeddedSlot]] = {}

    def join(self, slot: "EmbeddedSlot") -> None:
        line = self._lines.setdefault(slot.queue, [])
        line.append(slot)
        if line[0] is slot:
            slot.begin()

    def leave(self, slot: "EmbeddedSlot") -> None:
        line = self._lines[slot.queue]
        had_it = line[0] is slot
        line.remove(slot)
        if had_it and line:
            line[0].begin()

    def consumers(self, queue: str) -> int:
        return len(self._lines.get(queue, ()))

    def in_hand(self, queue: str) -> int:
        """Rows that are with a consumer now."""
        line = self._lines.get(queue)
        lease = line[0].row_lease if line else None
        return 0 if lease is None else len(lease.unacknowledged)


class EmbeddedSlot:
    """One queue of one consumer."""

    def __init__(self, turns: Turns, journal: Journal, intake: Intake, queue: str, most: int) -> None:
        self.queue = queue
        self.intake = intake
        self.row_lease: RowLease | None = None
        self._turns = turns
        self._journal = journal
        self._most = most
        self._again: asyncio.TimerHandle | None = None
        turns.join(self)

    @property
    def lease(self) -> Lease | None:
        return self.row_lease

    async def ready(self) -> None:
        """Rows are on their way as soon as it has its turn."""

    def begin(self) -> None:
        """Its turn."""
        self._again = None
        self.row_lease = RowLease(self.queue, self._most, self._journal, self)
        self._journal.attach(self.row_lease)

    def renew(self) -> None:
        """What is in hand comes again, after a pause."""
        if self.row_lease is not None:
            self._end(back=False)
            self._again = asyncio.get_running_loop().call_later(_RENEW_SECONDS, self.begin)

    async def close(self, *, drained: bool) -> None:
        if self._again is not None:
            self._again.cancel()
        self._end(back=drained)
        self._turns.leave(self)
        with suppress(TimeoutError):  # what was not written by then comes again
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._journal.settled()

    def _end(self, *, back: bool) -> None:
        lease, self.row_lease = self.row_lease, None
        if lease is not None:
            self.intake.lost(lease)
            self._journal.detach(lease, lease.unacknowledged if back else [])
