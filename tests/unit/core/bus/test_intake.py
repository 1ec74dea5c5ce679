"""The rules for what is in hand, where timing matters: queues that go while their envelopes are being retried."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from yizhan.core.bus.batch import pack
from yizhan.core.bus.figures import BusFigures
from yizhan.core.bus.intake import Arrival, Intake, Lease, Parked
from yizhan.core.bus.interface import BusUnavailable, Delivery, Handler, RetryLater
from yizhan.core.bus.topology import DELIVERY_LIMIT
from yizhan.pb.v1.envelope_pb2 import Envelope


class Desk(Lease):
    """A lease that writes down what was acknowledged."""

    def __init__(self, queue: str) -> None:
        super().__init__(queue)
        self.acknowledged: list[int] = []
        self.given_back = False
        self._tag = 0

    async def acknowledge(self, tag: int) -> None:
        self.acknowledged.append(tag)

    def give_back(self) -> None:
        self.given_back = True

    def arrival(self, *names: str, earlier: int = 0) -> Arrival:
        self._tag += 1
        envelopes = [Envelope(id=name) for name in names]
        for envelope in envelopes:
            envelope.event.id = envelope.id
        return Arrival(self, self._tag, pack([item.SerializeToString() for item in envelopes]), earlier > 0, earlier)


class Post:
    """An intake with its task, its handler's calls and its letters."""

    def __init__(self) -> None:
        self.letters: list[Parked] = []
        self.calls: list[list[str]] = []
        self.park_fails = 0
        self._tasks: list[asyncio.Task[None]] = []

    def intake(self, handler: Handler, *, batch: int = 10, tries: int = 3) -> Intake:
        async def handle(deliveries: Sequence[Delivery]) -> None:
            self.calls.append([delivery.envelope.id for delivery in deliveries])
            await handler(deliveries)

        made = Intake(handle, self._park, batch=batch, tries=tries, figures=BusFigures())
        self._tasks.append(asyncio.create_task(made.run()))
        return made

    async def _park(self, letters: Sequence[Parked]) -> None:
        if self.park_fails:
            self.park_fails -= 1
            raise BusUnavailable("away")
        self.letters += letters

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    made = Post()
    yield made
    await made.end()


async def fine(_deliveries: Sequence[Delivery]) -> None:
    await asyncio.sleep(0)


async def test_what_waits_is_one_batch_and_is_acknowledged_once_per_queue(post: Post) -> None:
    intake, one, two = post.intake(fine), Desk("inbound.0"), Desk("inbound.1")
    for arrival in (one.arrival("a", "b"), two.arrival("c"), one.arrival("d")):
        intake.arrived(arrival)
    assert await intake.finished([one, two], 5)
    assert post.calls == [["a", "b", "c", "d"]]
    assert (one.acknowledged, two.acknowledged) == ([2], [1])


async def test_a_batch_larger_than_a_call_is_acknowledged_only_when_all_of_it_was_handled(post: Post) -> None:
    handled: list[str] = []

    async def handler(deliveries: Sequence[Delivery]) -> None:
        assert desk.acknowledged == []
        handled.extend(delivery.envelope.id for delivery in deliveries)

    intake, desk = post.intake(handler, batch=2), Desk("inbound.0")
    intake.arrived(desk.arrival(*"abcde"))
    assert await intake.finished([desk], 5)
    assert post.calls == [["a", "b"], ["c", "d"], ["e"]]
    assert desk.acknowledged == [1]


async def test_a_queue_that_goes_during_retry_later_is_left_alone_and_the_other_goes_on(post: Post) -> None:
    refusing = True

    async def handler(_deliveries: Sequence[Delivery]) -> None:
        if refusing:
            raise RetryLater(0.02)

    intake, goes, stays = post.intake(handler), Desk("inbound.0"), Desk("inbound.1")
    for arrival in (goes.arrival("a"), stays.arrival("b"), goes.arrival("c"), stays.arrival("d")):
        intake.arrived(arrival)
    await asyncio.sleep(0.05)
    intake.leave([goes])
    assert await intake.finished([], 1)
    await asyncio.sleep(0.05)
    refusing = False
    assert await intake.finished([goes, stays], 5)
    assert post.calls[0] == ["a", "b", "c", "d"]
    assert post.calls[-1] == ["b", "d"]
    assert (goes.acknowledged, stays.acknowledged) == ([], [2])


