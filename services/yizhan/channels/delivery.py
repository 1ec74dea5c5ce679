"""The way out: takes what dialogue hands over, sees that it is sent or kept, and tells what became of it.

Messages of one conversation go one after the other, conversations go side by side. What was handed over is remembered
for a while, so that a batch that comes again is not sent again; a channel whose sends cannot be repeated remembers durably.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from yizhan.channels.contract import Channel, FallingBack, InboundReceipt, NotAccepted
from yizhan.channels.figures import Figures
from yizhan.channels.lanes import Lanes
from yizhan.channels.memory import Memory
from yizhan.channels.outcomes import EXPIRED, IN_ORDER, OUTCOME_UNKNOWN, Outcome, held
from yizhan.channels.sender import DEFAULT_PACE, Pace, Sender
from yizhan.channels.store.sends import SendRow
from yizhan.channels.windows import Purse, allowance
from yizhan.core.bus import interface as bus
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable, message_from_proto
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.errors import StoreError

__all__ = ["DEFAULT_PACE", "Deliveries", "Pace", "Tell"]

log = structlog.get_logger(__name__)

STORE_AWAY_SECONDS = 1.0

Tell = Callable[[list[InboundReceipt]], Awaitable[None]]
"""Makes receipts durable. Raises NotAccepted."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a batch before anything of it is sent."""

    sends: Mapping[str, Mapping[int, SendRow]]
    waiting: frozenset[str]


_NOTHING = _Known({}, frozenset())


