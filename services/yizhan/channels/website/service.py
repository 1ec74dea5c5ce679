"""Starts the website channel."""

import asyncio
from urllib.parse import urlsplit

import structlog

from yizhan.channels import store
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook
from yizhan.channels.host import ChannelHost
from yizhan.channels.website.catchup import CatchUp
from yizhan.channels.website.channel import WebsiteChannel
from yizhan.channels.website.figures import WebsiteFigures
from yizhan.channels.website.gateway import Gateway
from yizhan.channels.website.history import ConversationsHistory, History
from yizhan.channels.website.limits import MIB, Buckets, Limits
from yizhan.channels.website.live import LivePush
from yizhan.channels.website.protocol import SILENT_SECONDS, CloseCode
from yizhan.channels.website.routes import website_routes
from yizhan.channels.website.sending import Intake
from yizhan.channels.website.sessions import Sessions
from yizhan.channels.website.settings import WebsiteAccountSettings
from yizhan.channels.website.tasks import Tasks
from yizhan.channels.website.upload import Finder
from yizhan.channels.website.visitors import CHANNEL, Visitors
from yizhan.core.messages.content import Media
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.grpc import channel
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import WebsiteSettings
from yizhan.core.store.membership import Membership, Shares

log = structlog.get_logger(__name__)

SILENCE_CHECK_SECONDS = 10.0
ANSWER_SECONDS = 1.5
"""At the end: for answering what was sent before."""

FLUSH_SECONDS = 0.5
CLOSE_SECONDS = 3.0


async def start(life: Lifespan, settings: WebsiteSettings, core: Core, *, history: History | None = None) -> Parts:
    """Runs until the Lifespan ends. Raises StoreError or BusUnavailable when it cannot begin.

    ``history`` stands in for dialogue's transcripts, which are otherwise read from ``settings.dialogue_address``.
    """
    if history is None:
        history = ConversationsHistory(await life.enter(channel(settings.dialogue_address, settings.internal_token)))
    gateway, live, host = _assembled(settings, core, history)
    routes = website_routes(gateway, core.media)
    accounts = gateway.accounts
    await accounts.refresh()
    life.spawn("website accounts", accounts.run())
    life.on_stop("website tasks", gateway.tasks.stop)
    membership = Membership(core.database, store.members, core.replica, role=CHANNEL)
    await host.start(life, WebsiteChannel(live, routes), Shares(membership, settings.partitions))
    hints = await core.bus.listen([CHANNEL], live.handle, on_gap=live.on_gap)
    life.on_stop("website hints", hints.stop)
    life.spawn("website sweep", gateway.catch_up.run())
    life.spawn("website silence", _close_silent(gateway.sessions))
    closing = Closing(gateway)
    life.when_stopping(closing.begin)
    life.on_stop("website clients", closing.finished, within=ANSWER_SECONDS + FLUSH_SECONDS + CLOSE_SECONDS)
    return Parts(routes=tuple(routes))


def _assembled(settings: WebsiteSettings, core: Core, history: History) -> tuple[Gateway, LivePush, ChannelHost]:
    def media_url(media: Media) -> str:
        return core.media_urls.url(media.media_id, media.name)

    figures = WebsiteFigures(core.metrics)
    host = ChannelHost(
        CHANNEL,
        core.bus,
        partitions=settings.partitions,
        producer=f"{CHANNEL}-{core.replica}",
        metrics=core.metrics,
        clock=core.clock,
        new_id=core.new_id,
    )
    limits = Limits(
        sends_per_minute=settings.website_sends_per_minute,
        sessions_per_minute=settings.website_sessions_per_minute,
        file_bytes=settings.website_file_mib * MIB,
        image_bytes=settings.website_image_mib * MIB,
    )
    sessions = Sessions(per_visitor=limits.connections)
    tasks = Tasks()
    catch_up = CatchUp(sessions, history, media_url, tasks, figures.fetched)
    gateway = Gateway(
        accounts=AccountBook(core.database, CHANNEL, WebsiteAccountSettings, account_sealer(settings.keyring)),
        visitors=Visitors(core.signer, core.clock, days=settings.website_token_days),
        sessions=sessions,
        history=history,
        catch_up=catch_up,
        intake=Intake(host.accept, clock=core.clock, new_id=core.new_id),
        accept=host.accept,
        note=host.note,
        buckets=Buckets(limits),
        find_media=Finder(core.media),
        media_url=media_url,
        tasks=tasks,
        lanes=Tasks(),
        figures=figures,
        clock=core.clock,
        new_id=core.new_id,
        draining=asyncio.Event(),
        public_origin=_origin(settings.public_url),
    )
    return gateway, LivePush(sessions, catch_up, media_url, tasks, host.seen), host


class Closing:
    """The end of all connections: what was sent is answered, what is queued is written, then everyone is told to come back."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """From now on nobody is let in and nothing is taken."""
        self._gateway.draining.set()
        self._task = asyncio.create_task(self._run(), name="website closing")

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


async def _close_silent(sessions: Sessions) -> None:
    """One watch over all sockets, where a timer each would cost memory."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SILENCE_CHECK_SECONDS)
        sessions.close_silent(loop.time() - SILENT_SECONDS)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if url else ""
