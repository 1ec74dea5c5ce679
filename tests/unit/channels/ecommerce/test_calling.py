"""What is called, how much of it is read, and what is known when no answer comes."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from prometheus_client import generate_latest
from yarl import URL

from tests.channels.conformance.pictures import png
from yizhan.channels.contract import OutcomeUnknown, Refused, RetryLater, SendError
from yizhan.channels.ecommerce.calls import MAX_ANSWER_BYTES, PlatformCalls, Timeouts
from yizhan.channels.ecommerce.files import PlatformFiles
from yizhan.channels.ecommerce.platform import Request
from yizhan.channels.ecommerce.reaching import Reaching
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.core.messages.content import Media
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.http.outbound import BoundedResolver, Reach
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.keys import Keyring
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.store.media import MediaStore

LIMIT = 100_000
PICTURE = png(7)
SPACE = b"x" * (MAX_ANSWER_BYTES + 1)
BOMB = zlib.compress(SPACE, 1)


class Fooled(AbstractResolver):
    """Every name leads to this machine."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


async def answer(request: web.Request) -> web.StreamResponse:
    match request.path:
        case "/picture":
            return web.Response(body=PICTURE)
        case "/large":
            return web.Response(body=PICTURE + b"x" * LIMIT)
        case "/gzip":
            return web.Response(body=gzip.compress(PICTURE), headers={"Content-Encoding": "gzip"})
        case "/bomb":
            return web.Response(body=BOMB, headers={"Content-Encoding": "deflate"})
        case "/brotli":
            return web.Response(body=b"\x0b\x02\x80hello\x03", headers={"Content-Encoding": "br"})
        case "/cut":
            return web.Response(body=gzip.compress(PICTURE)[:-9], headers={"Content-Encoding": "gzip"})
        case "/text":
            return web.Response(text="<script>alert(1)</script>", content_type="image/png")
        case "/moved":
            raise web.HTTPFound("/picture")
        case "/busy":
            return web.Response(status=503, headers={"Retry-After": "7"})
        case "/many":
            return web.Response(status=429, headers={"Retry-After": "nonsense"})
        case "/silent":
            await asyncio.sleep(5)
    return web.Response(status=int(request.path.strip("/") or 404))


@pytest.fixture
async def server() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as opened:
        yield str(opened.make_url("/")).rstrip("/")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("ecommerce")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_client(resolver=BoundedResolver(Reach.PUBLIC, names=Fooled())) as opened:
        yield opened


def reaching(server: str) -> Reaching:
    return Reaching(lambda: frozenset({URL(server)}))


@pytest.fixture
def calls(session: aiohttp.ClientSession, server: str, metrics: Metrics) -> PlatformCalls:
    errors = ProviderErrors(metrics, "ecommerce")
    return PlatformCalls("bridge", session, reaching(server), errors, timeouts=Timeouts(connect=1.0, total=0.5))


@pytest.fixture
def files(session: aiohttp.ClientSession, server: str, home: Path) -> PlatformFiles:
    urls = MediaUrls(Keyring.parse("k" * 32), now)
    return PlatformFiles("bridge", session, reaching(server), MediaStore("", home), urls, limit=LIMIT)


@pytest.mark.parametrize(
    ("path", "sending", "error", "code"),
    [
        ("/500", True, OutcomeUnknown, "bridge:http_5xx"),
        ("/500", False, RetryLater, "bridge:http_5xx"),
        ("/silent", True, OutcomeUnknown, "bridge:no_answer"),
        ("/silent", False, RetryLater, "bridge:no_answer"),
        ("/bomb", True, OutcomeUnknown, "bridge:too_long"),
        ("/brotli", False, RetryLater, "bridge:unreadable"),
        ("/cut", False, RetryLater, "bridge:unreadable"),
        ("/many", True, RetryLater, "bridge:http_429"),
    ],
)
async def test_an_answer_that_does_not_come_means_what_it_must(
    calls: PlatformCalls, server: str, metrics: Metrics, path: str, sending: bool, error: type[SendError], code: str
) -> None:
    with pytest.raises(error):
        await calls(Request("try", "POST", URL(server + path), sending=sending))
    assert f'code="{code}"}} 1.0' in generate_latest(metrics.registry).decode()


