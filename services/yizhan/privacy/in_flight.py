"""What is on its way and concerns a customer: in outboxes and queues it is waited for, parked letters are thrown away."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yizhan.core.bus.interface import Bus, DeadLetter
from yizhan.core.bus.topology import EVENT_QUEUES, inbound_queue, outbound_queue
from yizhan.core.messages.address import Address, partition
from yizhan.core.messages.codec import moment
from yizhan.core.runtime.clock import Monotonic
from yizhan.core.store.database import Database
from yizhan.core.store.personal import Subject
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.message_pb2 import Address as AddressForm
from yizhan.privacy.stores import OUTBOXES, unpublished

LOOK_SECONDS = 0.3
MOST_LETTERS = 100_000
SURE_BYTES = 8
"""Of a letter that cannot be read, this long a piece of somebody's says that it is about them; a shorter one may be chance."""


class StillOnItsWay(Exception):
    """Something about the customer was not handled in time. ``where`` says how much of it lies where."""

    def __init__(self, where: Sequence[str]) -> None:
        super().__init__(", ".join(where))
        self.where = where


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for what is on its way, and after that for what the last consumer has in hand.

    ``handing_over``: a channel tries for 30 s to hand a message to a platform, then it puts it where it waits.
    """

    within: float = 30.0
    settle: float = 2.0
    handing_over: float = 45.0

    def after_a_pass(self, subject: Subject, now: datetime, *, at_a_platform: bool, waited: bool) -> float:
        """How long until what a consumer has in hand has been written down. ``waited``: a message was found waiting."""
        if waited:
            return self.handing_over
        if not at_a_platform or subject.last_at is None:
            return self.settle
        return max(self.settle, self.handing_over - (now - subject.last_at).total_seconds())


class InFlight:
    """Looks at outboxes and queues until nothing about the customer is in them."""

    def __init__(self, database: Database, bus: Bus, partitions: int, monotonic: Monotonic) -> None:
        self._database = database
        self._bus = bus
        self._partitions = partitions
        self._monotonic = monotonic

    async def drained(self, subject: Subject, within: float) -> None:
        """Returns when nothing about them is on its way. Raises StillOnItsWay, BusUnavailable and StoreUnavailable."""
        until = self._monotonic() + within
        while where := await self._where(subject):
            if self._monotonic() >= until:
                raise StillOnItsWay(where)
            await asyncio.sleep(LOOK_SECONDS)

    async def discard_letters(self, subject: Subject) -> int:
        """Throw away what is parked and about them; how many letters. Raises BusUnavailable."""
        gone = 0
        for letter in await self._bus.dead_letters(limit=MOST_LETTERS):
            if parked_about(letter, subject):
                gone += await self._bus.discard(letter.id)
        return gone

    async def _where(self, subject: Subject) -> Sequence[str]:
        def theirs(envelope: Envelope) -> bool:
            return about(envelope, subject)

        found: list[str] = []
        async with self._database.read() as tx:
            for table in OUTBOXES:
                if count := sum(map(theirs, await unpublished(tx, table))):
                    found += [f"{count} in {table.name}"]
        if waiting := await self._bus.waiting(queues_of(subject, self._partitions), theirs):
            found.append(f"{waiting} in the queues")
        return found


def queues_of(subject: Subject, partitions: int) -> Sequence[str]:
    """The queues that something about them may be in."""
    numbers = {(address.channel, partition(address, partitions)) for address in subject.addresses}
    ways = {inbound_queue(number) for _, number in numbers} | {outbound_queue(*place) for place in numbers}
    return sorted(ways | EVENT_QUEUES.keys())


def about(envelope: Envelope, subject: Subject) -> bool:
    """Whether an envelope concerns them. What has no conversation yet and is younger than the erasure begins a new one."""
    match envelope.WhichOneof("payload"):
        case "message" | "command" | "event" | "live" as kind:
            part = getattr(envelope, kind)
            address, conversation_id = _address(part.address), part.conversation_id
        case "receipt":
            address, conversation_id = _address(envelope.receipt.address), ""
        case _:
            return False
    if not conversation_id and moment(envelope.published_at) > subject.until:
        return False
    return subject.concerns(address, conversation_id)


def parked_about(letter: DeadLetter, subject: Subject) -> bool:
    """The same of a parked letter, also of one that cannot be read."""
    if letter.envelope is not None:
        return about(letter.envelope, subject)
    return any(piece in letter.body for piece in subject.needles if len(piece) >= SURE_BYTES)


def _address(form: AddressForm) -> Address:
    return Address(form.workspace, form.channel, form.account, form.customer, form.thread)
