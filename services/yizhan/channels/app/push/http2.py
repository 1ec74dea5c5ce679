"""One HTTP/2 connection over TLS: many requests side by side, and a clear word on what may have arrived.

APNs takes nothing else. What matters here is not speed but knowing: a request whose last frame was never written, that the
server refused unread, or that came after what a GOAWAY names was not seen; one that was written whole may have been.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    PingAckReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 5.0
PING_SECONDS = 3.0
IDLE_SECONDS = 30.0
"""A connection that was quiet for longer is asked whether it still lives before anything is trusted to it."""

MOST_ANSWER_BYTES = 16 * 1024
READ_BYTES = 64 * 1024


class NotSent(Exception):
    """The server certainly did not act on the request."""


class Lost(Exception):
    """The server may have acted on the request; nobody will tell."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Stream:
    answer: "asyncio.Future[Response]"
    written: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)


class Http2Connection:
    """Use ``open``. One task reads for all requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._streams: dict[int, _Stream] = {}
        self._moved = asyncio.Event()
        self._ponged = asyncio.Event()
        self._draining = False
        self._used_at = asyncio.get_running_loop().time()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, host: str, port: int, tls: ssl.SSLContext) -> "Http2Connection":
        """Raises NotSent."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(host, port, ssl=tls)
        except (OSError, TimeoutError, ssl.SSLError) as error:
            raise NotSent("unreachable") from error
        found = writer.get_extra_info("ssl_object")
        if found is None or found.selected_alpn_protocol() != "h2":
            writer.close()
            raise NotSent("no_http2")
        connection = cls(reader, writer)
        connection._h2.initiate_connection()
        connection._flush()
        connection._task = asyncio.create_task(connection._read(), name="HTTP/2")
        return connection

    @property
    def over(self) -> bool:
        """Whether nothing of it is left."""
        return self._task is not None and self._task.done()

    @property
    def usable(self) -> bool:
        """Whether a new request may go this way."""
        return not self._draining

    async def alive(self) -> bool:
        """Whether the other end still answers; asked only after some quiet."""
        loop = asyncio.get_running_loop()
        if not self.usable or loop.time() - self._used_at < IDLE_SECONDS:
            return self.usable
        self._ponged.clear()
        try:
            self._h2.ping(b"yizhan-1")
            self._flush()
            async with asyncio.timeout(PING_SECONDS):
                await self._ponged.wait()
        except (TimeoutError, ProtocolError, OSError):
            await self.close()
            return False
        self._used_at = loop.time()
        return self.usable

    async def request(self, headers: Sequence[tuple[str, str]], body: bytes, within: float) -> Response:
        """Raises NotSent or Lost."""
        stream = _Stream(asyncio.get_running_loop().create_future())
        number = 0
        try:
            async with asyncio.timeout(within):
                number = await self._begin(headers, stream)
                await self._write(number, stream, body)
                return await stream.answer
        except TimeoutError:
            self._give_up(number)
            raise (Lost("timeout") if stream.written else NotSent("timeout")) from None
        except (ProtocolError, OSError) as error:
            raise (Lost("broken_off") if stream.written else NotSent("broken_off")) from error
        finally:
            self._streams.pop(number, None)
            self._moved.set()
            self._leave_if_idle()

    async def close(self) -> None:
        self._draining = True
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.wait({self._task})
        self._fail_all("closed")
        self._writer.close()

    async def _begin(self, headers: Sequence[tuple[str, str]], stream: _Stream) -> int:
        """The stream's number, when the server allows one more."""
        while True:
            if self._draining:
                raise NotSent("going_away")
            if self._h2.open_outbound_streams < self._h2.remote_settings.max_concurrent_streams:
                break
            await self._wait()
        number = self._h2.get_next_available_stream_id()
        self._streams[number] = stream
        self._used_at = asyncio.get_running_loop().time()
        self._h2.send_headers(number, headers)
        self._flush()
        return number

    async def _write(self, number: int, stream: _Stream, body: bytes) -> None:
        """As much at a time as the server has room for. Whole only with its last frame."""
        rest = body
        while True:
            if stream.answer.done():
                return
            room = min(self._h2.local_flow_control_window(number), self._h2.max_outbound_frame_size)
            if rest and room <= 0:
                await self._wait()
                continue
            chunk, rest = rest[:room], rest[room:]
            stream.written = not rest
            self._h2.send_data(number, chunk, end_stream=not rest)
            self._flush()
            if not rest:
                await self._writer.drain()
                return

    async def _wait(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def _give_up(self, number: int) -> None:
        try:
            if number in self._streams:
                self._h2.reset_stream(number, ErrorCodes.CANCEL)
                self._flush()
        except (ProtocolError, OSError):
            self._draining = True

    def _leave_if_idle(self) -> None:
        """The other end said goodbye, and nobody waits for an answer of it any more."""
        if self._draining and not self._streams:
            self._writer.close()

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._writer.write(data)

    async def _read(self) -> None:
        reason = "broken_off"
        try:
            while data := await self._reader.read(READ_BYTES):
                for event in self._h2.receive_data(data):
                    self._take(event)
                self._flush()
                self._moved.set()
        except (OSError, ProtocolError, ssl.SSLError) as error:
            log.info("http2_broken_off", error=type(error).__name__)
        finally:
            self._draining = True
            self._fail_all(reason)
            self._moved.set()
            self._writer.close()

    def _take(self, event: Event) -> None:
        match event:
            case ResponseReceived():
                stream = self._streams.get(event.stream_id)
                if stream is not None:
                    stream.headers = {str(name): str(value) for name, value in event.headers}
            case DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                stream = self._streams.get(event.stream_id)
                if stream is not None and len(stream.body) < MOST_ANSWER_BYTES:
                    stream.body += event.data
            case StreamEnded():
                self._ended(event.stream_id)
            case StreamReset():
                refused = event.error_code == ErrorCodes.REFUSED_STREAM
                self._fail(event.stream_id, NotSent("refused_stream") if refused else Lost("reset"))
            case ConnectionTerminated():
                self._draining = True
                last = event.last_stream_id or 0
                for number in [number for number in self._streams if number > last]:
                    self._fail(number, NotSent("going_away"))
                self._leave_if_idle()
            case PingAckReceived():
                self._ponged.set()
            case _:
                pass

    def _ended(self, number: int) -> None:
        stream = self._streams.get(number)
        if stream is None or stream.answer.done():
            return
        status = stream.headers.get(":status", "")
        if not status.isdigit():
            stream.answer.set_exception(Lost("unreadable"))
            return
        stream.answer.set_result(Response(int(status), stream.headers, bytes(stream.body)))

    def _fail(self, number: int, error: NotSent | Lost) -> None:
        stream = self._streams.get(number)
        if stream is not None and not stream.answer.done():
            stream.answer.set_exception(error)
            stream.answer.exception()  # whoever waits sees it; nobody may be waiting any more

    def _fail_all(self, reason: str) -> None:
        for number, stream in list(self._streams.items()):
            self._fail(number, Lost(reason) if stream.written else NotSent(reason))
