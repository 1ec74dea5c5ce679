"""Messages to send through a bus, and handlers that keep what they get."""

import asyncio
from collections.abc import Sequence

from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, BusUnavailable, Delivery, Publication
from yizhan.core.bus.topology import Exchange
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.live_pb2 import Live
from yizhan.pb.v1.message_pb2 import AUTHOR_KIND_CUSTOMER


def said(text: str, partition: int = 0) -> Publication:
    """A customer's message for ``inbound.<partition>``."""
    envelope = envelopes.blank()
    message = envelope.message
    message.id = envelope.id
    message.address.workspace = "acme"
    message.address.channel = "website"
    message.address.account = "shop"
    message.address.customer = "v:1"
    message.author.kind = AUTHOR_KIND_CUSTOMER
    message.content.text.text = text
    message.received_at.GetCurrentTime()
    return Publication(Exchange.INBOUND, str(partition), envelope)


def hint(text: str) -> Envelope:
    return envelopes.live(Live(conversation_id=text))


def text_of(envelope: Envelope) -> str:
    return envelope.message.content.text.text


async def publish_patiently(bus: Bus, text: str, partition: int = 0) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await bus.publish([said(text, partition)])
                return
            except BusUnavailable:
                await asyncio.sleep(0.05)


class Handled:
    """A handler that keeps every delivery, in the order of its calls."""

    def __init__(self) -> None:
        self.calls: list[list[Delivery]] = []
        self._more = asyncio.Event()

    async def __call__(self, deliveries: Sequence[Delivery]) -> None:
        self.keep(deliveries)

    def keep(self, deliveries: Sequence[Delivery]) -> None:
        self.calls.append(list(deliveries))
        self._more.set()

    @property
    def deliveries(self) -> list[Delivery]:
        return [delivery for call in self.calls for delivery in call]

    @property
    def texts(self) -> list[str]:
        return [text_of(delivery.envelope) for delivery in self.deliveries]

    def of(self, queue: str) -> list[str]:
        return [text_of(delivery.envelope) for delivery in self.deliveries if delivery.queue == queue]

    async def count(self, wanted: int, within: float = 60.0) -> None:
        """Wait until so many deliveries came."""
        async with asyncio.timeout(within):
            while len(self.deliveries) < wanted:
                self._more.clear()
                await self._more.wait()


class Stuck(Handled):
    """Keeps what it is given and does not return until let go."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()

    async def __call__(self, deliveries: Sequence[Delivery]) -> None:
        self.keep(deliveries)
        await self.free.wait()


class Hints:
    """A handler for live hints, and the gaps it was told of."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, envelopes_: Sequence[Envelope]) -> None:
        self.seen += [envelope.live.conversation_id for envelope in envelopes_]

    async def gap(self) -> None:
        self.seen.append("gap")
