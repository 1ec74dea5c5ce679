"""Runs a channel: makes the facts it returns durable, hands it what is to be sent, and tells what became of it."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

import structlog

from yizhan.channels.contract import (
    Channel,
    Fact,
    InboundGone,
    InboundMessage,
    InboundReceipt,
    InboundTrigger,
    InboundTyping,
    InboundVisit,
    NotAccepted,
    Polled,
)
from yizhan.channels.delivery import Deliveries
from yizhan.channels.figures import Figures
from yizhan.channels.memory import Memory, look_after
from yizhan.channels.notes import WINDOW_SECONDS, Notes
from yizhan.channels.pulling import Puller
from yizhan.channels.remembering import AbilitiesOf, remembered
from yizhan.channels.render import MediaUrl
from yizhan.channels.sender import DEFAULT_PACE, Pace, Replies, Sender
from yizhan.channels.tally import Tally
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, BusError, Publication
from yizhan.core.bus.topology import CONSOLE_LIVE, outbound_queue
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.messages.command import Command, NoteWindow
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, Message, ReplyWindow
from yizhan.core.messages.receipt import ReceiptState
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.errors import StoreError
from yizhan.core.store.membership import Shares
from yizhan.pb.v1 import message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.live_pb2 import Live, SlotHint, Typing

log = structlog.get_logger(__name__)


def _goes_on(fact: Fact) -> bool:
    """Whether a fact is for the bus: typing is a hint, and what changes no window is nobody's business."""
    match fact:
        case InboundTyping():
            return False
        case InboundTrigger() | InboundGone():
            return fact.window is not None
        case _:
            return True


UNCONFIRMED = 10_000
"""Messages remembered whose publishing failed, so that giving them again gives the same envelope."""


