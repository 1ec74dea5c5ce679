"""A webhook under test control, and calls of the API as an honest client makes them."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.simulators.wechat import xml_form
from tests.simulators.wechat.crypto import PushCipher, sign

Json = dict[str, Any]
APP, CORP = "wxba5fad812f8e6fb9", "ww0123456789abcdef"
SECRET, TOKEN, KEY = "s3cret", "AAAAA", "A" * 43
OFFICIAL: Json = {"app_id": APP, "secret": SECRET, "token": TOKEN}
KF: Json = {"corp_id": CORP, "secret": SECRET, "token": TOKEN, "aes_key": KEY}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
JPG = b"\xff\xd8\xff" + b"\0" * 16


@dataclass(frozen=True, slots=True)
class Pushed:
    method: str
    query: dict[str, str]
    body: str

    @property
    def fields(self) -> Json:
        return json.loads(self.body) if self.body.startswith("{") else xml_form.parse(self.body)

    def opened(self, receive_id: str, key: str = KEY) -> str:
        """The cleartext, its msg_signature checked."""
        sealed = self.fields["Encrypt"]
        assert self.query["msg_signature"] == sign(TOKEN, self.query["timestamp"], self.query["nonce"], sealed)
        return PushCipher(key, receive_id).decrypt(sealed)


Answer = Callable[[Pushed], Awaitable[web.Response | str] | web.Response | str]


@dataclass
class Shop:
    """The other side: ``answer`` decides what a push is answered; ``url`` is the webhook."""

    http: aiohttp.ClientSession
    url: str = ""
    answer: Answer = lambda pushed: "success"
    pushed: list[Pushed] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        pushed = Pushed(request.method, dict(request.query), (await request.read()).decode("utf-8", "replace"))
        self.pushed.append(pushed)
        said = self.answer(pushed)
        if isinstance(said, Awaitable):
            said = await said
        return web.Response(text=said) if isinstance(said, str) else said

    async def get(self, url: str, **query: str) -> Json:
        async with self.http.get(url, params=query) as answer:
            return await answer.json(content_type=None)

    async def post(self, url: str, body: Json | bytes) -> Json:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        async with self.http.post(url, data=raw) as answer:
            return await answer.json(content_type=None)

    async def upload(self, url: str, data: bytes, name: str = "a.png") -> Json:
        form = aiohttp.FormData()
        form.add_field("media", io.BytesIO(data), filename=name)
        async with self.http.post(url, data=form) as answer:
            return await answer.json(content_type=None)


@asynccontextmanager
async def open_shop() -> AsyncIterator[Shop]:
    async with aiohttp.ClientSession() as http:
        shop = Shop(http)
        app = web.Application()
        app.router.add_route("*", "/hook", shop.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        try:
            yield shop
        finally:
            await runner.cleanup()


async def slowly(_pushed: Pushed) -> str:
    """Slower than any deadline in these tests."""
    await asyncio.sleep(5)
    return "success"


def reply_to(pushed: Json, **fields: Any) -> Json:
    """A right text reply, changed by ``fields``; None leaves one out."""
    whole: Json = {
        "ToUserName": pushed["FromUserName"],
        "FromUserName": pushed["ToUserName"],
        "CreateTime": 1714112445,
        "MsgType": "text",
        "Content": "您好",
    }
    return {name: value for name, value in (whole | fields).items() if value is not None}


def sealed(clear: str, nonce: str, receive_id: str = APP, key: str = KEY, **changes: str) -> str:
    """An encrypted reply, changed by ``changes``."""
    text = PushCipher(key, receive_id).encrypt(clear, b"0123456789abcdef")
    parts = {"Encrypt": text, "MsgSignature": sign(TOKEN, "1714112445", nonce, text)}
    return xml_form.build(parts | {"TimeStamp": 1714112445, "Nonce": nonce} | changes)
