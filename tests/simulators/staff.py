"""New agents for a running gateway: created by its administrator, and signed in."""

import asyncio
from collections.abc import Sequence

import aiohttp

from tests.services.deployment import Login
from tests.simulators.console_client import ConsoleClient, Session

PASSWORD = "an-agent-of-the-tests"
AT_ONCE = 8
PER_NETWORK = 250


async def hired(console: str, admin: Login, names: Sequence[str], *, capacity: int) -> list[Session]:
    """One agent of each name. Raises Refused.

    Sign-ins are limited for each address. These come from addresses of their own, as a proxy in front tells them:
    the gateway must run with ``YIZHAN_TRUSTED_PROXIES=1``.
    """
    turns = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession() as http:
        head = ConsoleClient(http, console)
        await head.sign_in(admin.username, admin.password)

        async def hire(number: int, name: str) -> Session:
            async with turns:
                await head.post(
                    "/users", username=name, name=name, roles=["agent"], capacity=capacity, password=PASSWORD
                )
                place = {"X-Forwarded-For": f"10.0.{number // PER_NETWORK}.{number % PER_NETWORK + 1}"}
                async with aiohttp.ClientSession(headers=place) as own:
                    return await ConsoleClient(own, console).sign_in(name, PASSWORD)

        return await asyncio.gather(*(hire(number, name) for number, name in enumerate(names)))
