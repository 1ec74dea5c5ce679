"""A recogniser that plays a script: one turn for each file that it is given, over real HTTP. What was asked is kept."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.simulators.scripted import answering

Turn = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Given:
    """A file that it was given."""

    kind: str
    locale: str
    mime_type: str
    data: bytes
    key: str
    authorization: str


@dataclass
class ScriptedRecogniser:
    """``turns`` are played in order; the last one again and again."""

    url: str
    turns: deque[Turn] = field(default_factory=deque)
    given: list[Given] = field(default_factory=list)

    def play(self, *turns: Turn) -> None:
        self.turns = deque(turns)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        headers = request.headers
        self.given.append(
            Given(
                request.query["kind"],
                request.query.get("locale", ""),
                request.content_type,
                await request.read(),
                headers.get("Idempotency-Key", ""),
                headers.get("Authorization", ""),
            )
        )
        turn = self.turns[0] if len(self.turns) == 1 else self.turns.popleft()
        return await turn(request)


@asynccontextmanager
async def scripted_recogniser() -> AsyncIterator[ScriptedRecogniser]:
    """On a free port of 127.0.0.1."""
    server = ScriptedRecogniser("")
    async with answering("/v1/words", server.answer) as address:
        server.url = f"{address}/v1/words"
        yield server


def hears(text: object, confidence: object = 0.97, **more: object) -> Turn:
    """Says that it is this."""
    return gives(json.dumps({"text": text, "confidence": confidence, **more}))


def gives(body: str | bytes, *, status: int = 200) -> Turn:
    """Answers with this body, whatever it is."""

    async def turn(_: web.Request) -> web.StreamResponse:
        data = body.encode() if isinstance(body, str) else body
        return web.Response(status=status, body=data, content_type="application/json")

    return turn


async def never(_: web.Request) -> web.StreamResponse:
    """Does not answer."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def hangs_up(request: web.Request) -> web.StreamResponse:
    """Breaks the connection off."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def endless(request: web.Request) -> web.StreamResponse:
    """Answers for ever, as fast as it is read."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" " * 65_536)


async def elsewhere(_: web.Request) -> web.StreamResponse:
    """Sends the file on to somebody else."""
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/"})
