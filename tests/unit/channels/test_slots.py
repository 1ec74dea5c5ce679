"""A reply goes in the answer to the push or by the API, never both; and a platform that pushes again gets the same answer."""

import asyncio
from dataclasses import replace

import pytest

from tests.channels.waiting import until
from tests.unit.channels.webhook_world import LONG, Response, World, bot_says, open_world, text_of
from yizhan.channels.contract import NotAccepted, OutcomeUnknown
from yizhan.channels.slot_needs import Timing
from yizhan.channels.store.sends import SendState
from yizhan.core.messages.content import Location
from yizhan.core.messages.message import Message
from yizhan.core.store.errors import StoreUnavailable


async def asked(world: World, id: str = "1", text: str = "hi", nonce: str = "1") -> asyncio.Task[Response]:
    """A push whose message is on the bus and that waits for its answer."""
    known = len(world.accepted)
    push = asyncio.create_task(world.push(id, text, nonce=nonce))
    await until(lambda: len(world.accepted) > known)
    return push


async def test_a_reply_in_time_goes_in_the_answer_and_is_noted_before() -> None:
    async with open_world() as world:
        push = await asked(world)
        assert await world.slots.offer(bot_says(world.question(), "hello"), 0)
        assert (await push).body == "hello for 1"
        assert world.ledger.states() == [SendState.SENT]
        assert world.counted("replied") == 1


async def test_a_reply_that_is_faster_than_the_confirm_waits_for_it() -> None:
    """Nothing is answered, not even with a reply, before the message is known to be safe."""
    async with open_world() as world:
        offers: list[asyncio.Task[bool]] = []
        world.durable.clear()

        def dialogue_is_fast() -> None:
            offers.append(asyncio.create_task(world.slots.offer(bot_says(world.given[0], "hello"), 0)))

        world.before_confirm = dialogue_is_fast
        push = asyncio.create_task(world.push("1"))
        await until(world.ledger.begun.is_set)
        assert not push.done()
        world.durable.set()
        assert (await push).body == "hello for 1"
        assert await offers[0]


async def test_a_fast_reply_goes_by_the_api_when_the_bus_did_not_confirm() -> None:
    async with open_world() as world:
        offers: list[asyncio.Task[bool]] = []

        def dialogue_is_fast() -> None:
            offers.append(asyncio.create_task(world.slots.offer(bot_says(world.given[0], "hello"), 0)))

        world.before_confirm = dialogue_is_fast
        world.accept_error = NotAccepted()
        assert (await world.push("1")).status == 503
        assert not await offers[0]
        assert world.ledger.states() == [SendState.NOT_SENT]


async def test_a_late_reply_goes_by_the_api() -> None:
    async with open_world() as world:
        world.channel.within = 0.05
        assert (await world.push("1")).body == "success"
        assert not await world.slots.offer(bot_says(world.question(), "hello"), 0)
        assert world.ledger.states() == []
        world.channel.within = LONG
        assert (await world.push("1")).body == "success"


async def test_a_reply_whose_time_is_up_while_it_is_noted_goes_by_the_api() -> None:
    async with open_world() as world:
        world.channel.within = 1.0
        world.ledger.gate.clear()
        push = await asked(world)
        offer = asyncio.create_task(world.slots.offer(bot_says(world.question(), "hello"), 0))
        assert (await push).body == "success"
        world.ledger.gate.set()
        assert not await offer
        assert world.ledger.states() == [SendState.NOT_SENT]


@pytest.mark.parametrize("forgotten", [False, True])
async def test_a_push_that_comes_again_gets_the_same_reply(forgotten: bool) -> None:
    """Also when this process forgot the push, or never knew it."""
    timing = Timing(patience=LONG, remember=1 if forgotten else 100)
    async with open_world(timing) as world:
        push = await asked(world)
        assert await world.slots.offer(bot_says(world.question(), "hello"), 0)
        await push
        if forgotten:
            world.channel.within = 0.05
            await world.push("2")
            world.channel.within = LONG
        again = await world.push("1", nonce="2")
        assert again.body == "hello for 2"
        assert world.ledger.states() == [SendState.SENT]


