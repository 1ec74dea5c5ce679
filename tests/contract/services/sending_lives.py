"""A channel whose sends cannot be repeated, its platform, and the lives of its process on one database."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from yizhan.channels.contract import (
    Abilities,
    Fact,
    Grant,
    InboundMessage,
    InboundReceipt,
    MenuStyle,
    NotAccepted,
    OutcomeUnknown,
    Sent,
    Trigger,
)
from yizhan.channels.delivery import Deliveries
from yizhan.channels.figures import Figures
from yizhan.channels.memory import Memory, memory_of
from yizhan.channels.remembering import remembered
from yizhan.channels.sender import Pace, Sender
from yizhan.core.bus import envelopes, interface as bus
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Menu, Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime import clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database

WINDOW = {Trigger.MESSAGE: Grant(3, timedelta(hours=48)), Trigger.SUBSCRIBE: Grant(1, timedelta(minutes=1))}
ABLE = Abilities(kinds=frozenset({Text, Menu}), menu=MenuStyle.BUTTONS, max_text=20, window=WINDOW)
PARTITIONS = 4
Step = Sent | Exception | str
"""What a call does: work, raise, or "dies" (the process ends while the provider has the message) or "hangs"."""


class Died(BaseException):
    """The process ends here."""


@dataclass
class Provider:
    """A platform that keeps what reached the customer, and whose answers follow a script; without one all works."""

    able: Abilities = ABLE
    script: Iterator[Any] | None = None
    reached: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    fallen_back: list[str] = field(default_factory=list)
    name: str = "scripted"

    def abilities(self, account: str) -> Abilities:
        return self.able

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return ()

    async def send(self, message: Message, part: int) -> Sent:
        assert isinstance(message.content, Text | Menu)
        words = message.content.text if isinstance(message.content, Text) else message.content.prompt
        self.called.append(words)
        step = next(self.script, Sent()) if self.script else Sent()
        if isinstance(step, Exception) and not isinstance(step, OutcomeUnknown):
            raise step
        if not (self.able.idempotent and words in self.reached):
            self.reached.append(words)
        if step == "dies":
            raise Died
        if step == "hangs":
            await asyncio.Event().wait()
        if isinstance(step, Exception):
            raise step
        return Sent()

    async def renew(self, account: str, token: str) -> None:
        self.renewed.append(token)

    async def fall_back(self, message: Message, reason: str) -> str:
        self.fallen_back.append(reason)
        return "template"


@dataclass
class Life:
    """One life of a channel process."""

    provider: Provider
    memory: Memory
    deliveries: Deliveries
    receipts: list[Receipt]

    async def deliver(self, *messages: Message) -> None:
        batch = [
            bus.Delivery("outbound.scripted.0", envelopes.outbound(item, PARTITIONS).envelope, False)
            for item in messages
        ]
        await self.deliveries.handle(batch)

    async def comes(self, *facts: Fact) -> list[Fact]:
        return await remembered(self.memory, self.provider.abilities, facts)

    async def told(self, message: Message) -> list[tuple[ReceiptState, str]]:
        return [(item.state, item.reason) for item in self.receipts if item.message_id == message.id]


class Lives:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.provider = Provider()
        self.receipts: list[Receipt] = []
        self.ahead = timedelta()
        self.bus_away = False
        self.rooms: list[asyncio.Task[None]] = []

    def now(self) -> datetime:
        return clock.now() + self.ahead

    def begin(self, **pace: float) -> Life:
        async def tell(facts: list[InboundReceipt]) -> None:
            if self.bus_away:
                raise NotAccepted(0.01)
            self.receipts += [fact.receipt for fact in facts]

        memory = memory_of(self.database, "scripted", PARTITIONS, self.now)
        given = Pace(**{"patience": 30.0, **pace})  # type: ignore[arg-type]
        sender = Sender(self.provider, clock=self.now, memory=memory, pace=given)
        deliveries = Deliveries(
            self.provider,
            sender,
            tell,
            lambda receipt, seq: None,
            Figures(Metrics("test"), "scripted"),
            clock=self.now,
            new_id=new_id,
            memory=memory,
            pace=given,
        )
        return Life(self.provider, memory, deliveries, self.receipts)

    async def waiting_room(self, life: Life) -> None:
        """Runs until the test ends."""
        d = life.deliveries
        run = life.memory.waiting.run(lambda: range(PARTITIONS), d.retry, d.expire, d.may_go)
        self.rooms.append(asyncio.create_task(run))

    async def end(self) -> None:
        for room in self.rooms:
            room.cancel()
        if self.rooms:
            await asyncio.wait(self.rooms)


async def emptied(life: Life) -> None:
    """A message leaves the waiting room after its receipt was told."""
    async with asyncio.timeout(30):
        while await life.memory.waiting.count():
            await asyncio.sleep(0.02)


SEQ = iter(range(1, 1_000_000))


def said(text: Content | str, customer: str = "c") -> Message:
    return Message(
        id=new_id(),
        address=Address("default", "scripted", "acc", customer),
        author=Author(AuthorKind.AGENT, "a"),
        content=Text(text) if isinstance(text, str) else text,
        received_at=clock.now(),
        seq=next(SEQ),
    )


def wrote(text: str = "hi", customer: str = "c", key: str = "", ago: timedelta = timedelta()) -> InboundMessage:
    message = replace(said(text, customer), author=Author(AuthorKind.CUSTOMER), dedupe_key=key or new_id())
    return InboundMessage(replace(message, sent_at=clock.now() - ago))
