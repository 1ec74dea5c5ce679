"""The same channel on RabbitMQ and PostgreSQL, with two replicas behind one address as a load balancer shows them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.waiting import until
from tests.channels.website.conftest import Site, open_site
from yizhan.core.messages.receipt import ReceiptState

pytestmark = pytest.mark.real


@pytest.fixture
async def replicas(home: Path, rabbit_url: str, postgres_url: str) -> AsyncIterator[tuple[Site, Site]]:
    """Two gateways; the first one's dialogue is the only one that consumes."""
    urls: dict[str, Any] = {"bus_url": rabbit_url, "database_url": postgres_url}
    async with open_site(home, replica="r-1", **urls) as first, open_site(home, replica="r-2", **urls) as second:
        # The second dialogue would wait its turn for ever; both answer from the first one's transcripts.
        second.dialogue.transcripts = first.dialogue.transcripts
        yield first, second


async def test_a_visitor_talks_to_whichever_replica_answers(replicas: tuple[Site, Site]) -> None:
    first, second = replicas
    async with first.client() as one:
        await one.say("to the first")
        await one.reached(2)
        async with second.client(session={"token": one.token}) as two:
            assert two.visitor_id == one.visitor_id
            await two.reached(2)
            for number in range(20):
                await (one if number % 2 else two).say(f"{number}")
            await one.reached(42)
            await two.reached(42)
    assert one.messages == two.messages
    assert [text for text in one.texts("customer") if text.isdigit() and int(text) % 2] == [
        f"{number}" for number in range(1, 20, 2)
    ]


async def test_moving_to_the_other_replica_in_the_middle_loses_and_doubles_nothing(
    replicas: tuple[Site, Site],
) -> None:
    first, second = replicas
    async with first.client() as visitor:
        for number in range(30):
            await visitor.say(f"{number}")
            if number in {7, 19}:
                visitor.root = (
                    visitor.root.replace(first.url, second.url)
                    if number == 7
                    else visitor.root.replace(second.url, first.url)
                )
                visitor.cut()
        await visitor.reached(60, 20.0)
    assert visitor.texts("customer") == [f"{number}" for number in range(30)]


async def test_replicas_share_the_outbound_partitions(replicas: tuple[Site, Site]) -> None:
    first, second = replicas
    async with first.client() as one, second.client() as two:
        for visitor in (one, two):
            await visitor.say("hi")
            await visitor.reached(2)
        addresses = [first.dialogue.address(visitor.visitor_id) for visitor in (one, two)]
    await asyncio.sleep(0.5)
    first.dialogue.receipts.clear()
    for address in addresses:
        for number in range(5):
            await first.dialogue.say(address, f"for later {number}")

    def accepted() -> list[str]:
        return [item.message_id for item in first.dialogue.receipts if item.state is ReceiptState.ACCEPTED]

    await until(lambda: len(accepted()) >= 10, 10.0)
    await asyncio.sleep(0.5)
    assert len(set(accepted())) == len(accepted()) == 10
