"""A client that does not read is let go, costs little, and gets everything when it comes back."""

import asyncio
import socket as sockets

import orjson
import pytest

from tests.channels.waiting import until
from tests.channels.website.conftest import Site
from yizhan.channels.screens import sessions


def masked(payload: bytes) -> bytes:
    """A client's text frame with a mask of zeros."""
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + size.to_bytes(2)
    return head + bytes(4) + payload


async def deaf(site: Site, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that says hello and then never reads."""
    host, port = site.url.removeprefix("http://").split(":")
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=raw, limit=1024)
    writer.write(
        f"GET /website/demo/ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    writer.write(masked(orjson.dumps({"type": "hello", "token": token, "after": 0})))
    await writer.drain()
    return reader, writer


async def test_a_client_that_does_not_read_is_closed_and_others_notice_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_QUEUED_BYTES", 200_000)
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        address = site.dialogue.address(visitor.visitor_id)
        _, writer = await deaf(site, visitor.token)
        connections = site.core.metrics.gauge("yizhan_website_connections", "Connected clients.", ("kind",))
        count = connections.labels("socket")._value
        await until(lambda: count.get() == 2)
        site.dialogue.outbound = False
        for number in range(600):
            await site.dialogue.say(address, f"{number} " + "x" * 10_000)
            await visitor.reached(3 + number)
        await until(lambda: count.get() == 1, 10.0)
        writer.close()
    assert len(visitor.messages) == 602


async def test_a_client_that_stalls_in_the_middle_is_cut_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "WRITE_SECONDS", 0.5)
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        address = site.dialogue.address(visitor.visitor_id)
        for number in range(2000):
            site.dialogue.said(address, f"{number} " + "x" * 10_000)
        _, writer = await deaf(site, visitor.token)
        connections = site.core.metrics.gauge("yizhan_website_connections", "Connected clients.", ("kind",))
        count = connections.labels("socket")._value
        await until(lambda: count.get() == 2)
        await until(lambda: count.get() == 1, 15.0)
        writer.close()


async def test_a_slow_reader_gets_a_long_transcript_whole(site: Site) -> None:
    """20 MB to somebody who reads 64 KB at a time: the server waits instead of piling it up."""
    async with site.client() as visitor:
        await visitor.say("hi")
        await visitor.reached(2)
        address = site.dialogue.address(visitor.visitor_id)
        for number in range(1000):
            site.dialogue.said(address, f"{number} " + "x" * 19_000)
        async with site.client(session={"token": visitor.token}) as second:
            await second.reached(1002, 30.0)
        assert second.texts()[-1].startswith("999 ")
