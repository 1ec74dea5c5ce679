"""Processes that are killed without a word."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.contract.bus.rigs import EmbeddedRig, Rig, eventually
from tests.contract.bus.test_dead_letters import park
from tests.contract.bus.traffic import Handled, said
from yizhan.core.bus.interface import BusUnavailable

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[3]


@asynccontextmanager
async def victim(rig: Rig, what: str) -> AsyncIterator[Process]:
    url, home = rig.url()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.contract.bus.victim", what, url, home),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'services'}"},
        stdout=PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while await process.stdout.readline() not in {b"ready\n", b""}:
                pass
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def lines(process: Process, wanted: int) -> list[str]:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        return [(await process.stdout.readline()).decode().strip() for _ in range(wanted)]


async def test_whatever_was_confirmed_to_a_killed_publisher_is_there_and_in_order(rig: Rig) -> None:
    async with victim(rig, "publish") as process:
        confirmed = await lines(process, 500)
        process.kill()
        rest, _ = await process.communicate()
    confirmed += rest.decode().split()
    bus = await rig.open()
    handled = Handled()
    await bus.consume(["inbound.0", "inbound.1"], handled)
    await eventually(lambda: set(confirmed) <= set(handled.texts))
    lanes: dict[str, list[int]] = {}
    for text in dict.fromkeys(handled.texts):
        lane, _, number = text.partition(":")
        lanes.setdefault(lane, []).append(int(number))
    assert all(numbers == list(range(len(numbers))) for numbers in lanes.values())


async def test_what_a_killed_consumer_had_in_hand_comes_again(rig: Rig) -> None:
    bus = await rig.open()
    await bus.publish([said("one"), said("two")])
    await rig.close(bus)
    async with victim(rig, "hold") as process:
        assert await lines(process, 2) == ["one", "two"]
        process.kill()
        await process.wait()
    bus = await rig.open()
    handled = Handled()
    await bus.consume(["inbound.0"], handled)
    await handled.count(2)
    assert handled.texts == ["one", "two"]
    assert all(delivery.redelivered for delivery in handled.deliveries)


async def test_a_second_process_cannot_consume_an_embedded_bus(home: Path) -> None:
    async with EmbeddedRig(home) as rig:
        bus = await rig.open()
        await bus.publish([said("one")])
        async with victim(rig, "hold") as process:
            assert await lines(process, 1) == ["one"]
            with pytest.raises(BusUnavailable, match="another process"):
                await bus.consume(["inbound.0"], Handled())
            process.kill()
            await process.wait()
        handled = Handled()
        await bus.consume(["inbound.0"], handled)
        await handled.count(1)


async def test_a_letter_replayed_by_another_process_reaches_the_running_one(home: Path) -> None:
    """``yizhan dead replay`` opens the file while the server runs."""
    async with EmbeddedRig(home) as server, EmbeddedRig(home) as command_line:
        running = await server.open()
        await park(running, "parked")
        handled = Handled()
        await running.consume(["inbound.0"], handled)
        tool = await command_line.open("dead-replay")
        (letter,) = await tool.dead_letters()
        assert await tool.replay(letter.id)
        await handled.count(1)
        assert handled.texts == ["parked"]
