"""A client that is away while others talk converges when it is back: nothing missing, nothing twice, in order.

``YIZHAN_TEST_OFFLINE_SECONDS=60`` makes it the full minute.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.e2e.test_relay import hand_over, same_screens
from tests.services.deployment import ACCOUNT
from tests.services.product import AGENT, Product
from tests.simulators.console_client import ConsoleClient
from tests.simulators.website_client import WebsiteClient, open_client

AWAY_SECONDS = float(os.environ.get("YIZHAN_TEST_OFFLINE_SECONDS", "4"))
PER_SECOND = 10.0

pytestmark = pytest.mark.timeout(240 + 2 * AWAY_SECONDS)


@asynccontextmanager
async def away(client: WebsiteClient) -> AsyncIterator[None]:
    """The customer's device has no network: it is cut off and every try to come back fails."""
    root = client.root
    client.root = "http://127.0.0.1:1/website"
    client.cut()
    await client.until(lambda: not client.connected)
    yield
    client.root = root


async def talk(agent: ConsoleClient, conversation_id: str, customer: WebsiteClient) -> int:
    """Both write for as long as the customer is away; gives how many messages each wrote."""
    began = time.monotonic()
    number = 0
    while time.monotonic() - began < AWAY_SECONDS:
        number += 1
        await agent.say(conversation_id, f"客服 {number}")
        await customer.say(f"客户 {number}")
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
    return number


async def all_stored(customer: WebsiteClient, written: int) -> None:
    """What both wrote has its place in the conversation: a message is accepted before it has one. Raises TimeoutError."""
    total = 2 * written + 4  # with greeting, wish, search and welcome
    await customer.until(lambda: not customer.outbox and customer.cursor == total, 60.0)


async def test_a_customer_who_was_away_converges(customer: WebsiteClient, agent: ConsoleClient) -> None:
    conversation_id = await hand_over(customer, agent)
    async with away(customer):
        written = await talk(agent, conversation_id, customer)
        assert len(customer.outbox) == written
        assert customer.texts("agent") == []
    await all_stored(customer, written)
    await same_screens(customer, agent, conversation_id)
    assert customer.texts("agent") == [f"客服 {n}" for n in range(1, written + 1)]
    assert customer.texts("customer")[1:] == [f"客户 {n}" for n in range(1, written + 1)]
    print(
        f"away {AWAY_SECONDS:g} s: {written} messages missed, {written} sent afterwards, {len(customer.messages)} shown"
    )


async def test_another_device_of_the_same_customer_converges(
    product: Product, customer: WebsiteClient, agent: ConsoleClient
) -> None:
    """Two devices with one identity; one of them loses its network while the other talks."""
    conversation_id = await hand_over(customer, agent)
    async with open_client(customer._http, product.website, ACCOUNT, session={"token": customer.token}) as second:
        assert second.visitor_id == customer.visitor_id
        async with away(second):
            written = await talk(agent, conversation_id, customer)
            await all_stored(customer, written)
        await second.reached(customer.cursor, within=60.0)
        await same_screens(customer, agent, conversation_id)
        await second.reached(customer.cursor)
        assert [m["id"] for m in second.messages] == [m["id"] for m in customer.messages]
        assert second.breaches == []
        assert len(second.texts("agent")) == written


async def test_an_agent_who_was_away_converges(product: Product, customer: WebsiteClient, agent: ConsoleClient) -> None:
    conversation_id = await hand_over(customer, agent)
    screen = ConsoleClient(agent._http, product.console, product.session(AGENT))
    await screen.follow(conversation_id)
    running = asyncio.create_task(screen.run())
    await screen.until(lambda: screen.connections == 1)
    running.cancel()
    await asyncio.wait({running})
    written = await talk(agent, conversation_id, customer)
    await all_stored(customer, written)
    running = asyncio.create_task(screen.run())
    try:
        await same_screens(customer, agent, conversation_id)
        await screen.until(
            lambda: len(screen.transcripts[conversation_id]) == len(agent.transcripts[conversation_id]), 60.0
        )
        shown, other = screen.transcripts[conversation_id], agent.transcripts[conversation_id]
        assert [message["id"] for message in shown] == [message["id"] for message in other]
        assert len(screen.texts(conversation_id, "customer")) == written + 1
    finally:
        running.cancel()
        await asyncio.wait({running})
