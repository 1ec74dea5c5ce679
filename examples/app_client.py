"""A client of the Yizhan app protocol (docs/app-protocol.md) for desktop apps and tools, on aiohttp.

    YIZHAN_TOKEN=eyJ… python examples/app_client.py https://service.example.com shop

It keeps one connection, comes back with backoff and jitter, catches up from its cursor, sends again what was not answered
(with the same client id, so that it is one message), and asks for a new token when the old one is refused.
"""

import asyncio
import os
import random
import sys
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp

VERSION: Final = 1
FIRST_PAUSE: Final = 0.5
LAST_PAUSE: Final = 30.0
SILENCE: Final = aiohttp.ClientWSTimeout(ws_receive=75.0)
"""Three pings without an answer: the connection is dead."""

FATAL: Final = frozenset({4400, 4403, 4404, 4413, 4426})

Json = dict[str, Any]


class Ended(Exception):
    """Coming back unchanged would fail again. ``code`` is the close code; 4426: this client is too old."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class AppClient:
    """One device. ``token`` gives a token that is good now; ``shown`` gets each message once, in order."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        account: str,
        token: Callable[[], Awaitable[str]],
        shown: Callable[[Json], None],
        *,
        after: int = 0,
    ) -> None:
        self._http = http
        self._root = f"{url.rstrip('/')}/app/v1/{account}"
        self._token = token
        self._shown = shown
        self.cursor = after
        self._outbox: dict[str, Json] = {}
        self._ahead: dict[int, Json] = {}
        self._counted = (0, 0)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._resending: asyncio.TimerHandle | None = None
        self._writes: set[asyncio.Task[None]] = set()

    @property
    def unread(self) -> int:
        """Messages to the customer that no device of theirs has read."""
        return self._counted[0]

    @property
    def waiting(self) -> int:
        """Messages that were not answered yet."""
        return len(self._outbox)

    async def run(self) -> None:
        """Stay connected until cancelled. Raises Ended."""
        pause = FIRST_PAUSE
        while True:
            if await self._connection():
                pause = FIRST_PAUSE
            await asyncio.sleep(pause * random.random())  # noqa: S311 - spreads load, keeps no secret
            pause = min(2 * pause, LAST_PAUSE)

    async def say(self, text: str) -> str:
        return await self.send({"type": "text", "text": text})

    async def send(self, content: Json, client_id: str = "") -> str:
        """Now, or when there is a connection again. Gives the client id; keep it to send the same again."""
        client_id = client_id or str(uuid.uuid4())
        self._outbox[client_id] = content
        if self._resending is None:
            await self._write({"type": "send", "client_id": client_id, "content": content})
        return client_id

    async def read(self, seq: int = 0) -> None:
        """The customer has seen everything up to this message (0: all that was shown)."""
        await self._write({"type": "read", "seq": seq or self.cursor})

    async def before(self, seq: int, limit: int = 50) -> list[Json]:
        """Earlier messages, oldest first."""
        page = await self.request("GET", f"/messages?before={seq}&limit={limit}")
        messages: list[Json] = page["messages"]
        return messages

    async def register(self, device: str, platform: str, token: str) -> None:
        """Be told of messages on this device while nothing is connected."""
        await self.request("PUT", f"/devices/{device}", {"platform": platform, "token": token})

    async def request(self, method: str, path: str, body: Json | None = None) -> Json:
        """One plain request. Raises aiohttp.ClientResponseError."""
        headers = {"Authorization": f"Bearer {await self._token()}", "Yizhan-Version": str(VERSION)}
        async with self._http.request(method, self._root + path, json=body, headers=headers) as answer:
            answer.raise_for_status()
            found: Json = {} if answer.status == 204 else await answer.json()
            return found

    async def _connection(self) -> bool:
        """One connection to its end; whether it was ever ready. Raises Ended."""
        ready, pings = False, None
        try:
            async with self._http.ws_connect(f"{self._root}/ws", timeout=SILENCE) as socket:
                hello = {"type": "hello", "token": await self._token(), "after": self.cursor, "version": VERSION}
                await socket.send_json(hello)
                async for message in socket:
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        break
                    frame: Json = message.json()
                    if frame["type"] == "ready":
                        ready, self._socket = True, socket
                        pings = asyncio.create_task(self._ping(frame["ping_seconds"]))
                        await self._resend()
                    await self._take(frame)
            if socket.close_code in FATAL:
                raise Ended(socket.close_code or 0)
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            pass
        finally:
            self._socket = None
            self._ahead.clear()
            if pings is not None:
                pings.cancel()
            if self._resending is not None:
                self._resending.cancel()
                self._resending = None
        return ready

    async def _take(self, frame: Json) -> None:
        if "unread" in frame:
            self._counted = (frame["unread"], frame["head"])
        match frame["type"]:
            case "message":
                await self._take_message(frame["message"])
            case "accepted":
                self._outbox.pop(frame["client_id"], None)
            case "refused":
                self._refused(frame["client_id"], frame["problem"])
            case _:
                pass  # states, typing, and what a newer server says

    def _refused(self, client_id: str, problem: Json) -> None:
        """What may be sent again keeps its place: everything waits and goes out in its old order."""
        if not problem.get("retry"):
            self._outbox.pop(client_id, None)
        elif self._resending is None:
            loop = asyncio.get_running_loop()
            self._resending = loop.call_later(problem.get("retry_after", 1.0), self._resend_soon)

    def _resend_soon(self) -> None:
        self._resending = None
        task = asyncio.create_task(self._resend())
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _resend(self) -> None:
        for client_id, content in list(self._outbox.items()):
            await self._write({"type": "send", "client_id": client_id, "content": content})

    async def _take_message(self, message: Json) -> None:
        if message["seq"] <= self.cursor:
            return
        if message["seq"] > self.cursor + 1:
            if not self._ahead:
                await self._write({"type": "resync", "after": self.cursor})
            self._ahead[message["seq"]] = message
            return
        self._show(message)
        while (following := self._ahead.pop(self.cursor + 1, None)) is not None:
            self._show(following)
        await self._write({"type": "delivered", "seq": self.cursor})

    def _show(self, message: Json) -> None:
        self.cursor = message["seq"]
        unread, head = self._counted
        if message["author"]["kind"] == "customer":
            self._outbox.pop(message.get("client_id", ""), None)
        elif message["seq"] > head:
            self._counted = (unread + 1, head)
        self._shown(message)

    async def _ping(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            await self._write({"type": "ping"})

    async def _write(self, frame: Json) -> None:
        if self._socket is not None:
            try:
                await self._socket.send_json(frame)
            except (ConnectionError, aiohttp.ClientError):
                pass  # whoever reads notices, and comes back


async def main(url: str, account: str) -> None:
    """Talk on a terminal: a line is a message."""

    async def token() -> str:
        return os.environ["YIZHAN_TOKEN"]

    def show(message: Json) -> None:
        words = message["content"].get("text", message["content"]["type"])
        sys.stdout.write(f"{message['author']['kind']}: {words}\n")

    async with aiohttp.ClientSession() as http:
        client = AppClient(http, url, account, token, show)
        running = asyncio.create_task(client.run())
        try:
            while line := await asyncio.to_thread(sys.stdin.readline):
                await client.say(line.strip())
        finally:
            running.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
