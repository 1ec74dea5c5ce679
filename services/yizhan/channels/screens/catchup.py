"""Brings clients up to date from the transcript: at the start, after a hole, and when hints may have been lost."""

import asyncio
import random
from collections.abc import Callable

import structlog
from prometheus_client import Counter

from yizhan.channels.screens.history import History, HistoryUnavailable, Page
from yizhan.channels.screens.sessions import Client, Sessions
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.screens.view import MediaUrl, Outgoing, message_frame

log = structlog.get_logger(__name__)

PAGE_MESSAGES = 100
GAP_SECONDS = 0.05
"""How long a missing message may be late before it is fetched: two hints may overtake each other."""

FIRST_BACKOFF = 0.2
LAST_BACKOFF = 5.0
SWEEP_SECONDS = 30.0
EMPTY_TRIES = 5
"""How often the transcript may lack what a hint promised, before the hint is forgotten."""


class CatchUp:
    """Fetches what clients lack. One fetch per client at a time, a bounded number of them side by side."""

    def __init__(
        self,
        sessions: Sessions,
        history: History,
        media_url: MediaUrl,
        tasks: Tasks,
        fetched: Counter,
        *,
        standing: Callable[[Page], Outgoing | None] = lambda _: None,
        side_by_side: int = 32,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._sessions = sessions
        self._history = history
        self._media_url = media_url
        self._tasks = tasks
        self._fetched = fetched
        self._standing = standing
        self._free = asyncio.Semaphore(side_by_side)
        self._jitter = jitter
        self._running: set[Client] = set()
        self._expected: set[Client] = set()
        self._sweeps = 0
        self._readable = asyncio.Event()
        self._readable.set()

    async def first(self, client: Client, within: float) -> Page | None:
        """The first page for a client that just came; None when the transcript cannot be read now."""
        if not self._readable.is_set():
            return None
        try:
            async with asyncio.timeout(within), self._free:
                return await self._history.after(client.address, client.cursor, PAGE_MESSAGES)
        except (HistoryUnavailable, TimeoutError):
            return None

    def begin(self, client: Client, page: Page | None) -> None:
        """Go on from the first page (None: there is none yet)."""
        if page is not None:
            client.correct(page.head)
        if page is None or page.messages:
            self.start(client, page)

    def start(self, client: Client, page: Page | None = None) -> None:
        """Fetch what the client lacks, unless that is under way. ``page`` was fetched already."""
        if client not in self._running and not client.gone:
            self._running.add(client)
            self._tasks.start(self._run(client, page), "catch up")

    def soon(self, client: Client) -> None:
        """A message is missing: fetch it if it does not come by itself at once."""
        if client in self._expected or client in self._running:
            return
        self._expected.add(client)

        def look() -> None:
            self._expected.discard(client)
            if client.waits_for:
                self.start(client)

        asyncio.get_running_loop().call_later(GAP_SECONDS, look)

    async def sweep(self) -> None:
        """Start fetching for every client that is behind. Raises HistoryUnavailable."""
        addresses = self._sessions.addresses()
        if not addresses:
            return
        heads = await self._history.heads(addresses)
        for address, head in heads.items():
            for client in self._sessions.of(address):
                if client.opened and client.cursor < head:
                    self.start(client)

    async def sweep_surely(self) -> None:
        """Sweep, trying again until it works: hints were lost. Called again meanwhile, it sweeps once more."""
        self._sweeps += 1
        if self._sweeps > 1:
            return
        try:
            while self._sweeps:
                begun = self._sweeps
                try:
                    await self.sweep()
                    self._sweeps -= begun
                except HistoryUnavailable:
                    await self._until_readable()
        finally:
            self._sweeps = 0

    async def run(self, every: float = SWEEP_SECONDS) -> None:
        """Sweep now and then, until cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.sweep()
            except HistoryUnavailable as error:
                log.warning("sweep_skipped", reason=str(error))

    async def _run(self, client: Client, page: Page | None) -> None:
        empty = 0
        try:
            while not client.gone:
                page = page or await self._fetch(client)
                await self._hand_over(client, page)
                if not page.more and not client.waits_for:
                    return
                empty = 0 if page.messages else empty + 1
                if empty > EMPTY_TRIES:
                    client.forget_ahead()
                elif empty:
                    await asyncio.sleep(GAP_SECONDS * 2**empty)
                page = None
        finally:
            self._running.discard(client)

    async def _fetch(self, client: Client) -> Page:
        """The next page, however long it takes for the transcript to be readable."""
        while True:
            try:
                async with self._free:
                    return await self._history.after(client.address, client.cursor, PAGE_MESSAGES)
            except HistoryUnavailable:
                await self._until_readable()

    async def _hand_over(self, client: Client, page: Page) -> None:
        """No faster than the client reads: what it has not read yet lies here, and its size is bounded."""
        client.correct(page.head)
        for message in page.messages:
            client.deliver(message_frame(message, self._media_url))
            await client.drained()
        self._fetched.inc(len(page.messages))
        if not client.informed and (standing := self._standing(page)) is not None:
            client.tell(standing)
        client.tell_service(page.service)

    async def _until_readable(self) -> None:
        """Wait for dialogue to come back. One task asks for all: ten thousand clients must not ask at once."""
        if self._readable.is_set():
            self._readable.clear()
            self._tasks.start(self._probe(), "probe history")
        await self._readable.wait()

    async def _probe(self) -> None:
        backoff = FIRST_BACKOFF
        try:
            while addresses := self._sessions.addresses()[:1]:
                await asyncio.sleep(backoff * (0.5 + self._jitter()))
                backoff = min(2 * backoff, LAST_BACKOFF)
                try:
                    await self._history.heads(addresses)
                except HistoryUnavailable:
                    continue
                return
        finally:
            self._readable.set()
