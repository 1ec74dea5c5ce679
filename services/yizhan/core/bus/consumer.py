"""A changing set of queues feeding one intake. Both buses consume through this; they differ in their slots."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Protocol

import structlog

from yizhan.core.bus.intake import Intake, Lease

log = structlog.get_logger(__name__)

_DRAIN_SECONDS: Final = 30.0
_CANCEL_SECONDS: Final = 2.0


class Slot(Protocol):
    """One queue of one consumer, from assignment to hand-over."""

    @property
    def lease(self) -> Lease | None:
        """None while it is another consumer's turn, or while there is no connection."""

    async def ready(self) -> None:
        """Wait (not for long) until the queue was tried once; one that cannot be had now is tried on."""

    async def close(self, *, drained: bool) -> None:
        """Let the next consumer have it. ``drained``: nothing of it is in a handler's hands any more."""


class QueueConsumer:
    """See ``Consumer``. Unknown queues are a ValueError."""

    def __init__(self, intake: Intake, open_slot: Callable[[str], Slot], *, known: Collection[str]) -> None:
        self._intake = intake
        self._open_slot = open_slot
        self._known = known
        self._slots: dict[str, Slot] = {}
        self._changing = asyncio.Lock()
        self._stopped = False
        self._task = asyncio.create_task(intake.run(), name="bus-consumer")

    @property
    def active(self) -> frozenset[str]:
        return frozenset(self._slots)

    async def assign(self, queues: Sequence[str]) -> None:
        unknown = set(queues).difference(self._known)
        if unknown:
            raise ValueError(f"no such queue: {min(unknown)}")
        async with self._changing:
            if self._stopped:
                raise ValueError("the consumer was stopped")
            leaving = [name for name in self._slots if name not in queues]
            await self._close(leaving, drained=await self._drain(leaving, _DRAIN_SECONDS))
            joining = {name: self._open_slot(name) for name in dict.fromkeys(queues) if name not in self._slots}
            self._slots.update(joining)
            await asyncio.gather(*(slot.ready() for slot in joining.values()))

    async def stop(self, within: float = 10.0) -> None:
        self._intake.stop()
        async with self._changing:
            if self._stopped:
                return
            self._stopped = True
            names = list(self._slots)
            drained = False
            try:
                drained = await self._drain(names, within)
            finally:
                # A handler that is still at it ends before anyone else may have its envelopes.
                self._task.cancel()
                await asyncio.wait([self._task], timeout=_CANCEL_SECONDS)
                await self._close(names, drained=drained)

    async def _drain(self, names: Sequence[str], within: float) -> bool:
        """Wait until nothing of these queues is in hand. False when time ran out."""
        leases = [lease for name in names if (lease := self._slots[name].lease) is not None]
        self._intake.leave(leases)
        drained = await self._intake.finished(leases, within)
        if not drained:
            log.warning("bus_drain_timed_out", queues=len(names), seconds=within)
        return drained

    async def _close(self, names: Iterable[str], *, drained: bool) -> None:
        await asyncio.gather(*(self._slots.pop(name).close(drained=drained) for name in names))
