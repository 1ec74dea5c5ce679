"""The demo shop behind real sockets, over HTTP or gRPC, with every way in which a business's system can go wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import grpc
from aiohttp import web
from pydantic import SecretStr

from tests.services.tcp_proxy import TcpProxy
from yizhan.core.runtime.grpc import RpcProblem, server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.http.problem import Problem
from yizhan.core.runtime.metrics import Metrics
from yizhan.demo.orders.book import OrderBook
from yizhan.demo.orders.grpc_api import OrdersApi
from yizhan.demo.orders.http_face import PREFIX, routes
from yizhan.demo.orders.journal import Journal
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.grpc import GrpcPlace, open_grpc
from yizhan.dialogue.connectors.http import HttpPlace, open_http
from yizhan.pb.v1 import orders_pb2
from yizhan.pb.v1.orders_pb2_grpc import add_OrdersServiceServicer_to_server

Way = Literal["http", "grpc"]
SECRET = "a-secret-of-the-shop"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PATIENCE = 20.0
"""The connector's time limit, in seconds, for what will come, however busy the machine is."""
HASTE = 1.0
"""And where it will never come."""
MOST_BYTES = 64 * 1024


class Fault(StrEnum):
    """What the system does instead of answering."""

    SLOW = "slow"
    CUT = "cut"
    CUT_IN_THE_BODY = "cut in the body"
    BUSY = "429"
    BROKEN = "500"
    NONSENSE = "nonsense"
    HUGE = "huge"
    COMMIT_THEN_SLOW = "commit, then no answer"
    COMMIT_THEN_CUT = "commit, then cut"


AFTER_COMMIT = frozenset({Fault.COMMIT_THEN_SLOW, Fault.COMMIT_THEN_CUT})


def patience_with(*faults: Fault) -> float:
    """The time limit for a case in which these happen."""
    return PATIENCE if {Fault.SLOW, Fault.COMMIT_THEN_SLOW}.isdisjoint(faults) else HASTE


@dataclass
class Rig:
    """A connector, the book at the other end, and what is to go wrong with the next calls, in order."""

    connector: Connector
    book: OrderBook
    proxy: TcpProxy
    faults: list[Fault] = field(default_factory=list)
    calls: int = 0

    def next_fault(self) -> Fault | None:
        self.calls += 1
        return self.faults.pop(0) if self.faults else None


@asynccontextmanager
async def rig(
    way: Way,
    *,
    journal: Path | None = None,
    secret: str = SECRET,
    patience: float = PATIENCE,
    keeps_keys: bool = True,
    finds_by_customer: bool = False,
) -> AsyncIterator[Rig]:
    """The demo shop at noon on a Sunday, and a connector to it."""
    book = OrderBook(lambda: NOON, Journal(journal))
    made: list[Rig] = []
    async with (
        _http(book, made) if way == "http" else _grpc(book, made) as port,
        TcpProxy("127.0.0.1", port) as proxy,
        _connector(
            way, proxy.port, secret, patience, keeps_keys=keeps_keys, finds_by_customer=finds_by_customer
        ) as connector,
    ):
        made.append(Rig(connector, book, proxy))
        yield made[0]


@asynccontextmanager
async def _connector(
    way: Way, port: int, secret: str, patience: float, *, keeps_keys: bool, finds_by_customer: bool
) -> AsyncIterator[Connector]:
    shown = SecretStr(f"Bearer {secret}")
    if way == "http":
        place = HttpPlace(
            url=lambda: f"http://127.0.0.1:{port}{PREFIX}",
            secret=shown,
            timeout=patience,
            most_bytes=MOST_BYTES,
            keeps_keys=keeps_keys,
            finds_by_customer=finds_by_customer,
        )
        async with open_http(place, at_once=16) as http:
            yield http
    else:
        grpc_place = GrpcPlace(
            address=f"127.0.0.1:{port}",
            tls=False,
            secret=shown,
            timeout=patience,
            most_bytes=MOST_BYTES,
            keeps_keys=keeps_keys,
            finds_by_customer=finds_by_customer,
        )
        async with open_grpc(grpc_place) as over_grpc:
            yield over_grpc


