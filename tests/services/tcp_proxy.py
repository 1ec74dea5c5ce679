"""A TCP proxy on loopback that can cut, refuse, stall and delay what goes through it.

::

    async with TcpProxy("127.0.0.1", 5672) as proxy:
        connect_to(proxy.port)
        proxy.cut()          # every connection ends now, as when a cable is pulled and the kernel notices
        proxy.refuse()       # ... and new ones end at once, until
        proxy.accept()
        proxy.stall()        # connections live, but nothing passes, until
        proxy.flow()
        proxy.delay = 0.02   # seconds that each piece waits, each way
"""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

PIECE = 65536


class TcpProxy:
    def __init__(self, host: str, port: int) -> None:
        self.delay = 0.0
        self.port = 0
        self.connections = 0
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._refusing = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._refusing = True
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def cut(self) -> None:
        """End every connection now, both sides, by a reset."""
        for writer in list(self._writers):
            writer.transport.abort()

    def refuse(self) -> None:
        """End every connection, and new ones at once."""
        self._refusing = True
        self.cut()

    def accept(self) -> None:
        self._refusing = False

    def stall(self) -> None:
        """Keep every byte here."""
        self._flowing.clear()

    def flow(self) -> None:
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._relay(reader, writer)
        except asyncio.CancelledError:
            pass  # the proxy is closing; the stream server would log it
        finally:
            self._tasks.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(far_writer)
        self.connections += 1
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            for end in (writer, far_writer):
                self._writers.discard(end)
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(PIECE):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()
        # The other direction ends with this one.
        writer.transport.abort()
