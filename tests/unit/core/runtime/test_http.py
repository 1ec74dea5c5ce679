"""What a caller gets: the answer, or a problem that says what to do about it, and never our insides."""

import asyncio
import errno
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import grpc
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import BaseModel, ConfigDict, Field
from structlog.testing import capture_logs

from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.http import (
    CannotListen,
    Cors,
    PortTaken,
    Problem,
    client_ip,
    conflict,
    forbidden,
    is_https,
    make_app,
    not_found,
    open_client,
    own_origin,
    owned,
    rate_key,
    read_json,
    serve,
    unauthorized,
)
from yizhan.core.runtime.http.server import refusal
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.passwords import PasswordsBusy
from yizhan.core.security.ratelimit import RateLimited
from yizhan.core.store.errors import StoreUnavailable

Client = TestClient[web.Request, web.Application]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Nested(BaseModel):
    kind: str
    size: int = 0


class Send(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=10)
    parts: list[Nested] = []


class OwnError(Exception):
    pass


class Site:
    """An application with one route per test, in its frame."""

    def __init__(self) -> None:
        self.metrics = Metrics("website")
        self.clients: list[Client] = []
        self.app: web.Application | None = None

    async def open(
        self, handler: Handler, method: str = "POST", path: str = "/things/{id}", **options: object
    ) -> Client:
        ids = iter(f"made-id-{number}" for number in range(1000))
        app = make_app(
            "website",
            metrics=self.metrics,
            health=Health("website"),
            errors={OwnError: lambda _: conflict("own_error", "Own")},
            new_id=lambda: next(ids),
            **options,  # type: ignore[arg-type]
        )
        app.router.add_route(method, path, handler)
        return await self.client_of(app)

    async def client_of(self, app: web.Application) -> Client:
        client: Client = TestClient(TestServer(app))
        await client.start_server()
        self.clients.append(client)
        return client

    def counted(self, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value("yizhan_http_requests_total", {"service": "website", **labels})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    yield site
    for client in site.clients:
        await client.close()


async def fine(_request: web.Request) -> web.Response:
    return web.json_response({"fine": True})


def raising(error: BaseException) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        raise error

    return handler


async def problem_of(answer: ClientResponse) -> dict[str, object]:
    assert answer.content_type == "application/problem+json"
    body: dict[str, object] = await answer.json(content_type=None)
    assert body["status"] == answer.status
    assert body["type"] == f"urn:yizhan:problem:{body['code']}"
    return body


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (Problem(418, "teapot", "Tea only"), 418, "teapot", None),
        (not_found(), 404, "not_found", None),
        (forbidden(), 403, "forbidden", None),
        (Problem(423, "locked", "Locked", retry_after=90.2), 423, "locked", 91),
        (RateLimited(2.3), 429, "rate_limited", 3),
        (StoreUnavailable("locked"), 503, "unavailable", 1),
        (BusUnavailable("away"), 503, "unavailable", 1),
        (PasswordsBusy(), 503, "unavailable", 1),
        (TimeoutError(), 503, "unavailable", 1),
        (OwnError(), 409, "own_error", None),
        (RpcProblem("stale_epoch", grpc.StatusCode.ABORTED, "late"), 409, "stale_epoch", None),
        (RpcProblem("unavailable", grpc.StatusCode.UNAVAILABLE), 503, "unavailable", 1),
        (RpcProblem("deadline_exceeded", grpc.StatusCode.DEADLINE_EXCEEDED), 503, "unavailable", 1),
        (RpcProblem("unauthenticated", grpc.StatusCode.UNAUTHENTICATED), 500, "internal", None),
        (RuntimeError("inner workings"), 500, "internal", None),
        (KeyError("inner workings"), 500, "internal", None),
        (web.HTTPRequestEntityTooLarge(max_size=5, actual_size=9), 413, "too_large", None),
    ],
)
async def test_an_error_is_answered_as_a_problem(
    site: Site, error: Exception, status: int, code: str, retry_after: int | None
) -> None:
    client = await site.open(raising(error))
    with capture_logs() as logs:
        answer = await client.post("/things/1", data="customer words")
        body = await problem_of(answer)
    assert (answer.status, body["code"], body.get("retry_after")) == (status, code, retry_after)
    assert answer.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert "inner workings" not in json.dumps(body)
    assert "customer words" not in str(logs)
    assert any(entry["event"] == "http_request_failed" for entry in logs) is (status == 500)