async def test_a_repetition_while_the_first_is_waiting_gets_the_same_answer() -> None:
    async with open_world() as world:
        first = await asked(world)
        second = asyncio.create_task(world.push("1", nonce="2"))
        await until(lambda: len(world.requests) == 2)
        await until(lambda: attempts(world) == 2)
        assert await world.slots.offer(bot_says(world.question(), "hello"), 0)
        assert (await first).body == "hello for 1"
        assert (await second).body == "hello for 2"
        assert len(world.accepted) == 1


async def test_only_the_first_of_two_replies_goes_in_the_answer() -> None:
    async with open_world() as world:
        push = await asked(world)
        first, second = await asyncio.gather(
            world.slots.offer(bot_says(world.question(), "one"), 0),
            world.slots.offer(bot_says(world.question(), "two"), 0),
        )
        assert (first, second) == (True, False)
        assert (await push).body == "one for 1"


async def test_a_reply_to_another_message_leaves_the_slot_open() -> None:
    async with open_world() as world:
        push = await asked(world)
        reply = bot_says(world.question(), "hello")
        assert not await world.slots.offer(replace(reply, in_reply_to="another"), 0)
        assert await world.slots.offer(reply, 0)
        assert (await push).body == "hello for 1"


async def test_a_reply_that_no_answer_can_hold_is_not_waited_for() -> None:
    async with open_world() as world:
        push = await asked(world)
        reply = bot_says(world.question(), "hello")
        assert not await world.slots.offer(replace(reply, content=Location(31.2, 121.5)), 0)
        assert (await push).body == "success"
        assert not await world.slots.offer(reply, 0), "what follows must not overtake it"


async def test_the_platform_need_not_wait_when_a_human_has_the_conversation() -> None:
    async with open_world() as world:
        push = await asked(world)
        world.slots.held(world.question().id)
        assert (await push).body == "success"
        assert not await world.slots.offer(bot_says(world.question(), "hello"), 0)


async def test_a_reply_that_cannot_be_put_into_an_answer_goes_by_the_api() -> None:
    async with open_world() as world:
        world.channel.cannot_carry = True
        push = await asked(world)
        assert not await world.slots.offer(bot_says(world.question(), "hello"), 0)
        assert (await push).body == "success"
        assert world.ledger.states() == [SendState.NOT_SENT]


async def test_a_reply_goes_by_the_api_when_the_platform_is_gone() -> None:
    async with open_world() as world:
        world.channel.within = 0.3
        writer = await world.send_and_stay("1")
        await until(lambda: len(world.accepted) == 1)
        writer.close()
        await until(lambda: world.gone == 1)
        assert not await world.slots.offer(bot_says(world.question(), "hello"), 0)
        assert (await world.push("1")).body == "success"


async def test_a_reply_goes_in_the_answer_to_the_repetition_when_the_first_was_cut() -> None:
    async with open_world() as world:
        writer = await world.send_and_stay("1")
        await until(lambda: len(world.accepted) == 1)
        writer.close()
        await until(lambda: world.gone == 1)
        again = asyncio.create_task(world.push("1", nonce="2"))
        await until(lambda: attempts(world) == 2)
        assert await world.slots.offer(bot_says(world.question(), "hello"), 0)
        assert (await again).body == "hello for 2"
        assert len(world.accepted) == 1


async def test_a_reply_goes_by_the_api_when_the_platform_goes_while_the_reply_is_noted() -> None:
    async with open_world() as world:
        world.channel.within = 1.0
        world.ledger.gate.clear()
        writer = await world.send_and_stay("1")
        await until(lambda: len(world.accepted) == 1)
        offer = asyncio.create_task(world.slots.offer(bot_says(world.question(), "hello"), 0))
        writer.close()
        await until(lambda: world.gone == 1 and attempts(world) == 0)
        world.ledger.gate.set()
        assert not await offer
        assert world.ledger.states() == [SendState.NOT_SENT]


async def test_a_reply_goes_by_the_api_when_the_platform_goes_while_the_answer_is_made() -> None:
    async with open_world() as world:
        writer = await world.send_and_stay("1")
        await until(lambda: len(world.accepted) == 1)
        transport = world.requests[0].transport
        assert transport is not None
        world.channel.after_making = transport.abort
        assert not await world.slots.offer(bot_says(world.question(), "hello"), 0)
        writer.close()


