"""Releases are switched while customers write: nobody is lost, and no answer is made of two releases."""

import asyncio
from dataclasses import replace

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import BACK, FEE, SHIP, Bench
from tests.contract.services.test_writer import D, Desk, said
from yizhan.core.store.database import Database

BATCHES = 30
AT_ONCE = 8


@pytest.mark.timeout(240)
async def test_every_message_is_answered_from_exactly_one_release(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    bench = Bench(database)
    texts = {}
    for hours in (24, 48, 72):
        release = await bench.take(replace(SHIP, answer=f"{hours}小时内发货。"), BACK, FEE)
        texts[release] = f"{hours}小时内发货。"
    await bench.publish(next(iter(texts)))
    desk = Desk.on(database, bus, clock, bench.library)
    done = asyncio.Event()

    async def write() -> None:
        for batch in range(BATCHES):
            await desk.take(*(said(f"v:{batch}-{number}", "什么时候发货") for number in range(AT_ONCE)))
        done.set()

    async def switch() -> None:
        while not done.is_set():
            for release in texts:
                await bench.publish(release)
                await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        group.create_task(switch())
    assert desk.handled() == [D.DISPOSITION_ANSWERED] * (BATCHES * AT_ONCE)
    told = set()
    for batch in range(BATCHES):
        for number in range(AT_ONCE):
            question, answer = await desk.transcript(f"v:{batch}-{number}")
            assert (question.author.kind, answer.in_reply_to) == (1, question.id)
            told.add((answer.grounding.release_id, answer.content.text.text))
    assert told <= set(texts.items()), "an answer names another release than the one it was taken from"
    assert len(told) > 1, "nothing was switched while customers wrote"
