"""What WeChat's servers call: the address is verified, pushes become facts, files are fetched before they are published."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from yizhan.channels.accounts import Account, AccountBook
from yizhan.channels.contract import (
    Answer,
    Call,
    CallRefused,
    Fact,
    InboundMessage,
    Push,
    ReplySlot,
    RetryLater,
    SendError,
)
from yizhan.channels.wechat import events, pushes
from yizhan.channels.wechat.downloads import Downloads, Wanted
from yizhan.channels.wechat.envelope import Opened, Settings, open_push, verify_url
from yizhan.channels.wechat.facts import MediaWanted, Place, Understood, facts_of, media_wanted
from yizhan.channels.wechat.figures import WechatFigures
from yizhan.channels.wechat.replies import SUCCESS
from yizhan.channels.wechat.settings import OfficialSettings, WechatAccountSettings
from yizhan.core.messages.content import Media
from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.errors import StoreError

log = structlog.get_logger(__name__)

FETCH_PAUSES = (0.5, 2.0, 5.0, 10.0)
"""Between tries to fetch a file, seconds. After them the message goes without it: it must not be lost for its picture."""

EMPTY = Answer()

WechatAccount = Account[WechatAccountSettings]


Hinted = Callable[[str, events.KfHint], Awaitable[None]]
"""Notes durably that an account has something to be fetched. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A push, read."""

    account: WechatAccount
    opened: Opened
    push: pushes.WechatPush


def settings_of(account: WechatAccount) -> Settings:
    return account.settings.root


class Inbound:
    """The receiving side of every account. ``reply_seconds``: how long a reply may take to go in the answer to its push."""

    def __init__(
        self,
        accounts: AccountBook[WechatAccountSettings],
        downloads: Downloads,
        hinted: Hinted,
        figures: WechatFigures,
        *,
        clock: Clock,
        new_id: NewId,
        reply_seconds: float,
    ) -> None:
        self._accounts = accounts
        self._downloads = downloads
        self._hinted = hinted
        self._figures = figures
        self._clock = clock
        self._new_id = new_id
        self._reply_seconds = reply_seconds

    async def receive(self, call: Call) -> Push:
        """Raises CallRefused, or RetryLater's like in this direction: NotAccepted comes from the host."""
        if call.method == "GET":
            account = self._account(call)
            echo = verify_url(settings_of(account), call.query, self._clock())
            log.info("webhook_address_verified", channel="wechat", account=account.id)
            return Push(answer=Answer(echo))
        arrived = self.read(call)
        settings = settings_of(arrived.account)
        place = Place(arrived.account.workspace, arrived.account.id, self._clock(), self._new_id)
        understood = facts_of(settings, arrived.push, place)
        self._figures.pushed(settings.kind, arrived.push)
        if understood.hint is not None:
            return await self._follow(arrived.account, understood.hint)
        for job in understood.finished:
            self._figures.notice(job.status)
        wanted = media_wanted(settings, arrived.push)
        push = Push(
            facts=understood.facts,
            answer=SUCCESS,
            key=understood.key,
            lane=understood.address.key() if understood.address else "",
            slot=self._slot(settings, understood),
        )
        if wanted is None:
            return push

        async def finish() -> tuple[Fact, ...]:
            stored = await self._file(arrived.account.id, wanted)
            return facts_of(settings, arrived.push, place, stored).facts

        return replace(push, facts=(), finish=finish)

    def read(self, call: Call) -> Arrived:
        """A push as it stands in a call. Raises CallRefused."""
        account = self._account(call)
        settings = settings_of(account)
        opened = open_push(settings, call.query, call.body, self._clock())
        return Arrived(account, opened, pushes.read_push(settings, opened))

    def _account(self, call: Call) -> WechatAccount:
        account = self._accounts.get(call.account)
        if account is None:
            raise CallRefused(404, "unknown_account")
        return account

    def _slot(self, settings: Settings, understood: Understood) -> ReplySlot | None:
        """A reply can go in the answer to what is replied to; an account with no other way takes every occasion."""
        if not isinstance(settings, OfficialSettings) or not understood.answerable or understood.address is None:
            return None
        only = not settings.customer_service
        if not only and not any(isinstance(fact, InboundMessage) for fact in understood.facts):
            return None
        return ReplySlot(understood.key, understood.address, self._reply_seconds, only)

    async def _follow(self, account: WechatAccount, hint: events.KfHint) -> Push:
        try:
            await self._hinted(account.id, hint)
        except StoreError as error:
            log.warning("hint_not_noted", account=account.id, error=type(error).__name__)
            raise CallRefused(503, "store_away") from error
        return Push(answer=EMPTY)

    async def _file(self, account: str, wanted: MediaWanted) -> Media | None:
        for pause in (*FETCH_PAUSES, None):
            try:
                return await self._downloads.fetch(account, _file_of(wanted))
            except RetryLater as error:
                if pause is None:
                    break
                await asyncio.sleep(min(error.after, pause))
            except SendError as error:
                log.warning("file_refused", account=account, kind=wanted.kind.name, error=type(error).__name__)
                break
        self._figures.not_fetched(wanted.kind.name.lower())
        log.warning("file_not_fetched", account=account, kind=wanted.kind.name)
        return None


def _file_of(wanted: MediaWanted) -> Wanted:
    return Wanted(wanted.media_id, wanted.picture_url)