async def test_problems_of_the_framework_have_our_form(site: Site) -> None:
    client = await site.open(fine)
    missing = await client.get("/nothing/here")
    assert (await problem_of(missing))["code"] == "not_found"
    wrong = await client.get("/things/1")
    assert (await problem_of(wrong))["code"] == "method_not_allowed"
    assert wrong.headers["Allow"] == "POST"


async def test_a_sign_in_problem_says_how(site: Site) -> None:
    client = await site.open(raising(unauthorized()))
    assert (await client.post("/things/1")).headers["WWW-Authenticate"] == "Bearer"


async def test_a_redirect_stays_a_redirect(site: Site) -> None:
    client = await site.open(raising(web.HTTPFound("/elsewhere")))
    answer = await client.post("/things/1", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")


async def test_requests_are_counted_by_route_never_by_path(site: Site) -> None:
    client = await site.open(fine)
    for number in range(5):
        await client.post(f"/things/{number}")
        await client.get(f"/no/{number}")
    await client.request("PROPFIND", "/things/1")
    assert site.counted(method="POST", route="/things/{id}", status="2xx") == 5
    assert site.counted(method="GET", route="unmatched", status="4xx") == 5
    assert site.counted(method="OTHER", route="unmatched", status="4xx") == 1
    seconds = {"service": "website", "method": "POST", "route": "/things/{id}"}
    assert site.metrics.registry.get_sample_value("yizhan_http_request_seconds_count", seconds) == 5


async def test_a_request_leaves_one_line_and_a_probe_none_that_matters(site: Site) -> None:
    client = await site.open(fine)
    with capture_logs() as logs:
        await client.post("/things/13812345678?token=abc")
        await client.get("/healthz")
    lines = [entry for entry in logs if entry["event"] == "http_request"]
    assert [(line["route"], line["status"], line["log_level"]) for line in lines] == [
        ("/things/{id}", 200, "info"),
        ("/healthz", 200, "debug"),
    ]
    assert "13812345678" not in str(logs)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("support-case-42", True),
        ("x", False),
        ("a" * 65, False),
        ("with space and more", False),
        ("客户的请求编号", False),
    ],
)
async def test_a_request_id_is_kept_when_it_is_one(site: Site, given: str, kept: bool) -> None:
    client = await site.open(fine)
    answer = await client.post("/things/1", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == (given if kept else "made-id-0")


async def test_every_answer_carries_the_security_headers(site: Site) -> None:
    client = await site.open(fine, csp="default-src 'self'")
    for path in ("/things/1", "/missing"):
        headers = (await client.post(path)).headers
        assert headers["Content-Security-Policy"] == "default-src 'self'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert headers["Server"] == "yizhan"
        assert headers["Cache-Control"] == "no-store"


async def test_a_handler_may_set_its_own_headers(site: Site) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text="x", headers={"Cache-Control": "max-age=60", "Content-Security-Policy": "none"})

    headers = (await (await site.open(handler)).post("/things/1")).headers
    assert (headers["Cache-Control"], headers["Content-Security-Policy"]) == ("max-age=60", "none")


