"""Keeps what a model made of a session, for some minutes and in memory alone; who asks meanwhile waits for the same answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from yizhan.core.runtime.clock import Monotonic
from yizhan.dialogue.customers.wording import Wording

MOST_KEPT = 200
KEEP_SECONDS = 600.0
KEEP_FAILURE_SECONDS = 60.0
"""Before a model that gave nothing is asked the same again."""

SWEEP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session as it stands: nothing was said after ``last_seq``."""

    workspace: str
    conversation_id: str
    session: int
    last_seq: int
    handoff_at: datetime | None


@dataclass(slots=True)
class _Place:
    """``asking``: how many hold or await it; such a place is not given away."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: int = 0
    wording: Wording | None = None
    until: float = 0.0


class KeptWordings:
    """At most ``MOST_KEPT`` of them, besides those that are being asked for."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._places: dict[SessionState, _Place] = {}

    def __len__(self) -> int:
        return len(self._places)

    async def get(self, state: SessionState, make: Callable[[], Awaitable[Wording]]) -> Wording:
        """What is kept, else what is made; one at a time for a state. Raises what ``make`` raises, and keeps nothing then.

        Where the first to ask is cut off, the next makes it.
        """
        self.drop_expired()
        place = self._places.setdefault(state, _Place())
        place.asking += 1
        try:
            async with place.lock:
                if place.wording is None:
                    place.wording = await make()
                    keep = KEEP_SECONDS if place.wording.lines else KEEP_FAILURE_SECONDS
                    place.until = self._monotonic() + keep
                return place.wording
        finally:
            place.asking -= 1
            self._make_room()

    def drop_expired(self) -> None:
        now = self._monotonic()
        self._drop([state for state, place in self._places.items() if place.until <= now])

    async def sweep(self) -> None:
        """Drops what is over although nobody asks; runs as long as the service does."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.drop_expired()

    def _make_room(self) -> None:
        empty = [state for state, place in self._places.items() if place.wording is None]
        self._drop(empty)
        self._drop(list(self._places)[: max(0, len(self._places) - MOST_KEPT)])

    def _drop(self, states: list[SessionState]) -> None:
        for state in states:
            if not self._places[state].asking:
                del self._places[state]
