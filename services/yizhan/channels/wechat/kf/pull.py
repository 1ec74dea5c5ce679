"""Reads a 微信客服 account's new items page by page: files fetched, the cursor moved only when everything is durable.

What was given and not committed (a crash, a turn lost) is given again, and known by its key downstream.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from yizhan.channels.contract import Pulled, RetryLater, SendError
from yizhan.channels.wechat.downloads import Wanted
from yizhan.channels.wechat.facts import Place
from yizhan.channels.wechat.kf.customers import Customers
from yizhan.channels.wechat.kf.facts import facts_of, notes_of
from yizhan.channels.wechat.kf.items import (
    CustomerSaid,
    Ignored,
    Item,
    ServicerSaid,
    SessionEntered,
    Unreadable,
)
from yizhan.channels.wechat.kf.lease import Turn, Turns
from yizhan.channels.wechat.kf.sources import Sources
from yizhan.channels.wechat.kf.sync import Page, Sync
from yizhan.core.messages.content import Media
from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics

log = structlog.get_logger(__name__)

HINT_GOOD_FOR = timedelta(minutes=9, seconds=30)
"""The platform takes a callback's token for ten minutes."""

SAME_PLACE_SECONDS = 0.5
"""Before the platform is asked again that gave nothing and says that there is more."""

FILES_AT_ONCE = 4
FETCH_PAUSES = (0.5, 2.0, 5.0)
"""Between tries to fetch a file, seconds. After them the message goes without it: it must not be lost for its picture."""
FILE_SECONDS = 60.0
"""For one file with all its tries."""


class Fetch(Protocol):
    """What is needed of ``Downloads``."""

    async def fetch(self, account: str, wanted: Wanted) -> Media | None:
        """The stored file; None: it is gone, or is none that is kept. Raises RetryLater."""


Names = Callable[[str, Sequence[str]], Awaitable[Mapping[str, str]]]
"""Of an account's customers, those that can be had. Raises nothing for what can pass."""


class KfFigures:
    """Labels come from closed sets. ``lost`` counts the kinds of files that could not be fetched."""

    def __init__(self, metrics: Metrics, lost: Callable[[str], None]) -> None:
        self._items = metrics.counter(
            "yizhan_wechat_kf_items_total", "Items read from WeChat Customer Service, by what they are.", ("type",)
        )
        self.lost = lost

    def item(self, item: Item) -> None:
        self._items.labels(item.kind if isinstance(item, Ignored) else type(item).__name__).inc()


class KfPull:
    """The receiving side. ``names`` None: customers stay without a name."""

    def __init__(  # noqa: PLR0913 - what the process has, given by name
        self,
        sources: Sources,
        turns: Turns,
        sync: Sync,
        customers: Customers,
        files: Fetch,
        figures: KfFigures,
        *,
        clock: Clock,
        new_id: NewId,
        names: Names | None = None,
    ) -> None:
        self._sources = sources
        self._turns = turns
        self._sync = sync
        self._customers = customers
        self._files = files
        self._figures = figures
        self._clock = clock
        self._new_id = new_id
        self._names = names
        self._downloading = asyncio.Semaphore(FILES_AT_ONCE)

    async def pull(self, source: str) -> Pulled:
        """One page, when there may be one. Raises RetryLater and StoreError."""
        found = self._sources.find(source)
        if found is None:
            return Pulled()
        account, at = found
        if not await self._sources.due(at):
            return Pulled()
        turn = await self._turns.take(at)
        if turn is None:
            self._sources.wake(at)
            return Pulled()
        try:
            async with self._turns.kept(turn):
                page = await self._page(turn)
                place = Place(account.workspace, account.id, self._clock(), self._new_id)
                return await self._pulled(turn, page, place)
        except BaseException as error:
            await self._turns.release(turn.source)
            if isinstance(error, SendError) and not isinstance(error, RetryLater):
                log.warning("kf_not_pulled", account=account.id, error=type(error).__name__)
                raise RetryLater(30.0) from error
            raise

    async def _page(self, turn: Turn) -> Page:
        position = turn.row.position
        page = await self._sync.page(
            turn.source.account, turn.source.name, position, _hint(turn.row.hint, turn.row.hinted_at, turn.began_at)
        )
        if page.more and not page.items and page.cursor == position:
            await asyncio.sleep(SAME_PLACE_SECONDS)
        return page

    async def _pulled(self, turn: Turn, page: Page, place: Place) -> Pulled:
        for item in page.items:
            self._figures.item(item)
            if isinstance(item, Unreadable):
                log.warning("kf_item_unreadable", account=place.account, open_kfid=turn.source.name)
        names = await self._named(page, place.account)
        stored = await asyncio.gather(*(self._file(place.account, item) for item in page.items))
        notes = [note for item in page.items for note in notes_of(item, place)]
        if notes:
            await self._customers.note(notes)
        facts = tuple(
            fact
            for item, file in zip(page.items, stored, strict=True)
            for fact in facts_of(item, place, file, _name(item, names))
        )
        return Pulled(facts, partial(self._commit, turn, page), page.more)

    async def _commit(self, turn: Turn, page: Page) -> None:
        if not await self._turns.move(turn, page.cursor, more=page.more):
            log.warning("kf_turn_lost", account=turn.source.account, open_kfid=turn.source.name)
        elif page.more:
            self._sources.wake(turn.source)

    async def _named(self, page: Page, account: str) -> Mapping[str, str]:
        seen = dict.fromkeys(
            item.head.customer for item in page.items if isinstance(item, CustomerSaid | SessionEntered)
        )
        return await self._names(account, tuple(seen)) if self._names is not None and seen else {}

    async def _file(self, account: str, item: Item) -> Media | None:
        """The file that an item wants; None where there is none to be had."""
        if not isinstance(item, CustomerSaid | ServicerSaid) or not item.said.media_id:
            return None
        async with self._downloading:
            try:
                async with asyncio.timeout(FILE_SECONDS):
                    stored = await self._tried(account, Wanted(item.said.media_id))
            except TimeoutError:
                stored = None
        if stored is None:
            self._figures.lost(item.said.file)
            log.warning("kf_file_not_fetched", account=account, kind=item.said.file)
        return stored

    async def _tried(self, account: str, wanted: Wanted) -> Media | None:
        for pause in (*FETCH_PAUSES, None):
            try:
                return await self._files.fetch(account, wanted)
            except RetryLater as error:
                if pause is None:
                    return None
                await asyncio.sleep(min(error.after, pause))
            except SendError as error:
                log.warning("kf_file_refused", account=account, error=type(error).__name__)
                return None
        return None


def _name(item: Item, names: Mapping[str, str]) -> str:
    return names.get(item.head.customer, "") if isinstance(item, CustomerSaid | SessionEntered) else ""


def _hint(hint: str, hinted_at: datetime | None, now: datetime) -> str:
    """The token of the last callback, while it is good."""
    return hint if hinted_at is not None and now - hinted_at < HINT_GOOD_FOR else ""
