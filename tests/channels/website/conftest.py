"""A whole website channel: real HTTP server, embedded bus, SQLite, a fake dialogue behind it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.simulators.dialogue import FakeDialogue, open_dialogue
from tests.simulators.website_client import WebsiteClient, open_client
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import Accounts
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.channels.website import service
from yizhan.channels.website.history import STATE_NAMES
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, BusUnavailable, Consumer, LiveHandler, Publication
from yizhan.core.bus.open import open_bus
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.media_http import media_routes
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.runtime.settings import WebsiteSettings
from yizhan.core.security.keys import Keyring
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.tokens import signers
from yizhan.core.store.database import Database
from yizhan.core.store.media import MediaStore
from yizhan.core.store.migrate import upgrade
from yizhan.pb.v1 import live_pb2, message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

PARTITIONS = 4
SHOP = "https://shop.example.com"


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


@dataclass(slots=True)
class Site:
    """A running website channel and everything around it that a test may touch."""

    url: str
    http: aiohttp.ClientSession
    dialogue: FakeDialogue
    bus: FaultyBus
    core: Core
    life: Lifespan
    accounts: Accounts

    @asynccontextmanager
    async def client(self, account: str = "demo", **options: Any) -> AsyncIterator[WebsiteClient]:
        async with open_client(self.http, self.url, account, **options) as client:
            yield client
            assert client.breaches == []

    async def hint_state(self, address: Address, state: str, agent: str) -> None:
        """Who serves the customer has changed."""
        number = next(number for number, name in STATE_NAMES.items() if name == state)
        change = live_pb2.StateChanged(state=number, agent_name=agent)  # type: ignore[arg-type]
        await self._hint(live_pb2.Live(address=address_to_proto(address), state_changed=change))

    async def hint_typing(self, address: Address, agent: str) -> None:
        """An agent is typing."""
        author = message_pb2.Author(kind=message_pb2.AUTHOR_KIND_AGENT, id="a-1", name=agent)
        await self._hint(live_pb2.Live(address=address_to_proto(address), typing=live_pb2.Typing(author=author)))

    async def _hint(self, hint: live_pb2.Live) -> None:
        await self.bus.announce("website", [envelopes.live(hint)])

    async def token(self, account: str = "demo", **body: Any) -> str:
        async with self.http.post(f"{self.url}/website/{account}/session", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return str((await answer.json())["token"])

    async def request(
        self, method: str, path: str, token: str = "", account: str = "demo", **options: Any
    ) -> tuple[int, Any, aiohttp.ClientResponse]:
        """Status, JSON body (text where it is none) and the response."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        url = f"{self.url}/website/{account}{path}"
        async with self.http.request(method, url, headers=headers, **options) as answer:
            raw = await answer.read()
            body: Any = await answer.json(content_type=None) if "json" in answer.content_type else raw.decode()
            return answer.status, body, answer


@asynccontextmanager
async def open_site(
    home: Path,
    *,
    accounts: Mapping[str, Mapping[str, Any]] | None = None,
    bus_url: str = "embedded://",
    database_url: str = "",
    replica: str = "test-1",
    **settings: Any,
) -> AsyncIterator[Site]:
    """A site with the accounts ``demo`` (open to SHOP) and ``other``, and those that are given with their settings."""
    secret = "test-key-" + "k" * 40
    keyring = Keyring.parse(secret)
    configured = WebsiteSettings(
        home=home,
        secret=secret,
        partitions=PARTITIONS,
        website_sends_per_minute=settings.pop("sends", 600),
        **settings,
    )
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(database_url, home=home))
        for name in ("channels",) if database_url else ("bus", "channels"):
            await upgrade(database, name)
        metrics = Metrics("website")
        opened = await stack.enter_async_context(
            open_bus(bus_url, database=database, partitions=PARTITIONS, producer="test", metrics=metrics)
        )
        bus = FaultyBus(opened)
        dialogue = await stack.enter_async_context(open_dialogue(opened, PARTITIONS))
        core = Core(
            database=database,
            bus=bus,
            media=MediaStore("", home),
            clock=now,
            new_id=new_id,
            signer=signers(keyring, now),
            media_urls=MediaUrls(keyring, now),
            replica=replica,
            health=Health("website"),
            metrics=metrics,
        )
        book = Accounts(database, ACCOUNT_SETTINGS, now, account_sealer(keyring))
        if not await book.list():
            await book.add("default", "website", "demo", name="Demo", settings={"allowed_origins": [SHOP]})
            for name, given in {"other": {}, **(accounts or {})}.items():
                await book.add("default", "website", name, settings=given)
        life = await stack.enter_async_context(Lifespan(drain_seconds=10.0))
        parts = await service.start(life, configured, core, history=dialogue)
        app = make_app("website", metrics=metrics, health=core.health)
        app.add_routes([*parts.routes, *media_routes(core.media, core.media_urls)])
        port = await life.enter(serve(app, "127.0.0.1", 0))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Site(f"http://127.0.0.1:{port}", http, dialogue, bus, core, life, book)


@pytest.fixture
async def site(home: Path) -> AsyncIterator[Site]:
    async with open_site(home) as opened:
        yield opened