async def test_services_in_one_application_are_counted_apart(site: Site) -> None:
    outer = make_app("embedded", metrics=site.metrics)
    outer.add_routes(owned("website", [web.get("/chat", fine)], csp="default-src 'self'"))
    inner = make_app("console", metrics=site.metrics, csp="script-src 'self'")
    inner.router.add_get("/users", raising(not_found()))
    outer.add_subapp("/api", inner)
    client = await site.client_of(outer)

    chat, users = await client.get("/chat"), await client.get("/api/users")
    assert chat.headers["Content-Security-Policy"] == "default-src 'self'"
    assert users.headers["Content-Security-Policy"] == "script-src 'self'"
    assert (await problem_of(users))["code"] == "not_found"
    value = site.metrics.registry.get_sample_value
    labels = {"service": "console", "method": "GET", "route": "/api/users", "status": "4xx"}
    assert value("yizhan_http_requests_total", labels) == 1
    assert site.counted(method="GET", route="/chat", status="2xx") == 1
    assert value("yizhan_http_requests_total", {**labels, "service": "embedded"}) is None


async def test_a_failure_in_the_middle_of_an_answer_breaks_it_off(site: Site) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        raise RuntimeError("inner workings")

    client = await site.open(handler)
    answer = await client.post("/things/1")
    with pytest.raises(Exception, match=r"payload|closed|disconnected"):
        await answer.read()
    assert site.counted(method="POST", route="/things/{id}", status="5xx") == 1


async def test_a_socket_that_stays_open_says_nothing_about_speed(site: Site) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close()
        return socket

    client = await site.open(handler, "GET")
    async with client.ws_connect("/things/1") as socket:
        await socket.receive()
    await asyncio.sleep(0.01)
    assert site.counted(method="GET", route="/things/{id}", status="1xx") == 1
    seconds = {"service": "website", "method": "GET", "route": "/things/{id}"}
    assert site.metrics.registry.get_sample_value("yizhan_http_request_seconds_count", seconds) is None


async def reading(request: web.Request) -> web.Response:
    body = await read_json(request, Send, limit=200)
    return web.json_response(body.model_dump())


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b'{"text": "\xe4\xbd\xa0\xe5\xa5\xbd"}', 200, None),
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b'{"text": "\\ud800"}', 400, "malformed_json"),
        (b"[" * 150, 400, "malformed_json"),
        (b'{"text": "\xff"}', 400, "invalid_utf8"),
        ('{"text": "a"}'.encode("utf-16"), 400, "invalid_utf8"),
        (b"[]", 422, "invalid_fields"),
        (b"{}", 422, "invalid_fields"),
        (b'{"text": 5}', 422, "invalid_fields"),
        (b'{"text": "a", "extra": 1}', 422, "invalid_fields"),
        (b'{"text": "a\\u0000b"}', 422, "invalid_fields"),
        (b'{"text": "\\\\u0000"}', 200, None),
        (b'{"text": "' + b"a" * 300 + b'"}', 413, "too_large"),
    ],
)
async def test_a_body_is_read_or_refused_with_a_reason(site: Site, raw: bytes, status: int, code: str | None) -> None:
    client = await site.open(reading)
    answer = await client.post("/things/1", data=raw, headers=JSON)
    assert answer.status == status
    if code is not None:
        assert (await problem_of(answer))["code"] == code


async def test_a_wrong_field_is_named_without_its_value(site: Site) -> None:
    client = await site.open(reading)
    answer = await client.post("/things/1", json={"text": "a", "parts": [{"kind": "x"}, {"size": "secret words"}]})
    body = await problem_of(answer)
    assert isinstance(body["fields"], list)
    assert {field["name"] for field in body["fields"]} == {"parts.1.kind", "parts.1.size"}
    assert "secret words" not in json.dumps(body)


async def test_where_a_nul_character_is_hidden_is_told(site: Site) -> None:
    client = await site.open(reading)
    answer = await client.post("/things/1", json={"text": "a", "parts": [{"kind": "x\0"}]})
    assert (await problem_of(answer))["fields"] == [
        {"name": "parts.0.kind", "reason": "must not contain NUL characters"}
    ]


