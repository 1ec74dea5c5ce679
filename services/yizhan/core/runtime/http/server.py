"""Listening: one line when the port cannot be had, and a stop that lets requests finish."""

import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from yizhan.core.runtime.errors import CannotListen, PortTaken

log = structlog.get_logger(__name__)


@asynccontextmanager
async def serve(app: web.Application, host: str, port: int, *, drain: float = 5.0) -> AsyncIterator[int]:
    """Serve the application; gives the port that was bound (another one when ``port`` is 0).

    On leaving, no new connection is taken and requests in hand have ``drain`` seconds to finish.
    Raises PortTaken or CannotListen.
    """
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=drain, keepalive_timeout=75.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise refusal(host, port, error) from error
        bound = int(runner.addresses[0][1])
        log.info("http_listening", host=host, port=bound)
        yield bound
    finally:
        await runner.cleanup()


def refusal(host: str, port: int, error: OSError) -> CannotListen:
    """What the operating system's refusal means for an operator."""
    if isinstance(error, socket.gaierror):
        return CannotListen(host, port, "the host is not known")
    # asyncio puts several failed addresses into one error without a number.
    if error.errno == errno.EADDRINUSE or "address already in use" in str(error).lower():
        return PortTaken(host, port)
    if error.errno == errno.EACCES:
        return CannotListen(host, port, "not allowed (ports below 1024 need a privilege)")
    if error.errno == errno.EADDRNOTAVAIL:
        return CannotListen(host, port, "this machine does not have that address")
    return CannotListen(host, port, error.strerror or type(error).__name__)
