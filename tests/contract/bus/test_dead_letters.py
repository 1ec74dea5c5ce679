"""Looking at parked envelopes and sending them back."""

from collections.abc import Sequence

import pytest

from tests.contract.bus.rigs import Rig, eventually
from tests.contract.bus.test_failures import letters
from tests.contract.bus.traffic import Handled, said, text_of
from yizhan.core.bus.interface import Bus, Delivery
from yizhan.pb.v1.envelope_pb2 import Envelope


async def refuse(_deliveries: Sequence[Delivery]) -> None:
    raise ValueError


async def park(bus: Bus, *texts: str, queue: int = 0) -> None:
    for text in texts:
        await bus.publish([said(text, queue)])
    consumer = await bus.consume([f"inbound.{queue}"], refuse, tries=1)
    await letters(bus, len(texts), f"inbound.{queue}")
    await consumer.stop()


async def test_looking_takes_nothing_and_ids_stay_the_same(bus: Bus) -> None:
    await park(bus, "a", "b", "c")
    first = await bus.dead_letters()
    for _ in range(25):  # brokers that count hand-outs must not drop letters for being looked at
        assert await bus.dead_letters() == first
    assert [text_of(letter.envelope) for letter in first if letter.envelope] == ["a", "b", "c"]
    assert len({letter.id for letter in first}) == 3
    assert [letter.id for letter in await bus.dead_letters(limit=2)] == [letter.id for letter in first[:2]]


async def test_letters_of_one_queue_can_be_looked_at_by_either_name(bus: Bus) -> None:
    await park(bus, "zero")
    await park(bus, "one", queue=1)
    assert len(await bus.dead_letters()) == 2
    for name in ("inbound.1", "dead.inbound.1"):
        (letter,) = await bus.dead_letters(name)
        assert letter.queue == "inbound.1"
    with pytest.raises(ValueError, match="no such queue"):
        await bus.dead_letters("inbound.99")


async def test_a_replayed_letter_goes_back_to_its_queue_and_the_others_stay(bus: Bus) -> None:
    await park(bus, "a", "b", "c")
    before = await bus.dead_letters()
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    assert await bus.replay(before[1].id)
    await handled.count(1)
    assert handled.texts == ["b"]
    assert handled.deliveries[0].envelope == before[1].envelope
    assert [letter.id for letter in await bus.dead_letters()] == [before[0].id, before[2].id]


async def test_replaying_what_is_not_there_says_so(bus: Bus) -> None:
    await park(bus, "a")
    (letter,) = await bus.dead_letters()
    assert await bus.replay(letter.id)
    assert not await bus.replay(letter.id)
    assert not await bus.replay("inbound.0/no-such-envelope")
    assert not await bus.replay("no-such-queue/x")
    assert not await bus.replay("")


async def test_undecodable_letters_can_be_replayed_too(rig: Rig) -> None:
    bus = await rig.open()
    await rig.put_raw("inbound.0", b"not ours")
    consumer = await bus.consume(["inbound.0"], Handled())
    (letter,) = await letters(bus, 1)
    await consumer.stop()
    assert await bus.replay(letter.id)
    assert await bus.dead_letters() == []
    depths = {depth.queue: depth.ready for depth in await bus.depths()}
    assert depths["inbound.0"] == 1


async def test_a_letter_that_fails_again_is_one_letter_again(bus: Bus) -> None:
    await park(bus, "a")
    (before,) = await bus.dead_letters()
    consumer = await bus.consume(["inbound.0"], refuse, tries=1)
    assert await bus.replay(before.id)
    (after,) = await letters(bus, 1)
    await consumer.stop()
    assert (after.id, after.envelope) == (before.id, before.envelope)


async def test_depths_count_the_letters(bus: Bus) -> None:
    await park(bus, "a", "b")
    depths = {depth.queue: depth.ready for depth in await bus.depths()}
    assert (depths["dead.inbound.0"], depths["inbound.0"]) == (2, 0)


async def test_a_letter_that_is_thrown_away_is_gone_and_the_others_stay(bus: Bus) -> None:
    await park(bus, "a", "b", "c")
    before = await bus.dead_letters()
    assert await bus.discard(before[1].id)
    assert not await bus.discard(before[1].id)
    assert not await bus.discard("no-such-queue/x")
    assert [letter.id for letter in await bus.dead_letters()] == [before[0].id, before[2].id]
    assert sum(depth.ready for depth in await bus.depths() if depth.queue == "inbound.0") == 0


async def test_what_waits_in_a_queue_is_counted_until_it_is_handled(bus: Bus) -> None:
    def wanted(envelope: Envelope) -> bool:
        return text_of(envelope) == "a"

    await bus.publish([said("a"), said("a")])
    assert await bus.waiting(["inbound.0"], wanted) > 0
    assert await bus.waiting(["inbound.1"], wanted) == 0
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await handled.count(2)

    async def nothing_waits() -> bool:
        return await bus.waiting(["inbound.0"], wanted) == 0

    await eventually(nothing_waits)
