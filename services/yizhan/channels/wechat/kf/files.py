"""The files of a page: fetched side by side, each message waiting for its own and for nobody else's."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from yizhan.channels.contract import RetryLater, SendError
from yizhan.channels.wechat.downloads import Wanted
from yizhan.channels.wechat.kf.items import CustomerSaid, Item, ServicerSaid
from yizhan.core.messages.content import Media

log = structlog.get_logger(__name__)

AT_ONCE = 4
FETCH_PAUSES = (0.5, 2.0, 5.0)
"""Between tries to fetch a file, seconds. After them the message goes without it: it must not be lost for its picture."""
FILE_SECONDS = 60.0
"""For one file with all its tries."""


class Fetch(Protocol):
    """What is needed of ``Downloads``."""

    async def fetch(self, account: str, wanted: Wanted) -> Media | None:
        """The stored file; None: it is gone, or is none that is kept. Raises RetryLater."""


class Files:
    """``lost`` counts the kinds of files that could not be fetched. ``close`` at the end."""

    def __init__(self, fetch: Fetch, lost: Callable[[str], None]) -> None:
        self._fetch = fetch
        self._lost = lost
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[Media | None]] = set()

    def start(self, account: str, item: Item) -> "asyncio.Task[Media | None] | None":
        """Begin to fetch the file that an item wants; None: it wants none. The task gives None where it is not to be had."""
        if not isinstance(item, CustomerSaid | ServicerSaid) or not item.said.media_id:
            return None
        task = asyncio.create_task(self._file(account, item.said.media_id, item.said.file), name="kf file")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Stop fetching: the messages have not been given, and come again."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _file(self, account: str, media_id: str, kind: str) -> Media | None:
        async with self._turns:
            try:
                async with asyncio.timeout(FILE_SECONDS):
                    stored = await self._tried(account, Wanted(media_id))
            except TimeoutError:
                stored = None
            except Exception:
                # A mistake with one file must not stop everybody's messages.
                log.exception("kf_file_broken", account=account, kind=kind)
                stored = None
        if stored is None:
            self._lost(kind)
            log.warning("kf_file_not_fetched", account=account, kind=kind)
        return stored

    async def _tried(self, account: str, wanted: Wanted) -> Media | None:
        for pause in (*FETCH_PAUSES, None):
            try:
                return await self._fetch.fetch(account, wanted)
            except RetryLater as error:
                if pause is None:
                    return None
                await asyncio.sleep(min(error.after, pause))
            except SendError as error:
                log.warning("kf_file_refused", account=account, error=type(error).__name__)
                return None
        return None
