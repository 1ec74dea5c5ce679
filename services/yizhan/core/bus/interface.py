"""What a bus does, whichever it is. ``rabbitmq`` and ``embedded`` implement it and pass one contract suite."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yizhan.core.bus.topology import Exchange
from yizhan.pb.v1.envelope_pb2 import Envelope


class BusError(Exception):
    """Something on the bus did not work; the subclasses are the whole set."""


class BusUnavailable(BusError):
    """The broker cannot be reached or did not confirm in time. Publishing again is right (consumers dedupe)."""


class Unroutable(BusError):
    """No queue takes this key: a mistake of ours, not a passing state."""


class RetryLater(Exception):
    """Raised by a handler: nothing is wrong with the envelopes, the handler cannot work now (its database is away).

    The same envelopes are handed over again after ``after`` seconds, in the same order, without counting as a failed try.
    """

    def __init__(self, after: float = 1.0) -> None:
        super().__init__(after)
        self.after = after


@dataclass(frozen=True, slots=True)
class Publication:
    """One envelope for one exchange and key."""

    exchange: Exchange
    key: str
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Delivery:
    """One envelope as a consumer gets it. ``redelivered``: an earlier try did not end well."""

    queue: str
    envelope: Envelope
    redelivered: bool


Handler = Callable[[Sequence[Delivery]], Awaitable[None]]
"""Handles a batch. Returning means done: it is acknowledged. Order inside a queue is the order of publication.

When it raises anything but RetryLater or CancelledError, the same envelopes are handed over singly; one that fails
``tries`` times alone is parked in its dead-letter queue with the error's name, and the rest goes on.
"""

LiveHandler = Callable[[Sequence[Envelope]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A parked envelope. ``body`` is what lay on the bus, also where it cannot be decoded."""

    id: str
    queue: str
    reason: str
    at: datetime
    body: bytes
    envelope: Envelope | None


@dataclass(frozen=True, slots=True)
class Depth:
    """AMQP messages waiting in a queue, and how many consumers it has."""

    queue: str
    ready: int
    consumers: int


class Consumer(Protocol):
    """A running consumer of a changing set of queues."""

    async def assign(self, queues: Sequence[str]) -> None:
        """Consume exactly these queues from now on. Queues that go are drained first: what is in hand is finished.

        Each queue has a single active consumer: where another consumer still has it, this one waits its turn.
        """

    @property
    def active(self) -> frozenset[str]:
        """The queues that were assigned (with a broker: also those whose turn has not come yet)."""

    async def stop(self, within: float = 10.0) -> None:
        """Take nothing new, finish what is in hand (at most ``within`` seconds), acknowledge it, leave."""


class Bus(Protocol):
    """A connection to the bus. Start and stop it with ``async with``."""

    async def publish(self, publications: Sequence[Publication]) -> None:
        """Returns when all are durable. Publications of one key keep their order; callers at the same time share flushes.

        Raises BusUnavailable (some may have arrived: publish all again) or Unroutable.
        """

    async def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        """Live hints to whoever listens to ``key`` now. Never raises BusError: a lost hint is no loss."""

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
        """Hand deliveries of all these queues to one handler, one batch at a time, at most ``batch`` envelopes each.

        ``prefetch`` is per queue, in AMQP messages. ``linger``: seconds to let more arrive once something has, for
        handlers that nobody waits for; the batches are then larger and cost less.
        """

    async def listen(
        self, keys: Sequence[str], handler: LiveHandler, *, on_gap: Callable[[], Awaitable[None]] | None = None
    ) -> Consumer:
        """Live hints of these keys. ``on_gap`` is called when hints may have been lost (after a reconnect)."""

    async def depths(self) -> Sequence[Depth]:
        """Every durable queue, dead-letter queues included."""

    async def dead_letters(self, queue: str | None = None, *, limit: int = 100) -> Sequence[DeadLetter]:
        """Look at parked envelopes without taking them."""

    async def replay(self, letter_id: str) -> bool:
        """Publish a parked envelope to its queue again and remove it from the parked ones; False: not found."""

    async def discard(self, letter_id: str) -> bool:
        """Throw a parked envelope away; False: not found."""

    async def waiting(self, queues: Sequence[str], concerns: Callable[[Envelope], bool]) -> int:
        """How many envelopes in these queues are such, those in a consumer's hands included.

        A broker shows nobody what waits: there it is how many AMQP messages do, whatever they are, but not those in hand.
        """

    @property
    def connected(self) -> bool:
        """Whether publishing could work now (for readiness)."""

    @property
    def blocked(self) -> bool:
        """Whether it is connected and takes no messages all the same: a broker that is short of memory or disk."""
