"""One request as a platform sees it, and what it answers; and the two ways to a platform: in process, and over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.platform import Request, Response


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: bytes


def answered(value: Any, status: int = 200) -> Answered:
    return Answered(status, orjson.dumps(value))


class Simulated(Protocol):
    def answer(self, asked: Asked) -> Answered: ...


@dataclass(slots=True)
class InProcess:
    """As ``platform.Calls``, without a network. ``codes`` are the refusals that were counted."""

    platform: Simulated
    requests: list[Request] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.url.path, dict(request.url.query), headers, request.body or b"")
        found = self.platform.answer(asked)
        if found.status == 429 or found.status >= 500:
            raise RetryLater
        return Response(found.status, found.body)

    def refused(self, what: str, code: str) -> None:
        self.codes.append(code)


def route(platform: Simulated) -> web.RouteDef:
    """Every address of a server is the platform's."""

    async def handle(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.path, dict(request.query), headers, await request.read())
        found = platform.answer(asked)
        return web.Response(status=found.status, body=found.body, content_type="application/json")

    return web.route("*", "/{path:.*}", handle)
