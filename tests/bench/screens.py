"""Agents' screens without a browser: signed in, on the live feed, asking what the web app asks, and serving whom they get."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson

from tests.services.deployment import Login
from tests.simulators.console_client import API, COOKIE, Session
from tests.simulators.staff import hired

PING_SECONDS = 20.0
"""As often as the web app does it."""
CAPACITY = 3
AT_ONCE = 8
QUEUE_EVERY = 10
"""One screen of so many shows the queue."""

Arrived = Callable[[str, float], None]


@dataclass(slots=True, eq=False)
class Screen:
    """One agent. ``arrived`` is told the customer's last words and the time of every offer that comes."""

    http: aiohttp.ClientSession
    console: str
    session: Session
    arrived: Arrived
    random: random.Random
    sees_queue: bool = False
    """Whether the queue's box is what this screen shows: then it asks about everybody who comes to wait."""
    up: bool = False
    """Online, and told of everything."""
    served: int = 0
    _mine: set[str] = field(default_factory=set)
    _socket: aiohttp.ClientWebSocketResponse | None = None

    async def work(self) -> None:
        """Until cancelled. Raises what an agent would suffer: a refusal, a line that ends."""
        async with (
            self.http.ws_connect(f"{self.console}{API}/live", headers=self._headers(), heartbeat=None) as socket,
            asyncio.TaskGroup() as group,
        ):
            self._socket = socket
            group.create_task(self._begin())
            group.create_task(self._keep_alive())
            async for message in socket:
                self._take(str(message.data), group)
            raise ConnectionError(f"the live feed ended: {socket.close_code}")

    async def _begin(self) -> None:
        for path in ("/presence", "/offers", "/conversations?box=mine", "/conversations?box=queued"):
            await self._call("GET", path)
        await self._watch()
        await self._call("POST", "/presence", state="online")
        self.up = True

    async def _keep_alive(self) -> None:
        await asyncio.sleep(PING_SECONDS * self.random.random())
        while True:
            await self._write({"type": "ping"})
            await asyncio.sleep(PING_SECONDS)

    def _take(self, data: str, group: asyncio.TaskGroup) -> None:
        if self.sees_queue and data.startswith('{"type":"conversation"') and '"state":"queued"' in data:
            group.create_task(self._look(orjson.loads(data)["conversation"]["id"]))
        if not data.startswith('{"type":"offer"'):
            return
        offer = orjson.loads(data)["offer"]
        if offer["change"] == "made":
            self.arrived(offer["last_text"], time.perf_counter())
            group.create_task(self._serve(offer["id"], offer["conversation_id"]))

    async def _serve(self, offer_id: str, conversation_id: str) -> None:
        """Accept, look, answer and close, each after a moment."""
        await self._call("GET", f"/conversations/{conversation_id}")
        await self._think()
        try:
            epoch = (await self._call("POST", f"/offers/{offer_id}/accept"))["epoch"]
        except aiohttp.ClientResponseError as refused:
            if refused.status != HTTPStatus.CONFLICT:
                raise
            return  # it lapsed while the machine was busy, and is offered again
        self._mine.add(conversation_id)
        await self._watch()
        for path in ("", "/messages?limit=50", "/notes"):
            await self._call("GET", f"/conversations/{conversation_id}{path}")
        await self._write({"type": "attend", "conversation_id": conversation_id, "doing": "replying"})
        text = {"type": "text", "text": "您好，已经为您查到。"}
        said = {"client_id": offer_id, "epoch": epoch, "content": text}
        await self._call("POST", f"/conversations/{conversation_id}/messages", **said)
        await self._think()
        await self._call("POST", f"/conversations/{conversation_id}/close", epoch=epoch)
        self._mine.discard(conversation_id)
        await self._watch()
        self.served += 1

    async def _look(self, conversation_id: str) -> None:
        await self._call("GET", f"/conversations/{conversation_id}")

    async def _watch(self) -> None:
        """What is said elsewhere is asked for by a screen that shows the queue."""
        more = {} if self.sees_queue else {"last_words": False}
        await self._write({"type": "watch", "conversation_ids": sorted(self._mine), **more})

    async def _think(self) -> None:
        await asyncio.sleep(0.5 + 1.5 * self.random.random())

    async def _call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Raises ClientResponseError for everything but success."""
        address = f"{self.console}{API}{path}"
        async with self.http.request(method, address, headers=self._headers(), json=body or None) as answer:
            answer.raise_for_status()
            said: dict[str, Any] = orjson.loads(await answer.read() or b"{}")
            return said

    async def _write(self, frame: dict[str, object]) -> None:
        assert self._socket is not None, "work() runs"
        await self._socket.send_str(orjson.dumps(frame).decode())

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.session.cookie}", "X-CSRF-Token": self.session.csrf}


@asynccontextmanager
async def screens(console: str, admin: Login, count: int, arrived: Arrived) -> AsyncIterator[list[Screen]]:
    """So many new agents, signed in, online and told of everything. Raises what ended one of them."""
    sessions = await hired(console, admin, [f"bench{number:04}" for number in range(count)], capacity=CAPACITY)
    connector, no_jar = aiohttp.TCPConnector(limit=0), aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=no_jar) as http:
        opened = [
            Screen(http, console, session, arrived, random.Random(number), sees_queue=number % QUEUE_EVERY == 0)
            for number, session in enumerate(sessions)
        ]
        running: list[asyncio.Task[None]] = []
        try:
            for start in range(0, count, AT_ONCE):
                running += [asyncio.create_task(one.work()) for one in opened[start : start + AT_ONCE]]
                while not all(one.up for one in opened[: len(running)]):
                    await asyncio.sleep(0.02)
                    _check(running)
            yield opened
            _check(running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


def _check(running: Sequence[asyncio.Task[None]]) -> None:
    """Raises what ended a screen."""
    for task in running:
        if task.done():
            task.result()
