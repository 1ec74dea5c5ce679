"""Live hints on their way to a handler. Used by both buses."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import LiveHandler
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 10_000
"""Hints kept for sending or handling; beyond that they are dropped."""

OnGap = Callable[[], Awaitable[None]]


class Hints:
    """Hints on their way to one handler, in order; a gap is told before what follows it."""

    def __init__(self, handler: LiveHandler, on_gap: OnGap | None, figures: BusFigures) -> None:
        self._handler = handler
        self._on_gap = on_gap
        self._figures = figures
        self._waiting: deque[Envelope] = deque()
        self._gap = False
        self._some = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, envelopes: Sequence[Envelope]) -> None:
        if len(self._waiting) + len(envelopes) > MOST_WAITING:
            self._figures.hints_lost.inc(len(self._waiting) + len(envelopes))
            self._waiting.clear()
            self.gap()
            return
        self._waiting.extend(envelopes)
        self._idle.clear()
        self._some.set()

    def gap(self) -> None:
        """Some hints may have been lost before what comes now."""
        self._gap = True
        self._idle.clear()
        self._some.set()

    async def idle(self) -> None:
        """Wait until everything was handed over."""
        await self._idle.wait()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            if self._gap:
                self._gap = False
                if self._on_gap is not None:
                    await self._call(self._on_gap())
            if self._waiting:
                hints = list(self._waiting)
                self._waiting.clear()
                await self._call(self._handler(hints))
            if not self._waiting and not self._gap:
                self._idle.set()

    async def _call(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - a failing screen must not end the hints of the others
            log.warning("bus_hint_handler_failed", error=type(error).__name__)
