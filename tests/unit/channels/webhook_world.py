"""A platform that pushes JSON, a channel that understands it, and what stands behind both, for tests of webhooks and slots."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from aiohttp import ClientSession, ClientTimeout, web
from aiohttp.typedefs import Handler

from yizhan.channels.contract import (
    Answer,
    Call,
    CallRefused,
    Fact,
    InboundMessage,
    Push,
    Refused,
    ReplySlot,
)
from yizhan.channels.elsewhere import Elsewhere
from yizhan.channels.slot_needs import SlotLedger, Timing, WaitingReplies
from yizhan.channels.slots import Slots
from yizhan.channels.store.sends import SendRow, SendState
from yizhan.channels.webhooks import Limits, Webhooks
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Text
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message, reply
from yizhan.core.runtime.http import make_app, owned, serve
from yizhan.core.runtime.metrics import Metrics

AT = datetime(2026, 3, 1, tzinfo=UTC)
LONG = 60.0
"""Longer than any test: what is expected comes before."""


def bot_says(question: Message, text: str) -> Message:
    """The answer to a customer's message."""
    return reply(question, id=new_id(), author=Author(AuthorKind.BOT), content=Text(text), at=AT)


def text_of(message: Message) -> str:
    assert isinstance(message.content, Text)
    return message.content.text


