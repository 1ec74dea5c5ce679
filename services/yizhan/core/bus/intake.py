"""What a consumer has in hand, and what becomes of it. Both buses consume through this, so both keep the same rules:

one handler call at a time; order kept; a failing batch is handed over singly and later ones wait; what keeps failing
is parked; ``RetryLater`` waits without counting; nothing is acknowledged before everything up to it is settled.
"""

import asyncio
import contextlib
import traceback
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from yizhan.core.bus.batch import pack, unpack
from yizhan.core.bus.figures import BusFigures, family
from yizhan.core.bus.interface import BusUnavailable, Delivery, Handler, RetryLater
from yizhan.core.bus.topology import DELIVERY_LIMIT
from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)

UNDECODABLE: Final = "undecodable"
SPENT: Final = "delivery_limit"

ALONE_AFTER: Final = 2
"""A delivery that ended badly this often (a consumer died on it) is handled alone and acknowledged alone, so that
its neighbours get past it."""

_BETWEEN_TRIES: Final = (0.05, 0.2, 0.5)
_BETWEEN_PARKINGS: Final = 1.0


class Lease(ABC):
    """One unbroken stretch of consuming one queue. What came under it is acknowledged under it, or comes again."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.leaving = False
        """Takes nothing new; what is in hand is finished."""
        self.ended = False
        """Whatever is still in hand comes again by itself; acknowledging it has no meaning any more."""
        self.broken = False
        """Something in hand was given up; nothing after it may be handled, or order would be lost."""
        self.in_hand = 0

    @abstractmethod
    async def acknowledge(self, tag: int) -> None:
        """Everything of this lease up to ``tag`` is done. Never raises: what does not reach the bus comes again."""

    @abstractmethod
    def give_back(self) -> None:
        """End the lease at once, so that what is not acknowledged comes again."""


@dataclass(slots=True, eq=False)
class Arrival:
    """One batch as it came. ``earlier`` counts how often it was handed out before without being acknowledged."""

    lease: Lease
    tag: int
    body: bytes
    redelivered: bool
    earlier: int
    parts: list[Envelope | bytes] | None = None
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class Parked:
    """What goes into the dead-letter queue of ``queue``. ``reason`` is an error's name or one of the constants."""

    queue: str
    reason: str
    body: bytes
    envelope: Envelope | None


Park = Callable[[Sequence[Parked]], Awaitable[None]]
"""Keeps letters for people to look at; durable when it returns. Raises BusUnavailable."""


@dataclass(frozen=True, slots=True, eq=False)
class _Unit:
    arrival: Arrival
    delivery: Delivery


class _Interrupted(Exception):
    """The handler ended by a cancellation that nobody asked this consumer for."""


