"""Starts the console: sign-in, REST, the live feed and the web app."""

import asyncio
from datetime import timedelta

import structlog

from yizhan.console.access import Access
from yizhan.console.api.board import BoardApi
from yizhan.console.api.conversations import ConversationsApi
from yizhan.console.api.customers import CustomersApi
from yizhan.console.api.decisions import DecisionsApi
from yizhan.console.api.desk import DeskApi
from yizhan.console.api.drafts import DraftsApi
from yizhan.console.api.handing_on import HandingOnApi
from yizhan.console.api.hours import HoursApi
from yizhan.console.api.knowledge import KnowledgeApi
from yizhan.console.api.learning import LearningApi
from yizhan.console.api.media import MediaApi
from yizhan.console.api.notes import NotesApi
from yizhan.console.api.numbers import NumbersApi
from yizhan.console.api.orders import OrdersApi
from yizhan.console.api.releases import ReleasesApi
from yizhan.console.api.replies import RepliesApi
from yizhan.console.api.search import SearchApi
from yizhan.console.api.session import SessionApi
from yizhan.console.api.team import TeamApi
from yizhan.console.api.ticket_export import TicketExportApi
from yizhan.console.api.ticket_replies import TicketRepliesApi
from yizhan.console.api.ticket_views import TicketViewsApi
from yizhan.console.api.tickets import TicketsApi
from yizhan.console.api.users import UsersApi, put_agent
from yizhan.console.live import LiveFeed
from yizhan.console.openapi import openapi_routes
from yizhan.console.peers import Peers
from yizhan.console.people import Lockout, People
from yizhan.console.webapp import CSP, webapp_routes
from yizhan.core.bus.topology import CONSOLE_LIVE
from yizhan.core.messages.content import Media
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.http import owned
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import ConsoleSettings
from yizhan.core.security.passwords import Passwords
from yizhan.core.security.ratelimit import Rate, RateLimit
from yizhan.core.store.errors import StoreUnavailable

log = structlog.get_logger(__name__)

SERVICE = "console"
GUESSES = Rate(20, 60.0)
"""Sign-ins and password changes from one address a minute."""

AGAIN_SECONDS = 30.0


async def start(life: Lifespan, settings: ConsoleSettings, core: Core, peers: Peers) -> Parts:
    """Runs until the Lifespan ends. Raises BusUnavailable when it cannot begin."""
    people = people_of(settings, core)
    access = Access(core.database, lasts=timedelta(hours=settings.session_hours), clock=core.clock)

    def media_url(media: Media) -> str:
        return core.media_urls.url(media.media_id, media.name)

    session = SessionApi(people, access, peers, RateLimit(GUESSES), workspace=settings.workspace, clock=core.clock)
    live = LiveFeed(access, peers, media_url, core.metrics)
    listening = await core.bus.listen([CONSOLE_LIVE], live.hear, on_gap=live.gap)
    life.on_stop("console live hints", listening.stop)
    life.on_stop("console screens", live.close_all)
    life.spawn("console agents", tell_agents(people, peers, settings.workspace))
    apis = (
        *session.routes(),
        *ConversationsApi(access, peers, core.media, media_url).routes(),
        *NotesApi(access, peers).routes(),
        *HandingOnApi(access, peers).routes(),
        *CustomersApi(access, peers).routes(),
        *OrdersApi(access, peers).routes(),
        *SearchApi(access, peers).routes(),
        *DecisionsApi(access, peers).routes(),
        *DeskApi(access, peers).routes(),
        *TicketViewsApi(access, peers).routes(),  # before the routes for one ticket, whose id may be any word
        *TicketExportApi(access, peers, core.clock).routes(),
        *TicketsApi(access, peers).routes(),
        *TicketRepliesApi(access, peers).routes(),
        *KnowledgeApi(access, peers, media_url).routes(),
        *DraftsApi(access, peers, core.media, media_url).routes(),
        *ReleasesApi(access, peers).routes(),
        *LearningApi(access, peers, core.media, media_url).routes(),
        *RepliesApi(access, peers).routes(),
        *NumbersApi(access, peers).routes(),
        *BoardApi(access, peers).routes(),
        *TeamApi(access, peers).routes(),
        *HoursApi(access, peers).routes(),
        *UsersApi(people, access, peers).routes(),
        *MediaApi(access, core.media, media_url).routes(),
        *live.routes(),
        *openapi_routes(),
    )
    return Parts(routes=(*owned(SERVICE, apis), *owned(SERVICE, webapp_routes(), csp=CSP)))


def people_of(settings: ConsoleSettings, core: Core) -> People:
    lockout = Lockout(settings.lockout_tries, timedelta(minutes=settings.lockout_minutes))
    return People(core.database, Passwords(), lockout, clock=core.clock, new_id=core.new_id)


async def tell_agents(people: People, peers: Peers, workspace: str) -> None:
    """Make sure that routing knows every person, also those who were created on the command line."""
    told: dict[str, tuple[object, ...]] = {}
    while True:
        try:
            for user in await people.everyone(workspace):
                known = (user.name, user.capacity, user.enabled, user.roles)
                if told.get(user.id) != known and ("agent" in user.roles or user.id in told):
                    await put_agent(peers, user)
                    told[user.id] = known
            await asyncio.sleep(AGAIN_SECONDS)
        except (RpcProblem, StoreUnavailable) as error:
            log.info("agents_not_told", error=type(error).__name__)
            await asyncio.sleep(1.0)
