"""Replies whose push another process of the channel has: noted in the ledger for it to take, and taken back when it does not.

The message that a push brought carries a ticket that says which process holds the request, and until when; a reply inherits
it. Who takes the reply and who takes it back is decided by one row of the ledger.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import orjson
import structlog

from yizhan.channels.store.sends import SendRow, SendState
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock

log = structlog.get_logger(__name__)

LEAST = timedelta(seconds=0.5)
"""With less time left the reply goes another way at once."""

PATIENCE = timedelta(seconds=2.5)
"""How long the other process may take to take the reply, while its push is open: a hint on the bus and one statement.

A moment in which nothing is the matter; but an account that can only reply has no other way before the customer writes again.
"""

POLL = 0.05


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where a push is waiting for its answer: ``slot_key`` in ``replica``, until ``until``."""

    slot_key: str
    replica: str
    until: datetime

    def pack(self) -> bytes:
        """As it travels in ``Message.channel_data``."""
        return orjson.dumps({"slot": self.slot_key, "replica": self.replica, "until": self.until.timestamp()})


def ticket_of(channel_data: bytes) -> Ticket | None:
    """The ticket that a message carries, if it does."""
    if not channel_data:
        return None
    try:
        found = orjson.loads(channel_data)
        until = datetime.fromtimestamp(found["until"], UTC)
        return Ticket(str(found["slot"]), str(found["replica"]), until)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError):
        return None


class SharedLedger(Protocol):
    """What is needed of ``ledger.Ledger``. All raise StoreError."""

    async def begin_reply(self, message: Message, part: int, slot_key: str) -> SendRow: ...

    async def withdraw(self, row: SendRow) -> bool: ...

    async def state(self, row: SendRow) -> SendState: ...


Announce = Callable[[Address, str, bool], Awaitable[None]]
"""Hints to the channel's other processes: the slot, and whether no reply comes. Losing one costs only time."""


class Elsewhere:
    """This process's side of it."""

    def __init__(self, replica: str, ledger: SharedLedger, announce: Announce, clock: Clock) -> None:
        self._replica = replica
        self._ledger = ledger
        self._announce = announce
        self._clock = clock

    def ticket(self, slot_key: str, within: float) -> Ticket:
        """For a push that this process holds."""
        return Ticket(slot_key, self._replica, self._clock() + timedelta(seconds=within))

    async def offer(self, part: Message, number: int, *, carried: bool) -> bool:
        """Let the process that has the push answer with this part; False: it goes another way.

        ``carried``: an answer can hold it. Raises StoreError and AlreadyBegun.
        """
        ticket = ticket_of(part.channel_data)
        if ticket is None or ticket.replica == self._replica or ticket.until - self._clock() < LEAST:
            return False
        if not carried:
            await self._announce(part.address, ticket.slot_key, True)
            return False
        row = await self._ledger.begin_reply(part, number, ticket.slot_key)
        await self._announce(part.address, ticket.slot_key, False)
        if await self._taken(row, min(ticket.until, self._clock() + PATIENCE)) or not await self._ledger.withdraw(row):
            return True
        log.info("reply_not_taken_elsewhere", message_id=part.id)
        await self._announce(part.address, ticket.slot_key, True)
        return False

    async def _taken(self, row: SendRow, until: datetime) -> bool:
        while await self._ledger.state(row) is SendState.CALLING:
            if self._clock() >= until:
                return False
            await asyncio.sleep(POLL)
        return True
