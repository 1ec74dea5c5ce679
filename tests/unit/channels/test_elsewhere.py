"""Several processes of a channel: a reply reaches the push that it answers wherever that is held, and goes out once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.channels.waiting import until
from tests.unit.channels.test_slots import asked
from tests.unit.channels.webhook_world import FakeLedger, World, bot_says, open_world
from yizhan.channels.elsewhere import Elsewhere, Ticket, ticket_of
from yizhan.channels.store.sends import SendState
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Location
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import now


@dataclass
class Pair:
    """Two processes on one ledger; hints between them can be lost."""

    ledger: FakeLedger = field(default_factory=FakeLedger)
    worlds: list[World] = field(default_factory=list)
    deaf: bool = False
    announced: list[bool] = field(default_factory=list)

    async def announce(self, address: Address, slot_key: str, gone: bool) -> None:
        self.announced.append(gone)
        if not self.deaf:
            for world in self.worlds:
                await world.slots.collect(slot_key, gone=gone)

    @property
    def holder(self) -> World:
        """The process that the platform called."""
        return self.worlds[0]

    @property
    def other(self) -> World:
        return self.worlds[1]

    def reply(self, text: str = "hello") -> Message:
        """What dialogue made of the question: it inherits what the question's channel wrote on it."""
        question = self.holder.question()
        return replace(bot_says(question, text), channel_data=question.channel_data)


@asynccontextmanager
async def pair() -> AsyncIterator[Pair]:
    both = Pair()

    def side(name: str) -> Elsewhere:
        return Elsewhere(name, both.ledger, both.announce, now)

    async with (
        open_world(shared=both.ledger, elsewhere=side("a")) as first,
        open_world(shared=both.ledger, elsewhere=side("b")) as second,
    ):
        both.worlds += [first, second]
        yield both


async def test_a_reply_that_came_to_another_process_goes_in_the_answer() -> None:
    async with pair() as both:
        push = await asked(both.holder)
        assert await both.other.slots.offer(both.reply(), 0)
        assert (await push).body == "hello for 1"
        assert both.ledger.states() == [SendState.SENT]


async def test_the_process_that_holds_the_push_answers_by_itself() -> None:
    async with pair() as both:
        push = await asked(both.holder)
        assert await both.holder.slots.offer(both.reply(), 0)
        assert (await push).body == "hello for 1"
        assert both.announced == []


async def test_a_reply_that_nobody_takes_goes_by_the_api_and_never_both_ways() -> None:
    async with pair() as both:
        push = await asked(both.holder)
        both.deaf = True
        offering = asyncio.create_task(both.other.slots.offer(both.reply(), 0))
        await until(lambda: both.announced == [False])
        assert not await offering
        assert both.ledger.states() == [SendState.NOT_SENT]
        both.deaf = False
        ticket = ticket_of(both.reply().channel_data)
        assert ticket is not None
        await both.announce(both.reply().address, ticket.slot_key, True)
        assert (await push).body == "success"


async def test_a_reply_that_no_answer_can_hold_lets_the_platform_go() -> None:
    async with pair() as both:
        push = await asked(both.holder)
        assert not await both.other.slots.offer(replace(both.reply(), content=Location(31.2, 121.5)), 0)
        assert (await push).body == "success"
        assert both.ledger.rows == {}


async def test_a_reply_that_comes_after_the_answer_is_not_offered_to_anybody() -> None:
    async with pair() as both:
        push = await asked(both.holder)
        both.holder.slots.held(both.holder.question().id)
        await push
        ticket = ticket_of(both.reply().channel_data)
        assert ticket is not None
        late = replace(ticket, until=now() - timedelta(seconds=1))
        assert not await both.other.slots.offer(replace(both.reply(), channel_data=late.pack()), 0)
        assert both.announced == []
        assert both.ledger.rows == {}


async def test_a_push_that_was_answered_meanwhile_takes_no_reply() -> None:
    async with pair() as both:
        push = await asked(both.holder)
        reply = both.reply()
        both.holder.slots.held(both.holder.question().id)
        assert (await push).body == "success"
        assert not await both.other.slots.offer(reply, 0)
        assert both.ledger.states() == [SendState.NOT_SENT]


@pytest.mark.parametrize("data", [b"", b"x", b"[]", b"{}", b'{"slot":1,"replica":"b","until":"x"}', b'{"slot":"k"}'])
async def test_what_is_no_ticket_is_none(data: bytes) -> None:
    assert ticket_of(data) is None


def test_a_ticket_travels_whole() -> None:
    ticket = Ticket("wechat:shop:m:1", "host-1", now())
    assert ticket_of(ticket.pack()) == ticket
