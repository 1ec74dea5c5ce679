"""What a publisher may rely on."""

import asyncio

import pytest

from tests.contract.bus.rigs import Rig
from tests.contract.bus.traffic import Handled, said
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, Publication, Unroutable
from yizhan.core.bus.topology import EVENT_KEYS, Exchange
from yizhan.pb.v1.event_pb2 import Event


async def test_messages_of_one_conversation_stay_in_order_however_many_callers_publish_at_once(bus: Bus) -> None:
    handled = Handled()
    await bus.consume(["inbound.0", "inbound.1"], handled)
    await asyncio.gather(*(bus.publish([said(f"{number}", number % 2)]) for number in range(400)))
    await handled.count(400)
    assert handled.of("inbound.0") == [str(number) for number in range(0, 400, 2)]
    assert handled.of("inbound.1") == [str(number) for number in range(1, 400, 2)]


async def test_one_publish_keeps_its_own_order_over_several_batches(bus: Bus) -> None:
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await bus.publish([said(f"{number}") for number in range(1300)])
    await handled.count(1300)
    assert handled.texts == [str(number) for number in range(1300)]


async def test_callers_at_the_same_time_share_a_flush(bus: Bus, rig: Rig) -> None:
    await asyncio.gather(*(bus.publish([said(f"{number}")]) for number in range(100)))
    depth = next(depth for depth in await bus.depths() if depth.queue == "inbound.0")
    assert 1 <= depth.ready < 10, "each of 100 envelopes travelled by itself"


async def test_what_was_confirmed_survives_the_publisher(rig: Rig) -> None:
    first = await rig.open()
    await first.publish([said("kept")])
    await rig.cut()
    await rig.close(first)
    await rig.mend()
    second = await rig.open()
    handled = Handled()
    await second.consume(["inbound.0"], handled)
    await handled.count(1)
    assert handled.texts == ["kept"]


async def test_a_key_that_no_queue_takes_is_an_error_and_not_a_loss(bus: Bus) -> None:
    with pytest.raises(Unroutable):
        await bus.publish([said("nowhere", partition=99)])
    with pytest.raises(Unroutable):
        await bus.publish([Publication(Exchange.OUTBOUND, "pigeon.0", said("nowhere").envelope)])


async def test_nothing_to_publish_is_fine(bus: Bus) -> None:
    await bus.publish([])


async def test_an_event_reaches_every_queue_that_wants_it_and_no_other(bus: Bus) -> None:
    handled = Handled()
    await bus.consume(["metrics.events", "routing.events"], handled)
    for field in EVENT_KEYS:
        event = Event(id=field)
        getattr(event, field).SetInParent()
        await bus.publish([envelopes.event(event)])
    wanted_by_routing = {
        field
        for field, key in EVENT_KEYS.items()
        if key.startswith(("conversation.", "handoff.")) or key in {"command.refused", "message.held"}
    }
    await handled.count(len(EVENT_KEYS) + len(wanted_by_routing))
    by_queue: dict[str, set[str]] = {"metrics.events": set(), "routing.events": set()}
    for delivery in handled.deliveries:
        by_queue[delivery.queue].add(delivery.envelope.event.id)
    assert by_queue == {"metrics.events": set(EVENT_KEYS), "routing.events": wanted_by_routing}


async def test_an_envelope_without_producer_gets_the_name_of_the_process_that_published_it(rig: Rig) -> None:
    bus = await rig.open("website-7f3a")
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    stamped = said("mine")
    stamped.envelope.producer = "outbox-of-another"
    await bus.publish([said("no name"), stamped])
    await handled.count(2)
    assert [item.envelope.producer for item in handled.deliveries] == ["website-7f3a", "outbox-of-another"]


async def test_an_envelope_larger_than_a_batch_travels_alone(bus: Bus) -> None:
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    large = "x" * 600_000
    await bus.publish([said("before"), said(large), said("after")])
    await handled.count(3)
    assert [len(text) for text in handled.texts] == [6, 600_000, 5]


async def test_a_cancelled_caller_does_not_hold_up_the_others(bus: Bus) -> None:
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    impatient = asyncio.create_task(bus.publish([said("impatient")]))
    await asyncio.sleep(0)
    impatient.cancel()
    await bus.publish([said("patient")])
    await handled.count(1)
    assert handled.texts[-1] == "patient"


async def test_ten_thousand_envelopes_arrive_once_and_in_order(bus: Bus) -> None:
    handled = Handled()
    await bus.consume(["inbound.0", "inbound.1"], handled)

    async def conversation(number: int) -> None:
        for step in range(100):
            await bus.publish([said(f"{number} {step}", number % 2)])

    await asyncio.gather(*(conversation(number) for number in range(100)))
    await handled.count(10_000, within=60)
    steps: dict[str, list[int]] = {}
    for text in handled.texts:
        number, step = text.split()
        steps.setdefault(number, []).append(int(step))
    assert len(handled.deliveries) == 10_000
    assert all(order == list(range(100)) for order in steps.values())
