"""A folder of a mailbox for the event loop: its connection works in a thread of its own, watched from here.

A call that does not come back in time has its connection cut, and its thread left to end by itself; the next connection
gets another one.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from yizhan.channels.email.imap import READ_SECONDS, Connection, Haul, Look
from yizhan.channels.email.position import Position
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.email.trouble import MailboxTrouble, Reason

T = TypeVar("T")

OPEN_SECONDS = 45.0
"""For reaching a server, signing in and opening a folder, each with a limit of its own."""

CALL_SECONDS = 60.0
FETCH_SECONDS = 300.0
LEAVE_SECONDS = 2.0
GRACE_SECONDS = READ_SECONDS + 5.0
"""How much longer than it was asked to a wait may take, to end."""


class Box:
    """Use ``open_box``. Methods raise MailboxTrouble; then the box is closed."""

    def __init__(self, settings: EmailAccountSettings, folder: str) -> None:
        self.settings = settings
        self._folder = folder
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="mailbox")
        self._connection: Connection | None = None
        self._cut = False

    @property
    def closed(self) -> bool:
        return self._cut

    async def open(self, token: str) -> None:
        def connect() -> Connection:
            connection = Connection(self.settings, self._folder, token)
            self._connection = connection
            if self._cut:  # nobody waits for it any more
                connection.cut()
            return connection

        await self._call(connect, OPEN_SECONDS)

    async def idles(self) -> bool:
        return await self._call(lambda: self._open.idles, CALL_SECONDS)

    async def look(self, known: Position | None, since: datetime, at: datetime, most: int) -> Look:
        return await self._call(lambda: self._open.look(known, since, at, most), CALL_SECONDS)

    async def fetch(self, uids: Sequence[int], largest: int, most: int) -> Haul:
        return await self._call(lambda: self._open.fetch(uids, largest, most), FETCH_SECONDS)

    async def wait(self, seconds: float) -> bool:
        """Until there is something new, or so long."""
        return await self._call(lambda: self._open.wait(seconds), seconds + GRACE_SECONDS)

    async def mark(self, uids: Sequence[int]) -> None:
        await self._call(lambda: self._open.mark(uids), CALL_SECONDS)

    async def sent(self, message_id: str) -> bool:
        return await self._call(lambda: self._open.sent(message_id), CALL_SECONDS)

    async def leave(self) -> None:
        """An orderly end, of a box that nobody uses. Raises nothing."""
        if not self._cut and self._connection is not None:
            try:
                await self._call(self._connection.leave, LEAVE_SECONDS)
            except MailboxTrouble:
                return
        self.cut()

    def cut(self) -> None:
        """End it at once, whatever is being done."""
        self._cut = True
        if self._connection is not None:
            self._connection.cut()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise MailboxTrouble(Reason.UNREACHABLE, "closed")
        return self._connection

    async def _call(self, work: Callable[[], T], within: float) -> T:
        if self._cut:
            raise MailboxTrouble(Reason.UNREACHABLE, "closed")
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to be told
        try:
            await asyncio.wait({future}, timeout=within)
        except asyncio.CancelledError:
            self.cut()
            raise
        if not future.done():
            self.cut()
            raise MailboxTrouble(Reason.SILENT, "nothing came back in time")
        try:
            return future.result()
        except MailboxTrouble:
            self.cut()
            raise
        except asyncio.CancelledError as error:  # the box was cut before its turn came
            raise MailboxTrouble(Reason.UNREACHABLE, "closed") from error
