"""Calling others over HTTP, never without a limit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver

from yizhan import __version__


@asynccontextmanager
async def open_client(
    *,
    total: float = 10.0,
    connect: float = 3.0,
    connections: int = 100,
    per_host: int = 20,
    resolver: AbstractResolver | None = None,
) -> AsyncIterator[aiohttp.ClientSession]:
    """A session for one purpose: at most ``total`` seconds a call, ``connect`` for reaching the host, no cookies kept.

    ``resolver``: what names lead to, asked anew for each connection; without one the system is asked.
    """
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=connections, limit_per_host=per_host, resolver=resolver, use_dns_cache=resolver is None
        ),
        timeout=aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect, sock_read=total),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"yizhan/{__version__}"},
    )
    async with session:
        yield session
