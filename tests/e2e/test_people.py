"""Agents come and go: presence, new colleagues, wrong passwords."""

import asyncio

import aiohttp
import pytest

from tests.services.product import Product
from tests.simulators.console_client import ConsoleClient, Refused, open_console

pytestmark = pytest.mark.timeout(240)


async def heard_at(client: ConsoleClient) -> str:
    agents = (await client.get("/agents"))["items"]
    return str(next(item["heard_at"] for item in agents if item["id"] == client.user_id))


async def test_opening_the_console_is_a_sign_of_life(
    product: Product, agent: ConsoleClient, http: aiohttp.ClientSession
) -> None:
    """Or an agent who reloads the page just before the silence is too long would be counted as gone."""
    await agent.appear("online")
    before = await heard_at(agent)
    async with open_console(http, product.console, agent.session):
        async with asyncio.timeout(60.0):
            while await heard_at(agent) == before:
                await asyncio.sleep(0.05)


async def test_who_was_added_a_moment_ago_can_work_at_once(
    embedded_product: Product, http: aiohttp.ClientSession
) -> None:
    shown = await asyncio.to_thread(embedded_product.deployment.yizhan, "user", "add", "xiaolin", "--name", "小林")
    colleague = ConsoleClient(http, embedded_product.console)
    await colleague.sign_in("xiaolin", shown.rsplit("password: ", 1)[1].strip())
    await colleague.appear("online")
    assert (await colleague.get("/presence"))["state"] == "online"
    await colleague.appear("offline")


async def test_a_wrong_password_is_refused_and_five_lock_the_account(
    embedded_product: Product, http: aiohttp.ClientSession
) -> None:
    await asyncio.to_thread(embedded_product.deployment.yizhan, "user", "add", "forgetful")
    problems = []
    for _ in range(6):
        with pytest.raises(Refused) as refused:
            await ConsoleClient(http, embedded_product.console).sign_in("forgetful", "not the password")
        problems.append(refused.value)
    assert [(problem.status, problem.code) for problem in problems] == [
        *[(401, "bad_credentials")] * 5,
        (423, "locked"),
    ]
    assert 0 < problems[-1].problem["retry_after"] <= 15 * 60
