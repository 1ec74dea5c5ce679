"""Waiting for something to become true, never without a limit."""

import asyncio
from collections.abc import Callable


async def until(met: Callable[[], bool], within: float = 30.0) -> None:
    """Returns when ``met()``. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not met():
            await asyncio.sleep(0.01)