async def test_the_end_of_a_connection_that_was_cut_takes_nothing_from_the_repetition() -> None:
    async with open_world() as world:
        world.channel.within = 0.5
        writer = await world.send_and_stay("1")
        await until(lambda: len(world.accepted) == 1)
        writer.close()
        await until(lambda: world.gone == 1)
        world.channel.within = LONG
        again = asyncio.create_task(world.push("1", nonce="2"))
        await until(lambda: len(world.requests) == 2 and attempts(world) == 1)
        assert await world.slots.offer(bot_says(world.question(), "hello"), 0)
        assert (await again).body == "hello for 2"


async def test_a_reply_that_is_found_while_it_is_being_noted_goes_once() -> None:
    """The look for replies of an earlier life finds the row of this one."""
    async with open_world() as world:
        world.ledger.look_up_gate.clear()
        world.ledger.gate.clear()
        push = await asked(world)
        await until(world.ledger.looked_up.is_set)
        offer = asyncio.create_task(world.slots.offer(bot_says(world.question(), "hello"), 0))
        await until(world.ledger.begun.is_set)
        world.ledger.look_up_gate.set()
        await asyncio.wait({push}, timeout=0.05)
        world.ledger.gate.set()
        assert await offer
        assert (await push).body == "hello for 1"
        assert world.ledger.states() == [SendState.SENT]


async def cut_while_writing(world: World) -> asyncio.Task[bool]:
    """A push whose connection breaks after the last look at it, while its answer is being written."""
    writer = await world.send_and_stay("1")
    await until(lambda: len(world.accepted) == 1)
    break_while_writing(world)
    offer = asyncio.create_task(world.slots.offer(bot_says(world.question(), "hello"), 0))
    await until(lambda: world.counted("cut") == 1)
    world.before_write.clear()
    writer.close()
    return offer


async def test_a_repetition_collects_the_reply_whose_writing_broke() -> None:
    async with open_world() as world:
        offer = await cut_while_writing(world)
        assert not offer.done()
        assert (await world.push("1", nonce="2")).body == "hello for 2"
        assert await offer
        assert world.ledger.states() == [SendState.SENT]


async def test_a_reply_whose_writing_broke_and_that_nobody_collects_is_unknown_and_not_sent_again() -> None:
    async with open_world(Timing(patience=0.05)) as world:
        offer = await cut_while_writing(world)
        with pytest.raises(OutcomeUnknown):
            await offer
        assert world.ledger.states() == [SendState.UNKNOWN]


async def test_a_reply_that_cannot_be_noted_is_not_given() -> None:
    async with open_world() as world:
        push = await asked(world)
        world.ledger.error = StoreUnavailable("away")
        with pytest.raises(StoreUnavailable):
            await world.slots.offer(bot_says(world.question(), "hello"), 0)
        assert (await push).body == "success"


async def test_a_call_for_the_same_customer_waits_behind_the_reply_in_the_answer() -> None:
    async with open_world(Timing(patience=LONG, lead=LONG)) as world:
        push = await asked(world)
        reply = bot_says(world.question(), "one")
        assert await world.slots.offer(reply, 0)
        await push
        behind = asyncio.create_task(world.slots.settle(reply))
        await asyncio.sleep(0)
        await world.slots.settle(replace(reply, address=replace(reply.address, customer="another")))
        await asyncio.sleep(0)
        assert not behind.done()
        behind.cancel()


# --- accounts that can write in answers only ----------------------------------------------------------------------------


def waits(world: World, *texts: str) -> list[Message]:
    """Dialogue has said these, and they wait."""
    said = [bot_says(world.question(), text) for text in texts]
    world.waiting.messages += said
    return said


async def test_what_waits_goes_in_the_answer_as_soon_as_the_reply_is_there() -> None:
    async with open_world() as world:
        world.channel.only = True
        push = await asked(world)
        assert not await world.slots.offer(bot_says(world.question(), "hello"), 0)
        said = waits(world, "one", "two", "three")
        world.slots.ready(said[0].address)
        assert (await push).body == "one+two for 1"
        await until(lambda: world.waiting.told == ["given"])
        assert [text_of(message) for message in world.waiting.messages] == ["three"]
        assert (await world.push("1", nonce="2")).body == "one+two for 2"


async def test_what_waits_from_before_goes_at_the_end_of_the_time() -> None:
    async with open_world() as world:
        world.channel.has_slot = False
        await world.push("0")
        waits(world, "from yesterday")
        world.channel.has_slot = world.channel.only = True
        world.channel.within = 0.2
        assert (await world.push("1")).body == "from yesterday for 1"


