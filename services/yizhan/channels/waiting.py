"""Where messages wait that the platform does not take now: durable, in each customer's order, until they may go or are too old."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta

import structlog
from google.protobuf.message import DecodeError

from yizhan.channels.store import waiting as store
from yizhan.channels.store.waiting import WaitingRow
from yizhan.core.messages.address import Address, partition
from yizhan.core.messages.codec import Undecodable, message_from_proto, message_to_proto
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError
from yizhan.pb.v1 import message_pb2

log = structlog.get_logger(__name__)

KEEP = timedelta(days=7)
"""After this a message is told as expired: an answer to a question of last week helps nobody."""

POLL_SECONDS = 1.0
SWEEP_SECONDS = 15.0
PAGE = 200
UNREAD_AGAIN = timedelta(hours=1)
"""When a message is looked at again that this version cannot read."""

Send = Callable[[Address, Sequence[Message]], Awaitable[None]]
"""Tries what waits for one customer, in order. Raises StoreError; nothing else."""

Expire = Callable[[Message], Awaitable[None]]
MayGo = Callable[[Address, str], Awaitable[bool]]
"""Whether a customer, given by address and its key, may be written to now."""


class WaitingRoom:
    """The messages that wait on one channel. Every method raises StoreError when the database is away."""

    def __init__(
        self, database: Database, channel: str, partitions: int, clock: Clock, *, keep: timedelta = KEEP
    ) -> None:
        self._database = database
        self._channel = channel
        self._partitions = partitions
        self._clock = clock
        self._keep = keep
        self._rung = asyncio.Event()

    async def customers(self, keys: Sequence[str]) -> frozenset[str]:
        """Those, by address key, for whom something waits."""
        return await store.keys(self._database, keys)

    async def hold(self, messages: Sequence[Message], reason: str, due_at: datetime | None) -> None:
        """Keep messages of one customer, to be tried again at ``due_at``; None: when the customer does something."""
        now = self._clock()
        rows = [
            WaitingRow(
                message_id=message.id,
                channel=self._channel,
                partition=partition(message.address, self._partitions),
                address_key=message.address.key(),
                seq=message.seq,
                body=message_to_proto(message).SerializeToString(),
                reason=reason,
                held_at=now,
                due_at=due_at,
                expires_at=now + self._keep,
            )
            for message in messages
        ]
        async with self._database.begin() as tx:
            await store.put(tx, rows)

    async def remove(self, message_ids: Sequence[str]) -> None:
        """These need not wait any more."""
        async with self._database.begin() as tx:
            await store.remove(tx, message_ids)

    async def of(self, address: Address) -> list[Message]:
        """What waits for one customer, in order."""
        return [message for _, message in await self._read(await store.of(self._database, address.key()))]

    def ring(self) -> None:
        """Something became due."""
        self._rung.set()

    async def wake(self, key: str) -> None:
        """The customer may be written to: try what waits for them."""
        async with self._database.begin() as tx:
            woken = await store.wake(tx, [key], self._clock())
        if woken:
            self._rung.set()

    async def count(self) -> int:
        return await store.count(self._database, self._channel)

    async def run(self, partitions: Callable[[], Collection[int]], send: Send, expire: Expire, may_go: MayGo) -> None:
        """Try what is due, tell what is too old, and look now and then for what may go unnoticed; until cancelled."""
        loop = asyncio.get_running_loop()
        sweep_at = 0.0
        while True:
            self._rung.clear()
            try:
                busy = await self._try_due(partitions(), send)
                if loop.time() >= sweep_at:
                    await self._sweep(partitions(), expire, may_go)
                    sweep_at = loop.time() + SWEEP_SECONDS
            except StoreError as error:
                busy = False
                log.warning("waiting_room_away", channel=self._channel, error=type(error).__name__)
            if not busy:
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._rung.wait()
                except TimeoutError:
                    pass

    async def _try_due(self, partitions: Collection[int], send: Send) -> bool:
        if not partitions:
            return False
        rows = await store.due(self._database, self._channel, partitions, self._clock(), PAGE)
        customers: dict[str, list[Message]] = {}
        for key, message in await self._read(rows):
            customers.setdefault(key, []).append(message)
        async with asyncio.TaskGroup() as group:
            for messages in customers.values():
                group.create_task(self._try_one(send, messages))
        return bool(rows)

    async def _try_one(self, send: Send, messages: Sequence[Message]) -> None:
        try:
            await send(messages[0].address, messages)
        except StoreError as error:
            log.warning("waiting_message_not_tried", channel=self._channel, error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _sweep(self, partitions: Collection[int], expire: Expire, may_go: MayGo) -> None:
        """What is too old; and customers who did something in the very moment in which a message was put here."""
        if not partitions:
            return
        old = await store.expired(self._database, self._channel, partitions, self._clock(), PAGE)
        for _, message in await self._read(old):
            await expire(message)
        after = ""
        while page := await store.asleep(self._database, self._channel, partitions, after, PAGE):
            for key, _ in page:
                rows = await self._read(await store.of(self._database, key))
                if rows and await may_go(rows[0][1].address, key):
                    await self.wake(key)
            after = page[-1][0]

    async def _read(self, rows: Sequence[WaitingRow]) -> list[tuple[str, Message]]:
        """The messages by their customers' keys. What this version cannot read waits for one that can: nothing is thrown away."""
        read: list[tuple[str, Message]] = []
        unread: list[str] = []
        for row in rows:
            try:
                read.append((row.address_key, message_from_proto(message_pb2.Message.FromString(row.body))))
            except (Undecodable, DecodeError):
                unread.append(row.message_id)
                log.exception("waiting_message_unreadable", channel=self._channel, message_id=row.message_id)
        if unread:
            async with self._database.begin() as tx:
                await store.postpone(tx, unread, self._clock() + UNREAD_AGAIN)
        return read
