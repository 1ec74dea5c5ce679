"""A stand-in for dialogue: the single writer of conversations, in memory, with faults on request.

It consumes the inbound partitions like the real one, numbers messages, echoes, announces and publishes, and answers what
channels of customers' own screens ask about transcripts.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from yizhan.channels.screens.history import HistoryUnavailable, Page, ServiceState
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, Delivery
from yizhan.core.bus.topology import inbound_queue
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, message_from_proto, message_to_proto, receipt_from_proto
from yizhan.core.messages.command import Command
from yizhan.core.messages.command_codec import command_from_proto
from yizhan.core.messages.content import Content, Text, plain_text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message, reply
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime.clock import now
from yizhan.pb.v1 import live_pb2

CUSTOMER = AuthorKind.CUSTOMER
BOT = Author(AuthorKind.BOT, "bot", "小驿")


@dataclass(slots=True)
class Transcript:
    messages: list[Message] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    service: ServiceState = field(default_factory=ServiceState)
    delivered: int = 0
    read: int = 0


@dataclass(slots=True)
class FakeDialogue:
    """``echo``: every customer message is answered by the bot. ``hints``, ``outbound``: whether these ways work."""

    bus: Bus
    partitions: int
    echo: bool = True
    hints: bool = True
    outbound: bool = True
    away: bool = False
    transcripts: dict[Address, Transcript] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    duplicates: int = 0
    asked: int = 0

    def of(self, customer: str) -> Transcript:
        """The transcript of a visitor. Raises StopIteration where there is none."""
        return next(item for address, item in self.transcripts.items() if address.customer == customer)

    def address(self, customer: str) -> Address:
        return next(address for address in self.transcripts if address.customer == customer)

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        appended: list[Message] = []
        for delivery in deliveries:
            envelope = delivery.envelope
            match envelope.WhichOneof("payload"):
                case "message":
                    appended += self._take(message_from_proto(envelope.message))
                case "receipt":
                    self._note(receipt_from_proto(envelope.receipt))
                case "command":
                    self.commands.append(command_from_proto(envelope.command))
                case _:
                    pass
        await self._hinted(appended)
        await self._handed_over([item for item in appended if item.author == BOT])

    def _take(self, message: Message) -> list[Message]:
        transcript = self.transcripts.setdefault(message.address, Transcript())
        if message.dedupe_key in transcript.keys:
            self.duplicates += 1
            return []
        transcript.keys.add(message.dedupe_key)
        stored = self.append(message)
        if not self.echo:
            return [stored]
        answer = reply(stored, id=new_id(), author=BOT, content=Text(f"echo {plain_text(stored.content)}"), at=now())
        return [stored, self.append(answer)]

    def _note(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        transcript = self.transcripts.setdefault(receipt.address, Transcript())
        if receipt.up_to_seq:
            transcript.delivered = max(transcript.delivered, receipt.up_to_seq)
        if receipt.state is ReceiptState.READ:
            transcript.read = max(transcript.read, receipt.up_to_seq)

    def append(self, message: Message) -> Message:
        """Number a message and keep it; nobody is told."""
        transcript = self.transcripts.setdefault(message.address, Transcript())
        stored = replace(
            message,
            conversation_id="c-" + message.address.customer,
            seq=len(transcript.messages) + 1,
            session=1,
            decided_at=now(),
        )
        transcript.messages.append(stored)
        return stored

    def said(self, address: Address, content: Content | str, author: Author = BOT) -> Message:
        """Something for the customer, kept; nobody is told."""
        given = Text(content) if isinstance(content, str) else content
        return self.append(Message(id=new_id(), address=address, author=author, content=given, received_at=now()))

    async def say(self, address: Address, content: Content | str, author: Author = BOT) -> Message:
        """Something for the customer, kept, announced and handed to the channel."""
        stored = self.said(address, content, author)
        await self.show([stored])
        return stored

    async def show(self, messages: Sequence[Message]) -> None:
        """Announce messages and hand those to the customer to the channel, as far as these ways work."""
        await self._hinted(messages)
        await self._handed_over([item for item in messages if item.author.kind is not AuthorKind.CUSTOMER])

    async def _hinted(self, messages: Sequence[Message]) -> None:
        if self.hints and messages:
            await self.hint(messages)

    async def _handed_over(self, messages: Sequence[Message]) -> None:
        """Never what somebody wrote in a platform's own console: the customer has it already."""
        if self.outbound and messages:
            await self.bus.publish([envelopes.outbound(message, self.partitions) for message in messages])

    async def hint(self, messages: Sequence[Message]) -> None:
        for message in messages:
            hint = live_pb2.Live(
                address=address_to_proto(message.address),
                conversation_id=message.conversation_id,
                appended=live_pb2.Appended(message=message_to_proto(message)),
            )
            await self.bus.announce(message.address.channel, [envelopes.live(hint)])

    async def after(self, address: Address, seq: int, limit: int) -> Page:
        transcript = await self._read(address)
        found = transcript.messages[seq : seq + limit]
        return self._page(transcript, found, more=seq + limit < len(transcript.messages))

    async def before(self, address: Address, seq: int, limit: int) -> Page:
        transcript = await self._read(address)
        end = min(seq - 1, len(transcript.messages))
        start = max(0, end - limit)
        return self._page(transcript, transcript.messages[start:end], more=start > 0)

    async def heads(self, addresses: Sequence[Address]) -> dict[Address, int]:
        self._check()
        return {item: len(self.transcripts[item].messages) for item in addresses if item in self.transcripts}

    async def _read(self, address: Address) -> Transcript:
        self._check()
        await asyncio.sleep(0)
        return self.transcripts.get(address, Transcript())

    def _check(self) -> None:
        self.asked += 1
        if self.away:
            raise HistoryUnavailable("unavailable")

    def _page(self, transcript: Transcript, found: Sequence[Message], *, more: bool) -> Page:
        unseen = [
            item for item in transcript.messages if item.seq > transcript.read and item.author.kind is not CUSTOMER
        ]
        return Page(
            tuple(found),
            len(transcript.messages),
            more,
            transcript.service,
            transcript.delivered,
            transcript.read,
            len(unseen),
        )


@asynccontextmanager
async def open_dialogue(bus: Bus, partitions: int) -> AsyncIterator[FakeDialogue]:
    dialogue = FakeDialogue(bus, partitions)
    consumer = await bus.consume([inbound_queue(number) for number in range(partitions)], dialogue.handle)
    try:
        yield dialogue
    finally:
        await consumer.stop()
