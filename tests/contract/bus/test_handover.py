"""Who consumes a queue, and how it changes hands."""

import asyncio
from collections.abc import Sequence

from tests.contract.bus.rigs import RabbitRig, eventually
from tests.contract.bus.traffic import Handled, Stuck, said
from yizhan.core.bus.interface import Bus, Delivery, RetryLater


async def test_a_second_consumer_of_a_queue_waits_until_the_first_leaves(bus: Bus) -> None:
    first, second = Handled(), Handled()
    holder = await bus.consume(["inbound.0"], first)
    waiting = await bus.consume(["inbound.0"], second)
    await bus.publish([said("one")])
    await first.count(1)
    await bus.publish([said("two")])
    await first.count(2)
    assert second.texts == []
    assert waiting.active == {"inbound.0"}
    await holder.stop()
    await bus.publish([said("three")])
    await second.count(1)
    assert (first.texts, second.texts) == (["one", "two"], ["three"])


async def test_a_consumer_that_leaves_while_waiting_does_not_disturb_the_holder(bus: Bus) -> None:
    first, third = Handled(), Handled()
    holder = await bus.consume(["inbound.0"], first)
    waiting = await bus.consume(["inbound.0"], Handled())
    await bus.consume(["inbound.0"], third)
    await waiting.stop()
    await bus.publish([said("one")])
    await first.count(1)
    await holder.stop()
    await bus.publish([said("two")])
    await third.count(1)


async def test_order_is_kept_over_a_hand_over_under_load(bus: Bus) -> None:
    """What the first has in hand is finished before the second gets anything later."""
    log: list[tuple[str, Delivery]] = []

    def handler(name: str) -> object:
        async def handle(deliveries: Sequence[Delivery]) -> None:
            await asyncio.sleep(0.01)
            log.extend((name, delivery) for delivery in deliveries)

        return handle

    consumers = [await bus.consume(["inbound.0"], handler("0"), prefetch=5, batch=3)]  # type: ignore[arg-type]
    published = 0

    async def publish() -> None:
        nonlocal published
        while published < 300:
            await bus.publish([said(f"{published}")])
            published += 1
            await asyncio.sleep(0.002)

    publishing = asyncio.create_task(publish())
    for number in range(1, 5):
        consumers.append(await bus.consume(["inbound.0"], handler(f"{number}"), prefetch=5, batch=3))  # type: ignore[arg-type]
        await asyncio.sleep(0.15)
        await consumers[number - 1].stop()
    await publishing
    await eventually(lambda: len(log) >= 300)
    assert [int(delivery.envelope.message.content.text.text) for _, delivery in log] == list(range(300))
    assert len({name for name, _ in log}) >= 3


async def test_assign_changes_what_is_consumed(bus: Bus) -> None:
    handled = Handled()
    consumer = await bus.consume(["inbound.0"], handled)
    assert consumer.active == {"inbound.0"}
    await consumer.assign(["inbound.1"])
    assert consumer.active == {"inbound.1"}
    await bus.publish([said("not mine", 0), said("mine", 1)])
    await handled.count(1)
    await consumer.assign(["inbound.0", "inbound.1"])
    await handled.count(2)
    assert handled.texts == ["mine", "not mine"]
    await consumer.assign([])
    await bus.publish([said("nobody's", 0)])
    await asyncio.sleep(0.2)
    assert consumer.active == frozenset()
    assert len(handled.texts) == 2


async def test_a_queue_that_goes_is_drained_before_assign_returns(bus: Bus) -> None:
    stuck = Stuck()
    consumer = await bus.consume(["inbound.0", "inbound.1"], stuck)
    await bus.publish([said("in hand", 0)])
    await stuck.count(1)
    leaving = asyncio.create_task(consumer.assign(["inbound.1"]))
    await asyncio.sleep(0.1)
    assert not leaving.done()
    stuck.free.set()
    await leaving
    successor = Handled()
    await bus.consume(["inbound.0"], successor)
    await bus.publish([said("next", 0), said("still mine", 1)])
    await successor.count(1)
    await stuck.count(2)
    assert (stuck.texts, successor.texts) == (["in hand", "still mine"], ["next"])


async def test_a_queue_whose_handler_cannot_work_now_is_handed_over_without_waiting_for_it(bus: Bus) -> None:
    asked = asyncio.Event()

    async def not_now(_deliveries: Sequence[Delivery]) -> None:
        asked.set()
        raise RetryLater(60)

    consumer = await bus.consume(["inbound.0"], not_now)
    await bus.publish([said("one"), said("two")])
    await asked.wait()
    async with asyncio.timeout(30):
        await consumer.assign([])
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await handled.count(2)
    assert handled.texts == ["one", "two"]


async def test_a_handler_that_is_not_done_in_time_ends_before_anyone_else_gets_its_envelopes(bus: Bus) -> None:
    order: list[str] = []
    begun = asyncio.Event()

    async def slow(_deliveries: Sequence[Delivery]) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.2)
            order.append("first ended")
            raise

    async def next_one(_deliveries: Sequence[Delivery]) -> None:
        order.append("second began")

    first = await bus.consume(["inbound.0"], slow)
    await bus.consume(["inbound.0"], next_one)
    await bus.publish([said("one")])
    await begun.wait()
    await first.stop(within=0.1)
    await eventually(lambda: len(order) == 2)
    assert order == ["first ended", "second began"]


async def test_another_process_takes_over_when_the_holder_vanishes(rabbit_rig: RabbitRig) -> None:
    holder, heir = await rabbit_rig.open("holder"), await rabbit_rig.open("heir")
    stuck, handled = Stuck(), Handled()
    await holder.consume(["inbound.0"], stuck)
    await heir.consume(["inbound.0"], handled)
    await heir.publish([said("one")])
    await stuck.count(1)
    await heir.publish([said("two")])
    await rabbit_rig.close_abruptly(holder)
    await handled.count(2)
    assert handled.texts == ["one", "two"]
    stuck.free.set()
