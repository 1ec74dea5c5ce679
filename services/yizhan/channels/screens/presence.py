"""Noticing that the other end of a held request has left."""

import asyncio

from aiohttp import web

LOOK_SECONDS = 1.0


async def rung_or_gone(event: asyncio.Event, request: web.Request, within: float) -> bool:
    """Wait for the event, at most ``within`` seconds, and no longer than the client does. False: it is time, or it left.

    A request that is being held writes nothing, so nothing fails when its client leaves: it has to be looked at.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while (left := end - loop.time()) > 0 and not departed(request):
        try:
            async with asyncio.timeout(min(left, LOOK_SECONDS)):
                await event.wait()
        except TimeoutError:
            continue
        return True
    return False


def departed(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
