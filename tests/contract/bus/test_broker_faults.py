"""A broker that freezes, restarts or is killed. It is one of its own, so that no other test inherits its wounds."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from tests.contract.bus.rigs import PARTITIONS, eventually
from tests.contract.bus.traffic import Handled, publish_patiently, said
from tests.services.rabbitmq import DIRECTORY_SECONDS, RabbitServer
from yizhan.assembly import readiness_of
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import BusUnavailable
from yizhan.core.bus.rabbitmq.bus import open_rabbitmq
from yizhan.core.runtime.metrics import Metrics

pytestmark = [pytest.mark.real, pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def fragile_rabbit() -> Iterator[RabbitServer]:
    with RabbitServer.private() as server:
        yield server


@pytest.fixture
def fragile_url(fragile_rabbit: RabbitServer) -> str:
    """A virtual host, kept until the broker goes: deleting quorum queues soon after a restart can bring down what
    RabbitMQ 3.10 forwards their dead letters with, and then queues that are declared next refuse every message."""
    fragile_rabbit.start()
    return fragile_rabbit.new_vhost()


async def test_a_frozen_broker_is_noticed_by_its_missing_heartbeats(
    fragile_url: str, fragile_rabbit: RabbitServer
) -> None:
    async with open_rabbitmq(
        f"{fragile_url}?heartbeat=1", partitions=1, producer="test", figures=BusFigures(), publish_seconds=1.0
    ) as bus:
        await asyncio.to_thread(fragile_rabbit.pause)
        try:
            with pytest.raises(BusUnavailable):
                await bus.publish([said("frozen")])
            await eventually(lambda: not bus.connected)
        finally:
            await asyncio.to_thread(fragile_rabbit.resume)
        await publish_patiently(bus, "thawed")


async def test_a_broker_that_takes_no_messages_is_a_reason_not_to_be_ready_until_it_does_again(
    fragile_url: str, fragile_rabbit: RabbitServer
) -> None:
    metrics = Metrics("test")

    def figure() -> float | None:
        return metrics.registry.get_sample_value("yizhan_bus_blocked")

    async with open_rabbitmq(
        fragile_url, partitions=1, producer="test", figures=BusFigures(), publish_seconds=1.0
    ) as bus:
        why_not_ready = readiness_of(bus, metrics)
        assert (await why_not_ready(), figure()) == (None, 0)
        with capture_logs() as logs:
            await asyncio.to_thread(fragile_rabbit.raise_memory_alarm)
            try:

                async def refused() -> bool:
                    """A publisher learns it when it publishes."""
                    with contextlib.suppress(BusUnavailable):
                        await bus.publish([said("too much")])
                    return await why_not_ready() == "bus_blocked"

                await eventually(refused)
                with pytest.raises(BusUnavailable):
                    await bus.publish([said("still too much")])
                await eventually(lambda: figure() == 1)
            finally:
                await asyncio.to_thread(fragile_rabbit.clear_memory_alarm)
            await eventually(lambda: figure() == 0)
            assert await why_not_ready() is None
            await publish_patiently(bus, "enough room")
        told = [entry["event"] for entry in logs]
    assert [event for event in told if "block" in event] == ["bus_blocked", "bus_unblocked"]
    assert "bus_connection_lost" not in told


@pytest.mark.parametrize("how", ["restart", "kill"])
async def test_a_broker_that_restarts_loses_nothing_that_it_confirmed(
    fragile_rabbit: RabbitServer, fragile_url: str, how: str
) -> None:
    handled = Handled()
    async with open_rabbitmq(
        f"{fragile_url}?reconnect_interval=0.5",
        partitions=PARTITIONS,
        producer="test",
        figures=BusFigures(),
        publish_seconds=3.0,
    ) as bus:
        await asyncio.sleep(DIRECTORY_SECONDS)
        confirmed: list[str] = []
        running = True

        async def keep_publishing() -> None:
            number = 0
            while running:
                text = f"{number}"
                await publish_patiently(bus, text)
                confirmed.append(text)
                number += 1

        publishing = asyncio.create_task(keep_publishing())
        await eventually(lambda: len(confirmed) > 50)
        if how == "kill":
            await asyncio.to_thread(fragile_rabbit.kill)
            await asyncio.to_thread(fragile_rabbit.start)
        else:
            await asyncio.to_thread(fragile_rabbit.restart)
        before = len(confirmed)
        await eventually(lambda: len(confirmed) > before + 50)
        running = False
        await publishing
        await bus.consume(["inbound.0"], handled)
        await eventually(lambda: set(confirmed) <= set(handled.texts))
    assert list(dict.fromkeys(handled.texts)) == confirmed
