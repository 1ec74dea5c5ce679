"""The bus address, with one host or several, and what a broken call looks like from outside."""

import asyncio

import pytest
from aiormq.exceptions import AMQPConnectionError

from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.bus.rabbitmq.connection import addresses, broker_errors

GOOD = [
    ("amqp://one", ["amqp://one?heartbeat=10&name=me"]),
    ("amqps://u:p%40ss@one:5671/shop", ["amqps://u:p%40ss@one:5671/shop?heartbeat=10&name=me"]),
    (
        "amqp://u:p@one:1,two:2,three/v?heartbeat=3",
        [
            "amqp://u:p@one:1/v?heartbeat=3&name=me",
            "amqp://u:p@two:2/v?heartbeat=3&name=me",
            "amqp://u:p@three/v?heartbeat=3&name=me",
        ],
    ),
    ("amqp://one?heartbeat=7", ["amqp://one?heartbeat=7&name=me"]),
]


@pytest.mark.parametrize(("url", "wanted"), GOOD)
def test_one_address_per_host(url: str, wanted: list[str]) -> None:
    def normal(text: str) -> str:
        return text.replace("/?", "?")

    assert [normal(str(address)) for address in addresses(url, "me")] == wanted


@pytest.mark.parametrize(
    "url", ["", "amqp", "amqp://", "amqp://u:p@/v", "amqp://one,,two", "redis://one", "embedded://x"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="bus address"):
        addresses(url, "me")


def test_an_error_never_quotes_the_password() -> None:
    with pytest.raises(ValueError, match="bus address") as caught:
        addresses("amqp:/u:secret@one", "me")
    assert "secret" not in str(caught.value)


async def test_a_call_that_the_client_gave_up_is_unavailable_and_a_cancelled_caller_is_cancelled() -> None:
    with pytest.raises(BusUnavailable), broker_errors():
        raise asyncio.CancelledError  # how the client ends calls on a connection that breaks
    with pytest.raises(BusUnavailable), broker_errors():
        raise AMQPConnectionError("gone")
    with pytest.raises(KeyError), broker_errors():
        raise KeyError

    async def call() -> None:
        with broker_errors():
            await asyncio.Event().wait()

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