class Intake:
    """Hands what arrives to one handler. ``run`` is its task; the owner of the leases does the rest."""

    def __init__(
        self,
        handler: Handler,
        park: Park,
        *,
        batch: int,
        tries: int,
        figures: BusFigures,
        linger: float = 0.0,
        monotonic: Monotonic = monotonic,
    ) -> None:
        if batch < 1 or tries < 1:
            raise ValueError("batch and tries start at 1")
        self._handler = handler
        self._park = park
        self._batch = batch
        self._tries = tries
        self._linger = linger
        self._figures = figures
        self._monotonic = monotonic
        self._waiting: deque[Arrival] = deque()
        self._stopping = False
        self._wake = asyncio.Event()
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()

    def arrived(self, arrival: Arrival) -> None:
        """Called by the transport, in order per lease. What comes for a lease that is going is left to come again."""
        lease = arrival.lease
        if self._stopping or lease.leaving or lease.ended:
            return
        lease.in_hand += 1
        self._waiting.append(arrival)
        self._wake.set()

    def leave(self, leases: Iterable[Lease]) -> None:
        """Take nothing new under these leases."""
        for lease in leases:
            lease.leaving = True
        self._changed.set()

    def lost(self, lease: Lease) -> None:
        """The transport lost it: what is in hand will come again."""
        lease.ended = True
        self._wake.set()
        self._changed.set()

    def stop(self) -> None:
        """Take nothing new at all; ``RetryLater`` is not waited for any more."""
        self._stopping = True
        self._changed.set()

    async def finished(self, leases: Sequence[Lease], within: float) -> bool:
        """Wait until nothing of these leases is in hand. False when time ran out."""
        try:
            async with asyncio.timeout(within):
                while any(lease.in_hand for lease in leases):
                    await self._settled.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Until cancelled. A cancellation leaves what is in hand unacknowledged."""
        while True:
            await self._wake.wait()
            await self._let_more_arrive()
            taken = self._gather()
            if not taken:
                self._wake.clear()
                continue
            try:
                await self._handle(taken)
            except Exception as error:  # noqa: BLE001 - whatever it is, the deliveries must come again
                log.error("bus_consumer_interrupted", error=type(error).__name__, where=_where(error))  # noqa: TRY400
                for lease in {arrival.lease for arrival in taken}:
                    lease.give_back()
            finally:
                for arrival in taken:
                    arrival.lease.in_hand -= 1
                self._tell_settled()

    async def _let_more_arrive(self) -> None:
        if self._linger and not self._stopping:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._linger):
                    await self._changed.wait()

    def _gather(self) -> list[Arrival]:
        taken: list[Arrival] = []
        envelopes = 0
        while self._waiting:
            arrival = self._waiting[0]
            if arrival.lease.ended or arrival.lease.broken:
                self._waiting.popleft()
                arrival.lease.in_hand -= 1
                self._tell_settled()
                continue
            alone = arrival.earlier >= ALONE_AFTER
            if taken and alone:
                break
            if arrival.parts is None:
                arrival.parts = unpack(arrival.body)
            envelopes += len(arrival.parts)
            if taken and envelopes > self._batch:
                break
            taken.append(self._waiting.popleft())
            if alone:
                break
        return taken

    def _tell_settled(self) -> None:
        self._settled.set()
        self._settled.clear()

    async def _handle(self, taken: Sequence[Arrival]) -> None:
        units: list[_Unit] = []
        for arrival in taken:
            await self._sort(arrival, units)
        for start in range(0, len(units), self._batch):
            part = [unit for unit in units[start : start + self._batch] if not _given_up(unit)]
            await self._settle(part)
        await _acknowledge(taken)

    async def _sort(self, arrival: Arrival, units: list[_Unit]) -> None:
        """What can be handled goes to ``units``; the rest is parked here."""
        queue = arrival.lease.queue
        parked: list[Parked] = []
        for part in arrival.parts or ():
            if isinstance(part, bytes):
                parked.append(Parked(queue, UNDECODABLE, part, None))
            elif arrival.earlier >= DELIVERY_LIMIT:
                parked.append(Parked(queue, SPENT, pack((part.SerializeToString(),)), part))
            else:
                units.append(_Unit(arrival, Delivery(queue, part, arrival.redelivered)))
        if parked:
            await self._park_all(arrival, parked)

    async def _settle(self, units: list[_Unit]) -> None:
        again = False
        while units:
            try:
                await self._call(units, again=again)
            except RetryLater as later:
                units = await self._postpone(units, later.after)
                again = True
            except _Interrupted:
                raise
            except Exception as error:  # noqa: BLE001 - a handler may raise anything; it is retried, then parked
                self._note_failure(units, error)
                await self._settle_singly(units, error)
                return
            else:
                return

    async def _settle_singly(self, units: list[_Unit], error: Exception) -> None:
        """After a failure of ``units`` together: one after the other, so that order is kept and poison is found."""
        failures = 1 if len(units) == 1 else 0
        for unit in units:
            if not _given_up(unit):
                await self._settle_alone(unit, failures, error)

    async def _settle_alone(self, unit: _Unit, failures: int, error: Exception) -> None:
        while failures < self._tries:
            if failures:
                await self._rest(_BETWEEN_TRIES[min(failures, len(_BETWEEN_TRIES)) - 1])
            if unit.arrival.lease.ended:
                _give_up(unit.arrival)
                return
            try:
                await self._call([unit], again=True)
            except RetryLater as later:
                if not await self._postpone([unit], later.after):
                    return
            except _Interrupted:
                raise
            except Exception as raised:  # noqa: BLE001 - see above
                failures += 1
                error = raised
                self._note_failure([unit], error)
            else:
                return
        envelope = unit.delivery.envelope
        body = pack((envelope.SerializeToString(),))
        await self._park_all(unit.arrival, [Parked(unit.delivery.queue, type(error).__name__, body, envelope)])

    async def _call(self, units: Sequence[_Unit], *, again: bool) -> None:
        deliveries = [unit.delivery for unit in units]
        if again:
            deliveries = [Delivery(item.queue, item.envelope, redelivered=True) for item in deliveries]
        label = family(deliveries[0].queue)
        self._figures.handled_batch.labels(label).observe(len(deliveries))
        started = self._monotonic()
        try:
            await self._handler(deliveries)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise _Interrupted from error
        finally:
            self._figures.handler_seconds.labels(label).observe(self._monotonic() - started)
        self._figures.consumed.labels(label).inc(len(deliveries))

    async def _postpone(self, units: Sequence[_Unit], seconds: float) -> list[_Unit]:
        """Wait, then say which of the units are still ours; the others come again elsewhere."""
        for unit in units:
            self._figures.retried.labels(family(unit.delivery.queue), "later").inc()
        log.warning("bus_handler_not_ready", queue=units[0].delivery.queue, envelopes=len(units), again_in=seconds)
        deadline = self._monotonic() + seconds
        while (left := deadline - self._monotonic()) > 0 and not self._leaving(units):
            await self._rest(left)
        kept = []
        for unit in units:
            if self._goes(unit.arrival.lease):
                _give_up(unit.arrival)
            else:
                kept.append(unit)
        return kept

    async def _park_all(self, arrival: Arrival, parked: Sequence[Parked]) -> None:
        """Until it worked. When the lease goes meanwhile, the arrival is left to come again."""
        while True:
            try:
                await self._park(parked)
            except BusUnavailable:
                if self._goes(arrival.lease):
                    _give_up(arrival)
                    return
                await self._rest(_BETWEEN_PARKINGS)
            else:
                break
        for letter in parked:
            reason = letter.reason if letter.reason in {UNDECODABLE, SPENT} else "failed"
            self._figures.parked.labels(family(letter.queue), reason).inc()
            envelope_id = "" if letter.envelope is None else letter.envelope.id
            log.error("bus_envelope_parked", queue=letter.queue, reason=letter.reason, envelope_id=envelope_id)

    def _note_failure(self, units: Sequence[_Unit], error: Exception) -> None:
        for unit in units:
            self._figures.retried.labels(family(unit.delivery.queue), "failed").inc()
        first = units[0].delivery
        log.warning(
            "bus_handler_failed",
            queue=first.queue,
            envelopes=len(units),
            envelope_id=first.envelope.id,
            error=type(error).__name__,
            where=_where(error),
        )

    async def _rest(self, seconds: float) -> None:
        """Sleep, but not past a change: a lease goes, or the consumer stops."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _leaving(self, units: Sequence[_Unit]) -> bool:
        return any(self._goes(unit.arrival.lease) for unit in units)

    def _goes(self, lease: Lease) -> bool:
        return self._stopping or lease.leaving or lease.ended


def _give_up(arrival: Arrival) -> None:
    arrival.abandoned = True
    arrival.lease.broken = True


def _given_up(unit: _Unit) -> bool:
    """Its lease gave up on it or on something before it."""
    if unit.arrival.lease.broken:
        unit.arrival.abandoned = True
    return unit.arrival.abandoned


async def _acknowledge(taken: Sequence[Arrival]) -> None:
    """Per lease up to the last arrival before the first that was given up."""
    tags: dict[Lease, int] = {}
    broken: set[Lease] = set()
    for arrival in taken:
        if arrival.abandoned:
            broken.add(arrival.lease)
        elif arrival.lease not in broken:
            tags[arrival.lease] = arrival.tag
    for lease, tag in tags.items():
        if not lease.ended:
            await lease.acknowledge(tag)


def _where(error: BaseException) -> str:
    """Where it was raised: file, line and function; never the message, which may quote a customer."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"{Path(last.filename).name}:{last.lineno} {last.name}"