async def test_what_waits_is_kept_for_the_repetition_when_the_platform_is_gone() -> None:
    async with open_world() as world:
        world.channel.only = True
        world.channel.within = 0.2
        writer = await world.send_and_stay("1")
        await until(lambda: len(world.accepted) == 1)
        waits(world, "one")
        writer.close()
        await until(lambda: world.gone == 1 and attempts(world) == 0)
        assert (await world.push("1", nonce="2")).body == "one for 2"
        await until(lambda: world.waiting.told == ["given"])


async def test_what_was_taken_and_may_have_been_given_is_told_so() -> None:
    async with open_world(Timing(patience=0.05, gather=0.0)) as world:
        world.channel.only = True
        writer = await world.send_and_stay("1")
        await until(lambda: len(world.accepted) == 1)
        break_while_writing(world)
        said = waits(world, "one")
        world.slots.ready(said[0].address)
        await until(lambda: world.waiting.told == ["unsure"])
        assert world.waiting.messages == []
        writer.close()


async def test_what_waits_goes_at_once_when_a_human_has_the_conversation() -> None:
    async with open_world() as world:
        world.channel.only = True
        push = await asked(world)
        waits(world, "from yesterday")
        world.slots.held(world.question().id)
        assert (await push).body == "from yesterday for 1"


async def test_the_platform_is_told_nothing_until_its_last_try_when_there_is_nothing_to_say() -> None:
    async with open_world(give_up=0.05) as world:
        world.channel.only = True
        world.channel.within = 0.05
        assert (await world.push("1")).status == 503
        assert (await world.push("1")).status == 503
        assert (await world.push("1")).body == "success"
        assert len(world.accepted) == 1


async def test_an_event_that_asks_nothing_takes_what_waits_or_is_answered_by_the_first_try() -> None:
    async with open_world() as world:
        world.channel.has_slot = False
        await world.push("0")
        waits(world, "from yesterday")
        world.channel.has_slot = world.channel.only = True
        world.channel.within = 0.05
        assert (await world.push("1", event=True)).body == "from yesterday for 1"
        assert (await world.push("2", event=True)).body == "success"


async def test_the_platform_is_kept_waiting_so_that_it_pushes_again() -> None:
    """Whatever it heard, also an error, could end the push."""
    async with open_world(give_up=LONG) as world:
        world.channel.only = True
        world.channel.within = 0.05
        push = await asked(world)
        await until(lambda: attempts(world) == 0)
        await asyncio.wait({push}, timeout=0.2)
        assert not push.done()
        push.cancel()


async def test_a_second_message_goes_with_the_first() -> None:
    async with open_world(Timing(patience=LONG, gather=1.0)) as world:
        world.channel.only = True
        push = await asked(world)
        said = waits(world, "one")
        world.slots.ready(said[0].address)
        for _ in range(20):
            await asyncio.sleep(0)
        waits(world, "two")
        assert (await push).body == "one+two for 1"


async def test_a_slow_reply_goes_in_the_answer_to_the_repetition() -> None:
    async with open_world(give_up=0.05) as world:
        world.channel.only = True
        world.channel.within = 0.05
        assert (await world.push("1")).status == 503
        said = waits(world, "slow")
        world.slots.ready(said[0].address)
        world.channel.within = LONG
        again = asyncio.create_task(world.push("1", nonce="2"))
        assert (await again).body == "slow for 2"


async def test_what_was_taken_and_could_not_be_given_waits_again() -> None:
    async with open_world() as world:
        world.channel.only = True
        world.channel.cannot_carry = True
        push = await asked(world)
        said = waits(world, "one")
        world.slots.ready(said[0].address)
        assert (await push).body == "success"
        await until(lambda: world.waiting.told == ["not given"])
        assert world.waiting.messages == said


def break_while_writing(world: World) -> None:
    """The connection of the first push will break when its answer has begun."""
    request = world.requests[0]

    async def cut() -> None:
        if request.transport is not None:
            request.transport.abort()

    world.before_write.append(cut)


def attempts(world: World) -> int:
    """Requests that wait in slots."""
    return sum(len(entry.attempts) for entry in world.slots._entries.values())
