"""Starts the website channel."""

from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook
from yizhan.channels.screens.channel import ScreenChannel
from yizhan.channels.screens.history import ConversationsHistory, History
from yizhan.channels.screens.limits import MIB, Limits
from yizhan.channels.screens.service import Kind, assembled, host_of, run
from yizhan.channels.website.door import WebsiteDoor
from yizhan.channels.website.routes import website_routes
from yizhan.channels.website.settings import WebsiteAccountSettings
from yizhan.channels.website.visitors import CHANNEL, Visitors
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.grpc import channel
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import WebsiteSettings


async def start(life: Lifespan, settings: WebsiteSettings, core: Core, *, history: History | None = None) -> Parts:
    """Runs until the Lifespan ends. Raises StoreError or BusUnavailable when it cannot begin.

    ``history`` stands in for dialogue's transcripts, which are otherwise read from ``settings.dialogue_address``.
    """
    if history is None:
        history = ConversationsHistory(await life.enter(channel(settings.dialogue_address, settings.internal_token)))
    accounts = AccountBook(core.database, CHANNEL, WebsiteAccountSettings, account_sealer(settings.keyring))
    await accounts.refresh()
    life.spawn("website accounts", accounts.run())
    door = WebsiteDoor(accounts, Visitors(core.signer, core.clock, days=settings.website_token_days))
    kind = Kind(CHANNEL, door, _limits(settings))
    screens = assembled(kind, settings, core, history, host_of(CHANNEL, settings, core))
    routes = website_routes(screens.gateway, door, core.media)
    return await run(life, kind, settings, core, screens, ScreenChannel(CHANNEL, screens.live, routes), routes)


def _limits(settings: WebsiteSettings) -> Limits:
    return Limits(
        sends_per_minute=settings.website_sends_per_minute,
        sessions_per_minute=settings.website_sessions_per_minute,
        file_bytes=settings.website_file_mib * MIB,
        image_bytes=settings.website_image_mib * MIB,
    )
