"""Calling others over HTTP, never without a limit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from yizhan import __version__


@asynccontextmanager
async def open_client(
    *, total: float = 10.0, connect: float = 3.0, connections: int = 100, per_host: int = 20
) -> AsyncIterator[aiohttp.ClientSession]:
    """A session for one purpose: at most ``total`` seconds a call, ``connect`` for reaching the host, no cookies kept."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, limit_per_host=per_host),
        timeout=aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect, sock_read=total),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"yizhan/{__version__}"},
    )
    async with session:
        yield session
