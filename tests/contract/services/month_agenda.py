"""What is going to happen in a simulated month, in the order of time, between the timers of the service."""

import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from tests.contract.services.routing_desk import Desk
from yizhan.routing import store
from yizhan.routing.upkeep import on_timer

Act = Callable[[], Awaitable[None]]


@dataclass(eq=False)
class Agenda:
    """Time jumps from one thing that happens to the next. Timers fire at their very moment, and before what people do in it."""

    desk: Desk
    _coming: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _number: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def now(self) -> datetime:
        return self.desk.clock()

    def at(self, when: datetime, act: Act) -> None:
        heapq.heappush(self._coming, (max(when, self.now), next(self._number), act))

    def later(self, seconds: float, act: Act) -> None:
        self.at(self.now + timedelta(microseconds=round(seconds * 1_000_000)), act)

    async def run(self, until: datetime, hear: Callable[[], None]) -> None:
        """All that happens before ``until``; ``hear`` is called after each of it."""
        while True:
            due = await self._next_timer()
            coming = self._coming[0][0] if self._coming else until
            if due is not None and due <= min(coming, until):
                self.desk.clock.at = max(self.now, due)
                fired = await self.desk.timers.fire_due(on_timer(self.desk.switchboard, self.desk.timers))
                assert fired, f"a timer that was due at {due} has failed"
            elif coming >= until:
                self.desk.clock.at = until
                return
            else:
                when, _, act = heapq.heappop(self._coming)
                self.desk.clock.at = max(self.now, when)
                await act()
            hear()

    async def _next_timer(self) -> datetime | None:
        async with self.desk.database.read() as tx:
            due_at: datetime | None = (await tx.execute(sa.select(sa.func.min(store.timers.c.due_at)))).scalar()
        return due_at
