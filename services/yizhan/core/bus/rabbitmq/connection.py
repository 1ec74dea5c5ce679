"""The connection to RabbitMQ, kept alive: several hosts, heartbeats, reconnection with a growing pause.

Everything that needs the broker (publisher, consumed queues, listeners) takes a ``Session`` from the ``Link``, opens
its own channels on it and, when the session is lost, waits for the next one. So the whole state of this client is set
up by the same code at the first connection and at each later one. aio-pika's own ``connect_robust`` is not used for
that: it knows one address only, waits for ever inside a publish while the broker is away, and restores channels one
after the other without telling whether something was lost meanwhile.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, cast

import aio_pika
import structlog
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, ChannelNotFoundEntity
from aiormq.channel import Channel
from yarl import URL

from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import BusUnavailable

log = structlog.get_logger(__name__)

RPC_SECONDS: Final = 10.0
"""How long the broker may take to answer one request."""

_CONNECT_SECONDS: Final = 5.0
_CLOSE_SECONDS: Final = 3.0
_HEARTBEAT: Final = "10"
_BLOCKED_LOOK: Final = 0.5
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0

Declare = Callable[["Session"], Awaitable[None]]


class broker_errors:  # noqa: N801 - used like a statement
    """``with broker_errors():`` whatever the client raises for a broker that is away becomes BusUnavailable.

    When a connection breaks, the client ends waiting calls with CancelledError; that is told from a cancellation of
    the calling task here, and only here.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, asyncio.CancelledError):
            task = asyncio.current_task()
            if task is not None and not task.cancelling():
                raise BusUnavailable("connection lost") from error
        elif isinstance(error, CONNECTION_EXCEPTIONS):
            raise BusUnavailable(f"{type(error).__name__}: {error}"[:300]) from error


class Session:
    """One connection from its opening to its end."""

    def __init__(self, connection: AbstractConnection, address: URL) -> None:
        self.connection = connection
        self.address = address
        self.lost = asyncio.Event()
        self.blocked = False
        """Whether the broker takes no messages, being short of memory or disk; kept up to date by the link."""

    async def channel(
        self, *, confirms: bool = False, prefetch: int = 0, on_closed: Callable[[], None] | None = None
    ) -> Channel:
        """A new channel: aio-pika's underlying one, which makes no objects per message. Raises BusUnavailable.

        With ``confirms`` a publish returns when the broker has it, and raises when no queue took it.
        """
        transport = self.connection.transport
        if transport is None:
            raise BusUnavailable("connection lost")
        with broker_errors():
            async with asyncio.timeout(RPC_SECONDS):
                connection = transport.connection
                channel = cast(
                    Channel, await connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
                )
                if on_closed is not None:
                    channel.closing.add_done_callback(lambda _: on_closed())
                if prefetch:
                    await channel.basic_qos(prefetch_count=prefetch)
                return channel

    def look(self) -> bool:
        """Whether it is blocked now. A broker blocks who publishes; who only consumes is served as ever."""
        transport = self.connection.transport
        if transport is None or self.lost.is_set():
            return False
        # The client library shows it in one way only: ``ready`` of a blocked connection waits.
        ready = transport.connection.ready()
        try:
            ready.send(None)
        except StopIteration:
            return False
        ready.close()
        return True

    async def close(self) -> None:
        with suppress(BusUnavailable, TimeoutError), broker_errors():
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.connection.close()


async def close_channel(channel: Channel) -> None:
    """Close it, whatever state it is in; what it held unacknowledged goes back to its queue."""
    with suppress(BusUnavailable), broker_errors():
        async with asyncio.timeout(_CLOSE_SECONDS):
            await channel.close()


