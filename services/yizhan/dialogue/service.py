"""Starts the dialogue service: the writer on its share of the partitions, the timers, the library and gRPC."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from yizhan.core.bus.topology import inbound_queue
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.metrics import outbox_rows
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.membership import Membership, Shares
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.dialogue import store
from yizhan.dialogue.connectors.config import connectors_file
from yizhan.dialogue.connectors.figures import ConnectorFigures
from yizhan.dialogue.connectors.jobs import Connectors
from yizhan.dialogue.connectors.opening import open_connectors
from yizhan.dialogue.connectors.shops import ShopOrders
from yizhan.dialogue.conversations_api import ConversationsApi
from yizhan.dialogue.customers.order_search import OrderSearch
from yizhan.dialogue.customers.orders import CustomerOrders
from yizhan.dialogue.customers.rules_file import value_rules_of
from yizhan.dialogue.customers.start import customers_of
from yizhan.dialogue.customers.wordings import Wordings
from yizhan.dialogue.decisions_api import DecisionsApi
from yizhan.dialogue.drafts_api import DraftsApi
from yizhan.dialogue.jobs.kinds import open_kinds
from yizhan.dialogue.jobs.runner import JobRunner
from yizhan.dialogue.knowledge_api import KnowledgeApi
from yizhan.dialogue.knowledge_desk import desk_of
from yizhan.dialogue.misses.desk import MissDesk
from yizhan.dialogue.misses.figures import LearningFigures
from yizhan.dialogue.misses.groups import Groups
from yizhan.dialogue.misses_api import LearningApi
from yizhan.dialogue.models.start import start_models
from yizhan.dialogue.models.use import use_of
from yizhan.dialogue.recognition.figures import RecognitionFigures
from yizhan.dialogue.recognition.start import recognising_of
from yizhan.dialogue.releases_api import ReleasesApi
from yizhan.dialogue.replay import Setting
from yizhan.dialogue.replaying import Replayer
from yizhan.dialogue.retention.policy import keep_of
from yizhan.dialogue.retention.sweeping import Sweeper
from yizhan.dialogue.search.indexing import Indexing
from yizhan.dialogue.search.search_api import SearchApi
from yizhan.dialogue.standby.figures import StandbyFigures
from yizhan.dialogue.takers import job_ends
from yizhan.dialogue.texts import voice_of
from yizhan.dialogue.timers import timer_commands
from yizhan.dialogue.turn import Turn
from yizhan.dialogue.writer import Rules, Writer
from yizhan.pb.v1.conversations_pb2_grpc import add_ConversationsServiceServicer_to_server
from yizhan.pb.v1.customers_pb2_grpc import add_CustomersServiceServicer_to_server
from yizhan.pb.v1.decision_pb2_grpc import add_DecisionsServiceServicer_to_server
from yizhan.pb.v1.knowledge_pb2_grpc import (
    add_DraftsServiceServicer_to_server,
    add_KnowledgeServiceServicer_to_server,
    add_ReleasesServiceServicer_to_server,
)
from yizhan.pb.v1.learning_pb2_grpc import add_LearningServiceServicer_to_server
from yizhan.pb.v1.search_pb2_grpc import add_SearchServiceServicer_to_server

log = structlog.get_logger(__name__)

LEFTOVERS_SECONDS = 10.0
STOP_SECONDS = 10.0
JOBS_STOP_SECONDS = 4.0


async def start(
    life: Lifespan,
    settings: DialogueSettings,
    core: Core,
    *,
    connectors: Connectors | None = None,
    shops: ShopOrders | None = None,
) -> Parts:
    """Runs until the Lifespan ends. ``connectors``: besides those that the settings declare, which win. ``shops``: where
    channels look their own orders up.

    Raises StoreUnavailable, BusUnavailable or ConnectorsInvalid when it cannot begin.
    """
    unusable = core.metrics.gauge("yizhan_releases_unusable", "Workspaces not answered from what is published.")
    desk = desk_of(
        settings,
        core.database,
        clock=core.clock,
        new_id=core.new_id,
        on_unusable=unusable.set,
        metrics=core.metrics,
    )
    library = desk.library
    await library.refresh()
    inbox = Inbox(core.database, store.inbox, erasable=True)
    outbox = Outbox(core.database, store.outbox, core.bus, on_rows=outbox_rows(core.metrics, "dialogue"))
    timers = Timers(core.database, store.timers)
    systems = {**(connectors or {}), **await open_connectors(life, connectors_file(settings))}
    models = await start_models(life, settings, core)
    handlers = await open_kinds(life, settings, core, systems, models, shops)
    jobs = JobRunner(
        database=core.database,
        bus=core.bus,
        handlers=handlers,
        partitions=settings.partitions,
        clock=core.clock,
        new_id=core.new_id,
        metrics=core.metrics,
    )
    keep = keep_of(settings)
    indexing = Indexing(core.database, keep.search, core.clock, core.metrics)
    writer = Writer(
        database=core.database,
        bus=core.bus,
        inbox=inbox,
        outbox=outbox,
        timers=timers,
        answerer=library,
        job_ends=job_ends(library),
        wake_jobs=jobs.wake,
        count=counting(
            *(figures(core.metrics).count for figures in (LearningFigures, StandbyFigures, RecognitionFigures)),
            indexing.hear,
        ),
        foresee=library.foresee,
        rules=rules_of(settings),
        clock=core.clock,
        new_id=core.new_id,
    )
    # Stopped in the opposite order: first the shares, then the consumer is drained, then what it committed is
    # published, jobs end or are handed back, and at last the outbox deletes what is on the bus.
    life.spawn("dialogue library", library.follow())
    life.spawn("dialogue builds", desk.builds.run())
    life.spawn("dialogue outbox", outbox.run())
    life.spawn("dialogue jobs", jobs.run())
    life.on_stop("dialogue jobs drained", partial(jobs.drain, JOBS_STOP_SECONDS), within=JOBS_STOP_SECONDS + 2.0)
    life.spawn("dialogue publishing", writer.publish_committed())
    life.on_stop("dialogue published", writer.published, within=STOP_SECONDS)
    partitions = Partitions(core, outbox, writer, settings.partitions)
    await partitions.start()
    life.on_stop("dialogue consumer", partitions.stop, within=STOP_SECONDS)
    life.spawn("dialogue leftovers", partitions.publish_leftovers())
    life.spawn("dialogue timers", timers.run(timer_commands(core.bus, settings.partitions, core.clock)))
    life.spawn("dialogue inbox", inbox.run())
    life.spawn("dialogue retention", Sweeper(core.database, keep, core.clock, core.metrics).run())
    life.spawn("dialogue shares", partitions.follow_members())
    conversations = ConversationsApi(core.database)
    knowledge = KnowledgeApi(desk, core.clock, setting_of(settings))
    drafts = DraftsApi(desk, core.clock)
    releases = ReleasesApi(desk)
    groups = Groups(core.database, clock=core.clock, new_id=core.new_id)
    learning = LearningApi(MissDesk(core.database, desk, groups, clock=core.clock), library, core.database, core.clock)
    orders = CustomerOrders(
        core.database, systems, library.release, OrderSearch(ConnectorFigures(core.metrics)), core.clock, shops
    )
    wordings = Wordings(core.database, models, core.metrics) if models and settings.models_summary else None
    if wordings is not None:
        life.spawn("dialogue wordings", wordings.run())
    customers, following = customers_of(
        core.database,
        library.release,
        value_rules_of(settings),
        orders,
        clock=core.clock,
        new_id=core.new_id,
        wordings=wordings,
    )
    life.spawn("dialogue customers", following.run())
    life.spawn("dialogue search", indexing.run())
    search = SearchApi(core.database, lambda: indexing.complete, keep.search)
    decisions = DecisionsApi(Replayer(core.database, library.shelf, setting_of(settings)))
    return Parts(
        servicers=(
            lambda server: add_ConversationsServiceServicer_to_server(conversations, server),
            lambda server: add_KnowledgeServiceServicer_to_server(knowledge, server),
            lambda server: add_DraftsServiceServicer_to_server(drafts, server),
            lambda server: add_ReleasesServiceServicer_to_server(releases, server),
            lambda server: add_LearningServiceServicer_to_server(learning, server),
            lambda server: add_DecisionsServiceServicer_to_server(decisions, server),
            lambda server: add_CustomersServiceServicer_to_server(customers, server),
            lambda server: add_SearchServiceServicer_to_server(search, server),
        )
    )


def counting(*counts: Callable[[Iterable[Turn]], None]) -> Callable[[Iterable[Turn]], None]:
    """One for all figures that are counted after a commit."""

    def count(turns: Iterable[Turn]) -> None:
        for one in counts:
            one(turns)

    return count


def rules_of(settings: DialogueSettings) -> Rules:
    """What a business decided about its conversations."""
    return Rules(
        partitions=settings.partitions,
        voice=voice_of(
            settings.bot_name,
            settings.bot_name_en,
            zone=ZoneInfo(settings.timezone),
            greeting_zh=settings.greeting_zh,
            greeting_en=settings.greeting_en,
        ),
        idle_close=timedelta(minutes=settings.idle_close_minutes),
        zone=ZoneInfo(settings.timezone),
        recognising=recognising_of(settings),
        models=use_of(settings),
    )


def setting_of(settings: DialogueSettings) -> Setting:
    """What of that a decision is made with."""
    rules = rules_of(settings)
    return Setting(rules.voice, rules.idle_close, rules.zone)


class Partitions:
    """This replica's share of the inbound partitions, consumed by the writer."""

    def __init__(self, core: Core, outbox: Outbox, writer: Writer, partitions: int) -> None:
        self._core = core
        self._outbox = outbox
        self._writer = writer
        self._partitions = partitions
        self._owned: frozenset[int] = frozenset()
        self._gauge = core.metrics.gauge("yizhan_partitions_owned", "Inbound partitions this process consumes.")

    async def start(self) -> None:
        self._consumer = await self._core.bus.consume([], self._writer.handle, batch=200)

    async def stop(self) -> None:
        await self._consumer.stop(within=STOP_SECONDS * 0.8)

    async def follow_members(self) -> None:
        """Runs as long as the service does."""
        membership = Membership(self._core.database, store.members, self._core.replica)
        await Shares(membership, self._partitions).run(self.assign)

    async def assign(self, partitions: frozenset[int]) -> None:
        """Consume exactly these. What an earlier owner committed and did not publish goes out first.

        Raises StoreUnavailable; the share is then assigned again.
        """
        gained = partitions - self._owned
        await self._outbox.recover(gained)
        await self._consumer.assign(queues_of(partitions))
        if self._owned - partitions:
            await self._writer.published()
        self._owned = partitions
        self._gauge.set(len(partitions))
        log.info("partitions_assigned", count=len(partitions), gained=len(gained))

    async def publish_leftovers(self) -> None:
        """Publish what a predecessor committed while it was losing the partition; runs as long as the service does."""
        while True:
            await asyncio.sleep(LEFTOVERS_SECONDS)
            await self._writer.published()
            try:
                await self._outbox.recover(self._owned, older_than=LEFTOVERS_SECONDS)
            except StoreUnavailable as error:
                log.warning("leftovers_wait", reason=error.reason)


def queues_of(partitions: Iterable[int]) -> list[str]:
    return [inbound_queue(number) for number in sorted(partitions)]
