"""Starts the app channel."""

from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook
from yizhan.channels.app.conversation import ConversationHandlers
from yizhan.channels.app.door import AppDoor
from yizhan.channels.app.facts import CHANNEL
from yizhan.channels.app.figures import AppFigures
from yizhan.channels.app.jwks import FETCH_SECONDS, Jwks
from yizhan.channels.app.protocol import DIALECT
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
from yizhan.core.runtime.grpc import channel
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.http.outbound import BoundedResolver, Reach
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import AppSettings

_REACHES = {"public": Reach.PUBLIC, "private": Reach.PRIVATE, "loopback": Reach.LOOPBACK}


async def start(life: Lifespan, settings: AppSettings, core: Core, *, history: History | None = None) -> Parts:
    """Runs until the Lifespan ends. Raises StoreError or BusUnavailable when it cannot begin.

    ``history`` stands in for dialogue's transcripts, which are otherwise read from ``settings.dialogue_address``.
    """
    if history is None:
        dialogue = await life.enter(channel(settings.dialogue_address, settings.internal_token))
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
    routes = app_routes(gateway, ConversationHandlers(gateway, door), core.media)
    return await run(life, kind, settings, core, screens, ScreenChannel(CHANNEL, screens.live, routes), routes)


def _limits(settings: AppSettings) -> Limits:
    return Limits(
        sends_per_minute=settings.app_sends_per_minute,
        file_bytes=settings.app_file_mib * MIB,
        image_bytes=settings.app_image_mib * MIB,
    )
