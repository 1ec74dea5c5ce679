"""What a consumer may rely on."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.contract.bus.rigs import Rig, eventually
from tests.contract.bus.traffic import Handled, Stuck, said
from yizhan.core.bus.interface import Bus, Delivery
from yizhan.core.bus.topology import CHANNELS


async def ready(bus: Bus, queue: str) -> int:
    return next(depth.ready for depth in await bus.depths() if depth.queue == queue)


async def waits(bus: Bus, queue: str, messages: int) -> bool:
    return await ready(bus, queue) == messages


async def test_a_handler_gets_what_waits_as_batches_of_at_most_the_given_size(bus: Bus) -> None:
    await bus.publish([said(f"{number}") for number in range(1000)])
    handled = Handled()
    await bus.consume(["inbound.0"], handled, batch=150)
    await handled.count(1000)
    assert max(len(call) for call in handled.calls) <= 150
    assert len(handled.calls) < 20
    assert handled.texts == [str(number) for number in range(1000)]


async def test_only_one_call_of_a_handler_runs_at_a_time_over_all_its_queues(bus: Bus) -> None:
    running = most = 0
    handled = Handled()

    async def handler(deliveries: Sequence[Delivery]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        handled.keep(deliveries)

    await bus.consume(["inbound.0", "inbound.1"], handler, batch=5)
    await asyncio.gather(*(bus.publish([said(f"{number}", number % 2)]) for number in range(100)))
    await handled.count(100)
    assert most == 1


async def test_handled_envelopes_are_gone_and_unhandled_ones_are_not(rig: Rig) -> None:
    bus = await rig.open()
    consumer = await bus.consume(["inbound.0"], Handled())
    await bus.publish([said("done")])
    await eventually(lambda: waits(bus, "inbound.0", 0))
    await consumer.stop()
    await bus.publish([said("waits")])
    await rig.close(bus)
    again = await rig.open()
    handled = Handled()
    await again.consume(["inbound.0"], handled)
    await handled.count(1)
    await asyncio.sleep(0.1)
    assert handled.texts == ["waits"]
    assert not handled.deliveries[0].redelivered


async def test_what_a_process_had_in_hand_when_it_vanished_comes_again_marked_as_redelivered(rig: Rig) -> None:
    first = await rig.open()
    stuck = Stuck()
    await first.publish([said("one"), said("two")])
    await first.consume(["inbound.0"], stuck)
    await stuck.count(2)
    await rig.cut()
    stuck.free.set()
    await rig.close(first)
    await rig.mend()
    second = await rig.open()
    handled = Handled()
    await second.consume(["inbound.0"], handled)
    await handled.count(2)
    assert handled.texts == ["one", "two"]
    assert all(delivery.redelivered for delivery in handled.deliveries)


async def test_a_cancelled_handler_leaves_its_batch_unacknowledged(rig: Rig) -> None:
    bus = await rig.open()
    stuck = Stuck()
    consumer = await bus.consume(["inbound.0"], stuck)
    await bus.publish([said("unfinished")])
    await stuck.count(1)
    await consumer.stop(within=0.1)
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await handled.count(1)
    assert handled.texts == ["unfinished"]
    assert handled.deliveries[0].redelivered


async def test_a_handler_that_lets_a_cancellation_escape_gets_its_batch_again(bus: Bus) -> None:
    handled = Handled()

    async def handler(deliveries: Sequence[Delivery]) -> None:
        handled.keep(deliveries)
        if len(handled.calls) == 1:
            raise asyncio.CancelledError

    await bus.consume(["inbound.0"], handler)
    await bus.publish([said("interrupted")])
    await handled.count(2)
    assert handled.texts == ["interrupted", "interrupted"]
    assert [delivery.redelivered for delivery in handled.deliveries] == [False, True]


async def test_stopping_finishes_what_is_in_hand_and_takes_nothing_new(bus: Bus) -> None:
    handled = Stuck()
    consumer = await bus.consume(["inbound.0"], handled)
    await bus.publish([said("in hand")])
    await handled.count(1)
    stopping = asyncio.create_task(consumer.stop(within=10))
    await asyncio.sleep(0.05)
    await bus.publish([said("too late")])
    assert not stopping.done()
    handled.free.set()
    await stopping
    assert handled.texts == ["in hand"]
    # A broker puts back what a consumer leaves behind a moment after the consumer has gone.
    await eventually(lambda: waits(bus, "inbound.0", 1))


async def test_a_stopped_consumer_can_be_stopped_again_and_takes_no_queues(bus: Bus) -> None:
    consumer = await bus.consume(["inbound.0"], Handled())
    await consumer.stop()
    await consumer.stop()
    assert consumer.active == frozenset()
    with pytest.raises(ValueError, match="stopped"):
        await consumer.assign(["inbound.1"])


async def test_a_backlog_larger_than_the_prefetch_arrives_complete_and_in_order(bus: Bus) -> None:
    for number in range(120):
        await bus.publish([said(f"{number}")])
    handled = Handled()
    await bus.consume(["inbound.0"], handled, prefetch=7, batch=3)
    await asyncio.gather(*(bus.publish([said(f"{120 + number}")]) for number in range(50)))
    await handled.count(170)
    assert handled.texts == [str(number) for number in range(170)]


async def test_a_queue_that_does_not_exist_is_refused(bus: Bus) -> None:
    with pytest.raises(ValueError, match=r"inbound\.99"):
        await bus.consume(["inbound.0", "inbound.99"], Handled())


async def test_depths_show_what_waits_and_who_consumes(bus: Bus) -> None:
    await bus.publish([said("a", 1)])
    stuck = Stuck()
    await bus.consume(["inbound.0"], stuck)
    await bus.publish([said("in hand", 0)])
    await stuck.count(1)
    depths = {depth.queue: depth for depth in await bus.depths()}
    assert set(depths) == {
        *(f"{dead}{name}" for dead in ("", "dead.") for name in ("metrics.events", "routing.events")),
        *(
            f"{dead}{name}.{number}"
            for dead in ("", "dead.")
            for name in ("inbound", *(f"outbound.{channel}" for channel in CHANNELS))
            for number in (0, 1)
        ),
    }
    assert (depths["inbound.1"].ready, depths["inbound.1"].consumers) == (1, 0)
    assert (depths["inbound.0"].ready, depths["inbound.0"].consumers) == (0, 1)
    stuck.free.set()