class JsonChannel:
    """Pushes as JSON. ``gate``: pictures arrive when it is open. ``slot`` says what a push of text can carry."""

    def __init__(self) -> None:
        self.within = LONG
        self.within_of: dict[str, float] = {}
        self.only = False
        self.has_slot = True
        self.slow_within = LONG
        self.gate = asyncio.Event()
        self.fetches = 0
        self.fetch_error: Exception | None = None
        self.cannot_carry = False
        self.after_making: Callable[[], None] = lambda: None

    def webhooks(self) -> Sequence[tuple[str, str]]:
        return [("GET", "/json/{account}"), ("POST", "/json/{account}")]

    async def receive(self, call: Call) -> Push:
        if call.account != "shop":
            raise CallRefused(404, "unknown_account")
        if call.method == "GET":
            return Push(answer=Answer(call.query["echo"].encode()))
        try:
            said = json.loads(call.body)
        except ValueError as error:
            raise CallRefused(400, "undecodable") from error
        address = Address("default", "json", call.account, said["customer"])
        message = Message(new_id(), address, Author(AuthorKind.CUSTOMER), Text(said["text"]), AT, dedupe_key=said["id"])
        push = Push(
            (InboundMessage(message),),
            Answer(b"success"),
            ReplySlot(said["id"], address, self.within_of.get(said["id"], self.within), self.only)
            if self.has_slot
            else None,
            key=said["id"],
            lane=said["customer"],
        )
        if said.get("event"):
            return replace(push, facts=())
        if not said.get("picture"):
            return push
        return replace(push, facts=(), finish=lambda: self._fetched(push.facts), slow_within=self.slow_within)

    def carries(self, message: Message) -> bool:
        return isinstance(message.content, Text)

    def merged(self, messages: Sequence[Message]) -> int:
        return min(2, len(messages))

    async def answer(self, call: Call, slot: ReplySlot, messages: Sequence[Message]) -> Answer:
        if self.cannot_carry:
            raise Refused("40004")
        self.after_making()
        return Answer(f"{'+'.join(map(text_of, messages))} for {call.query.get('nonce', '')}".encode())

    async def _fetched(self, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        self.fetches += 1
        await self.gate.wait()
        if self.fetch_error is not None:
            raise self.fetch_error
        return facts


class FakeLedger(SlotLedger):
    """Rows in memory, as the ledger of sends keeps them. A closed gate: noting, or looking up, takes its time."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], tuple[SendRow, Message]] = {}
        self.error: Exception | None = None
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.looked_up = asyncio.Event()
        self.look_up_gate = asyncio.Event()
        self.look_up_gate.set()

    async def begin_reply(self, message: Message, part: int, slot_key: str) -> SendRow:
        if self.error is not None:
            raise self.error
        row = SendRow(message.id, part, "json", SendState.CALLING, AT, slot_key)
        self.rows[message.id, part] = (row, message)
        self.begun.set()
        await self.gate.wait()
        return row

    async def finish(self, row: SendRow, state: SendState) -> None:
        _, message = self.rows[row.message_id, row.part]
        self.rows[row.message_id, row.part] = (replace(row, state=state), message)

    async def withdraw(self, row: SendRow) -> bool:
        known, message = self.rows[row.message_id, row.part]
        if known.state is not SendState.CALLING:
            return False
        self.rows[row.message_id, row.part] = (replace(known, state=SendState.NOT_SENT), message)
        return True

    async def state(self, row: SendRow) -> SendState:
        return self.rows[row.message_id, row.part][0].state

    async def used(self, slot_key: str) -> bool:
        self.looked_up.set()
        await self.look_up_gate.wait()
        if self.error is not None:
            raise self.error
        return any(row.slot_key == slot_key for row, _ in self.rows.values())

    async def replied(self, slot_key: str) -> tuple[Message, ...]:
        found = [
            (key, row, said)
            for key, (row, said) in self.rows.items()
            if row.slot_key == slot_key and row.state in (SendState.CALLING, SendState.SENT)
        ]
        for key, row, said in found:
            self.rows[key] = (replace(row, state=SendState.SENT), said)
        return tuple(said for _, _, said in found)

    def states(self) -> list[SendState]:
        return [row.state for row, _ in self.rows.values()]


class FakeWaiting(WaitingReplies):
    """What waits, in memory; ``told`` says what the slots reported."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.taken: dict[str, tuple[Message, ...]] = {}
        self.told: list[str] = []

    async def take(
        self, address: Address, slot_key: str, fits: Callable[[Sequence[Message]], int]
    ) -> tuple[Message, ...]:
        mine = [message for message in self.messages if message.address == address]
        taken = tuple(mine[: fits(mine)]) if mine else ()
        self.messages = [message for message in self.messages if message not in taken]
        if taken:
            self.taken[slot_key] = taken
        return taken

    async def given(self, slot_key: str) -> None:
        self.told.append("given")

    async def not_given(self, slot_key: str) -> None:
        self.told.append("not given")
        self.messages = [*self.taken.pop(slot_key), *self.messages]

    async def unsure(self, slot_key: str) -> None:
        self.told.append("unsure")


@dataclass(slots=True)
class Response:
    status: int
    body: str
    retry_after: str = ""


@dataclass(slots=True)
class World:
    """The platform's side: ``push`` waits for the answer, ``cut`` goes away before it."""

    url: str
    port: int
    client: ClientSession
    channel: JsonChannel
    ledger: FakeLedger
    waiting: FakeWaiting
    slots: Slots
    webhooks: Webhooks
    metrics: Metrics
    accepted: list[Message] = field(default_factory=list)
    accept_error: Exception | None = None
    before_confirm: Callable[[], None] = lambda: None
    durable: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[web.Request] = field(default_factory=list)
    given: list[Message] = field(default_factory=list)
    before_write: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def gone(self) -> int:
        """How many who asked are known to be there no more."""
        return sum(request.transport is None or request.transport.is_closing() for request in self.requests)

    async def accept(self, facts: Sequence[Fact]) -> None:
        messages = [fact.message for fact in facts if isinstance(fact, InboundMessage)]
        self.given += messages
        self.before_confirm()
        await self.durable.wait()
        if self.accept_error is not None:
            raise self.accept_error
        self.accepted += messages

    async def push(
        self, id: str, text: str = "hi", *, customer: str = "c", nonce: str = "1", **more: object
    ) -> Response:
        body = json.dumps({"id": id, "text": text, "customer": customer, **more})
        async with self.client.post(f"{self.url}/json/shop", params={"nonce": nonce}, data=body) as response:
            return Response(response.status, await response.text(), response.headers.get("Retry-After", ""))

    async def send_and_stay(self, id: str, text: str = "hi") -> asyncio.StreamWriter:
        """Push on a connection of its own, to be cut by closing it."""
        body = json.dumps({"id": id, "text": text, "customer": "c"}).encode()
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"POST /json/shop?nonce=cut HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        return writer

    def question(self, text: str = "hi") -> Message:
        """The customer's message as the bus has it."""
        return next(message for message in self.accepted if text_of(message) == text)

    def counted(self, outcome: str) -> float:
        labels = {"channel": "json", "outcome": outcome}
        return self.metrics.registry.get_sample_value("yizhan_webhook_calls_total", labels) or 0.0


@asynccontextmanager
async def open_world(
    timing: Timing | None = None,
    limits: Limits | None = None,
    *,
    give_up: float = LONG,
    shared: FakeLedger | None = None,
    elsewhere: Elsewhere | None = None,
) -> AsyncIterator[World]:
    """A server on a free port. At the end nothing may be left: no slot, no turn, no task.

    ``shared`` and ``elsewhere``: it is one of several processes on one ledger.
    """
    before = asyncio.all_tasks()
    metrics = Metrics("test")
    channel, ledger, waiting = JsonChannel(), shared or FakeLedger(), FakeWaiting()
    chosen = timing or Timing(patience=LONG, gather=0.0, lead=0.0)
    slots = Slots(channel, ledger, waiting, elsewhere=elsewhere, timing=chosen)
    app = make_app("json", metrics=metrics)

    @web.middleware
    async def remember(request: web.Request, handler: Handler) -> web.StreamResponse:
        world.requests.append(request)
        return await handler(request)

    async def about_to_write(_: web.Request, __: web.StreamResponse) -> None:
        for step in list(world.before_write):
            await step()

    app.middlewares.append(remember)
    app.on_response_prepare.append(about_to_write)

    async def accept(facts: Sequence[Fact]) -> None:
        await world.accept(facts)

    webhooks = Webhooks(
        channel, "json", accept, metrics, slots=slots, limits=limits or Limits(deadline=LONG, give_up=give_up)
    )
    app.add_routes(owned("json", webhooks.routes()))
    async with (
        serve(app, "127.0.0.1", 0, drain=0.5) as port,
        ClientSession(timeout=ClientTimeout(total=LONG)) as client,
    ):
        world = World(f"http://127.0.0.1:{port}", port, client, channel, ledger, waiting, slots, webhooks, metrics)
        world.durable.set()
        yield world
    await webhooks.stop()
    assert webhooks.busy == 0, "something is left in hand"
    left = {task.get_name() for task in asyncio.all_tasks() - before}
    assert not left & {"bring push", "taken replies"}