async def test_a_body_too_large_is_refused_also_when_its_length_is_not_told(site: Site) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 10

    client = await site.open(reading)
    answer = await client.post("/things/1", data=chunks(), headers=JSON)
    assert answer.status == 413


async def test_a_form_is_no_json(site: Site) -> None:
    client = await site.open(reading)
    answer = await client.post("/things/1", data='{"text": "a"}', headers={"Content-Type": "text/plain"})
    assert (await problem_of(answer))["code"] == "unsupported_media_type"


async def test_a_body_that_never_ends_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yizhan.core.runtime.http.body.READ_SECONDS", 0.05)
    client = await site.open(reading)
    assert client.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(b"POST /things/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{")
    async with asyncio.timeout(5):
        assert b" 408 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def who(request: web.Request) -> web.Response:
    return web.json_response([client_ip(request), rate_key(request), is_https(request), own_origin(request)])


@pytest.mark.parametrize(
    ("proxies", "headers", "address"),
    [
        (0, {"X-Forwarded-For": "1.1.1.1"}, "127.0.0.1"),
        (1, {}, "127.0.0.1"),
        (1, {"X-Forwarded-For": "1.1.1.1"}, "1.1.1.1"),
        (1, {"X-Forwarded-For": "forged, 1.1.1.1"}, "1.1.1.1"),
        (1, {"X-Forwarded-For": "6.6.6.6, 1.1.1.1"}, "1.1.1.1"),
        (2, {"X-Forwarded-For": "6.6.6.6, 1.1.1.1, 10.0.0.1"}, "1.1.1.1"),
        (2, {"X-Forwarded-For": "6.6.6.6"}, "127.0.0.1"),
        (1, {"X-Forwarded-For": "1.1.1.1:443"}, "1.1.1.1"),
        (1, {"X-Forwarded-For": '"[2001:db8::1]:443"'}, "2001:db8::1"),
        (1, {"X-Forwarded-For": "::ffff:1.1.1.1"}, "1.1.1.1"),
        (1, {"X-Forwarded-For": "unknown"}, "127.0.0.1"),
        (1, {"X-Forwarded-For": ""}, "127.0.0.1"),
    ],
)
async def test_the_clients_address_is_what_trusted_proxies_say(
    site: Site, proxies: int, headers: dict[str, str], address: str
) -> None:
    client = await site.open(who, trusted_proxies=proxies)
    assert (await (await client.post("/things/1", headers=headers)).json())[0] == address


async def test_a_customer_with_a_whole_network_is_one_customer(site: Site) -> None:
    client = await site.open(who, trusted_proxies=1)
    keys = set()
    for address in ("2001:db8::1", "2001:db8::ffff:2"):
        keys.add((await (await client.post("/things/1", headers={"X-Forwarded-For": address})).json())[1])
    assert keys == {"2001:db8::/64"}


@pytest.mark.parametrize(("proxies", "https"), [(0, False), (1, True)])
async def test_tls_at_the_proxy_counts_when_the_proxy_is_trusted(site: Site, proxies: int, https: bool) -> None:
    client = await site.open(who, trusted_proxies=proxies)
    answer = await client.post("/things/1", headers={"X-Forwarded-Proto": "https", "Host": "Shop.example"})
    assert (await answer.json())[2:] == [https, f"{'https' if https else 'http'}://shop.example"]


SHOP = "https://shop.example"


async def cross_site(site: Site, handler: Handler = fine) -> Client:
    async def allowed(request: web.Request, origin: str) -> bool:
        return origin == SHOP and request.match_info["id"] != "closed"

    app = make_app("website", metrics=site.metrics)
    app.add_routes(Cors(allowed).routes([web.post("/things/{id}", handler), web.get("/things/{id}", handler)]))
    return await site.client_of(app)


