"""Live hints inside one process."""

import asyncio
from collections.abc import Sequence

import structlog

from yizhan.core.bus.hints import Hints
from yizhan.core.bus.routing import matches
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)


class Board:
    """Where hints are announced to whoever listens now."""

    def __init__(self) -> None:
        self._listeners: list[BoardListener] = []

    def join(self, listener: "BoardListener") -> None:
        self._listeners.append(listener)

    def leave(self, listener: "BoardListener") -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        """Each listener gets copies of its own, as it would from a broker."""
        wire = None
        for listener in self._listeners:
            if listener.wants(key):
                wire = wire or [envelope.SerializeToString() for envelope in envelopes]
                listener.hints.put([Envelope.FromString(piece) for piece in wire])


class BoardListener:
    """See ``Bus.listen``. Its ``assign`` takes live keys in place of queues."""

    def __init__(self, board: Board, hints: Hints, keys: Sequence[str]) -> None:
        self.hints = hints
        self._board = board
        self._keys = tuple(dict.fromkeys(keys))
        self._task = asyncio.create_task(hints.run(), name="bus-hints")
        board.join(self)

    @property
    def active(self) -> frozenset[str]:
        return frozenset(self._keys)

    def wants(self, key: str) -> bool:
        return any(matches(pattern, key) for pattern in self._keys)

    async def assign(self, queues: Sequence[str]) -> None:
        self._keys = tuple(dict.fromkeys(queues))

    async def stop(self, within: float = 10.0) -> None:
        self._board.leave(self)
        try:
            async with asyncio.timeout(within):
                await self.hints.idle()
        except TimeoutError:
            log.warning("bus_drain_timed_out", queues=0, seconds=within)
        self._task.cancel()
        await asyncio.wait([self._task])
