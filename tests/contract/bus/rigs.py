"""The same handles on both buses: open a client, cut it off from what it stands on, put bytes past it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import aio_pika
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.services.tcp_proxy import TcpProxy
from yizhan.core.bus.embedded.bus import open_embedded
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import Bus
from yizhan.core.bus.rabbitmq.bus import RabbitBus, open_rabbitmq
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store import migrate
from yizhan.core.store.bus_tables import BusRows, NewRow
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.sqlite_driver import Statement

PARTITIONS = 2


class Rig(ABC):
    """One bus that a test may open several times, as if several processes did."""

    name: str

    def __init__(self) -> None:
        self._open: dict[int, AsyncExitStack] = {}
        self.metrics = Metrics("test")

    async def open(self, producer: str = "test") -> Bus:
        stack = AsyncExitStack()
        bus = await stack.enter_async_context(self._connect(producer))
        self._open[id(bus)] = stack
        return bus

    async def close(self, bus: Bus) -> None:
        await self._open.pop(id(bus)).aclose()

    async def close_all(self) -> None:
        for stack in reversed(list(self._open.values())):
            await stack.aclose()
        self._open.clear()

    @abstractmethod
    def _connect(self, producer: str) -> Any: ...

    @abstractmethod
    async def cut(self) -> None:
        """From now on nothing this client does reaches the bus, as when its machine vanished."""

    @abstractmethod
    async def mend(self) -> None: ...

    @abstractmethod
    async def put_raw(self, queue: str, body: bytes) -> None:
        """Bytes that no publisher of ours would send."""

    def url(self) -> tuple[str, str]:
        """Bus address and home folder for another process."""
        raise AssertionError("this bus has no address for other processes")


class SwitchedDatabase(Database):
    """A database whose disk can be taken away."""

    away = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        if self.away:
            raise StoreUnavailable("disk full")
        async with super().begin() as tx:
            yield tx

    async def write_at_once(self, statements: Sequence[Statement]) -> None:
        if self.away:
            raise StoreUnavailable("disk full")
        await super().write_at_once(statements)


class EmbeddedRig(Rig):
    name = "embedded"

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._home = home
        self.database = SwitchedDatabase("", home=home)

    async def __aenter__(self) -> Self:
        await self.database.start()
        await migrate.upgrade(self.database, "bus")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.mend()
        await self.close_all()
        await self.database.close()

    def _connect(self, producer: str) -> Any:
        return open_embedded(
            self.database,
            partitions=PARTITIONS,
            producer=producer,
            figures=BusFigures(self.metrics),
            publish_seconds=3.0,
        )

    async def cut(self) -> None:
        self.database.away = True

    async def mend(self) -> None:
        self.database.away = False

    async def put_raw(self, queue: str, body: bytes) -> None:
        rows = BusRows(self.database)
        await rows.write([NewRow(await rows.highest_id() + 1, queue, body)], [])

    def url(self) -> tuple[str, str]:
        return "embedded://", str(self._home)


class RabbitRig(Rig):
    name = "rabbitmq"

    def __init__(self, url: str) -> None:
        super().__init__()
        self.direct_url = url
        parts = urlsplit(url)
        self.proxy = TcpProxy(parts.hostname or "127.0.0.1", parts.port or 5672)

    @property
    def proxied_url(self) -> str:
        parts = urlsplit(self.direct_url)
        user = parts.netloc.rpartition("@")[0]
        return f"amqp://{user}@127.0.0.1:{self.proxy.port}{parts.path}?reconnect_interval=0.3"

    async def __aenter__(self) -> Self:
        await self.proxy.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.mend()
        await self.close_all()
        await self.proxy.__aexit__(None, None, None)

    def _connect(self, producer: str) -> Any:
        return open_rabbitmq(
            self.proxied_url,
            partitions=PARTITIONS,
            producer=producer,
            figures=BusFigures(self.metrics),
            within=60.0,
            publish_seconds=3.0,
        )

    async def cut(self) -> None:
        self.proxy.refuse()

    async def mend(self) -> None:
        self.proxy.accept()
        self.proxy.flow()

    async def close_abruptly(self, bus: Bus) -> None:
        """This client vanishes; the others keep their connections."""
        assert isinstance(bus, RabbitBus)
        session = bus._link.session
        assert session is not None
        bus._link._task.cancel()  # type: ignore[union-attr]
        session.connection.transport.connection._writer_task.cancel()  # type: ignore[union-attr]

    async def put_raw(self, queue: str, body: bytes) -> None:
        async with await aio_pika.connect(self.direct_url) as connection, connection.channel() as channel:
            message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, queue)

    def url(self) -> tuple[str, str]:
        return self.direct_url, ""


async def eventually(holds: Any, *, within: float = 60.0) -> None:
    """Wait until ``holds()`` (which may be a coroutine function) is true."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        outcome = holds()
        if asyncio.iscoroutine(outcome):
            outcome = await outcome
        if outcome:
            return
        assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)