class Deliveries:
    """Handles batches of ``outbound.<channel>.<partition>``."""

    def __init__(  # noqa: PLR0913 - what the host has, given by name
        self,
        channel: Channel,
        sender: Sender,
        tell: Tell,
        tell_accepted: Callable[[Receipt, int], None],
        figures: Figures,
        *,
        clock: Clock,
        new_id: NewId,
        memory: Memory | None = None,
        on_held: Callable[[Address], Awaitable[None]] | None = None,
        pace: Pace = DEFAULT_PACE,
    ) -> None:
        """``tell_accepted`` takes a receipt that a screen's own report may overtake, and the seq of its message.

        ``on_held`` hears for whom a message begins to wait.
        """
        self._channel = channel
        self._sender = sender
        self._tell = tell
        self._tell_accepted = tell_accepted
        self._figures = figures
        self._clock = clock
        self._new_id = new_id
        self._memory = memory
        self._pace = pace
        self._handed: OrderedDict[str, Receipt] = OrderedDict()
        self._on_held = on_held
        self._lanes = Lanes()

    async def handle(self, deliveries: Sequence[bus.Delivery]) -> None:
        """Returns when every message has an outcome that is told. Raises bus.RetryLater, or Undecodable for what is no message."""
        lanes: dict[Address, list[Message]] = {}
        for delivery in deliveries:
            message = _message(delivery)
            lanes.setdefault(message.address, []).append(message)
        told: list[InboundReceipt] = []
        try:
            known = await self._look_up(lanes)
            todo = iter(lanes.values())
            await self._side_by_side([self._work(todo, known, told) for _ in range(min(self._pace.lanes, len(lanes)))])
        except StoreError as error:
            log.warning("sends_wait_for_store", channel=self._channel.name, error=type(error).__name__)
            await self._tell_all(told)
            raise bus.RetryLater(STORE_AWAY_SECONDS) from error
        await self._tell_all(told)

    async def retry(self, address: Address, messages: Sequence[Message]) -> None:
        """Try what waits for one customer, in order. Raises StoreError."""
        memory = self._durable()
        told: list[InboundReceipt] = []
        async with self._lanes.turn(address.key()):
            known = await self._look_up({address: messages})
            purse = self._purse(address)
            for number, message in enumerate(messages):
                outcome = await self._sender.send(message, purse, known.sends.get(message.id, {}))
                if outcome.state is ReceiptState.HELD:
                    await memory.waiting.hold(messages[number:], outcome.reason, outcome.due_at)
                    break
                self._count(message, outcome)
                told.append(InboundReceipt(self._receipt(message, outcome, purse)))
        await self._settle(told)

    async def expire(self, message: Message) -> None:
        """It waited too long: say so. Raises StoreError."""
        outcome = Outcome(ReceiptState.FAILED, EXPIRED)
        self._count(message, outcome)
        await self._settle([InboundReceipt(self._receipt(message, outcome, None))])

    async def carried(self, messages: Sequence[Message], state: ReceiptState) -> None:
        """These went in the answer to a push; ``state`` ACCEPTED, or UNKNOWN. Raises StoreError."""
        outcome = Outcome(state, "" if state is ReceiptState.ACCEPTED else OUTCOME_UNKNOWN)
        for message in messages:
            self._count(message, outcome)
        await self._settle([InboundReceipt(self._receipt(message, outcome, None)) for message in messages])

    async def may_go(self, address: Address, key: str) -> bool:
        """Whether the platform lets the business write to this customer now. Raises StoreError."""
        abilities = self._channel.abilities(address.account)
        if abilities.replies_only:
            return False
        if abilities.window is None:
            return True
        rows = await self._durable().windows.rows([key])
        return allowance(rows[key], abilities.window, self._clock()).by is not None

    def _durable(self) -> Memory:
        if self._memory is None:
            raise TypeError(f"{self._channel.name} keeps nothing")
        return self._memory

    async def _look_up(self, lanes: Mapping[Address, Sequence[Message]]) -> _Known:
        memory = self._memory
        if memory is None:
            return _NOTHING
        ids = [message.id for messages in lanes.values() for message in messages]
        sends, waiting = await asyncio.gather(
            memory.ledger.known(ids), memory.waiting.customers([address.key() for address in lanes])
        )
        return _Known(sends, waiting)

    def _purse(self, address: Address) -> Purse | None:
        rules = self._channel.abilities(address.account).window
        return None if rules is None or self._memory is None else Purse(address.key(), rules)

    async def _side_by_side(self, works: Sequence[Coroutine[Any, Any, None]]) -> None:
        workers = [asyncio.create_task(work, name="deliver") for work in works]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()

    async def _work(self, todo: Iterator[list[Message]], known: _Known, told: list[InboundReceipt]) -> None:
        for lane in todo:
            address = lane[0].address
            async with self._lanes.turn(address.key()):
                purse = self._purse(address)
                waits = address.key() in known.waiting
                for message in lane:
                    receipt = await self._deliver(message, purse, known, waits=waits)
                    waits = waits or receipt.state is ReceiptState.HELD
                    if receipt.state is ReceiptState.ACCEPTED and self._confirms(address):
                        self._tell_accepted(receipt, message.seq)
                    else:
                        told.append(InboundReceipt(receipt))

    async def _deliver(self, message: Message, purse: Purse | None, known: _Known, *, waits: bool) -> Receipt:
        handed = self._handed.get(message.id)
        if handed is not None:
            self._figures.sent("repeated")
            return handed
        if waits:
            outcome = held(IN_ORDER, self._clock())
        else:
            outcome = await self._sender.send(message, purse, known.sends.get(message.id, {}))
        fallback = await self._keep(message, outcome, first=not waits) if outcome.state is ReceiptState.HELD else ""
        self._count(message, outcome)
        receipt = self._receipt(message, outcome, purse, fallback)
        if outcome.state is not ReceiptState.HELD:
            self._handed[message.id] = receipt
            if len(self._handed) > self._pace.remember:
                self._handed.popitem(last=False)
        return receipt

    async def _keep(self, message: Message, outcome: Outcome, *, first: bool) -> str:
        """Let it wait; what else was done so that the customer hears of it."""
        await self._durable().waiting.hold([message], outcome.reason, outcome.due_at)
        if self._on_held is not None:
            await self._on_held(message.address)
        if not first or outcome.due_at is not None or not isinstance(self._channel, FallingBack):
            return ""
        try:
            async with asyncio.timeout(self._pace.call):
                return await self._channel.fall_back(message, outcome.reason)
        except TimeoutError:
            log.warning("fallback_timed_out", message_id=message.id, account=message.address.account)
            return ""

    def _count(self, message: Message, outcome: Outcome) -> None:
        if outcome.reason:
            account = message.address.account
            log.warning("message_not_sent", message_id=message.id, account=account, reason=outcome.reason)
        self._figures.sent(outcome.reason or "sent")

    def _receipt(self, message: Message, outcome: Outcome, purse: Purse | None, fallback: str = "") -> Receipt:
        now = self._clock()
        return Receipt(
            id=self._new_id(),
            address=message.address,
            state=outcome.state,
            at=now,
            message_id=message.id,
            external_id=outcome.external_id,
            reason=outcome.reason,
            detail=outcome.detail,
            reply_window=None if purse is None or not purse.loaded else purse.allowance(now).window,
            fallback=fallback,
        )

    def _confirms(self, address: Address) -> bool:
        return self._channel.abilities(address.account).confirms_delivery

    async def _tell_all(self, told: list[InboundReceipt]) -> None:
        if told:
            try:
                await self._tell(told)
            except NotAccepted as error:
                raise bus.RetryLater(error.after) from error

    async def _settle(self, told: list[InboundReceipt]) -> None:
        """Tell what became of messages that waited, then let them go. With the bus away they stay, and are told later."""
        if not told:
            return
        try:
            await self._tell(told)
        except NotAccepted as error:
            log.warning("receipts_not_told", channel=self._channel.name, retry_after=error.after)
            await asyncio.sleep(error.after)
            return
        await self._durable().waiting.remove([fact.receipt.message_id for fact in told])


def _message(delivery: bus.Delivery) -> Message:
    if delivery.envelope.WhichOneof("payload") != "message":
        raise Undecodable("not a message to a customer")
    return message_from_proto(delivery.envelope.message)
