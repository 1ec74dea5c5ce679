"""An OpenAI-compatible endpoint that plays a script: one turn for each request, over real HTTP.

A turn gets the request and its JSON and answers as it likes, faults included. What was asked is kept.
"""

import asyncio
import base64
import json
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulators.scripted import answering

Turn = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


@dataclass
class ScriptedModels:
    """``turns`` are played in order; the last one again and again when ``repeat`` is set."""

    base_url: str
    turns: deque[Turn] = field(default_factory=deque)
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ports: set[int] = field(default_factory=set)
    """The other ends of the connections that were made."""
    repeat: bool = False

    def play(self, *turns: Turn, repeat: bool = False) -> None:
        self.turns = deque(turns)
        self.repeat = repeat

    async def answer(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.asked.append(asked)
        self.paths.append(request.path)
        self.headers.append(dict(request.headers))
        if request.transport is not None:
            self.ports.add(request.transport.get_extra_info("peername")[1])
        if not self.turns:
            return web.Response(status=500, text="the script is at its end")
        turn = self.turns[0] if self.repeat and len(self.turns) == 1 else self.turns.popleft()
        return await turn(request, asked)


@asynccontextmanager
async def scripted_models() -> AsyncIterator[ScriptedModels]:
    """On a free port of 127.0.0.1."""
    server = ScriptedModels("")
    async with answering("/v1/{path:.*}", server.answer) as address:
        server.base_url = f"{address}/v1"
        yield server


# --- chat ------------------------------------------------------------------------------------------------------------


def says(text: str, *, pieces: int = 3, **changes: Any) -> Turn:
    """Streams the text in pieces, or gives it whole when not asked to stream."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        if asked.get("stream"):
            return await _stream(request, [*_deltas(text, pieces), *_end(**changes)])
        return web.json_response(completion(text, **changes))

    return turn


def says_whole(text: str) -> Turn:
    """Gives the text whole although asked to stream, as some endpoints do."""
    return gives(json.dumps(completion(text)), "application/json")


def completion(text: str | None, *, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """A chat completion that was not streamed."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage(120)}


def streams(*data: str | dict[str, Any], cut: bool = False, stays: bool = False) -> Turn:
    """Streams these data; ``cut``: then drops the connection instead of ending the answer; ``stays``: never ends it."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        response = await _stream(request, data, cut=cut)
        if stays:
            await asyncio.Event().wait()
        return response

    return turn


def delta(**message: Any) -> dict[str, Any]:
    """One piece of a streamed message."""
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": message, "finish_reason": None}]}


def finish(reason: str) -> dict[str, Any]:
    """The piece that says why the message is over."""
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def drips(text: str, seconds: float) -> Turn:
    """One character at a time, each after ``seconds``: every read is quick, the whole is not."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        response = await _started(request)
        for character in text:
            await response.write(_event(delta(content=character)))
            await asyncio.sleep(seconds)
        return response

    return turn


def endless(piece: str) -> Turn:
    """Streams the same for ever, as fast as it is read."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        response = await _started(request)
        while True:
            await response.write(_event(delta(content=piece)))

    return turn


# --- embeddings ------------------------------------------------------------------------------------------------------


def embeds(rows: Sequence[Sequence[float]], *, coded: bool = False, order: Iterable[int] | None = None) -> Turn:
    """These vectors, as lists or in base64, with their indexes, in another order if wanted."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        data = [
            {"object": "embedding", "index": index, "embedding": _coded(rows[index]) if coded else list(rows[index])}
            for index in (range(len(rows)) if order is None else order)
        ]
        body = {"object": "list", "data": data, "usage": usage(7 * len(rows))}
        return web.Response(text=json.dumps(body), content_type="application/json")

    return turn


def embeds_by(vector: Callable[[str], Sequence[float]]) -> Turn:
    """A vector computed for each text that is asked for."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        return await embeds([vector(text) for text in asked["input"]], coded=True)(request, asked)

    return turn


# --- faults ----------------------------------------------------------------------------------------------------------


def gives(body: str | bytes, content_type: str = "application/json") -> Turn:
    """HTTP 200 with this body."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        return web.Response(body=body.encode() if isinstance(body, str) else body, content_type=content_type)

    return turn


def fails(status: int, body: str = "", **headers: str) -> Turn:
    """An HTTP error; headers with _ for -."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        return web.Response(
            status=status, text=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    return turn


def keeps_silent() -> Turn:
    """Takes the request and never answers it."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    return turn


def hangs_up() -> Turn:
    """Takes the request and drops the connection."""

    async def turn(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return turn


def usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}


def _deltas(text: str, pieces: int) -> list[dict[str, Any]]:
    size = max(1, -(-len(text) // pieces))
    return [delta(content=text[start : start + size]) for start in range(0, len(text), size)]


def _end(finish: str = "stop", **message: Any) -> list[str | dict[str, Any]]:
    last = [delta(**message)] if message else []
    over = {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    return [*last, over, {"choices": [], "usage": usage(120)}, "[DONE]"]


async def _stream(
    request: web.Request, data: Iterable[str | dict[str, Any]], *, cut: bool = False
) -> web.StreamResponse:
    response = await _started(request)
    for datum in data:
        await response.write(_event(datum))
    if cut:
        assert request.transport is not None
        request.transport.close()
    return response


async def _started(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    return response


def _event(datum: str | dict[str, Any]) -> bytes:
    text = datum if isinstance(datum, str) else json.dumps(datum, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def _coded(row: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode("ascii")
