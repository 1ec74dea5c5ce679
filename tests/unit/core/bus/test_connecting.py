"""What connecting to a broker leaves behind when there is none."""

import asyncio
import gc
import socket
import sys
import warnings

import pytest
from structlog.testing import capture_logs

from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.bus.rabbitmq.connection import Link, Session


async def declare_nothing(session: Session) -> None:
    raise AssertionError("nothing is there to declare on")


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def peer_that_says(words: bytes) -> asyncio.Future[asyncio.Server]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        writer.close()

    return asyncio.ensure_future(asyncio.start_server(answer, "127.0.0.1", 0))


async def failed_to_connect(port: int) -> None:
    url = f"amqp://127.0.0.1:{port}/?reconnect_interval=0.05"
    link = Link(url, name="test", declare=declare_nothing, figures=BusFigures(), within=1.0)
    with pytest.raises(BusUnavailable), capture_logs() as told:
        async with link:
            pass
    assert [entry["event"] for entry in told].count("bus_connect_failed") > 1


@pytest.mark.parametrize("words", [None, b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["refused", "hung up", "http"])
async def test_failed_attempts_leave_nothing_to_be_closed_by_the_garbage_collector(
    words: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs in any thread, one without an event loop too, and could not close anything there."""
    complaints: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: complaints.append(repr(what.exc_value)))
    gc.collect()
    gc.disable()
    try:
        if words is None:
            await failed_to_connect(closed_port())
        else:
            async with await peer_that_says(words) as server:
                await failed_to_connect(server.sockets[0].getsockname()[1])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            await asyncio.to_thread(gc.collect)
    finally:
        gc.enable()
    assert complaints == []
