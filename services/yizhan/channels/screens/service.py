"""Puts a channel of customers' own screens together and runs it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from yizhan.channels import store
from yizhan.channels.contract import Channel
from yizhan.channels.host import ChannelHost
from yizhan.channels.screens.catchup import CatchUp
from yizhan.channels.screens.dialect import PLAIN, Dialect
from yizhan.channels.screens.door import Door
from yizhan.channels.screens.figures import ScreenFigures
from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.history import History
from yizhan.channels.screens.limits import Buckets, Limits
from yizhan.channels.screens.live import LivePush
from yizhan.channels.screens.protocol import SILENT_SECONDS, CloseCode
from yizhan.channels.screens.sending import Intake
from yizhan.channels.screens.sessions import Sessions
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.screens.upload import Finder
from yizhan.core.bus.interface import LiveHandler
from yizhan.core.messages.content import Media
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import CommonSettings
from yizhan.core.store.membership import Membership, Shares

log = structlog.get_logger(__name__)

SILENCE_CHECK_SECONDS = 10.0
ANSWER_SECONDS = 1.5
"""At the end: for answering what was sent before."""

FLUSH_SECONDS = 0.5
CLOSE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One channel of this kind. ``own_pages``: pages of this deployment may use every account."""

    name: str
    door: Door
    limits: Limits
    dialect: Dialect = PLAIN
    own_pages: bool = True


@dataclass(frozen=True, slots=True)
class Screens:
    """The parts of a channel, put together and not yet running."""

    gateway: Gateway
    live: LivePush
    host: ChannelHost


def host_of(channel: str, settings: CommonSettings, core: Core) -> ChannelHost:
    """What brings a channel's facts to the bus and sends what is handed over to it."""
    return ChannelHost(
        channel,
        core.bus,
        partitions=settings.partitions,
        producer=f"{channel}-{core.replica}",
        metrics=core.metrics,
        clock=core.clock,
        new_id=core.new_id,
    )


def assembled(
    kind: Kind,
    settings: CommonSettings,
    core: Core,
    history: History,
    host: ChannelHost,
) -> Screens:
    """``host`` is the channel's own (``host_of``)."""

    def media_url(media: Media) -> str:
        return core.media_urls.url(media.media_id, media.name)

    figures = ScreenFigures(core.metrics, kind.name)
    sessions = Sessions(per_visitor=kind.limits.connections)
    tasks = Tasks()
    catch_up = CatchUp(sessions, history, media_url, tasks, figures.fetched, standing=kind.dialect.standing)
    gateway = Gateway(
        door=kind.door,
        dialect=kind.dialect,
        sessions=sessions,
        history=history,
        catch_up=catch_up,
        intake=Intake(host.accept, clock=core.clock, new_id=core.new_id),
        accept=host.accept,
        note=host.note,
        buckets=Buckets(kind.limits),
        find_media=Finder(core.media),
        media_url=media_url,
        tasks=tasks,
        lanes=Tasks(),
        figures=figures,
        clock=core.clock,
        new_id=core.new_id,
        draining=asyncio.Event(),
        public_origin=_origin(settings.public_url) if kind.own_pages else "",
    )
    return Screens(gateway, LivePush(sessions, catch_up, media_url, tasks, host.seen), host)


async def run(
    life: Lifespan,
    kind: Kind,
    settings: CommonSettings,
    core: Core,
    screens: Screens,
    channel: Channel,
    routes: Sequence[web.AbstractRouteDef],
    *,
    hints: LiveHandler | None = None,
) -> Parts:
    """Until the Lifespan ends. ``hints`` takes the channel's hints instead of ``screens.live``. Raises BusUnavailable."""
    name, gateway, live = kind.name, screens.gateway, screens.live
    life.on_stop(f"{name} tasks", gateway.tasks.stop)
    membership = Membership(core.database, store.members, core.replica, role=name)
    await screens.host.start(life, channel, Shares(membership, settings.partitions))
    listening = await core.bus.listen([name], hints or live.handle, on_gap=live.on_gap)
    life.on_stop(f"{name} hints", listening.stop)
    life.spawn(f"{name} sweep", gateway.catch_up.run())
    life.spawn(f"{name} silence", _close_silent(gateway.sessions, core.clock))
    closing = Closing(gateway)
    life.when_stopping(closing.begin)
    life.on_stop(f"{name} clients", closing.finished, within=ANSWER_SECONDS + FLUSH_SECONDS + CLOSE_SECONDS)
    return Parts(routes=tuple(routes))


class Closing:
    """The end of all connections: what was sent is answered, what is queued is written, then everyone is told to come back."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """From now on nobody is let in and nothing is taken."""
        self._gateway.draining.set()
        self._task = asyncio.create_task(self._run(), name="closing clients")

    async def finished(self) -> None:
        if self._task is None:
            self.begin()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        gateway = self._gateway
        await gateway.lanes.settled(ANSWER_SECONDS)
        clients = gateway.sessions.all()
        log.info("clients_closed", count=len(clients))
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                for client in clients:
                    await client.flushed()
        except TimeoutError:
            pass
        for client in clients:
            client.close(CloseCode.RESTARTING, "restarting")
        await gateway.tasks.settled(CLOSE_SECONDS)
        await gateway.lanes.stop(0.0)


async def _close_silent(sessions: Sessions, clock: Clock) -> None:
    """One watch over all sockets, where a timer each would cost memory."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SILENCE_CHECK_SECONDS)
        sessions.close_silent(loop.time() - SILENT_SECONDS)
        sessions.close_expired(clock())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if url else ""
