"""Starts the routing service: its events, its timers, the watch over presence, and gRPC."""

from datetime import timedelta

from yizhan.contract.contract import Contract
from yizhan.contract.standard import standard
from yizhan.core.bus.topology import ATTENDING_LIVE, CONSOLE_LIVE
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.metrics import outbox_rows
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import RoutingSettings
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.pb.v1.replies_pb2_grpc import add_RepliesServiceServicer_to_server
from yizhan.pb.v1.routing_pb2_grpc import add_RoutingServiceServicer_to_server
from yizhan.pb.v1.tickets_pb2_grpc import add_TicketsServiceServicer_to_server
from yizhan.routing import store
from yizhan.routing.api import RoutingApi
from yizhan.routing.attending.hints import Hints
from yizhan.routing.attending.webhooks.starting import start_webhooks
from yizhan.routing.attending.webhooks.transcripts import Transcripts
from yizhan.routing.calendar_watch import unconfirmed_gauge, watch_calendars
from yizhan.routing.events import Listener
from yizhan.routing.finding import Finding
from yizhan.routing.replies.api import RepliesApi
from yizhan.routing.replies.book import ReplyBook
from yizhan.routing.retention import Sweeper, keep_of
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.terms import TermsBook
from yizhan.routing.tickets.adopting import keep_adopting
from yizhan.routing.tickets.tickets_api import TicketsApi
from yizhan.routing.tickets.watching import keep_watching
from yizhan.routing.upkeep import on_timer, watch_presence

EVENTS_QUEUE = "routing.events"
STOP_SECONDS = 10.0


async def start(life: Lifespan, settings: RoutingSettings, core: Core, transcripts: Transcripts | None = None) -> Parts:
    """Runs until the Lifespan ends. ``transcripts``: dialogue's, which systems are told by webhook. Raises BusUnavailable."""
    inbox = Inbox(core.database, store.inbox)
    outbox = Outbox(core.database, store.outbox, core.bus, on_rows=outbox_rows(core.metrics, "routing"))
    timers = Timers(core.database, store.timers)
    terms = TermsBook(standard_contract(settings))
    finding = Finding(timers=timers, terms=terms, heard_within=timedelta(seconds=settings.presence_seconds))
    switchboard = Switchboard(
        database=core.database,
        bus=core.bus,
        outbox=outbox,
        timers=timers,
        finding=finding,
        partitions=settings.partitions,
        clock=core.clock,
        new_id=core.new_id,
    )
    listener = Listener(switchboard, inbox, core.new_id)
    api = RoutingApi(
        switchboard=switchboard,
        database=core.database,
        bus=core.bus,
        partitions=settings.partitions,
        default_capacity=settings.agent_capacity,
        clock=core.clock,
        new_id=core.new_id,
    )
    tickets = TicketsApi(switchboard=switchboard, database=core.database, clock=core.clock, new_id=core.new_id)
    api.attending.measure(core.metrics)
    webhooks = await start_webhooks(life, settings, core, switchboard, api, transcripts)
    hints = Hints([api.attending, *([webhooks.couriers] if webhooks else [])])
    listening = await core.bus.listen([CONSOLE_LIVE, ATTENDING_LIVE], hints.hear, on_gap=hints.gap)
    life.on_stop("attending hints", listening.stop)
    life.when_stopping(api.attending.end_all)
    life.on_stop("attending streams", api.attending.close_all, within=STOP_SECONDS)
    life.spawn("routing outbox", outbox.run())
    life.spawn("routing inbox", inbox.run())
    consumer = await core.bus.consume([EVENTS_QUEUE], listener.handle)
    life.on_stop("routing consumer", lambda: consumer.stop(within=STOP_SECONDS * 0.8), within=STOP_SECONDS)
    life.spawn("routing timers", timers.run(on_timer(switchboard, timers)))
    gone = timedelta(seconds=settings.agent_gone_seconds)
    life.spawn("routing presence", watch_presence(switchboard, core.database, core.clock, gone))
    life.spawn("routing tickets", keep_adopting(core.database))
    life.spawn("routing tickets watched", keep_watching(switchboard.shift, core.database))
    life.spawn("routing calendars", watch_calendars(core.database, terms, core.clock, unconfirmed_gauge(core.metrics)))
    sweeper = Sweeper(core.database, keep_of(settings), terms, core.clock, core.metrics)
    life.spawn("routing retention", sweeper.run())
    replies = RepliesApi(ReplyBook(core.database, clock=core.clock, new_id=core.new_id))
    return Parts(
        routes=webhooks.routes if webhooks else (),
        doors={"/yizhan.v1.RoutingService/Attend": api.admission.door},
        servicers=(
            lambda server: add_RoutingServiceServicer_to_server(api, server),
            lambda server: add_TicketsServiceServicer_to_server(tickets, server),
            lambda server: add_RepliesServiceServicer_to_server(replies, server),
        ),
    )


def standard_contract(settings: RoutingSettings) -> Contract:
    """What workspaces promise that have published no contract of their own."""
    return standard(
        handoff=timedelta(seconds=settings.handoff_seconds),
        nobody=timedelta(seconds=settings.nobody_seconds),
        offer=timedelta(seconds=settings.offer_seconds),
        ticket_solution=timedelta(hours=settings.ticket_promise_hours),
    )