class ChannelHost:
    """One channel's way to the bus and back. ``producer`` names this process on every envelope."""

    def __init__(  # noqa: PLR0913 - what the process has, given by name
        self,
        channel: str,
        bus: Bus,
        *,
        partitions: int,
        producer: str,
        metrics: Metrics,
        clock: Clock,
        new_id: NewId,
        memory: Memory | None = None,
        notes_window: float = WINDOW_SECONDS,
    ) -> None:
        """``memory``: what a channel whose sends cannot be repeated remembers."""
        self.figures = Figures(metrics, channel)
        self.tally = Tally(bus, channel, producer, clock=clock, new_id=new_id)
        self.memory = memory
        self._channel = channel
        self._abilities: AbilitiesOf | None = None
        self._deliveries: Deliveries | None = None
        self._bus = bus
        self._partitions = partitions
        self._producer = producer
        self._metrics = metrics
        self._clock = clock
        self._new_id = new_id
        self._notes = Notes(self.accept, self.figures.dropped_notes, window=notes_window)
        self._unconfirmed: OrderedDict[str, Publication] = OrderedDict()

    async def accept(self, facts: Sequence[Fact]) -> None:
        """Returns when all facts are durable, in order. Raises NotAccepted: then nobody may be told that they are."""
        if self.memory is not None and self._abilities is not None:
            try:
                facts = await remembered(self.memory, self._abilities, facts)
            except StoreError as error:
                log.warning("facts_not_remembered", channel=self._channel, error=type(error).__name__)
                raise NotAccepted from error
        visits = self._visits_before(facts)
        publications = [self._publication(fact) for fact in (*visits, *facts) if _goes_on(fact)]
        messages = sum(isinstance(fact, InboundMessage) for fact in facts)
        if publications:
            began = time.monotonic()
            try:
                await self._bus.publish(publications)
            except BaseException as error:
                for visit in visits:
                    self._notes.put_back(visit)
                if not isinstance(error, BusError):
                    raise
                self._turn_back(publications, messages, error)
                raise NotAccepted from error
            self.figures.accept_seconds.observe(time.monotonic() - began)
        if messages:
            self._count(facts, messages)
        if typing := [fact for fact in facts if isinstance(fact, InboundTyping)]:
            await self._bus.announce(CONSOLE_LIVE, [self._hint(fact.address, fact.author) for fact in typing])

    async def carried(self, messages: Sequence[Message], state: ReceiptState) -> None:
        """Messages that waited went in the answer to a push. Raises StoreError."""
        if self._deliveries is not None:
            await self._deliveries.carried(messages, state)

    async def _held(self, replies: Replies, abilities: AbilitiesOf, address: Address) -> None:
        """Something waits for an answer that carries it: here, or in another process that holds a push of this customer."""
        replies.ready(address)
        if abilities(address.account).replies_only:
            await self.announce_slot(address, "", False)

    async def announce_slot(self, address: Address, slot_key: str, gone: bool) -> None:
        """Tell the channel's other processes of a reply for the answer to a push that one of them holds."""
        hint = Live(address=address_to_proto(address), slot=SlotHint(slot_key=slot_key, gone=gone))
        await self._bus.announce(self._channel, [envelopes.live(hint, producer=self._producer)])

    def note(self, fact: Fact) -> None:
        """Bring a receipt, visit or typing to the bus soon; nobody waits for it."""
        self._notes.add(fact)

    def seen(self, message_id: str) -> None:
        """Dialogue has this message. Where its publishing seemed to fail, it was durable after all and counts as accepted."""
        if self._unconfirmed and self._unconfirmed.pop(message_id, None) is not None:
            self.tally.add(1)
            self.figures.accepted.inc()

    async def start(
        self,
        life: Lifespan,
        channel: Channel,
        shares: Shares,
        *,
        pace: Pace = DEFAULT_PACE,
        media_url: MediaUrl | None = None,
        replies: Replies | None = None,
    ) -> None:
        """Begin to send what dialogue hands over, for this replica's share of the partitions.

        At the end: nothing new is taken, what is in hand is finished, receipts are flushed, the total is told.
        """
        self._abilities = channel.abilities
        sender = Sender(channel, clock=self._clock, memory=self.memory, replies=replies, pace=pace, media_url=media_url)
        deliveries = self._deliveries = Deliveries(
            channel,
            sender,
            self.accept,
            self._notes.add_accepted,
            self.figures,
            clock=self._clock,
            new_id=self._new_id,
            memory=self.memory,
            on_held=None if replies is None else partial(self._held, replies, channel.abilities),
            pace=pace,
        )
        life.on_stop(f"{self._channel} total", self.tally.tell, within=3.0)
        life.on_stop(f"{self._channel} receipts", self._notes.flush, within=3.0)
        life.spawn(f"{self._channel} totals", self.tally.run())
        life.spawn(f"{self._channel} notes", self._notes.run())
        consumer = await self._bus.consume([], deliveries.handle)
        life.on_stop(f"{self._channel} outbound", consumer.stop, within=12.0)
        share: frozenset[int] = frozenset()

        async def assign(numbers: frozenset[int]) -> None:
            nonlocal share
            await consumer.assign([outbound_queue(self._channel, number) for number in sorted(numbers)])
            share = numbers

        life.spawn(f"{self._channel} shares", shares.run(assign))
        if self.memory is not None:
            waiting = self.memory.waiting.run(lambda: share, deliveries.retry, deliveries.expire, deliveries.may_go)
            life.spawn(f"{self._channel} waiting", waiting)
            life.spawn(f"{self._channel} memory", look_after(self.memory, self._channel, self._metrics))
        if isinstance(channel, Polled):
            life.spawn(f"{self._channel} sources", Puller(self._channel, channel, self.accept).run())

    def _visits_before(self, facts: Sequence[Fact]) -> list[InboundVisit]:
        """The visits that wait as notes of customers who write: nobody is answered before being greeted."""
        writing = dict.fromkeys(fact.message.address for fact in facts if isinstance(fact, InboundMessage))
        return [visit for address in writing if (visit := self._notes.take_visit(address)) is not None]

    def _publication(self, fact: Fact) -> Publication:
        match fact:
            case InboundMessage(message):
                known = self._unconfirmed.get(message.id)
                return known or envelopes.inbound(message, self._partitions, producer=self._producer)
            case InboundReceipt(receipt):
                return envelopes.inbound(receipt, self._partitions, producer=self._producer)
            case InboundVisit(command):
                return envelopes.inbound(command, self._partitions, producer=self._producer)
            case (
                InboundTrigger(address=address, window=ReplyWindow() as window)
                | InboundGone(address=address, window=ReplyWindow() as window)
            ):
                noted = Command(self._new_id(), address, self._clock(), NoteWindow(window))
                return envelopes.inbound(noted, self._partitions, producer=self._producer)
            case _:
                raise TypeError(f"{type(fact).__name__} does not go on the bus")

    def _count(self, facts: Sequence[Fact], messages: int) -> None:
        self.tally.add(messages)
        self.figures.accepted.inc(messages)
        if self._unconfirmed:
            for fact in facts:
                if isinstance(fact, InboundMessage):
                    self._unconfirmed.pop(fact.message.id, None)

    def _turn_back(self, publications: Sequence[Publication], messages: int, error: BusError) -> None:
        """Keep the envelopes of messages: they may have arrived, and then the same envelope again is no second message."""
        log.warning("facts_not_accepted", channel=self._channel, messages=messages, error=type(error).__name__)
        self.figures.unaccepted.inc(messages)
        for publication in publications:
            if publication.envelope.WhichOneof("payload") == "message":
                self._unconfirmed[publication.envelope.message.id] = publication
        while len(self._unconfirmed) > UNCONFIRMED:
            self._unconfirmed.popitem(last=False)

    def _hint(self, address: Address, author: Author) -> Envelope:
        who = message_pb2.Author(kind=message_pb2.AuthorKind.ValueType(author.kind), id=author.id, name=author.name)
        hint = Live(address=address_to_proto(address), typing=Typing(author=who))
        return envelopes.live(hint, producer=self._producer)
