"""A channel on a test stand: its service in one life after another, a bus with switches, a dialogue that remembers."""

import asyncio
import gc
import io
import logging
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import structlog
from prometheus_client import generate_latest
from sqlalchemy.exc import SAWarning

from tests.channels.conformance.faulty_bus import FaultyBus
from tests.channels.conformance.harness import ACCOUNT, Harness, Letter, Person, Process, Shown, Told
from tests.channels.conformance.life import Life, note_tasks
from tests.channels.waiting import until
from tests.services.process import free_port
from tests.services.schemas import sqlite_file
from tests.simulators.dialogue import FakeDialogue
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import Accounts, Change
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.core.bus.interface import Bus, Delivery
from yizhan.core.bus.open import open_bus
from yizhan.core.bus.topology import inbound_queue
from yizhan.core.messages.content import Content
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.runtime import logging as product_logging
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.core import Core, new_replica
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.media_http import media_routes
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.keys import Keyring
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.tokens import signers
from yizhan.core.store.database import FILE_NAME, Database
from yizhan.core.store.media import MediaStore

PARTITIONS = 2
SECRET = "conformance-key-" + "k" * 32

H = TypeVar("H")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case runs. ``database_url``, which has every table, or empty: an SQLite file in the home folder."""

    bus_url: str
    database_url: str = ""


@dataclass(slots=True)
class Ground:
    """What a life stands on, and what goes with it."""

    database: Database
    bus: FaultyBus
    core: Core
    life: Life
    stack: AsyncExitStack


class Stand:
    """Use ``open_stand``."""

    def __init__(self, harness: Harness, place: Place, home: Path) -> None:
        self.harness = harness
        self.secret = SECRET
        self._place = place
        self._home = home
        self._port = free_port()
        self._log = io.StringIO()
        self._ground: Ground | None = None
        self._figures: list[Metrics] = []
        self._envelopes: set[str] = set()
        self._said: list[Message] = []
        self.killed = False
        self.dialogue = FakeDialogue(cast(Bus, None), PARTITIONS, echo=False)  # each life brings its own bus

    # --- what a case does ---

    def hook(self, kind: Callable[..., H]) -> H:
        """The harness as one that has this hook (a class, which mypy lets be abstract in this guise only)."""
        assert isinstance(self.harness, cast(type[H], kind))
        return self.harness

    @property
    def url(self) -> str:
        """Where the service listens, in every life."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def core(self) -> Core:
        return self._standing.core

    @property
    def bus(self) -> FaultyBus:
        return self._standing.bus

    async def say(self, person: Person, *contents: Content | str) -> list[Message]:
        """What dialogue hands over for a customer, at once and in this order."""
        said = [self.dialogue.said(person.address, content) for content in contents]
        self._said += said
        await self.dialogue.show(said)
        return said

    async def sees(self, person: Person, *texts: str) -> None:
        """Returns when these texts are on the customer's screen, each as a message of its own. Raises AssertionError."""
        try:
            await until(lambda: set(texts) <= {shown.text for shown in person.screen()})
        except TimeoutError:
            raise AssertionError(f"wanted {texts} on the screen, there is {self.texts(person)}") from None

    async def seen(self, person: Person, count: int) -> list[Shown]:
        """The screen when so many messages are on it. Raises AssertionError."""
        try:
            await until(lambda: len(person.screen()) >= count)
        except TimeoutError:
            raise AssertionError(f"wanted {count} messages, there are {self.texts(person)}") from None
        return person.screen()

    def texts(self, person: Person) -> list[str]:
        return [shown.text for shown in person.screen()]

    def written(self, person: Person) -> list[Message]:
        """The customer's messages as dialogue has them: each once, in its order."""
        transcript = self.dialogue.transcripts.get(person.address)
        found = transcript.messages if transcript else []
        return [message for message in found if message.author.kind is AuthorKind.CUSTOMER]

    def words(self, person: Person) -> list[str]:
        return [getattr(message.content, "text", "") for message in self.written(person)]

    async def hears(self, person: Person, count: int) -> list[Message]:
        """The customer's messages when there are so many. Raises AssertionError."""
        try:
            await until(lambda: len(self.written(person)) >= count)
        except TimeoutError:
            raise AssertionError(f"wanted {count} messages, dialogue has {self.words(person)}") from None
        return self.written(person)

    def receipts(self, message: Message) -> list[Receipt]:
        """What was told of a message, oldest first, watermarks included."""
        return [
            receipt
            for receipt in self.dialogue.receipts
            if receipt.message_id == message.id
            or (not receipt.message_id and receipt.address == message.address and receipt.up_to_seq >= message.seq)
        ]

    async def told(self, message: Message, *states: ReceiptState) -> Receipt:
        """The receipt that says one of these. Raises AssertionError."""

        def found() -> list[Receipt]:
            return [receipt for receipt in self.receipts(message) if receipt.state in states]

        try:
            await until(lambda: bool(found()))
        except TimeoutError:
            said = [(receipt.state.name, receipt.reason) for receipt in self.receipts(message)]
            raise AssertionError(f"wanted {[state.name for state in states]}, told were {said}") from None
        return found()[0]

    async def reached(self, message: Message) -> Receipt:
        """The receipt that says that the platform, or the screen, has it."""
        return await self.told(message, ReceiptState.ACCEPTED, ReceiptState.DELIVERED, ReceiptState.READ)

    async def deliver(self, letter: Letter) -> Told:
        """Push it until it is taken, as platforms do. Raises AssertionError."""
        told = await letter.push()
        try:
            async with asyncio.timeout(30):
                while not told.taken:
                    await asyncio.sleep(0.1)
                    told = await letter.push()
        except TimeoutError:
            raise AssertionError(f"a push was answered {told.status} again and again") from None
        return told

    async def change_account(self, **settings: object) -> None:
        await self._accounts().change(self.harness.channel, ACCOUNT, Change(settings=settings))

    # --- lives ---

    async def restart(self) -> None:
        """An orderly end and another life."""
        await self._end()
        await self.begin()

    async def kill(self) -> None:
        """The end of this life in the middle of whatever it does."""
        ground, self._ground = self._standing, None
        self.killed = True
        ground.bus.away = True
        ground.bus.release()
        await ground.database.close()
        await ground.life.kill()
        await ground.stack.aclose()
        del ground
        _bury()

    async def begin(self, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        """A life, on the same database and the same bus. ``meanwhile`` happens when these are there and the service is not."""
        stack = AsyncExitStack()
        if not self._place.database_url and not (self._home / FILE_NAME).exists():
            sqlite_file(self._home)
        database = await stack.enter_async_context(Database(self._place.database_url, home=self._home))
        metrics = Metrics(self.harness.channel)
        self._figures.append(metrics)
        plain_bus = await stack.enter_async_context(
            open_bus(self._place.bus_url, database=database, partitions=PARTITIONS, producer="test", metrics=metrics)
        )
        self.dialogue.bus = plain_bus
        queues = [inbound_queue(number) for number in range(PARTITIONS)]
        consumer = await plain_bus.consume(queues, self._take)
        stack.push_async_callback(consumer.stop)
        bus = FaultyBus(plain_bus)
        core = self._core(database, bus, metrics)
        ground = Ground(database, bus, core, Life(), stack)
        self._ground = ground
        accounts = self._accounts()
        if not await accounts.list():
            await accounts.add("default", self.harness.channel, ACCOUNT, settings=self.harness.account())

        if meanwhile is not None:
            await meanwhile()

        async def start(lifespan: Lifespan) -> None:
            process = Process(self._home, self.secret, PARTITIONS)
            parts = await self.harness.start(lifespan, self.harness.settings(process), core, self.dialogue)
            app = make_app(self.harness.channel, metrics=metrics, health=core.health)
            app.add_routes([*parts.routes, *media_routes(core.media, core.media_urls)])
            await lifespan.enter(serve(app, "127.0.0.1", self._port))

        await ground.life.begin(start)
        self.harness.reached_at(self.url)

    def _core(self, database: Database, bus: FaultyBus, metrics: Metrics) -> Core:
        keyring = Keyring.parse(self.secret)
        return Core(
            database=database,
            bus=bus,
            media=MediaStore("", self._home),
            clock=now,
            new_id=new_id,
            signer=signers(keyring, now),
            media_urls=MediaUrls(keyring, now, self.url),
            replica=new_replica(),
            health=Health(self.harness.channel),
            metrics=metrics,
        )

    async def _end(self) -> None:
        ground, self._ground = self._ground, None
        if ground is not None:
            ground.bus.release()
            ground.bus.away = False
            await ground.life.stop()
            await ground.stack.aclose()

    async def _take(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.envelope.WhichOneof("payload") == "message":
                self._envelopes.add(delivery.envelope.id)
        await self.dialogue.handle(deliveries)

    def _accounts(self) -> Accounts:
        sealer = account_sealer(Keyring.parse(self.secret))
        return Accounts(self._standing.database, ACCOUNT_SETTINGS, now, sealer)

    @property
    def _standing(self) -> Ground:
        assert self._ground is not None, "the service is not running"
        return self._ground

    # --- what holds after every case ---

    def accepted(self) -> int:
        """How many messages of customers the service says it has made durable, in all its lives."""
        name, labels = "yizhan_accepted_messages_total", {"channel": self.harness.channel}
        return int(sum(metrics.registry.get_sample_value(name, labels) or 0 for metrics in self._figures))

    def on_the_bus(self) -> int:
        """How many there are."""
        return len(self._envelopes)

    def exposed(self) -> str:
        """Everything that anybody but the customer and the platform may read."""
        figures = [generate_latest(metrics.registry).decode() for metrics in self._figures]
        errors = [told.body for told in self.harness.told if not 200 <= told.status < 300]
        return "\n".join([self._log.getvalue(), *figures, *errors])

    def logged(self) -> str:
        return self._log.getvalue()

    def said_texts(self) -> set[str]:
        """Every word that was exchanged."""
        messages = [message for transcript in self.dialogue.transcripts.values() for message in transcript.messages]
        return {text for message in messages if (text := getattr(message.content, "text", ""))}

    async def check(self) -> None:
        """Conservation, a receipt for everything, secrecy and the platform's own rules. Raises AssertionError."""
        for message in self._said:
            await self.told(message, *ReceiptState)
        if not self.killed:
            await until(lambda: self.accepted() == self.on_the_bus(), 10.0)
        exposed = self.exposed()
        leaked = [text for text in self.said_texts() if len(text) > 3 and text in exposed]
        assert not leaked, f"customers' words in logs, figures or errors: {leaked}"
        shown = [f"secret {number}" for number, secret in enumerate(self.harness.secrets()) if secret in exposed]
        assert not shown, f"in logs, figures or errors: {shown}"
        assert "Traceback" not in self.logged(), self.logged()
        assert list(self.harness.breaches()) == []


def _bury() -> None:
    """Who is killed in a query gives no connection back; here, unlike in a process that is gone, somebody notices."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The garbage collector is trying to clean up", category=SAWarning)
        gc.collect()


@asynccontextmanager
async def open_stand(harness: Harness, place: Place, home: Path) -> AsyncIterator[Stand]:
    """A channel in its first life. What must hold after every case is checked at the end."""
    note_tasks()
    stand = Stand(harness, place, home)
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    product_logging.configure("debug", "json", stream=stand._log)
    try:
        async with harness.opened():
            await stand.begin()
            try:
                yield stand
                await stand.check()
            finally:
                await stand._end()
                await asyncio.sleep(0)
    finally:
        structlog.reset_defaults()
        logging.captureWarnings(False)
        root.handlers[:] = handlers
        root.setLevel(level)