async def test_a_platform_that_says_how_long_is_believed(calls: PlatformCalls, server: str) -> None:
    with pytest.raises(RetryLater) as error:
        await calls(Request("try", "POST", URL(server + "/busy"), sending=True, busy_is_503=True))
    assert error.value.after == 7.0
    with pytest.raises(OutcomeUnknown):
        await calls(Request("try", "POST", URL(server + "/busy"), sending=True))


async def test_an_answer_comes_whole_and_unpacked_and_redirects_are_not_followed(
    calls: PlatformCalls, server: str
) -> None:
    assert (await calls(Request("try", "GET", URL(server + "/gzip")))).body == PICTURE
    moved = await calls(Request("try", "GET", URL(server + "/moved")))
    assert (moved.status, moved.headers["location"]) == (302, "/picture")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://[::ffff:169.254.169.254]/",
        "http://shop.example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
    ],
)
async def test_addresses_inside_are_not_called(calls: PlatformCalls, url: str) -> None:
    with pytest.raises(Refused):
        await calls(Request("try", "GET", URL(url)))


async def test_a_name_that_leads_inside_is_not_called(calls: PlatformCalls, files: PlatformFiles) -> None:
    with pytest.raises(RetryLater):
        await calls(Request("try", "POST", URL("https://evil.example.com/"), sending=True))
    with pytest.raises(RetryLater):
        await files.fetch("https://img.example.com/1.png", "1.png", ["example.com"], {})


async def test_codes_that_a_platform_invents_do_not_fill_the_figures(calls: PlatformCalls, metrics: Metrics) -> None:
    for number in range(1000):
        calls.refused("message", f"code-{number}")
    calls.refused("message", 'x"} 1\n')
    series = [line for line in generate_latest(metrics.registry).decode().splitlines() if 'code="bridge:' in line]
    assert len(series) <= 202


@pytest.mark.parametrize("path", ["/picture", "/gzip"])
async def test_a_picture_of_the_simulator_is_kept(files: PlatformFiles, server: str, path: str) -> None:
    media = await files.fetch(server + path, "../../etc/图\x00.exe", [], {})
    assert media is not None
    assert (media.mime_type, media.name) == ("image/png", "图.png")
    assert await files.read(media, 10_000) == PICTURE
    assert await files.read(media, 10) is None
    assert await files.read(Media("0" * 64, "image/png"), 10_000) is None
    assert files.link(media).startswith("/media/")


@pytest.mark.parametrize("path", ["/large", "/bomb", "/text", "/moved", "/404", "/brotli", "/cut"])
async def test_a_file_that_cannot_be_had_is_none(files: PlatformFiles, server: str, path: str) -> None:
    assert await files.fetch(server + path, "x", [], {}) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://img.example.com.evil.org/1.png",
        "https://evilexample.com/1.png",
        "http://img.example.com/1.png",
        "https://user:word@img.example.com/1.png",
        "https://127.0.0.1/1.png",
        "http://127.0.0.1:9/1.png",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/1.png",
        "https://0x7f000001/1.png",
        "data:image/png;base64,AAAA",
        "",
        "https://img.example.com/\n1.png",
    ],
)
async def test_a_file_elsewhere_is_not_fetched(files: PlatformFiles, url: str) -> None:
    assert await files.fetch(url, "x", ["example.com", "127.0.0.1.example"], {}) is None


async def test_a_file_that_may_come_later_is_asked_for_again(files: PlatformFiles, server: str) -> None:
    with pytest.raises(RetryLater):
        await files.fetch(server + "/500", "x", [], {})
    assert await files.keep(b"MZ\x90\x00", "x.exe") is None
    assert await files.keep(b"x" * (LIMIT + 1), "x.txt") is None
