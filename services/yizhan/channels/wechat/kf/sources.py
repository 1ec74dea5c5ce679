"""Which 微信客服 accounts are to be read, and when: at a callback's hint, and every now and then since one may be lost."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from pydantic import BaseModel, Field

from yizhan.channels.accounts import Account, AccountBook
from yizhan.channels.contract import RetryLater, SendError, TokenExpired
from yizhan.channels.store import cursors
from yizhan.channels.store.cursors import CursorRow, Source
from yizhan.channels.wechat.calls import Answered, Calls
from yizhan.channels.wechat.facts import CHANNEL
from yizhan.channels.wechat.kf.sync import Tokens
from yizhan.channels.wechat.settings import KfSettings, WechatAccountSettings
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreError
from yizhan.core.store.gather import Gather

log = structlog.get_logger(__name__)

LIST = "/cgi-bin/kf/account/list"
LISTED_AT_ONCE = 100
LOOK_SECONDS = 30.0
"""How often it is looked for accounts that other replicas were told of."""
LIST_EVERY = 20
"""Looks between two times of asking the platform for its accounts: ten minutes."""

WAIT_SECONDS = 20.0
"""How long is waited for something to read; then the caller may look whether the source is still there."""
PEEK_SECONDS = 5.0
"""How often it is looked whether another replica was told of something and nobody read it."""

MOST_CHARS = 64
"""Of the id of a 微信客服 account."""

WechatAccount = Account[WechatAccountSettings]


class _Desk(BaseModel):
    open_kfid: str = Field(min_length=1, max_length=MOST_CHARS)


class _Desks(Answered):
    account_list: tuple[_Desk, ...] = ()


def name_of(account: str, open_kfid: str) -> str:
    """A source's name."""
    return f"{account}/{open_kfid}"


class Sources:
    """``poll_seconds``: how often a source is read without a hint."""

    def __init__(
        self,
        accounts: AccountBook[WechatAccountSettings],
        database: Database,
        calls: Calls,
        tokens: Tokens,
        clock: Clock,
        *,
        poll_seconds: float = 60.0,
    ) -> None:
        self._accounts = accounts
        self._database = database
        self._calls = calls
        self._tokens = tokens
        self._clock = clock
        self._poll = timedelta(seconds=poll_seconds)
        self._named: dict[str, set[str]] = {}
        self._events: dict[Source, asyncio.Event] = {}
        self._hinting: Gather[tuple[Source, str], None] = Gather(self._note)

    def names(self) -> frozenset[str]:
        """Those named in an account's settings; where none is, all that the platform named."""
        return frozenset(
            name_of(account.id, open_kfid)
            for account, settings in self._desks()
            for open_kfid in settings.open_kfids or self._named.get(account.id, ())
        )

    def find(self, name: str) -> tuple[WechatAccount, Source] | None:
        """The account and source of a name; None: the account is gone."""
        account_id, _, open_kfid = name.partition("/")
        account = self._accounts.get(account_id)
        if account is None or not open_kfid or not isinstance(account.settings.root, KfSettings):
            return None
        return account, Source(CHANNEL, account_id, open_kfid)

    async def hinted(self, account: str, open_kfid: str, token: str) -> None:
        """A callback said that there may be something: noted durably, and whoever waits here is woken. Raises StoreError."""
        found = self.find(name_of(account, open_kfid))
        if found is None or len(open_kfid) > MOST_CHARS or not self._serves(found[0], open_kfid):
            log.info("kf_hint_not_served", account=account)
            return
        await self._hinting.add((found[1], token[:200]))
        self._named.setdefault(account, set()).add(open_kfid)
        self.wake(found[1])

    def wake(self, source: Source) -> None:
        self._event(source).set()

    async def due(self, source: Source) -> bool:
        """Waits until there may be something to read, but not long; whether there may be. Raises StoreError."""
        event = self._event(source)
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            if event.is_set() or self._is_due(await cursors.read(self._database, source)):
                event.clear()
                return True
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(min(PEEK_SECONDS, left)):
                    await event.wait()

    async def run(self) -> None:
        """Find out which there are, until cancelled."""
        turn = 0
        while True:
            await self.look(ask=turn % LIST_EVERY == 0)
            turn += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, *, ask: bool) -> None:
        """Which accounts there are, by what is kept and, with ``ask``, by the platform. Raises nothing for what can pass."""
        try:
            for source in await cursors.known(self._database, CHANNEL):
                self._named.setdefault(source.account, set()).add(source.name)
        except StoreError as error:
            log.warning("kf_sources_not_read", error=type(error).__name__)
        for account, settings in self._desks():
            if ask and not settings.open_kfids:
                try:
                    self._named.setdefault(account.id, set()).update(await self._listed(account.id))
                except SendError as error:
                    log.warning("kf_accounts_not_listed", account=account.id, error=type(error).__name__)

    async def _note(self, hints: Sequence[tuple[Source, str]]) -> Sequence[None]:
        """At a busy time there is a callback for every message: of those that come together the newest is written."""
        newest = dict(hints)
        now = self._clock()
        async with self._database.begin() as tx:
            for source in sorted(newest, key=lambda source: (source.account, source.name)):
                await cursors.note_hint(tx, source, newest[source], now)
        return [None] * len(hints)

    async def _listed(self, account: str) -> Sequence[str]:
        token = await self._tokens.get(account)
        try:
            return await self._pages(token)
        except TokenExpired:
            await self._tokens.renew(account, token)
            raise RetryLater from None

    async def _pages(self, token: str) -> Sequence[str]:
        found: list[str] = []
        while True:
            body = {"offset": len(found), "limit": LISTED_AT_ONCE}
            page = [desk.open_kfid for desk in (await self._calls.post(LIST, token, body, _Desks)).account_list]
            found += page
            if len(page) < LISTED_AT_ONCE:
                return found

    def _desks(self) -> Sequence[tuple[WechatAccount, KfSettings]]:
        every = ((account, account.settings.root) for account in self._accounts.all())
        return [(account, settings) for account, settings in every if isinstance(settings, KfSettings)]

    def _serves(self, account: WechatAccount, open_kfid: str) -> bool:
        settings = account.settings.root
        return isinstance(settings, KfSettings) and (not settings.open_kfids or open_kfid in settings.open_kfids)

    def _is_due(self, row: CursorRow | None) -> bool:
        if row is None or row.pulled_at is None:
            return True
        if row.hinted_at is not None and row.hinted_at > row.pulled_at:
            return True
        return self._clock() - row.pulled_at >= self._poll

    def _event(self, source: Source) -> asyncio.Event:
        return self._events.setdefault(source, asyncio.Event())
