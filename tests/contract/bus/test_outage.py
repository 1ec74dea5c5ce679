"""What callers and consumers see when the bus goes away, and that everything works again when it is back."""

import asyncio
import time

import aio_pika
import pytest

from tests.contract.bus.rigs import RabbitRig, Rig, eventually
from tests.contract.bus.traffic import Handled, Stuck, publish_patiently, said
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.interface import BusUnavailable, Unroutable
from yizhan.core.bus.open import open_bus
from yizhan.core.bus.rabbitmq.bus import open_rabbitmq


async def test_publishing_during_an_outage_says_so_and_works_again_afterwards(rig: Rig) -> None:
    bus = await rig.open()
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await rig.cut()
    with pytest.raises(BusUnavailable):
        await bus.publish([said("lost for the caller")])
    await rig.mend()
    await publish_patiently(bus, "back")
    await eventually(lambda: "back" in handled.texts)
    assert bus.connected


async def test_every_publish_that_waits_when_the_connection_breaks_is_told(rabbit_rig: RabbitRig) -> None:
    bus = await rabbit_rig.open()
    rabbit_rig.proxy.stall()
    waiting = [asyncio.create_task(bus.publish([said(f"{number}", number % 2)])) for number in range(50)]
    await asyncio.sleep(0.2)
    assert not any(task.done() for task in waiting)
    rabbit_rig.proxy.refuse()
    outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 3)
    assert all(isinstance(outcome, BusUnavailable) for outcome in outcomes)


async def test_a_broker_that_does_not_confirm_in_time_is_unavailable(rabbit_rig: RabbitRig) -> None:
    bus = await rabbit_rig.open()
    rabbit_rig.proxy.stall()
    started = time.monotonic()
    with pytest.raises(BusUnavailable):
        await bus.publish([said("no answer")])
    assert 2.5 < time.monotonic() - started < 6


async def test_after_a_cut_connection_consuming_goes_on_and_order_is_kept(rabbit_rig: RabbitRig) -> None:
    bus = await rabbit_rig.open()
    handled = Handled()
    await bus.consume(["inbound.0", "inbound.1"], handled)
    for number in range(30):
        if number in {5, 15, 25}:
            rabbit_rig.proxy.cut()
        await publish_patiently(bus, f"{number}")
    await eventually(lambda: "29" in handled.texts)
    assert list(dict.fromkeys(handled.texts)) == [str(number) for number in range(30)]


async def test_what_is_in_hand_at_a_cut_comes_again_and_its_late_acknowledgement_does_no_harm(
    rabbit_rig: RabbitRig,
) -> None:
    bus = await rabbit_rig.open()
    stuck = Stuck()
    await bus.consume(["inbound.0"], stuck)
    await bus.publish([said("one")])
    await stuck.count(1)
    rabbit_rig.proxy.cut()
    await eventually(lambda: not bus.connected)
    await eventually(lambda: bus.connected)
    stuck.free.set()
    await stuck.count(2)
    await publish_patiently(bus, "two")
    await eventually(lambda: "two" in stuck.texts)
    assert stuck.texts == ["one", "one", "two"]
    assert [delivery.redelivered for delivery in stuck.deliveries] == [False, True, False]


async def test_of_several_addresses_one_that_works_is_enough(rabbit_rig: RabbitRig) -> None:
    user, _, rest = rabbit_rig.proxied_url.removeprefix("amqp://").rpartition("@")
    handled = Handled()
    async with open_bus(f"amqp://{user}@127.0.0.1:1,{rest}", database=None, partitions=1, producer="test") as bus:
        await bus.consume(["inbound.0"], handled)
        await bus.publish([said("found")])
        await handled.count(1)


@pytest.mark.parametrize("url", ["http://broker", "amqp://", "broker:5672", ""])
async def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="bus address"):
        async with open_bus(url, database=None, partitions=1, producer="test"):
            pass


async def test_a_broker_that_is_not_there_is_reported_in_time() -> None:
    with pytest.raises(BusUnavailable):
        async with open_rabbitmq(
            "amqp://127.0.0.1:1/", partitions=1, producer="test", figures=BusFigures(), within=1.0
        ):
            pass


async def test_a_wrong_password_is_named_as_the_reason(rabbit_rig: RabbitRig) -> None:
    _, _, rest = rabbit_rig.proxied_url.rpartition("@")
    with pytest.raises(BusUnavailable, match=r"(?i)refused") as caught:
        async with open_rabbitmq(
            f"amqp://guest:wrong-secret@{rest}", partitions=1, producer="test", figures=BusFigures(), within=5.0
        ):
            pass
    assert "wrong-secret" not in str(caught.value)


async def test_a_queue_that_somebody_deleted_is_made_again_and_consumed(rabbit_rig: RabbitRig) -> None:
    bus = await rabbit_rig.open()
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    async with await aio_pika.connect(rabbit_rig.direct_url) as connection, connection.channel() as channel:
        await channel.queue_delete("inbound.0")
    async with asyncio.timeout(60):
        while not handled.calls:
            try:
                await bus.publish([said("after the accident")])
            except (BusUnavailable, Unroutable):
                await asyncio.sleep(0.05)
            else:
                await handled.count(1)
    assert handled.texts[0] == "after the accident"


async def test_publishing_recovers_from_a_confirmation_that_is_long_overdue(rabbit_rig: RabbitRig) -> None:
    async with open_rabbitmq(
        rabbit_rig.proxied_url, partitions=1, producer="test", figures=BusFigures(), publish_seconds=0.5
    ) as bus:
        await asyncio.sleep(1.1)
        rabbit_rig.proxy.stall()
        with pytest.raises(BusUnavailable):
            await bus.publish([said("overdue")])
        await eventually(lambda: not bus.connected)
        rabbit_rig.proxy.flow()
        await publish_patiently(bus, "in time")
