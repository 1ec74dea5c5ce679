"""A client of the website protocol, as a careful front end would write it.

It keeps an outbox and sends it again after every reconnect, shows messages only in order, asks again where one is
missing, acknowledges what it got, and writes down every breach of the protocol it sees in ``breaches``.
"""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar

import aiohttp
import orjson

Json = dict[str, Any]

FIRST_BACKOFF = 0.1
LAST_BACKOFF = 5.0
GAP_SECONDS = 2.0
FATAL_CODES = frozenset({4400, 4403, 4404, 4413})
"""Close codes after which coming back unchanged would only fail again."""


class Ended(Exception):
    """The server does not want this client any more; the argument is the close code."""


class WebsiteClient:
    """One visitor's screen. Use ``open_client``."""

    base: ClassVar[str] = "/website"
    """What an account's address begins with."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        account: str,
        *,
        origin: str | None = None,
        acknowledge: bool = True,
    ) -> None:
        self._http = http
        self.root = f"{base_url}{self.base}/{account}"
        self._headers = {"Origin": origin} if origin else {}
        self._acknowledge = acknowledge
        self.session: Json = {}
        self.token = ""
        self.visitor_id = ""
        self.ready: Json = {}
        self.cursor = 0
        self.messages: list[Json] = []
        self.frames: list[Json] = []
        """Everything but messages that came, oldest first."""
        self.answers: dict[str, Json] = {}
        """The last ``accepted`` or final ``refused`` frame of each client id."""
        self.outbox: dict[str, Json] = {}
        self.breaches: list[str] = []
        self.connections = 0
        self.closed_with: int | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._ahead: dict[int, Json] = {}
        self._changed = asyncio.Event()
        self._retry: asyncio.TimerHandle | None = None
        self._ping: asyncio.TimerHandle | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._resyncing = False

    async def begin(self, **body: Any) -> Json:
        """A session: the token is kept for everything after."""
        if self.token:
            body.setdefault("token", self.token)
        async with self._http.post(f"{self.root}/session", json=body, headers=self._headers) as answer:
            answer.raise_for_status()
            self.session = await answer.json()
        self.token, self.visitor_id = self.session["token"], self.session["visitor_id"]
        return self.session

    async def run(self) -> None:
        """Stay connected, until cancelled. Raises Ended when the server turns the client away for good."""
        backoff = FIRST_BACKOFF
        while True:
            ready_before = self.connections
            self.closed_with = await self._connection()
            self._tell()
            if self.closed_with in FATAL_CODES:
                raise Ended(self.closed_with)
            if self.closed_with == 4401:
                await self.begin()
            if self.connections > ready_before:
                backoff = FIRST_BACKOFF
            await asyncio.sleep(backoff * (0.5 + random.random()))
            backoff = min(2 * backoff, LAST_BACKOFF)

    async def send(self, content: Json, client_id: str = "") -> str:
        """Put a message into the outbox; it goes out as soon as it can. Gives its client id."""
        client_id = client_id or str(uuid.uuid4())
        self.outbox[client_id] = content
        if self._socket is not None and self.ready and self._retry is None:
            await self._write({"type": "send", "client_id": client_id, "content": content})
        return client_id

    async def say(self, text: str) -> str:
        return await self.send({"type": "text", "text": text})

    async def write(self, frame: Json) -> None:
        """Any frame, as it is."""
        await self._write(frame)

    async def answered(self, client_id: str, within: float = 30.0) -> Json:
        """The answer to a message. Raises TimeoutError."""
        await self.until(lambda: client_id in self.answers, within)
        return self.answers[client_id]

    async def until(self, met: Callable[[], bool], within: float = 30.0) -> None:
        """Returns when ``met()``; looked at after every frame. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not met():
                self._changed.clear()
                await self._changed.wait()

    async def reached(self, seq: int, within: float = 30.0) -> None:
        """Returns when every message up to this seq is shown. Raises TimeoutError."""
        await self.until(lambda: self.cursor >= seq, within)

    def texts(self, author: str | None = None) -> list[str]:
        """The words of the transcript, of one kind of author or of all."""
        shown = [m for m in self.messages if author in (None, m["author"]["kind"])]
        return [message["content"].get("text", "") for message in shown]

    def cut(self) -> None:
        """Lose the connection the rude way, as a train in a tunnel does."""
        socket = self._socket
        if socket is not None and socket._response.connection is not None:
            transport = socket._response.connection.transport
            if transport is not None:
                transport.abort()

    @property
    def connected(self) -> bool:
        return self._socket is not None and bool(self.ready)

    async def _connection(self) -> int | None:
        """One connection from hello to its end; the close code, None where there was none."""
        try:
            async with self._http.ws_connect(
                f"{self.root}/ws", headers=self._headers, max_msg_size=0, autoclose=True
            ) as socket:
                self._socket, self.ready = socket, {}
                await self._write(self._hello())
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        await self._take(orjson.loads(message.data))
                return socket.close_code
        except (aiohttp.ClientError, ConnectionError):
            return None
        finally:
            self._socket, self.ready = None, {}
            for timer in (self._retry, self._ping):
                if timer is not None:
                    timer.cancel()
            self._retry = self._ping = None

    def _hello(self) -> Json:
        return {"type": "hello", "token": self.token, "after": self.cursor}

    async def _take(self, frame: Json) -> None:
        kind = frame["type"]
        if kind == "message":
            await self._take_message(frame["message"])
        else:
            self.frames.append(frame)
        if kind == "ready":
            await self._welcome(frame)
        elif kind == "accepted":
            self.answers[frame["client_id"]] = frame
            self.outbox.pop(frame["client_id"], None)
        elif kind == "refused":
            self._refused(frame)
        self._tell()

    async def _welcome(self, frame: Json) -> None:
        self.ready = frame
        self.connections += 1
        self._resyncing = False
        self._ahead.clear()
        if frame["head"] < self.cursor:
            self.breaches.append(f"the head went back from {self.cursor} to {frame['head']}")
        self._ping_later(frame["ping_seconds"])
        await self._send_outbox()

    def _ping_later(self, seconds: float) -> None:
        def ping() -> None:
            self._start(self._write({"type": "ping"}))
            self._ping_later(seconds)

        self._ping = asyncio.get_running_loop().call_later(seconds, ping)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the reading."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _send_outbox(self) -> None:
        self._retry = None
        for client_id, content in list(self.outbox.items()):
            await self._write({"type": "send", "client_id": client_id, "content": content})

    def _refused(self, frame: Json) -> None:
        """Keep what may be sent again, in its order; everything waits until then."""
        client_id, problem = frame["client_id"], frame["problem"]
        if not problem["retry"]:
            self.answers[client_id] = frame
            self.outbox.pop(client_id, None)
        elif self._retry is None:
            after = problem.get("retry_after", 1.0)
            self._retry = asyncio.get_running_loop().call_later(after, lambda: self._start(self._send_outbox()))

    async def _take_message(self, message: Json) -> None:
        seq = message["seq"]
        if seq <= self.cursor:
            if not self._resyncing:
                self.breaches.append(f"message {seq} came again")
            return
        if seq > self.cursor + 1:
            self._ahead[seq] = message
            self.breaches.append(f"message {seq} came while {self.cursor + 1} was due")
            if not self._resyncing:
                self._resyncing = True
                await self._write({"type": "resync", "after": self.cursor})
            return
        self._show(message)
        while (following := self._ahead.pop(self.cursor + 1, None)) is not None:
            self._show(following)
        if self._acknowledge:
            await self._write({"type": "delivered", "seq": self.cursor})

    def _show(self, message: Json) -> None:
        self.cursor = message["seq"]
        self.messages.append(message)
        if message["author"]["kind"] == "customer" and "client_id" in message:
            self.outbox.pop(message["client_id"], None)

    async def _write(self, frame: Json) -> None:
        if self._socket is None:
            return
        try:
            await self._socket.send_str(orjson.dumps(frame).decode())
        except (ConnectionError, aiohttp.ClientError):
            pass  # the reader notices and comes back

    def _tell(self) -> None:
        self._changed.set()


@asynccontextmanager
async def open_client(
    http: aiohttp.ClientSession, base_url: str, account: str, *, session: Json | None = None, **options: Any
) -> AsyncIterator[WebsiteClient]:
    """A client with a session that is being kept connected."""
    client = WebsiteClient(http, base_url, account, **options)
    await client.begin(**(session or {}))
    async with kept_connected(client):
        yield client


C = TypeVar("C", bound=WebsiteClient)


@asynccontextmanager
async def kept_connected(client: C) -> AsyncIterator[C]:
    """A client with a token, connected from the start to the end."""
    running = asyncio.create_task(client.run(), name="screen client")
    try:
        waiting = asyncio.create_task(client.until(lambda: client.connected, 60.0))
        await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            waiting.cancel()
            running.result()
        await waiting
        yield client
    finally:
        running.cancel()
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()
