"""The WebSocket of a client: one task per connection, which only reads."""

import asyncio
from collections.abc import Sequence

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from yizhan.channels.screens.door import token_refused
from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.protocol import (
    HELLO_SECONDS,
    MAX_FRAME_BYTES,
    Auth,
    BadFrame,
    CloseCode,
    Delivered,
    Frame,
    Hello,
    Ping,
    Read,
    Resync,
    Send,
    TypingNow,
)
from yizhan.channels.screens.sending import Accepted, Answer, Lane, Refusal
from yizhan.channels.screens.sessions import Client, TooManyConnections
from yizhan.channels.screens.view import Outgoing, frame, moment
from yizhan.channels.screens.visitor import Visitor
from yizhan.core.messages.receipt import ReceiptState
from yizhan.core.runtime.http import Problem, rate_key, too_many, unauthorized, unavailable

log = structlog.get_logger(__name__)

FIRST_PAGE_SECONDS = 2.0
"""How long a client waits for its transcript before it is let in without."""

CLOSE_SECONDS = 2.0
LINGER_STEP = 0.05
FLOOD_FRAMES = 1000
FLOOD_SECONDS = 10.0

_AIOHTTP_CODES = {
    int(WSCloseCode.MESSAGE_TOO_BIG): CloseCode.TOO_BIG,
    int(WSCloseCode.INVALID_TEXT): CloseCode.BAD_FRAME,
    int(WSCloseCode.PROTOCOL_ERROR): CloseCode.BAD_FRAME,
}
"""What the library closes with when it cannot read a frame, in terms of this protocol."""

_PROBLEM_CODES = {
    401: CloseCode.TOKEN,
    403: CloseCode.ORIGIN,
    404: CloseCode.ACCOUNT,
    426: CloseCode.VERSION,
    429: CloseCode.RATE,
    503: CloseCode.SLOW,
}

PONG = frame("pong")


class Socket(web.WebSocketResponse[bool]):
    """aiohttp's, with this protocol's close codes where the library closes by itself."""

    def __init__(self, request: web.Request) -> None:
        super().__init__(timeout=CLOSE_SECONDS, compress=False, max_msg_size=MAX_FRAME_BYTES + 1, decode_text=False)
        self._transport = request.transport

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        told = _AIOHTTP_CODES.get(code, code)
        if code == WSCloseCode.MESSAGE_TOO_BIG:
            await self._linger(told)
        return await super().close(code=told, message=message, drain=drain)

    async def _linger(self, code: int) -> None:
        """Say why at once, and go on reading what is still being sent: a connection that is closed on unread data is
        reset, and the client never learns the reason. What comes is dropped unseen.
        """
        try:
            await self.send_frame(code.to_bytes(2), WSMsgType.CLOSE)
        except ConnectionError:
            return
        for _ in range(int(CLOSE_SECONDS / LINGER_STEP)):
            if self._transport is None or self._transport.is_closing():
                return
            await asyncio.sleep(LINGER_STEP)


