"""Over TLS: a system whose certificate is not trusted gets no call and no secret."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import grpc.aio
import pytest
from aiohttp import web
from pydantic import SecretStr

from tests.contract.connectors.rigs import SECRET, Way
from tests.services.certificate import Identity, identity
from yizhan.core.runtime import clock
from yizhan.core.runtime.http import make_app
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.metrics import Metrics
from yizhan.demo.orders.book import OrderBook
from yizhan.demo.orders.grpc_api import OrdersApi
from yizhan.demo.orders.http_face import PREFIX, routes
from yizhan.demo.orders.journal import Journal
from yizhan.dialogue.connectors.config import ConnectorsFile, ConnectorsInvalid
from yizhan.dialogue.connectors.errors import Unavailable
from yizhan.dialogue.connectors.grpc import GrpcPlace, open_grpc
from yizhan.dialogue.connectors.http import HttpPlace, open_http
from yizhan.dialogue.connectors.opening import open_connectors
from yizhan.pb.v1.orders_pb2_grpc import add_OrdersServiceServicer_to_server


@asynccontextmanager
async def shop(way: Way, own: Identity, tmp_path: Path, heard: list[str]) -> AsyncIterator[int]:
    """The demo shop over TLS; ``heard``: the secrets that it was shown."""
    book = OrderBook(clock.now, Journal(None))
    if way == "http":
        app = make_app("shop", metrics=Metrics("shop"))

        async def listening(request: web.Request, _: web.StreamResponse) -> None:
            heard.append(request.headers.get("Authorization", ""))

        app.on_response_prepare.append(listening)
        app.add_routes(routes(book, (SECRET,)))
        (tmp_path / "own.pem").write_bytes(own.certificate + own.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "own.pem")
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        try:
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()
    else:
        server = grpc.aio.server()

        class Api(OrdersApi):
            async def GetOrder(self, request, context):  # type: ignore[no-untyped-def]
                heard.append(dict(context.invocation_metadata()).get("authorization", ""))
                return await super().GetOrder(request, context)

        add_OrdersServiceServicer_to_server(Api(book), server)
        credentials = grpc.ssl_server_credentials([(own.key, own.certificate)])
        port = server.add_secure_port("127.0.0.1:0", credentials)
        await server.start()
        try:
            yield port
        finally:
            await server.stop(0.1)


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "somebody else's certificate"])
async def test_only_who_has_the_right_certificate_is_asked(way: Way, tmp_path: Path, trusted: bool) -> None:
    own, heard = identity("erp.test"), list[str]()
    ca = own.certificate if trusted else identity("erp.test").certificate
    secret = SecretStr(f"Bearer {SECRET}")
    async with shop(way, own, tmp_path, heard) as port:
        opened = (
            open_http(HttpPlace(url=lambda: f"https://127.0.0.1:{port}{PREFIX}", ca=ca, secret=secret), at_once=1)
            if way == "http"
            else open_grpc(GrpcPlace(address=f"127.0.0.1:{port}", ca=ca, secret=secret))
        )
        async with opened as connector:
            if trusted:
                assert (await connector.get_order("SJ100001", "", "en")).phase == "shipped"
                assert heard == [f"Bearer {SECRET}"]
            else:
                with pytest.raises(Unavailable, match="unreachable") as caught:
                    await connector.get_order("SJ100001", "", "en")
                assert not caught.value.sent
                assert heard == []


async def test_a_file_without_certificates_keeps_the_service_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    for content in (b"", b"not a certificate", "中".encode()):
        path.write_bytes(content)
        declared = ConnectorsFile.model_validate(
            {"workspaces": {"default": [{"serves": ["x"], "http": {"url": "https://e.example", "ca_file": path}}]}}
        )
        async with Lifespan() as life:
            with pytest.raises(ConnectorsInvalid, match="holds no certificates"):
                await open_connectors(life, declared)


async def test_what_is_declared_is_opened_under_every_name(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(identity("erp.test").certificate)
    declared = ConnectorsFile.model_validate(
        {
            "workspaces": {
                "default": [
                    {"serves": ["orders", "after_sales"], "http": {"url": "https://e.example"}},
                    {
                        "serves": ["appointments"],
                        "grpc": {"address": "e.example:443", "ca_file": tmp_path / "ca.pem", "keeps_keys": False},
                    },
                ]
            }
        }
    )
    async with Lifespan() as life:
        opened = await open_connectors(life, declared)
        assert sorted(opened) == [("default", "after_sales"), ("default", "appointments"), ("default", "orders")]
        assert opened["default", "orders"] is opened["default", "after_sales"]
        assert not opened["default", "appointments"].keeps_keys