class Link:
    """Connects, stays connected, and hands out the current session. Start it with ``async with``."""

    def __init__(self, url: str, *, name: str, declare: Declare, figures: BusFigures, within: float = 30.0) -> None:
        self._addresses = addresses(url, name)
        self._declare = declare
        self._figures = figures
        self._within = within
        self._longest_pause = float(self._addresses[0].query.get("reconnect_interval", _LONGEST_PAUSE))
        self._session: Session | None = None
        self._failure = "the broker does not answer"
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def session(self) -> Session | None:
        """The session, if there is one now."""
        session = self._session
        return None if session is None or session.lost.is_set() else session

    async def next_session(self) -> Session:
        """The session, or the next one."""
        while (session := self.session) is None:
            await self._arrived.wait()
            self._arrived.clear()
        return session

    def need(self) -> Session:
        """Raises BusUnavailable when there is no session now."""
        session = self.session
        if session is None:
            raise BusUnavailable("not connected")
        return session

    async def __aenter__(self) -> Self:
        # Whatever the client library has to tell is told here as events, without its tracebacks.
        logging.getLogger("aiormq").setLevel(logging.CRITICAL)
        self._task = asyncio.create_task(self._run(), name="bus-link")
        try:
            async with asyncio.timeout(self._within):
                await self.next_session()
        except TimeoutError:
            await self._stop()
            raise BusUnavailable(self._failure) from None
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._session is not None:
            session, self._session = self._session, None
            session.lost.set()
            await session.close()

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                session = await self._connect()
            except BusUnavailable as error:
                self._failure = str(error)
                log.warning("bus_connect_failed", reason=str(error), again_in=round(pause, 2))
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnecting replicas
                pause = min(pause * 2, self._longest_pause)
                continue
            pause = _FIRST_PAUSE
            self._begin(session)
            await self._watch(session)
            self._figures.connected.set(0)
            log.warning("bus_connection_lost")
            await session.close()

    def _begin(self, session: Session) -> None:
        self._session = session
        self._figures.connections.inc()
        self._figures.connected.set(1)
        log.info("bus_connected", host=session.address.host, port=session.address.port)
        self._arrived.set()

    async def _watch(self, session: Session) -> None:
        """Until the session is lost. Tells when the broker stops taking messages, and when it takes them again."""
        while not session.lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_BLOCKED_LOOK):
                    await session.lost.wait()
            if session.blocked != session.look():
                session.blocked = not session.blocked
                if session.blocked:
                    log.warning("bus_blocked")
                elif not session.lost.is_set():
                    log.info("bus_unblocked")

    async def _connect(self) -> Session:
        """A session on the first address that works. Raises BusUnavailable."""
        failure = BusUnavailable("no address")
        for _ in self._addresses:
            try:
                return await self._connect_to(self._addresses[0])
            except BusUnavailable as error:
                failure = error
                self._addresses = (*self._addresses[1:], self._addresses[0])
        raise failure

    async def _connect_to(self, address: URL) -> Session:
        connection = await _open(address)
        session = Session(connection, address)
        connection.close_callbacks.add(lambda *_: session.lost.set())
        try:
            await self._declare(session)
        except BaseException:
            await session.close()
            raise
        return session


async def _open(address: URL) -> AbstractConnection:
    """A connection to that broker. Raises BusUnavailable.

    One that failed is closed all the same: the client closes what was forgotten when it is collected as garbage, which
    may happen in a thread without an event loop.
    """
    connection = aio_pika.Connection(address)
    opened = False
    try:
        with broker_errors():
            await connection.connect(timeout=_CONNECT_SECONDS)
        opened = True
    except (ValueError, TypeError, LookupError) as error:  # what a peer that is no broker makes of the client
        raise BusUnavailable(f"{type(error).__name__} while connecting") from error
    finally:
        if not opened:
            await connection.close()
    return connection


async def keep(link: Link, serve: Callable[[Session], Awaitable[None]], *, what: str) -> None:
    """Run ``serve`` with the session, and again with each next one, until cancelled.

    ``serve`` opens its channels, works until it lost them, and returns or raises BusUnavailable.
    """
    pause = _FIRST_PAUSE
    while True:
        session = await link.next_session()
        try:
            await serve(session)
            pause = _FIRST_PAUSE
        except BusUnavailable as error:
            if isinstance(error.__cause__, ChannelNotFoundEntity):
                session.lost.set()  # somebody deleted what we declared; the next session declares it again
            if not session.lost.is_set():
                log.warning("bus_channel_lost", what=what, reason=str(error), again_in=pause)
        except Exception:
            # A mistake in serving one channel must not end the process that all others run in; it is tried again.
            log.exception("bus_channel_broken", what=what, again_in=pause)
        if not session.lost.is_set():
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def addresses(url: str, name: str) -> tuple[URL, ...]:
    """One address per host of ``amqp[s]://user:password@host1:5672,host2/vhost?heartbeat=10``. Raises ValueError."""
    scheme, mark, rest = url.partition("://")
    if scheme not in {"amqp", "amqps"} or not mark:
        raise ValueError("the bus address must be embedded:// or amqp[s]://user@host/vhost")
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    user, at_sign, hosts = rest[:end].rpartition("@")
    made = []
    for host in hosts.split(","):
        address = URL(f"{scheme}://{user}{at_sign}{host.strip()}{rest[end:]}")
        if not address.host:
            raise ValueError("the bus address names no host")
        made.append(address.update_query({"heartbeat": address.query.get("heartbeat", _HEARTBEAT), "name": name}))
    return tuple(made)
