"""Starts the app channel."""

import ssl
from collections.abc import Sequence
from datetime import timedelta

from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook
from yizhan.channels.app.conversation import ConversationHandlers
from yizhan.channels.app.devices import DeviceHandlers
from yizhan.channels.app.door import AppDoor
from yizhan.channels.app.facts import CHANNEL
from yizhan.channels.app.figures import AppFigures
from yizhan.channels.app.jwks import FETCH_SECONDS, Jwks
from yizhan.channels.app.protocol import DIALECT
from yizhan.channels.app.push.apns import Apns
from yizhan.channels.app.push.fcm import Fcm
from yizhan.channels.app.push.hook import Hook
from yizhan.channels.app.push.planning import AppChannel, Planner
from yizhan.channels.app.push.posting import CALL_SECONDS
from yizhan.channels.app.push.presence import Presence
from yizhan.channels.app.push.pusher import DRAIN_SECONDS, Pusher
from yizhan.channels.app.push.services import PushServices
from yizhan.channels.app.routes import app_routes
from yizhan.channels.app.settings import AppAccountSettings
from yizhan.channels.app.unread import UnreadTold
from yizhan.channels.app.visits import Visits
from yizhan.channels.screens.channel import ScreenChannel
from yizhan.channels.screens.history import ConversationsHistory, History
from yizhan.channels.screens.limits import MIB, Limits
from yizhan.channels.screens.service import Kind, assembled, host_of, run
from yizhan.core.runtime.clock import monotonic
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.grpc import channel as grpc_channel
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.http.outbound import BoundedResolver, Reach
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import AppSettings
from yizhan.pb.v1.envelope_pb2 import Envelope

_REACHES = {"public": Reach.PUBLIC, "private": Reach.PRIVATE, "loopback": Reach.LOOPBACK}


async def start(
    life: Lifespan,
    settings: AppSettings,
    core: Core,
    *,
    history: History | None = None,
    tls: ssl.SSLContext | None = None,
) -> Parts:
    """Runs until the Lifespan ends. Raises StoreError or BusUnavailable when it cannot begin.

    ``tls`` is what Apple's push service is trusted by, the system's certificates without one. ``history`` stands in for dialogue's transcripts, which are otherwise read from ``settings.dialogue_address``.
    """
    if history is None:
        dialogue = await life.enter(grpc_channel(settings.dialogue_address, settings.internal_token))
        history = ConversationsHistory(dialogue, count_unread=True)
    accounts = AccountBook(core.database, CHANNEL, AppAccountSettings, account_sealer(settings.keyring))
    await accounts.refresh()
    life.spawn("app accounts", accounts.run())
    figures = AppFigures(core.metrics)
    reach = _REACHES[settings.app_networks]
    session = await life.enter(open_client(total=FETCH_SECONDS, resolver=BoundedResolver(reach)), name="issuers")
    jwks = Jwks(session, reach, monotonic, figures.keys_read)
    life.on_stop("app keys", jwks.close)

    host = host_of(CHANNEL, settings, core)
    door = AppDoor(accounts, jwks, core.clock, figures, Visits(host.note, core.clock, core.new_id))
    kind = Kind(CHANNEL, door, _limits(settings), DIALECT, own_pages=False)
    screens = assembled(kind, settings, core, history, host)
    gateway = screens.gateway
    screens.live.has_read = UnreadTold(gateway.sessions, history, gateway.tasks).has_read
    devices = DeviceHandlers(gateway, core.database, core.clock)
    routes = app_routes(gateway, ConversationHandlers(gateway, door), devices, core.media)
    after = timedelta(seconds=settings.app_push_after_seconds)
    planner = Planner(core.database, core.clock, after)
    presence = Presence(gateway.sessions, core.bus, core.new_id)

    async def hinted(hints: Sequence[Envelope]) -> None:
        await presence.handle(hints)
        await screens.live.handle(hints)

    services = await _services(life, settings, core, reach, tls)
    pusher = Pusher(core.database, accounts, history, presence, services, figures, core.clock, after)
    channel = AppChannel(ScreenChannel(CHANNEL, screens.live, routes), planner)
    parts = await run(life, kind, settings, core, screens, channel, routes, hints=hinted)
    life.on_stop("app push calls", pusher.finished, within=DRAIN_SECONDS + 1.0)
    life.spawn("app pushes", pusher.run())
    life.spawn("app pushes tidied", pusher.tidy())
    return parts


async def _services(
    life: Lifespan, settings: AppSettings, core: Core, reach: Reach, tls: ssl.SSLContext | None
) -> PushServices:
    resolver = BoundedResolver(reach)
    session = await life.enter(open_client(total=CALL_SECONDS, resolver=resolver), name="push services")
    context = tls or ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    apns = Apns(core.clock, context, production=settings.app_apns_url, sandbox=settings.app_apns_sandbox_url)
    life.on_stop("app apns", apns.close)
    fcm = Fcm(session, reach, core.clock, base=settings.app_fcm_url)
    return PushServices(apns, fcm, Hook(session, reach, core.clock))


def _limits(settings: AppSettings) -> Limits:
    return Limits(
        sends_per_minute=settings.app_sends_per_minute,
        file_bytes=settings.app_file_mib * MIB,
        image_bytes=settings.app_image_mib * MIB,
    )
