"""Reads a 微信客服 account's new items page by page: files fetched, the cursor moved only when everything is durable.

What was given and not committed (a crash, a turn lost) is given again, and known by its key downstream. A file that takes
long keeps its customer's messages back, and nobody else's: these are given first, and the cursor moves with the last.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from yizhan.channels.contract import Fact, Pulled, RetryLater, SendError
from yizhan.channels.turns import Turn, Turns
from yizhan.channels.wechat.facts import Place
from yizhan.channels.wechat.kf.customers import Customers
from yizhan.channels.wechat.kf.facts import address_of, facts_of, notes_of
from yizhan.channels.wechat.kf.files import Fetch, Files
from yizhan.channels.wechat.kf.items import CustomerSaid, Ignored, Item, SessionEntered, Unreadable
from yizhan.channels.wechat.kf.sources import Sources, WechatAccount
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

FILES_SECONDS = 2.0
"""How long the others on a page wait for a file."""

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


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item; ``file`` is under way, or None where it has none."""

    item: Item
    file: "asyncio.Task[Media | None] | None"

    @property
    def ready(self) -> bool:
        return self.file is None or self.file.done()


@dataclass(frozen=True, slots=True)
class _Reading:
    """A page whose items have not all been given yet."""

    turn: Turn
    page: Page
    place: Place
    names: Mapping[str, str]
    left: tuple[_Entry, ...]


class KfPull:
    """The receiving side. ``names`` None: customers stay without a name. ``close`` at the end."""

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
        self._files = Files(files, figures.lost)
        self._figures = figures
        self._clock = clock
        self._new_id = new_id
        self._names = names
        self._readings: dict[str, _Reading] = {}

    async def pull(self, source: str) -> Pulled:
        """One page, when there may be one, or what is left of it. Raises RetryLater and StoreError."""
        reading = self._readings.pop(source, None)
        if reading is not None:
            async with self._turns.kept(reading.turn):
                return await self._rest(reading)
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
                return await self._first(source, await self._read(account, turn))
        except BaseException as error:
            await self._turns.release(turn.source)
            if isinstance(error, SendError) and not isinstance(error, RetryLater):
                log.warning("kf_not_pulled", account=account.id, error=type(error).__name__)
                raise RetryLater(30.0) from error
            raise

    async def close(self) -> None:
        await self._files.close()

    async def _read(self, account: WechatAccount, turn: Turn) -> _Reading:
        """A page; what has to be kept of its customers is kept, and its files are under way."""
        row = turn.row
        hint = _hint(row.hint, row.hinted_at, turn.began_at)
        page = await self._sync.page(turn.source.account, turn.source.name, row.position, hint)
        if page.more and not page.items and page.cursor == row.position:
            await asyncio.sleep(SAME_PLACE_SECONDS)
        place = Place(account.workspace, account.id, self._clock(), self._new_id)
        for item in page.items:
            self._figures.item(item)
            if isinstance(item, Unreadable):
                log.warning("kf_item_unreadable", account=place.account, open_kfid=turn.source.name)
        names = await self._named(page, place.account)
        if notes := [note for item in page.items for note in notes_of(item, place)]:
            await self._customers.note(notes)
        entries = tuple(_Entry(item, self._files.start(place.account, item)) for item in page.items)
        return _Reading(turn, page, place, names, entries)

    async def _first(self, source: str, reading: _Reading) -> Pulled:
        """All of a page, or all but the messages of customers whose files take long."""
        await _wait(reading.left, FILES_SECONDS)
        waiting = {address_of(entry.item, reading.place) for entry in reading.left if not entry.ready}
        if not waiting:
            return await self._rest(reading)
        ready = [entry for entry in reading.left if address_of(entry.item, reading.place) not in waiting]
        left = tuple(entry for entry in reading.left if address_of(entry.item, reading.place) in waiting)
        self._readings[source] = _Reading(reading.turn, reading.page, reading.place, reading.names, left)
        return Pulled(_facts(reading, ready), more=True)

    async def _rest(self, reading: _Reading) -> Pulled:
        """What is left of a page; with it the cursor moves."""
        await _wait(reading.left, None)
        commit = partial(self._commit, reading.turn, reading.page)
        return Pulled(_facts(reading, reading.left), commit, reading.page.more)

    async def _commit(self, turn: Turn, page: Page) -> None:
        if not await self._turns.move(turn, page.cursor, more=page.more):
            log.warning("kf_turn_lost", account=turn.source.account, open_kfid=turn.source.name)
        elif page.more:
            self._sources.wake(turn.source)

    async def _named(self, page: Page, account: str) -> Mapping[str, str]:
        people = (item.head.customer for item in page.items if isinstance(item, CustomerSaid | SessionEntered))
        seen = tuple(dict.fromkeys(people))
        return await self._names(account, seen) if self._names is not None and seen else {}


def _facts(reading: _Reading, entries: Sequence[_Entry]) -> tuple[Fact, ...]:
    return tuple(
        fact
        for entry in entries
        for fact in facts_of(
            entry.item,
            reading.place,
            None if entry.file is None else entry.file.result(),
            _name(entry.item, reading.names),
        )
    )


async def _wait(entries: Sequence[_Entry], seconds: float | None) -> None:
    """Until the files are there, or so long; each has a limit of its own."""
    files = [entry.file for entry in entries if entry.file is not None]
    if files:
        await asyncio.wait(files, timeout=seconds)


def _name(item: Item, names: Mapping[str, str]) -> str:
    return names.get(item.head.customer, "") if isinstance(item, CustomerSaid | SessionEntered) else ""


def _hint(hint: str, hinted_at: datetime | None, now: datetime) -> str:
    """The token of the last callback, while it is good."""
    return hint if hinted_at is not None and now - hinted_at < HINT_GOOD_FOR else ""
