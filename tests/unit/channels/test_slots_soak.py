"""Many pushes at once, repeated, cut and answered at any moment: whatever happens, no reply goes both ways and none is lost."""

import asyncio
import json
import random

import pytest

from tests.channels.waiting import until
from tests.unit.channels.webhook_world import World, bot_says, open_world, text_of
from yizhan.channels.contract import OutcomeUnknown
from yizhan.channels.slot_needs import Timing
from yizhan.core.messages.message import Message

PUSHES = 150
TRIES = 20
"""More than any platform: it goes on until it has a whole answer, so that what is said to be given can be looked for."""


class Platform:
    """Pushes until it has read a whole answer; some connections it cuts. Remembers every answer that it read."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self.world = world
        self.rng = rng
        self.read: dict[str, list[str]] = {}

    async def push(self, id: str) -> None:
        for number in range(TRIES):
            if number < TRIES - 1 and self.rng.random() < 0.4:
                writer = await self.world.send_and_stay(id, f"q{id}")
                await asyncio.sleep(self.rng.random() * 0.06)
                writer.close()
                continue
            answer = await self.world.push(id, f"q{id}", nonce="")
            if answer.status == 200:
                self.read.setdefault(id, []).append(answer.body)
                return
        raise AssertionError(f"push {id} was never answered")


@pytest.mark.parametrize("seed", range(3))
async def test_every_reply_goes_exactly_one_way(seed: int) -> None:
    rng = random.Random(seed)
    went: dict[str, str] = {}
    async with open_world(Timing(patience=10.0, gather=0.0, lead=0.0)) as world:
        # Half of the slots are open long enough for a reply also where the machine is busy with other things.
        world.channel.within_of = {str(number): (0.05, 1.0)[number % 2] for number in range(PUSHES)}
        platform = Platform(world, rng)

        async def deliver(question: Message) -> None:
            await asyncio.sleep(rng.random() * 0.08)
            try:
                by_answer = await world.slots.offer(bot_says(question, f"a{text_of(question)}"), 0)
                went[text_of(question)] = "answer" if by_answer else "api"
            except OutcomeUnknown:
                went[text_of(question)] = "unknown"

        ids = [str(number) for number in range(PUSHES)]
        pushing = [asyncio.create_task(platform.push(push)) for push in ids]
        delivering: dict[str, asyncio.Task[None]] = {}
        while len(delivering) < PUSHES:
            await until(lambda: len(world.accepted) > len(delivering))
            for message in world.accepted[len(delivering) :]:
                delivering[message.id] = asyncio.create_task(deliver(message))
        await asyncio.gather(*pushing, *delivering.values())
    assert len(world.accepted) == PUSHES, "a push that was repeated is one message"
    for push in ids:
        carried = [body for body in platform.read[push] if body != "success"]
        match went[f"q{push}"]:
            case "answer":
                assert carried == [f"aq{push} for "], "the platform has the reply that is told as given"
            case "api":
                assert carried == [], "what goes by the API is in no answer"
    assert {"answer", "api"} <= set(went.values()), json.dumps(went)
