"""A shop whose seller consents: a platform made of the simulators' token desk, and replicas that share a database."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from yarl import URL

from tests.simulators.ecommerce import GrantRefused, TokenDesk
from tests.unit.channels.ecommerce.shop_time import Time
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook, Accounts
from yizhan.channels.ecommerce.bridge.platform import Bridge
from yizhan.channels.ecommerce.bridge.settings import BridgeSettings
from yizhan.channels.ecommerce.consent_tickets import ConsentTickets
from yizhan.channels.ecommerce.consenting import Consenting
from yizhan.channels.ecommerce.grants import PURPOSE, Grants
from yizhan.channels.ecommerce.opened import Opened
from yizhan.channels.ecommerce.platform import CHANNEL, Grant, PlatformKind
from yizhan.channels.ecommerce.settings import EcommerceAccountSettings
from yizhan.channels.ecommerce.shop_tokens import ShopTokens
from yizhan.channels.ecommerce.shops import Shop, Shops
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.channels.tokens import TokenRefused
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.keys import Keyring
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.sealing import Sealer
from yizhan.core.security.tokens import signers
from yizhan.core.store.database import Database

ACCOUNT = "shop"
PUBLIC_URL = "https://service.example.com"
KEYRING = Keyring.parse("k" * 32)
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
NOTHING = cast(Any, None)


@dataclass
class Desk:
    """The platform's side. ``doors`` closed: it has renewed, and its answer does not come. ``asked``: what it was given."""

    tokens: TokenDesk
    doors: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    facts: Mapping[str, str] = field(default_factory=lambda: {"cipher": "c-1"})

    def __post_init__(self) -> None:
        self.doors.set()


class SellerPlatform(Bridge):
    """As ``Consented``, under the bridge's key: what is tried here is the channel's part."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(NOTHING)
        self._desk = desk

    def consent_url(self, shop: Any, redirect_url: str, state: str) -> URL:
        return URL("https://platform.example.com/authorize").with_query(redirect_uri=redirect_url, state=state)

    async def consented(self, shop: Any, query: Mapping[str, str], redirect_url: str) -> Grant:
        self._desk.asked.append({**query, "redirect_url": redirect_url})
        return self._given(lambda: self._desk.tokens.exchange(query.get("code", "")))

    async def renewed(self, shop: Any, grant: Grant) -> Grant:
        renewed = self._given(lambda: self._desk.tokens.renew(grant.refresh))
        await self._desk.doors.wait()
        return renewed

    def _given(self, give: Any) -> Grant:
        try:
            given = give()
        except GrantRefused as error:
            raise TokenRefused(error.code) from None
        return Grant(given.access, given.expires_in, given.refresh, given.refresh_expires_in, self._desk.facts)


@dataclass
class Replica:
    """One process of the channel."""

    core: Core
    shops: Shops
    grants: Grants
    tokens: ShopTokens
    consenting: Consenting
    tickets: ConsentTickets

    @property
    def shop(self) -> Shop:
        return self.shops.wanted(ACCOUNT)

    async def consents(self, desk: Desk) -> str:
        """The seller says yes; the access token."""
        grant = await cast(SellerPlatform, self.shop.platform).consented(
            self.shop.account, {"code": desk.tokens.consent()}, ""
        )
        await self.tokens.manager.adopt(ACCOUNT, self.grants.consented(self.shop, grant))
        return grant.access


def new_desk(time: Time, **options: Any) -> Desk:
    return Desk(TokenDesk(lambda: time().timestamp(), **options))


async def add_shop(database: Database, time: Time) -> None:
    accounts = Accounts(database, ACCOUNT_SETTINGS, time, account_sealer(KEYRING))
    await accounts.add("default", CHANNEL, ACCOUNT, settings={"platform": "bridge", "secret": SECRET})


async def replica(database: Database, time: Time, desk: Desk, name: str = "a", public_url: str = PUBLIC_URL) -> Replica:
    book = AccountBook(database, CHANNEL, EcommerceAccountSettings, account_sealer(KEYRING))
    await book.refresh()
    metrics = Metrics(CHANNEL)
    core = Core(
        database=database,
        bus=NOTHING,
        media=NOTHING,
        clock=time,
        new_id=new_id,
        signer=signers(KEYRING, time),
        media_urls=MediaUrls(KEYRING, time),
        replica=name,
        health=Health(CHANNEL),
        metrics=metrics,
    )
    opened = Opened((PlatformKind("bridge", ("店", "Shop"), BridgeSettings, lambda _tools: SellerPlatform(desk)),))
    opened.open_all(lambda _kind: NOTHING)
    shops = Shops(book, opened)
    grants = Grants(database, Sealer(KEYRING, PURPOSE), time)
    tokens = ShopTokens(core, KEYRING, shops, grants)
    tickets = ConsentTickets(core.signer)
    consenting = Consenting(shops, grants, tokens.manager, tickets, public_url)
    return Replica(core, shops, grants, tokens, consenting, tickets)
