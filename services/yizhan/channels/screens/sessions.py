"""Connected clients: each gets every message after its cursor once, in order, and what it cannot take closes it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from yizhan.channels.screens.history import ServiceState
from yizhan.channels.screens.protocol import CloseCode
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.screens.view import Outgoing, frame
from yizhan.core.messages.address import Address

log = structlog.get_logger(__name__)

MAX_QUEUED_BYTES = 1024 * 1024
MAX_QUEUED_FRAMES = 512
"""What may wait for one client. A client that reads slower than it is written to is closed and comes back for the rest."""

MAX_AHEAD = 200
"""Messages kept that came before the one that is due; what comes after them is fetched from the transcript."""

WRITE_SECONDS = 20.0


class Outlet(Protocol):
    """How frames reach one client."""

    async def write(self, frames: Sequence[Outgoing]) -> None:
        """Returns when the client's connection took them. Raises ConnectionError when it is gone."""

    async def close(self, code: CloseCode, reason: str) -> None:
        """End the connection, telling why if it still listens. Bounded in time; never raises."""

    def cut(self) -> None:
        """Drop the connection at once."""


class Client:
    """One connection of a visitor. ``cursor`` is the seq of the last message that was put on its way."""

    __slots__ = (
        "_ahead",
        "_bytes",
        "_drained",
        "_pump",
        "_queue",
        "_tasks",
        "_told",
        "_unproven",
        "address",
        "behind",
        "cursor",
        "gone",
        "heard_at",
        "opened",
        "outlet",
        "until",
    )

    def __init__(
        self,
        address: Address,
        outlet: Outlet,
        after: int,
        tasks: Tasks,
        now: float,
        until: datetime | None = None,
    ) -> None:
        """``now`` is the loop's time; ``until`` the end of the proof that the client showed (None: it has none)."""
        self.until = until
        self.address = address
        self.outlet = outlet
        self.cursor = after
        self.heard_at = now
        self.opened = False
        self.gone = False
        self.behind: Callable[[Client], None] | None = None
        """Called when a message is due that did not come; set by whoever can fetch it."""
        self._tasks = tasks
        self._queue: list[Outgoing] = []
        self._bytes = 0
        self._ahead: dict[int, Outgoing] | None = None
        self._pump: asyncio.Task[None] | None = None
        self._drained: asyncio.Event | None = None
        self._told: ServiceState | None = None
        self._unproven = True

    @property
    def informed(self) -> bool:
        """Whether it was told who serves the customer: at the start, or when the transcript could be read."""
        return self._told is not None

    def expired(self, now: datetime) -> bool:
        """Whether its proof has ended."""
        return self.until is not None and now >= self.until

    @property
    def waits_for(self) -> bool:
        """Whether later messages are here than the one that is due."""
        return bool(self._ahead)

    def open(self, first: Sequence[Outgoing], service: ServiceState | None) -> None:
        """Let frames through from now on, these first. What came too early follows in order."""
        self.opened = True
        self._told = service
        for outgoing in first:
            self._put(outgoing)
        self._release()

    def lacks(self, seq: int) -> bool:
        """Whether a message would be news to this client: each comes twice, as a hint and by the queue."""
        return not self.gone and seq > self.cursor

    def deliver(self, message: Outgoing) -> None:
        """A message frame: passed on if it is due, kept if it is early, dropped if the client has it."""
        if not self.lacks(message.seq):
            return
        if self.opened and message.seq == self.cursor + 1:
            self.cursor = message.seq
            self._unproven = False
            self._put(message)
            if self._ahead:
                self._release()
            return
        if self._ahead is None:
            self._ahead = {}
        if len(self._ahead) < MAX_AHEAD:
            self._ahead[message.seq] = message
        if self.opened and self.behind is not None:
            self.behind(self)

    def tell(self, outgoing: Outgoing) -> None:
        """A frame without a place in the transcript; a client that is not open yet has no use for it."""
        if self.opened and not self.gone:
            self._put(outgoing)

    def tell_service(self, service: ServiceState) -> None:
        """Who serves the customer now, if that is news to this client."""
        if self.opened and service != self._told:
            self._told = service
            self.tell(frame("state", state=service.state, agent={"name": service.agent} if service.agent else None))

    def rewind(self, after: int) -> None:
        """Go on after this seq, as the client asked (or because there is nothing that far)."""
        self.cursor = after
        self._ahead = None
        self._unproven = True

    def correct(self, head: int) -> None:
        """Take back a cursor that the client claims but that lies beyond the transcript's end.

        Once a message was passed on the cursor is right, and a head read before that message is merely old.
        """
        if self._unproven:
            self.cursor = min(self.cursor, head)
            self._unproven = False

    def forget_ahead(self) -> None:
        """Give up on early messages: the transcript has them."""
        self._ahead = None

    async def drained(self) -> None:
        """Returns when hardly anything waits for this client, or it is gone."""
        while not self.gone and self._bytes > MAX_QUEUED_BYTES // 4:
            if self._drained is None:
                self._drained = asyncio.Event()
            self._drained.clear()
            await self._drained.wait()

    async def flushed(self) -> None:
        """Returns when everything was written, or the client is gone."""
        if self._pump is not None:
            await asyncio.wait({self._pump})

    def close(self, code: CloseCode, reason: str = "") -> None:
        """End the connection in the background."""
        if not self.gone:
            self.leave()
            self._tasks.start(self.outlet.close(code, reason), "close client")

    def leave(self) -> None:
        """The connection is over: nothing more is written."""
        self.gone = True
        self._queue = []
        self._ahead = None
        self.behind = None
        if self._drained is not None:
            self._drained.set()

    def _release(self) -> None:
        """Put early messages on their way as far as they follow the cursor."""
        ahead = self._ahead
        if not ahead:
            return
        while (following := ahead.pop(self.cursor + 1, None)) is not None:
            self.cursor = following.seq
            self._put(following)
        self._ahead = {seq: message for seq, message in ahead.items() if seq > self.cursor} or None
        if self._ahead and self.behind is not None:
            self.behind(self)

    def _put(self, outgoing: Outgoing) -> None:
        if self.gone:
            return
        if self._bytes + len(outgoing.data) > MAX_QUEUED_BYTES or len(self._queue) >= MAX_QUEUED_FRAMES:
            log.info("slow_client_closed", channel=self.address.channel, account=self.address.account)
            self.close(CloseCode.SLOW, "resync")
            return
        self._queue.append(outgoing)
        self._bytes += len(outgoing.data)
        if self._pump is None:
            self._pump = self._tasks.started(self._write(), "write to client")

    async def _write(self) -> None:
        """Lives as long as there is something to write, so that an idle client costs no task."""
        try:
            while self._queue and not self.gone:
                frames, self._queue = self._queue, []
                async with asyncio.timeout(WRITE_SECONDS):
                    await self.outlet.write(frames)
                self._bytes -= sum(len(outgoing.data) for outgoing in frames)
                if self._drained is not None:
                    self._drained.set()
        except TimeoutError:
            # A write that was given up leaves the connection unusable, also for saying goodbye.
            self.leave()
            self.outlet.cut()
        except (ConnectionError, RuntimeError):
            self.leave()
        finally:
            self._pump = None


