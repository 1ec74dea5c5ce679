"""Starts the e-commerce channel."""

from yizhan.channels import store
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook
from yizhan.channels.ecommerce.calls import PlatformCalls
from yizhan.channels.ecommerce.channel import EcommerceChannel
from yizhan.channels.ecommerce.consent_page import CSP
from yizhan.channels.ecommerce.consent_tickets import ConsentTickets
from yizhan.channels.ecommerce.consenting import Consenting
from yizhan.channels.ecommerce.erasures import ErasureRequests
from yizhan.channels.ecommerce.files import PlatformFiles
from yizhan.channels.ecommerce.grants import PURPOSE, Grants
from yizhan.channels.ecommerce.notes import BuyerNotes
from yizhan.channels.ecommerce.opened import Opened
from yizhan.channels.ecommerce.order_lookups import Lookups
from yizhan.channels.ecommerce.order_shown import ShownOrders
from yizhan.channels.ecommerce.orders_api import ShopOrdersApi
from yizhan.channels.ecommerce.ours import OwnSends
from yizhan.channels.ecommerce.platform import CHANNEL, PlatformKind, Tools
from yizhan.channels.ecommerce.platforms import PLATFORMS
from yizhan.channels.ecommerce.reaching import Names, Reaching
from yizhan.channels.ecommerce.settings import EcommerceAccountSettings
from yizhan.channels.ecommerce.shop_tokens import ShopTokens
from yizhan.channels.ecommerce.shops import Shops
from yizhan.channels.ecommerce.upkeep import Upkeep
from yizhan.channels.host import ChannelHost
from yizhan.channels.memory import memory_of
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.channels.webhooks import Webhooks
from yizhan.core.messages.content import Media
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.http import open_client, owned
from yizhan.core.runtime.http.outbound import Reach
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import EcommerceSettings
from yizhan.core.security.sealing import Sealer
from yizhan.core.store.membership import Membership, Shares
from yizhan.pb.v1.orders_pb2_grpc import add_OrdersServiceServicer_to_server

MIB = 1 << 20
FINISH_SECONDS = 5.0
"""For a renewal under way at the end: what came of it must be stored."""

_NETWORKS = {"public": Reach.PUBLIC, "private": Reach.PRIVATE, "loopback": Reach.LOOPBACK}


async def start(life: Lifespan, settings: EcommerceSettings, core: Core) -> Parts:
    """Runs until the Lifespan ends. Raises StoreError or BusUnavailable when it cannot begin."""
    accounts = AccountBook(core.database, CHANNEL, EcommerceAccountSettings, account_sealer(settings.keyring))
    await accounts.refresh()
    life.spawn("ecommerce accounts", accounts.run())
    networks = _NETWORKS[settings.ecommerce_networks]
    client = open_client(connections=200, per_host=50, resolver=Names(networks))
    session = await life.enter(client, name="platforms' APIs")
    opened = Opened(PLATFORMS)
    shops = Shops(accounts, opened)
    grants = Grants(core.database, Sealer(settings.keyring, PURPOSE), core.clock)
    tokens = ShopTokens(core, settings.keyring, shops, grants)
    life.on_stop("ecommerce tokens", lambda: tokens.manager.close(finish_within=FINISH_SECONDS), within=8.0)

    reaching = Reaching(shops.inside, networks)
    errors = ProviderErrors(core.metrics, CHANNEL)
    notes = BuyerNotes(core.database, core.clock)
    erasures = ErasureRequests(core.database, core.clock)
    ours = OwnSends(core.database, core.clock)

    def tools(kind: PlatformKind) -> Tools:
        limit = settings.ecommerce_file_mib * MIB
        return Tools(
            calls=PlatformCalls(kind.key, session, reaching, errors),
            tokens=tokens,
            files=PlatformFiles(kind.key, session, reaching, core.media, core.media_urls, limit=limit),
            notes=notes,
            ours=ours,
            clock=core.clock,
            new_id=core.new_id,
            public_url=settings.public_url,
            erasures=erasures,
        )

    opened.open_all(tools)
    upkeep = Upkeep(core.database, shops, tokens.manager, notes, core.metrics, core.clock)
    life.spawn("ecommerce upkeep", upkeep.run())
    consenting = Consenting(shops, grants, tokens.manager, ConsentTickets(core.signer), settings.public_url)
    channel = EcommerceChannel(shops, tokens.manager, ShownOrders(notes, core.clock))
    webhooks = await _hosted(life, settings, core, channel)
    pages = owned(CHANNEL, consenting.routes(), csp=CSP)
    orders = ShopOrdersApi(Lookups(shops, notes, tokens.manager.renew), core.metrics)
    return Parts(
        routes=(*owned(CHANNEL, webhooks.routes()), *pages),
        servicers=(lambda server: add_OrdersServiceServicer_to_server(orders, server),),
    )


async def _hosted(life: Lifespan, settings: EcommerceSettings, core: Core, channel: EcommerceChannel) -> Webhooks:
    def media_url(media: Media) -> str:
        return core.media_urls.url(media.media_id, media.name)

    host = ChannelHost(
        CHANNEL,
        core.bus,
        partitions=settings.partitions,
        producer=f"{CHANNEL}-{core.replica}",
        metrics=core.metrics,
        clock=core.clock,
        new_id=core.new_id,
        memory=memory_of(core.database, CHANNEL, settings.partitions, core.clock, addressed=True),
    )
    webhooks = Webhooks(channel, CHANNEL, host.accept, core.metrics)
    membership = Membership(core.database, store.members, core.replica, role=CHANNEL)
    await host.start(life, channel, Shares(membership, settings.partitions), media_url=media_url)
    life.on_stop("ecommerce pushes", webhooks.stop, within=9.0)
    return webhooks
