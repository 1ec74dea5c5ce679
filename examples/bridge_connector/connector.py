"""Joins a platform to Yizhan over the bridge: posts what buyers write, and shows them what they are answered.

What a real one adds: where ``show`` shows, where ``said`` is called from, and a table in place of ``_shown`` and of the
queue in ``said``, so that a restart forgets nothing.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

TOLERANCE_SECONDS = 300
EVENT_SECONDS = 25.0
MOST_PAUSE_SECONDS = 60.0
REMEMBERED = 10_000

Show = Callable[[Mapping[str, Any]], Awaitable[str]]
"""Shows one posted message to its buyer; gives the platform's id of it, or raises NotShown."""


class NotShown(Exception):
    """The platform did not take it. ``code`` is one of those in docs/channels/bridge.md."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class EventRefused(Exception):
    """Yizhan does not take this event, however often it comes: a mistake of this program."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connector:
    """``events_url`` is https://…/ecommerce/bridge/{account}, ``secret`` the account's."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        events_url: str,
        secret: str,
        show: Show,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._events_url = events_url
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._show = show
        self._sleep = sleep
        self._shown: OrderedDict[str, str] = OrderedDict()
        self._showing = asyncio.Lock()

    def app(self) -> web.Application:
        """Serves ``callback_url``."""
        app = web.Application(client_max_size=4 << 20)
        app.add_routes([web.post("/messages", self._message)])
        return app

    async def said(self, message_id: str, buyer: str, text: str, *, nick: str = "") -> None:
        """A buyer wrote. Returns when Yizhan has it for good. Raises EventRefused."""
        event = {
            "type": "message",
            "message_id": message_id,
            "buyer": {"id": buyer, "nick": nick},
            "sent_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "content": {"type": "text", "text": text},
        }
        await self._post(f"message-{message_id}", json.dumps(event, ensure_ascii=False).encode())

    async def _post(self, event_id: str, body: bytes) -> None:
        """Again and again, ever more slowly, with the same id, until it is taken or refused for good."""
        pause = 1.0
        while True:
            status = await self._try(event_id, body)
            if 200 <= status < 300:
                return
            if 400 <= status < 500 and status not in {408, 429}:
                raise EventRefused(status)
            await self._sleep(pause)
            pause = min(2 * pause, MOST_PAUSE_SECONDS)

    async def _try(self, event_id: str, body: bytes) -> int:
        stamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": stamp,
            "webhook-signature": self._signature(event_id, stamp, body),
        }
        limit = aiohttp.ClientTimeout(total=EVENT_SECONDS)
        try:
            async with self._http.post(self._events_url, data=body, headers=headers, timeout=limit) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    async def _message(self, request: web.Request) -> web.Response:
        body = await request.read()
        key = request.headers.get("webhook-id", "")
        if not self._is_signed(key, request.headers, body):
            return web.json_response({"code": "signature"}, status=401)
        try:
            async with self._showing:  # one after the other: a repetition waits for the first
                if key not in self._shown:
                    self._shown[key] = await self._show(json.loads(body))
        except NotShown as error:
            return web.json_response({"code": error.code, "text": error.text}, status=422)
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)
        return web.json_response({"id": self._shown[key]})

    def _is_signed(self, key: str, headers: Mapping[str, str], body: bytes) -> bool:
        stamp = headers.get("webhook-timestamp", "")
        if not stamp.isdecimal() or abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
            return False
        expected = self._signature(key, stamp, body).encode()
        given = headers.get("webhook-signature", "").split(" ")  # two of them while a secret is changed
        return any(hmac.compare_digest(one.encode(), expected) for one in given)

    def _signature(self, key: str, stamp: str, body: bytes) -> str:
        digest = hmac.new(self._key, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(digest).decode()}"
