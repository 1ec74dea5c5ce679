"""What becomes of envelopes that cannot be handled, and of their neighbours."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from tests.contract.bus.rigs import Rig, eventually
from tests.contract.bus.traffic import Handled, Stuck, said, text_of
from yizhan.core.bus.batch import pack
from yizhan.core.bus.interface import Bus, DeadLetter, Delivery, RetryLater
from yizhan.core.bus.topology import DELIVERY_LIMIT
from yizhan.pb.v1.envelope_pb2 import Envelope


class Choosy(Handled):
    """Refuses some texts for good, or a number of times; keeps the rest."""

    def __init__(self, *refused: str, times: int = 1_000_000) -> None:
        super().__init__()
        self.refused = dict.fromkeys(refused, times)
        self.tried: list[list[str]] = []

    async def __call__(self, deliveries: Sequence[Delivery]) -> None:
        texts = [text_of(delivery.envelope) for delivery in deliveries]
        self.tried.append(texts)
        for text in texts:
            if self.refused.get(text, 0) > 0:
                self.refused[text] -= 1
                raise KeyError(text)
        self.keep(deliveries)


async def letters(bus: Bus, wanted: int, queue: str | None = None) -> list[DeadLetter]:
    found: list[DeadLetter] = []

    async def there() -> bool:
        found[:] = await bus.dead_letters(queue)
        return len(found) >= wanted

    await eventually(there)
    return found


async def test_poison_is_parked_with_the_errors_name_and_its_neighbours_go_on_in_order(bus: Bus) -> None:
    await bus.publish([said(text) for text in ("a", "poison", "b", "c")])
    handler = Choosy("poison")
    await bus.consume(["inbound.0"], handler)
    await handler.count(3)
    await bus.publish([said("d")])
    await handler.count(4)
    assert handler.texts == ["a", "b", "c", "d"]
    assert handler.tried.count(["poison"]) == 3
    (letter,) = await letters(bus, 1)
    assert (letter.queue, letter.reason) == ("inbound.0", "KeyError")
    assert letter.envelope is not None
    assert text_of(letter.envelope) == "poison"
    assert abs(letter.at.timestamp() - time.time()) < 60


async def test_a_handler_that_recovers_in_time_loses_nothing_and_later_messages_wait(bus: Bus) -> None:
    handler = Choosy("shaky", times=2)
    await bus.consume(["inbound.0"], handler)
    await bus.publish([said("shaky")])
    await bus.publish([said("after")])
    await handler.count(2)
    assert handler.texts == ["shaky", "after"]
    assert handler.deliveries[0].redelivered
    assert await bus.dead_letters() == []


async def test_each_envelope_has_its_own_tries(bus: Bus) -> None:
    await bus.publish([said(text) for text in ("x", "y")])
    handler = Choosy("x", "y", times=2)
    await bus.consume(["inbound.0"], handler, tries=3)
    await handler.count(2)
    assert handler.texts == ["x", "y"]


async def test_parking_is_told_as_an_event_so_that_no_message_is_missing_from_the_count(bus: Bus) -> None:
    events = Handled()
    await bus.consume(["metrics.events"], events)
    poison = said("poison")
    await bus.publish([poison])
    await bus.consume(["inbound.0"], Choosy("poison"), tries=1)
    await events.count(1)
    told = events.deliveries[0].envelope.event
    assert told.message_dead.envelope_id == poison.envelope.id
    assert told.message_dead.queue == "inbound.0"
    assert told.message_dead.reason == "KeyError"
    assert told.message_dead.customer_message
    assert told.message_dead.producer == "test"
    assert told.address.customer == "v:1"


BROKEN = {
    "bytes that are no batch": b"\xff\xfe not protobuf",
    "an empty body": b"",
    "an envelope with an unknown payload": pack([Envelope(id="from-a-later-version").SerializeToString()]),
    "an envelope without an id": pack([Envelope(command=said("x").envelope.command).SerializeToString()]),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
async def test_what_cannot_be_decoded_is_parked_as_it_lay_there_and_the_rest_goes_on(rig: Rig, body: bytes) -> None:
    bus = await rig.open()
    await rig.put_raw("inbound.0", body)
    await bus.publish([said("readable")])
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await handled.count(1)
    (letter,) = await letters(bus, 1)
    assert (letter.queue, letter.reason, letter.envelope, letter.body) == ("inbound.0", "undecodable", None, body)


async def test_one_unreadable_envelope_does_not_cost_the_others_of_its_batch(rig: Rig) -> None:
    bus = await rig.open()
    good = [said(text).envelope.SerializeToString() for text in ("before", "after")]
    await rig.put_raw("inbound.0", pack([good[0], b"\x0a\xff\xff broken", good[1]]))
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await handled.count(2)
    assert handled.texts == ["before", "after"]
    (letter,) = await letters(bus, 1)
    assert (letter.reason, letter.body) == ("undecodable", pack([b"\x0a\xff\xff broken"]))


async def test_a_message_that_takes_its_process_down_each_time_is_parked_at_the_delivery_limit(rig: Rig) -> None:
    bus = await rig.open()
    await bus.publish([said("deadly")])
    await rig.close(bus)
    handed = 0
    for _ in range(DELIVERY_LIMIT):
        bus = await rig.open()
        stuck = Stuck()
        await bus.consume(["inbound.0"], stuck)
        await stuck.count(1)
        handed += 1
        await rig.cut()
        stuck.free.set()
        await rig.close(bus)
        await rig.mend()
    bus = await rig.open()
    stuck = Stuck()
    await bus.consume(["inbound.0"], stuck)
    (letter,) = await letters(bus, 1)
    assert (handed, stuck.texts) == (DELIVERY_LIMIT, [])
    assert (letter.queue, letter.reason) == ("inbound.0", "delivery_limit")
    assert letter.envelope is not None
    assert text_of(letter.envelope) == "deadly"
    await bus.publish([said("harmless")])
    await stuck.count(1)
    assert stuck.texts == ["harmless"]
    stuck.free.set()


async def test_retry_later_hands_over_the_same_batch_again_without_counting_or_losing_order(bus: Bus) -> None:
    handled = Handled()
    refusals = 6  # more than the tries
    tried: list[list[str]] = []

    async def handler(deliveries: Sequence[Delivery]) -> None:
        tried.append([text_of(delivery.envelope) for delivery in deliveries])
        if len(tried) <= refusals:
            raise RetryLater(0.05)
        handled.keep(deliveries)

    await bus.publish([said("one"), said("two")])
    await bus.consume(["inbound.0"], handler)
    await bus.publish([said("three")])
    await handled.count(3)
    assert tried[: refusals + 1] == [tried[0]] * (refusals + 1)
    assert handled.texts == ["one", "two", "three"]
    assert await bus.dead_letters() == []


async def test_retry_later_does_not_hold_up_a_stop_and_the_batch_waits_for_the_next_consumer(bus: Bus) -> None:
    asked = asyncio.Event()

    async def handler(_deliveries: Sequence[Delivery]) -> None:
        asked.set()
        raise RetryLater(60)

    consumer = await bus.consume(["inbound.0"], handler)
    await bus.publish([said("one"), said("two")])
    await asked.wait()
    async with asyncio.timeout(30):
        await consumer.stop()
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await handled.count(2)
    assert handled.texts == ["one", "two"]


async def test_parking_waits_for_a_bus_that_is_away_and_loses_nothing(rig: Rig) -> None:
    bus = await rig.open()
    tried = asyncio.Event()

    async def handler(_deliveries: Sequence[Delivery]) -> None:
        tried.set()
        raise KeyError

    await bus.publish([said("poison")])
    await bus.consume(["inbound.0"], handler, tries=2)
    await tried.wait()
    await rig.cut()
    await asyncio.sleep(0.5)
    await rig.mend()
    (letter,) = await letters_when_back(bus)
    assert letter.reason == "KeyError"


async def letters_when_back(bus: Bus) -> list[DeadLetter]:
    await eventually(lambda: bus.connected)
    return await letters(bus, 1)
