"""微信客服 as the product runs it, on a database of its own, against the simulated platform: one or more replicas."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.services.schemas import sqlite_file
from tests.simulators.wechat import KfCustomer, SimKf, WechatPlatform, open_platform
from tests.unit.simulators.shop import KEY, SECRET, TOKEN, Pushed, Shop, open_shop
from yizhan.channels.account_settings import account_sealer
from yizhan.channels.accounts import AccountBook, Accounts
from yizhan.channels.contract import Abilities, Fact, InboundMessage, NotAccepted, Pulled, Sent
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.channels.pulling import Puller
from yizhan.channels.registry import ACCOUNT_SETTINGS
from yizhan.channels.token_shelf import TokenShelf
from yizhan.channels.tokens import Fetched, TokenManager
from yizhan.channels.turns import Turns
from yizhan.channels.wechat import events
from yizhan.channels.wechat.calls import Calls, Timeouts
from yizhan.channels.wechat.credentials import corp_token
from yizhan.channels.wechat.downloads import Downloads
from yizhan.channels.wechat.envelope import open_push
from yizhan.channels.wechat.errors import KF
from yizhan.channels.wechat.facts import CHANNEL
from yizhan.channels.wechat.kf.customers import Customers
from yizhan.channels.wechat.kf.desk import KfDesk
from yizhan.channels.wechat.kf.names import CustomerNames
from yizhan.channels.wechat.kf.pull import KfFigures, KfPull
from yizhan.channels.wechat.kf.send import KfSend
from yizhan.channels.wechat.kf.sources import Sources
from yizhan.channels.wechat.kf.sync import Sync
from yizhan.channels.wechat.media import Uploads
from yizhan.channels.wechat.media_rules import KF_MEDIA
from yizhan.channels.wechat.pushes import read_push
from yizhan.channels.wechat.settings import KfSettings, WechatAccountSettings
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content
from yizhan.core.messages.ids import Uuid7
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.keys import Keyring
from yizhan.core.store.database import Database
from yizhan.core.store.media import MediaStore

CORP = "ww0123456789abcdef"
ACCOUNT = "desk"
SOURCE = f"{ACCOUNT}/wk1"
START = 1_790_000_000.0
BOT = Author(AuthorKind.BOT)
AGENT = Author(AuthorKind.AGENT, "a1")


@dataclass
class Sink:
    """What became durable. ``away``: the bus takes nothing."""

    facts: list[Fact] = field(default_factory=list)
    away: bool = False
    turned_back: int = 0

    async def __call__(self, facts: Sequence[Fact]) -> None:
        if self.away:
            self.turned_back += 1
            raise NotAccepted(0.01)
        self.facts += facts

    @property
    def messages(self) -> list[Message]:
        return [fact.message for fact in self.facts if isinstance(fact, InboundMessage)]

    @property
    def contents(self) -> list[Content]:
        return [message.content for message in self.messages]


PATIENT = Timeouts(connect=60.0, total=60.0, media=60.0)
"""A machine that stands still for a while is no fault of the platform."""


@dataclass
class Replica:
    """One process. It can stand for a channel."""

    desk: KfDesk
    sources: Sources
    customers: Customers
    accounts: AccountBook[WechatAccountSettings]
    metrics: Metrics
    name: str = CHANNEL

    def abilities(self, account: str) -> Abilities:
        return self.desk.abilities(self.settings(account))

    def settings(self, account: str = ACCOUNT) -> KfSettings:
        found = self.accounts.get(account)
        assert found is not None
        assert isinstance(found.settings.root, KfSettings)
        return found.settings.root

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return ()

    async def send(self, message: Message, part: int) -> Sent:
        account = message.address.account
        return await self.desk.send(account, self.settings(account), message, part)

    async def take(self, sink: Sink, source: str = SOURCE) -> Pulled:
        """Pull and make durable, until there is no more."""
        while True:
            pulled = await self.desk.pull(source)
            await sink(pulled.facts)
            if pulled.commit is not None:
                await pulled.commit()
            if not pulled.more:
                return pulled

    def start(self, sink: Sink) -> "asyncio.Task[None]":
        return asyncio.create_task(Puller(CHANNEL, _Polled(self.desk), sink, idle=0.01).run())


class _Polled:
    def __init__(self, desk: KfDesk) -> None:
        self.sources = desk.sources
        self.pull = desk.pull


@dataclass
class World:
    platform: WechatPlatform
    kf: SimKf
    shop: Shop
    database: Database
    http: aiohttp.ClientSession
    media: MediaStore
    replicas: list[Replica] = field(default_factory=list)
    new_id: Callable[[], str] = field(default_factory=Uuid7)

    @property
    def customer(self) -> KfCustomer:
        return self.kf.customer("wmCustomer1")

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.platform.now(), UTC)

    def address(self, customer: str = "wmCustomer1", open_kfid: str = "wk1") -> Address:
        return Address("default", CHANNEL, ACCOUNT, customer, open_kfid)

    def message(self, content: Content, author: Author = BOT) -> Message:
        return Message(self.new_id(), self.address(), author, content, self.now())

    async def replica(self, *, poll_seconds: float = 60.0, timeouts: Timeouts | None = None) -> Replica:
        metrics = Metrics(CHANNEL)
        book = AccountBook(self.database, CHANNEL, WechatAccountSettings, account_sealer(Keyring(("k" * 32,))))
        await book.refresh()
        errors = ProviderErrors(metrics, CHANNEL)
        calls = Calls(self.http, self.platform.wecom_url, self.now, errors, meanings=KF, timeouts=timeouts or PATIENT)
        sealer = account_sealer(Keyring(("k" * 32,)))
        holder = f"replica {len(self.replicas)}"
        shelf = TokenShelf(self.database, CHANNEL, sealer, self.now, holder)

        async def fetch(account: str, *, force: bool) -> Fetched:
            del account, force
            return await corp_token(calls, CORP, SECRET)

        tokens = TokenManager(shelf, fetch, metrics)
        sources = Sources(book, self.database, calls, tokens, self.now, poll_seconds=poll_seconds)
        customers = Customers(self.database, self.now)
        turns = Turns(self.database, self.now, holder)
        pulling = KfPull(
            sources,
            turns,
            Sync(calls, tokens),
            customers,
            Downloads(calls, self.media, tokens),
            KfFigures(metrics, lambda _kind: None),
            clock=self.now,
            new_id=self.new_id,
            names=CustomerNames(calls, tokens).names,
        )
        uploads = Uploads(calls, self.media, self.now, KF_MEDIA)
        sending = KfSend(calls, tokens, uploads, customers, self.now)
        desk = KfDesk(sources, turns, pulling, sending, customers)
        made = Replica(desk, sources, customers, book, metrics)
        self.replicas.append(made)
        return made

    async def callback(self, pushed: Pushed) -> str:
        """What the webhook does with a callback; the first replica has it."""
        settings = self.replicas[0].settings()
        opened = open_push(settings, pushed.query, pushed.body.encode(), self.now())
        hint = read_push(settings, opened)
        assert isinstance(hint, events.KfHint)
        await self.replicas[0].desk.hinted(ACCOUNT, hint)
        return ""


@asynccontextmanager
async def open_world(home: Path, **settings: Any) -> AsyncIterator[World]:
    async with (
        open_platform(clock=lambda: START, push_deadline=30.0) as platform,
        open_shop() as shop,
        open_client() as http,
        Database(f"sqlite:///{sqlite_file(home)}") as database,
    ):
        kf = platform.kf(
            corp_id=CORP, secret=SECRET, token=TOKEN, aes_key=KEY, webhook=shop.url, open_kfids=("wk1", "wk2")
        )
        world = World(platform, kf, shop, database, http, MediaStore(home=home))
        accounts = Accounts(database, ACCOUNT_SETTINGS, world.now, account_sealer(Keyring(("k" * 32,))))
        given = {"kind": "kf", "corp_id": CORP, "secret": SECRET, "token": TOKEN, "aes_key": KEY, "open_kfids": ["wk1"]}
        await accounts.add("default", CHANNEL, ACCOUNT, settings=given | settings)
        shop.answer = world.callback
        yield world


async def end(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