@pytest.mark.parametrize(
    ("origin", "path", "status", "granted"),
    [
        (SHOP, "/things/1", 200, SHOP),
        ("HTTPS://Shop.Example", "/things/1", 200, "HTTPS://Shop.Example"),
        (None, "/things/1", 200, None),
        ("http://service.example", "/things/1", 200, None),
        (SHOP, "/things/closed", 403, None),
        ("https://evil.example", "/things/1", 403, None),
        ("null", "/things/1", 403, None),
    ],
)
async def test_which_pages_may_call(
    site: Site, origin: str | None, path: str, status: int, granted: str | None
) -> None:
    client = await cross_site(site)
    headers = {"Host": "service.example"} | ({"Origin": origin} if origin else {})
    answer = await client.post(path, headers=headers)
    assert (answer.status, answer.headers.get("Access-Control-Allow-Origin")) == (status, granted)
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_a_page_of_another_site_can_read_the_problem(site: Site) -> None:
    client = await cross_site(site, raising(RateLimited(5)))
    answer = await client.post("/things/1", headers={"Origin": SHOP})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (429, SHOP)
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


async def test_a_browser_that_asks_first_is_told_what_it_may(site: Site) -> None:
    client = await cross_site(site)
    answer = await client.options("/things/1", headers={"Origin": SHOP, "Access-Control-Request-Method": "POST"})
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, OPTIONS, POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert (await client.options("/things/1", headers={"Origin": "https://evil.example"})).status == 403


async def test_a_server_listens_until_it_is_left(site: Site) -> None:
    app = make_app("website", metrics=site.metrics, health=Health("website"))
    async with open_client(total=5) as client:
        async with serve(app, "127.0.0.1", 0) as port, client.get(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
        with pytest.raises(OSError, match="Connect"):
            await client.get(f"http://127.0.0.1:{port}/healthz")


async def test_a_request_in_hand_is_finished_before_the_server_ends(site: Site) -> None:
    started = asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        started.set()
        await asyncio.sleep(0.2)
        return web.json_response({"done": True})

    app = make_app("website", metrics=site.metrics)
    app.router.add_get("/slow", slow)
    async with open_client(total=5) as client:
        async with serve(app, "127.0.0.1", 0) as port:
            asking = asyncio.create_task(client.get(f"http://127.0.0.1:{port}/slow"))
            await started.wait()
        assert (await asking).status == 200


async def test_a_taken_port_is_told_in_one_line(site: Site) -> None:
    async with serve(make_app("a", metrics=site.metrics), "127.0.0.1", 0) as port:
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}: the port is taken") as refused:
            async with serve(make_app("b", metrics=site.metrics), "127.0.0.1", port):
                pass
        assert (refused.value.host, refused.value.port) == ("127.0.0.1", port)


async def test_an_address_that_is_not_ours_is_told_in_one_line(site: Site) -> None:
    with pytest.raises(CannotListen, match="does not have that address"):
        async with serve(make_app("a", metrics=site.metrics), "192.0.2.1", 0):
            pass


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (socket.gaierror(-2, "Name or service not known"), "the host is not known"),
        (OSError(errno.EADDRINUSE, "in use"), "the port is taken"),
        (OSError("Multiple exceptions: [Errno 98] address already in use"), "the port is taken"),
        (PermissionError(errno.EACCES, "Permission denied"), "not allowed"),
        (OSError(errno.ENOBUFS, "No buffer space available"), "No buffer space available"),
    ],
)
def test_why_an_address_cannot_be_listened_on(error: OSError, reason: str) -> None:
    assert str(refusal("shop.example", 80, error)).startswith(f"cannot listen on shop.example:80: {reason}")


async def test_a_call_to_others_ends_in_time() -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.sleep(5)
        finally:
            writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with open_client(total=0.1) as client:
        with pytest.raises(TimeoutError):
            await client.get(f"http://127.0.0.1:{port}/")
    listener.close()
