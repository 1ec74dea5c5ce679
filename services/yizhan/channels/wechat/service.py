"""Starts the WeChat channel."""

import hashlib

from yizhan.channels import store
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook
from yizhan.channels.carrying import Carrying
from yizhan.channels.contract import RetryLater
from yizhan.channels.elsewhere import Elsewhere
from yizhan.channels.host import ChannelHost
from yizhan.channels.memory import memory_of
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.channels.slots import Slots
from yizhan.channels.token_shelf import TokenShelf
from yizhan.channels.tokens import Fetched, TokenManager
from yizhan.channels.webhooks import Webhooks
from yizhan.channels.wechat.answering import Replying
from yizhan.channels.wechat.calls import Calls
from yizhan.channels.wechat.channel import WechatChannel
from yizhan.channels.wechat.credentials import app_token, corp_token
from yizhan.channels.wechat.downloads import Downloads
from yizhan.channels.wechat.errors import KF
from yizhan.channels.wechat.facts import CHANNEL
from yizhan.channels.wechat.figures import WechatFigures
from yizhan.channels.wechat.hints import Hints
from yizhan.channels.wechat.inbound import Inbound
from yizhan.channels.wechat.kf.opening import desk_of
from yizhan.channels.wechat.media import Uploads
from yizhan.channels.wechat.media_rules import KF_MEDIA, OFFICIAL_MEDIA
from yizhan.channels.wechat.sending import PublicSending
from yizhan.channels.wechat.settings import KfSettings, WechatAccountSettings
from yizhan.core.messages.content import Media
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.http import open_client, owned
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import WechatSettings
from yizhan.core.security.sealing import Sealer
from yizhan.core.store.membership import Membership, Shares

MIB = 1 << 20
TOKEN_PURPOSE = "channel-tokens"  # noqa: S105 - a purpose, not a token


async def start(life: Lifespan, settings: WechatSettings, core: Core) -> Parts:
    """Runs until the Lifespan ends. Raises StoreError or BusUnavailable when it cannot begin."""
    accounts = AccountBook(core.database, CHANNEL, WechatAccountSettings, account_sealer(settings.keyring))
    await accounts.refresh()
    life.spawn("wechat accounts", accounts.run())
    session = await life.enter(open_client(connections=200, per_host=100), name="WeChat's API")
    errors = ProviderErrors(core.metrics, CHANNEL)
    public_calls = Calls(session, settings.wechat_api_url, core.clock, errors)
    kf_calls = Calls(session, settings.wecom_api_url, core.clock, errors, meanings=KF)
    tokens = _tokens(settings, core, accounts, public_calls, kf_calls)
    life.on_stop("wechat tokens", tokens.close)

    limit = settings.wechat_file_mib * MIB
    uploads = Uploads(public_calls, core.media, core.clock, OFFICIAL_MEDIA)
    downloads = Downloads(public_calls, core.media, tokens, limit=limit)
    kf_uploads = Uploads(kf_calls, core.media, core.clock, KF_MEDIA)
    kf_downloads = Downloads(kf_calls, core.media, tokens, limit=limit)
    for name, transfers in (("uploads", uploads), ("kf uploads", kf_uploads)):
        life.on_stop(f"wechat {name}", transfers.close)
    for name, fetches in (("downloads", downloads), ("kf downloads", kf_downloads)):
        life.on_stop(f"wechat {name}", fetches.close)

    figures = WechatFigures(core.metrics)
    desk = desk_of(core, accounts, kf_calls, tokens, kf_uploads, kf_downloads, figures)
    life.on_stop("wechat desk", desk.close)
    life.spawn("wechat desk", desk.run())
    inbound = Inbound(
        accounts,
        downloads,
        desk.hinted,
        figures,
        clock=core.clock,
        new_id=core.new_id,
        reply_seconds=settings.wechat_reply_seconds,
    )
    replying = Replying(inbound, uploads, tokens, clock=core.clock)
    public = PublicSending(public_calls, tokens, uploads, core.clock)
    channel = WechatChannel(accounts, inbound, replying, public, desk, tokens)
    return await _hosted(life, settings, core, channel)


async def _hosted(life: Lifespan, settings: WechatSettings, core: Core, channel: WechatChannel) -> Parts:
    def media_url(media: Media) -> str:
        return core.media_urls.url(media.media_id, media.name)

    memory = memory_of(core.database, CHANNEL, settings.partitions, core.clock)
    host = ChannelHost(
        CHANNEL,
        core.bus,
        partitions=settings.partitions,
        producer=f"{CHANNEL}-{core.replica}",
        metrics=core.metrics,
        clock=core.clock,
        new_id=core.new_id,
        memory=memory,
    )
    carrying = Carrying(channel, memory, host.carried, media_url)
    elsewhere = Elsewhere(core.replica, memory.ledger, host.announce_slot, core.clock)
    slots = Slots(channel, memory.ledger, carrying, elsewhere=elsewhere)
    webhooks = Webhooks(channel, CHANNEL, host.accept, core.metrics, slots=slots)
    membership = Membership(core.database, store.members, core.replica, role=CHANNEL)
    shares = Shares(membership, settings.partitions)
    await host.start(life, channel, shares, media_url=media_url, replies=slots)
    life.on_stop("wechat pushes", webhooks.stop, within=9.0)

    async def collect(slot_key: str, gone: bool) -> None:
        await slots.collect(slot_key, gone=gone)

    hints = Hints(slots.held, slots.ready, host.seen, channel.typing, collect)
    listening = await core.bus.listen([CHANNEL], hints.handle)
    life.on_stop("wechat hints", listening.stop)
    life.on_stop("wechat typing", hints.stop)
    return Parts(routes=tuple(owned(CHANNEL, webhooks.routes())))


def _tokens(
    settings: WechatSettings,
    core: Core,
    accounts: AccountBook[WechatAccountSettings],
    public_calls: Calls,
    kf_calls: Calls,
) -> TokenManager:
    """One manager for all accounts: each kind asks its own platform."""

    async def fetch(account: str, *, force: bool) -> Fetched:
        found = accounts.get(account)
        if found is None:
            raise RetryLater(5.0)
        own = found.settings.root
        secret = own.secret.get_secret_value()
        if isinstance(own, KfSettings):
            return await corp_token(kf_calls, own.corp_id, secret)
        return await app_token(public_calls, own.app_id, secret, force=force)

    def identity(account: str) -> str:
        found = accounts.get(account)
        if found is None:
            return ""
        own = found.settings.root
        name = own.corp_id if isinstance(own, KfSettings) else own.app_id
        return hashlib.sha256(f"{name}\x00{own.secret.get_secret_value()}".encode()).hexdigest()

    sealer = Sealer(settings.keyring, TOKEN_PURPOSE)
    shelf = TokenShelf(core.database, CHANNEL, sealer, core.clock, core.replica)
    return TokenManager(shelf, fetch, core.metrics, identity=identity)