@asynccontextmanager
async def _http(book: OrderBook, made: list[Rig]) -> AsyncIterator[int]:
    app = make_app("shop", metrics=Metrics("shop"))

    def faulty(route: web.RouteDef) -> web.RouteDef:
        async def handle(request: web.Request) -> web.StreamResponse:
            await request.read()
            fault = made[0].next_fault()
            if fault is None or fault in AFTER_COMMIT:
                answer: web.StreamResponse = await route.handler(request)
                if fault is not None:
                    await _silence(made[0], fault)
                return answer
            return await _http_fault(made[0], fault, request)

        return web.RouteDef(route.method, route.path, handle, dict(route.kwargs))

    app.add_routes([faulty(route) for route in routes(book, (SECRET,))])
    async with serve(app, "127.0.0.1", 0, drain=0.1) as port:
        yield port


async def _http_fault(broken: Rig, fault: Fault, request: web.Request) -> web.StreamResponse:
    match fault:
        case Fault.BUSY:
            raise Problem(429, "too_many", "Too many", retry_after=2)
        case Fault.BROKEN:
            return web.Response(status=500, text="<h1>Internal Server Error</h1>", content_type="text/html")
        case Fault.NONSENSE:
            return web.Response(text="<html>Please sign in</html>", content_type="text/html")
        case Fault.HUGE:
            return web.Response(body=b" " * (4 << 20), content_type="application/json")
        case Fault.CUT_IN_THE_BODY:
            answer = web.StreamResponse(headers={"Content-Length": "5000", "Content-Type": "application/json"})
            await answer.prepare(request)
            await answer.write(b'{"card": {"order_id": "SJ1')
            await asyncio.sleep(0.1)
            await _silence(broken, Fault.CUT)
            return answer
        case _:
            await _silence(broken, fault)
            return web.Response()


async def _silence(broken: Rig, fault: Fault) -> None:
    """Never answer; maybe lose the connection as well."""
    if fault in {Fault.CUT, Fault.COMMIT_THEN_CUT, Fault.CUT_IN_THE_BODY}:
        broken.proxy.cut()
    await asyncio.sleep(60)


class _FaultyApi:
    """Stands in for the servicer; the generated code takes its methods by name."""

    def __init__(self, api: OrdersApi, made: list[Rig]) -> None:
        self._api = api
        self._made = made

    def __getattr__(self, name: str) -> Callable[[Any, Any], Awaitable[Any]]:
        behave = getattr(self._api, name)

        async def method(request: Any, context: Any) -> Any:
            fault = self._made[0].next_fault()
            if fault is None or fault in AFTER_COMMIT:
                answer = await behave(request, context)
                if fault is not None:
                    await _silence(self._made[0], fault)
                return answer
            return await self._fault(fault, name)

        return method

    async def _fault(self, fault: Fault, name: str) -> Any:
        answer = getattr(orders_pb2, f"{name}Response")()
        match fault:
            case Fault.BUSY:
                raise RpcProblem("too_many", grpc.StatusCode.RESOURCE_EXHAUSTED, retry_after=2)
            case Fault.BROKEN:
                raise ZeroDivisionError
            case Fault.NONSENSE:
                return answer
            case Fault.HUGE:
                answer.MergeFromString(b"\xc2\x3e" + _varint(4 << 20) + b" " * (4 << 20))  # a field nobody knows
                return answer
            case _:
                await _silence(self._made[0], fault)
                return answer


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


@asynccontextmanager
async def _grpc(book: OrderBook, made: list[Rig]) -> AsyncIterator[int]:
    api: Any = _FaultyApi(OrdersApi(book), made)
    async with server(
        [lambda built: add_OrdersServiceServicer_to_server(api, built)],
        "127.0.0.1",
        0,
        (SECRET,),
        health=Health("shop"),
        metrics=Metrics("shop"),
        grace=0.1,
    ) as port:
        yield port