class SocketOutlet:
    """Frames to one socket."""

    def __init__(self, socket: Socket, request: web.Request) -> None:
        self._socket = socket
        self._request = request

    async def write(self, frames: Sequence[Outgoing]) -> None:
        for outgoing in frames:
            await self._socket.send_frame(outgoing.data, WSMsgType.TEXT)

    async def close(self, code: CloseCode, reason: str) -> None:
        """Say goodbye; a peer that does not read in time is cut off."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(code=code, message=reason.encode()[:120])
        except (TimeoutError, ConnectionError, RuntimeError):
            self.cut()

    def cut(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()


class SocketHandler:
    """``GET …/ws``."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._cors = gateway.cors()
        self._parse = gateway.dialect.parse
        self._open = gateway.figures.connections.labels("socket")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Browsers cannot see why a handshake was refused, so everything but a full stop is told by a close code."""
        if self._gateway.draining.is_set():
            raise unavailable()
        socket = Socket(request)
        await socket.prepare(request)
        outlet = SocketOutlet(socket, request)
        try:
            await self._serve(request, socket, outlet)
        except Problem as problem:
            code = _PROBLEM_CODES.get(problem.status, CloseCode.BAD_FRAME)
            await self._end(outlet, code, Refusal("", problem.code, problem.title, retry_after=problem.retry_after))
        except BadFrame as error:
            await self._end(outlet, CloseCode.BAD_FRAME, Refusal("", "bad_frame", str(error)))
        except TimeoutError:
            await self._end(outlet, CloseCode.TIMEOUT, Refusal("", "hello_timeout", "No hello came in time"))
        except ConnectionError:
            pass
        return socket

    async def _serve(self, request: web.Request, socket: Socket, outlet: SocketOutlet) -> None:
        self._gateway.door.known(request)
        await self._cors.check(request)
        raw = await _next(socket, HELLO_SECONDS)
        if raw is None:
            return
        hello = self._parse(raw)
        if not isinstance(hello, Hello):
            raise BadFrame("hello comes first")
        holder = await self._gateway.door.greeted(request, hello)
        visitor, now = holder.visitor, asyncio.get_running_loop().time()
        client = Client(visitor.address, outlet, hello.after, self._gateway.tasks, now, holder.until)
        try:
            self._gateway.sessions.add(client)
        except TooManyConnections as error:
            raise too_many(30) from error
        self._open.inc()
        try:
            await self._welcome(client, visitor, hello)
            await self._read(request, socket, client, visitor)
        finally:
            self._open.dec()
            self._gateway.sessions.remove(client)

    async def _welcome(self, client: Client, visitor: Visitor, hello: Hello) -> None:
        """Everything after the client's cursor, then whatever happens. Without the transcript: come in, it follows."""
        gateway = self._gateway
        client.behind = gateway.catch_up.soon
        page = await gateway.catch_up.first(client, FIRST_PAGE_SECONDS)
        client.open([gateway.dialect.ready(page, hello.after)], page.service if page else None)
        gateway.catch_up.begin(client, page)
        if page is not None and page.delivered < (has := min(hello.after, page.head)):
            gateway.note(gateway.reached(visitor, ReceiptState.DELIVERED, has))

    async def _read(self, request: web.Request, socket: Socket, client: Client, visitor: Visitor) -> None:
        def answer(given: Answer) -> None:
            client.tell(answer_frame(given))

        lane = Lane(self._gateway.intake, visitor, answer, self._gateway.lanes)
        by = rate_key(request)
        clock = asyncio.get_running_loop().time
        window, frames = clock(), 0
        while (raw := await _next(socket)) is not None:
            now = client.heard_at = clock()
            if now - window > FLOOD_SECONDS:
                window, frames = now, 0
            frames += 1
            if frames > FLOOD_FRAMES:
                raise too_many(FLOOD_SECONDS)
            await self._admit(request, self._parse(raw), by, client, visitor, lane)

    async def _admit(
        self, request: web.Request, given: Frame, by: str, client: Client, visitor: Visitor, lane: Lane
    ) -> None:
        """A new proof for the connection, or a frame of somebody whose proof still holds. Raises Problem 401."""
        if isinstance(given, Auth):
            holder = await self._gateway.door.holder(request, given.token)
            if holder.visitor.address != client.address:
                raise unauthorized("token_of_another", "The token is of another customer")
            client.until = holder.until
            client.tell(frame("authorized", expires_at=moment(holder.until) if holder.until else None))
        elif client.expired(self._gateway.clock()):
            raise token_refused(expired=True)
        else:
            await self._act(given, by, client, visitor, lane)

    async def _act(self, given: Frame, by: str, client: Client, visitor: Visitor, lane: Lane) -> None:
        gateway = self._gateway
        match given:
            case Send(client_id=client_id, content=content):
                await lane.put(await gateway.draft(visitor, by, client_id, content))
            case Delivered(seq=seq) if 0 < seq <= client.cursor:
                gateway.note(gateway.reached(visitor, ReceiptState.DELIVERED, seq))
            case Read(seq=seq) if 0 < seq <= client.cursor:
                gateway.note(gateway.reached(visitor, ReceiptState.READ, seq))
            case Ping():
                client.tell(PONG)
            case TypingNow():
                gateway.typing(visitor)
            case Resync(after=after):
                client.rewind(after)
                gateway.catch_up.start(client)
            case Hello():
                raise BadFrame("hello comes once")
            case _:
                pass  # a receipt for what this client was never sent

    async def _end(self, outlet: SocketOutlet, code: CloseCode, why: Refusal) -> None:
        self._gateway.figures.closed.labels(code.name.lower()).inc()
        log.info("socket_refused", code=int(code), reason=why.code)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await outlet.write([frame("error", problem=why.problem())])
        except (TimeoutError, ConnectionError, RuntimeError):
            pass
        await outlet.close(code, why.code)


def answer_frame(answer: Answer) -> Outgoing:
    match answer:
        case Accepted(client_id, message_id, received_at):
            return frame("accepted", client_id=client_id, message_id=message_id, received_at=received_at)
        case Refusal():
            return frame("refused", client_id=answer.client_id, problem=answer.problem())


async def _next(socket: Socket, timeout: float | None = None) -> bytes | None:
    """The bytes of the next text frame; None when the connection is over. Raises BadFrame for binary, TimeoutError."""
    message = await socket.receive(timeout=timeout)
    if message.type is WSMsgType.TEXT:
        return bytes(message.data)
    if message.type is WSMsgType.BINARY:
        raise BadFrame("binary frame")
    return None