class TooManyConnections(Exception):
    """The visitor has as many connections as one may have."""


class Sessions:
    """The clients of this process, by the address of their conversation."""

    def __init__(self, *, per_visitor: int = 10) -> None:
        self._clients: dict[Address, list[Client]] = {}
        self._count = 0
        self._per_visitor = per_visitor

    def __len__(self) -> int:
        return self._count

    def add(self, client: Client) -> None:
        """Raises TooManyConnections."""
        clients = self._clients.setdefault(client.address, [])
        if len(clients) >= self._per_visitor:
            raise TooManyConnections
        clients.append(client)
        self._count += 1

    def remove(self, client: Client) -> None:
        client.leave()
        clients = self._clients.get(client.address, [])
        if client in clients:
            clients.remove(client)
            self._count -= 1
        if not clients:
            self._clients.pop(client.address, None)

    def of(self, address: Address) -> Sequence[Client]:
        return tuple(self._clients.get(address, ()))

    def addresses(self) -> list[Address]:
        return list(self._clients)

    def all(self) -> list[Client]:
        return [client for clients in self._clients.values() for client in clients]

    def close_silent(self, since: float) -> None:
        """Close those that were not heard of since then."""
        for client in self.all():
            if client.heard_at < since:
                client.close(CloseCode.TIMEOUT, "silent")

    def close_expired(self, now: datetime) -> None:
        """Close those whose proof has ended and who brought no new one."""
        for client in self.all():
            if client.expired(now):
                client.close(CloseCode.TOKEN, "token_expired")
