"""What channels of customers' own screens are tried on: real HTTP server, embedded bus, SQLite, a fake dialogue behind it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiohttp
from aiohttp import web

from tests.services.schemas import sqlite_file
from tests.simulators.dialogue import FakeDialogue, open_dialogue
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import Accounts
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.channels.screens.history import STATE_NAMES
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, BusUnavailable, Consumer, LiveHandler, Publication
from yizhan.core.bus.open import open_bus
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import Clock, now
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.media_http import media_routes
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.runtime.parts import Parts
from yizhan.core.security.keys import Keyring
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.tokens import signers
from yizhan.core.store.database import FILE_NAME, Database
from yizhan.core.store.media import MediaStore
from yizhan.core.store.migrate import upgrade
from yizhan.pb.v1 import live_pb2, message_pb2, receipt_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

PARTITIONS = 4
SECRET = "test-key-" + "k" * 40


class FaultyBus:
    """The real bus with a switch: while ``away`` publishing fails, as with a broker that cannot be reached."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.away = False
        self.published: list[Publication] = []
        self.listened: dict[str, Callable[[], Awaitable[None]] | None] = {}

    async def publish(self, publications: Sequence[Publication]) -> None:
        if self.away:
            raise BusUnavailable("away")
        await self._bus.publish(publications)
        self.published += publications

    async def announce(self, key: str, hints: Sequence[Envelope]) -> None:
        await self._bus.announce(key, hints)

    async def listen(self, keys: Sequence[str], handler: LiveHandler, *, on_gap: Any = None) -> Consumer:
        self.listened |= dict.fromkeys(keys, on_gap)
        return await self._bus.listen(keys, handler, on_gap=on_gap)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


@dataclass
class Place:
    """A running channel and everything around it that a test may touch."""

    channel: str
    url: str
    http: aiohttp.ClientSession
    dialogue: FakeDialogue
    bus: FaultyBus
    core: Core
    life: Lifespan
    accounts: Accounts
    base: str
    """What an account's address begins with."""

    routes: Sequence[web.AbstractRouteDef] = ()

    async def hint_state(self, address: Address, state: str, agent: str) -> None:
        """Who serves the customer has changed."""
        number = next(number for number, name in STATE_NAMES.items() if name == state)
        change = live_pb2.StateChanged(state=number, agent_name=agent)  # type: ignore[arg-type]
        await self._hint(live_pb2.Live(address=address_to_proto(address), state_changed=change))

    async def hint_read(self, address: Address, seq: int) -> None:
        """The customer has read up to there, as dialogue tells every screen."""
        seen = live_pb2.ReceiptSeen(seq=seq, state=receipt_pb2.RECEIPT_STATE_READ)
        await self._hint(live_pb2.Live(address=address_to_proto(address), receipt_seen=seen))

    async def hint_typing(self, address: Address, agent: str) -> None:
        """An agent is typing."""
        author = message_pb2.Author(kind=message_pb2.AUTHOR_KIND_AGENT, id="a-1", name=agent)
        await self._hint(live_pb2.Live(address=address_to_proto(address), typing=live_pb2.Typing(author=author)))

    async def _hint(self, hint: live_pb2.Live) -> None:
        await self.bus.announce(self.channel, [envelopes.live(hint)])

    async def request(
        self, method: str, path: str, token: str = "", account: str = "demo", **options: Any
    ) -> tuple[int, Any, aiohttp.ClientResponse]:
        """Status, JSON body (text where it is none) and the response."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        url = f"{self.url}{self.base}/{account}{path}"
        async with self.http.request(method, url, headers=headers, **options) as answer:
            raw = await answer.read()
            body: Any = await answer.json(content_type=None) if "json" in answer.content_type else raw.decode()
            return answer.status, body, answer


P = TypeVar("P", bound=Place)


class Start(Protocol):
    async def __call__(self, life: Lifespan, core: Core, dialogue: FakeDialogue) -> Parts: ...


@asynccontextmanager
async def open_place(
    channel: str,
    home: Path,
    start: Start,
    accounts: Mapping[str, Mapping[str, Any]],
    *,
    base: str,
    kind: type[P],
    bus_url: str = "embedded://",
    database_url: str = "",
    replica: str = "test-1",
    clock: Clock = now,
) -> AsyncIterator[P]:
    """The channel with these accounts, where the database has none yet."""
    keyring = Keyring.parse(SECRET)
    async with AsyncExitStack() as stack:
        if not database_url and not (home / FILE_NAME).exists():
            sqlite_file(home)
        database = await stack.enter_async_context(Database(database_url, home=home))
        if database_url:
            await upgrade(database, "channels")
        metrics = Metrics(channel)
        opened = await stack.enter_async_context(
            open_bus(bus_url, database=database, partitions=PARTITIONS, producer="test", metrics=metrics)
        )
        bus = FaultyBus(opened)
        dialogue = await stack.enter_async_context(open_dialogue(opened, PARTITIONS))
        core = Core(
            database=database,
            bus=bus,
            media=MediaStore("", home),
            clock=clock,
            new_id=new_id,
            signer=signers(keyring, clock),
            media_urls=MediaUrls(keyring, clock),
            replica=replica,
            health=Health(channel),
            metrics=metrics,
        )
        book = Accounts(database, ACCOUNT_SETTINGS, clock, account_sealer(keyring))
        if not await book.list():
            for name, given in accounts.items():
                await book.add("default", channel, name, name=name.title(), settings=given)
        life = await stack.enter_async_context(Lifespan(drain_seconds=10.0))
        parts = await start(life, core, dialogue)
        app = make_app(channel, metrics=metrics, health=core.health)
        app.add_routes([*parts.routes, *media_routes(core.media, core.media_urls)])
        port = await life.enter(serve(app, "127.0.0.1", 0))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield kind(channel, f"http://127.0.0.1:{port}", http, dialogue, bus, core, life, book, base, parts.routes)