async def test_nothing_after_an_envelope_that_was_given_up_is_handled(post: Post) -> None:
    """Else a message would be handled before one that was sent earlier and comes again elsewhere."""

    async def handler(deliveries: Sequence[Delivery]) -> None:
        if any(delivery.envelope.id == "b" for delivery in deliveries):
            raise RetryLater(60)

    intake, desk = post.intake(handler, batch=1), Desk("inbound.0")
    for name in "abcd":
        intake.arrived(desk.arrival(name))
    await asyncio.sleep(0.02)
    intake.leave([desk])
    assert await intake.finished([desk], 5)
    assert post.calls == [["a"], ["b"]]
    assert desk.acknowledged == [1]


async def test_a_lost_queue_is_not_acknowledged_and_its_waiting_envelopes_are_forgotten(post: Post) -> None:
    held = asyncio.Event()

    async def handler(_deliveries: Sequence[Delivery]) -> None:
        await held.wait()

    intake, lost, kept = post.intake(handler, batch=1), Desk("inbound.0"), Desk("inbound.1")
    for arrival in (lost.arrival("a"), lost.arrival("b"), kept.arrival("c")):
        intake.arrived(arrival)
    await asyncio.sleep(0.01)
    intake.lost(lost)
    held.set()
    assert await intake.finished([lost, kept], 5)
    assert post.calls == [["a"], ["c"]]
    assert (lost.acknowledged, kept.acknowledged) == ([], [1])
    intake.arrived(lost.arrival("late"))
    assert lost.in_hand == 0


async def test_a_failing_envelope_of_a_lost_queue_is_not_parked_because_it_comes_again(post: Post) -> None:
    async def handler(_deliveries: Sequence[Delivery]) -> None:
        intake.lost(desk)
        raise KeyError

    desk = Desk("inbound.0")
    intake = post.intake(handler)
    intake.arrived(desk.arrival("a"))
    assert await intake.finished([desk], 5)
    assert (post.letters, desk.acknowledged, len(post.calls)) == ([], [], 1)


async def test_parking_is_tried_until_it_works_and_only_then_acknowledged(post: Post) -> None:
    async def handler(_deliveries: Sequence[Delivery]) -> None:
        raise KeyError

    post.park_fails = 1
    intake, desk = post.intake(handler, tries=1), Desk("inbound.0")
    intake.arrived(desk.arrival("a"))
    await asyncio.sleep(0.1)
    assert desk.acknowledged == []
    assert await intake.finished([desk], 5)
    assert ([letter.reason for letter in post.letters], desk.acknowledged) == (["KeyError"], [1])


async def test_a_delivery_that_ended_badly_twice_is_handled_and_acknowledged_alone(post: Post) -> None:
    intake, desk = post.intake(fine), Desk("inbound.0")
    for name, earlier in (("a", 0), ("b", 2), ("c", 2), ("d", 0), ("e", 1)):
        intake.arrived(desk.arrival(name, earlier=earlier))
    assert await intake.finished([desk], 5)
    assert post.calls == [["a"], ["b"], ["c"], ["d", "e"]]
    assert desk.acknowledged == [1, 2, 3, 5]


async def test_a_delivery_at_its_limit_is_parked_without_being_tried(post: Post) -> None:
    intake, desk = post.intake(fine), Desk("inbound.0")
    intake.arrived(desk.arrival("a", earlier=DELIVERY_LIMIT))
    assert await intake.finished([desk], 5)
    assert post.calls == []
    assert ([letter.reason for letter in post.letters], desk.acknowledged) == (["delivery_limit"], [1])


async def test_an_error_inside_the_intake_gives_the_deliveries_back(post: Post) -> None:
    async def handler(_deliveries: Sequence[Delivery]) -> None:
        raise asyncio.CancelledError

    intake, desk = post.intake(handler), Desk("inbound.0")
    intake.arrived(desk.arrival("a"))
    assert await intake.finished([desk], 5)
    assert (desk.given_back, desk.acknowledged) == (True, [])


@pytest.mark.parametrize(("batch", "tries"), [(0, 1), (1, 0)])
def test_sizes_start_at_one(batch: int, tries: int) -> None:
    with pytest.raises(ValueError, match="start at 1"):
        Intake(fine, None, batch=batch, tries=tries, figures=BusFigures())  # type: ignore[arg-type]
