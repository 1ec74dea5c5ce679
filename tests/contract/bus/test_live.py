"""Live hints: quick, in order, and never in anyone's way."""

import asyncio

import pytest

from tests.contract.bus.rigs import RabbitRig, Rig, eventually
from tests.contract.bus.traffic import Hints, hint
from yizhan.core.bus import hints as hints_module
from yizhan.core.bus.interface import Bus


async def test_hints_reach_everyone_who_listens_to_the_key_and_nobody_else(bus: Bus) -> None:
    website, second_website, console = Hints(), Hints(), Hints()
    await bus.listen(["website"], website)
    await bus.listen(["website", "console"], second_website)
    await bus.listen(["console"], console)
    await bus.announce("website", [hint("a"), hint("b")])
    await bus.announce("console", [hint("c")])
    await eventually(lambda: len(website.seen) == 2 and len(second_website.seen) == 3 and len(console.seen) == 1)
    assert website.seen == ["a", "b"]
    assert sorted(second_website.seen) == ["a", "b", "c"]


async def test_many_hints_stay_in_order(bus: Bus) -> None:
    hints = Hints()
    await bus.listen(["website"], hints)
    for number in range(1000):
        await bus.announce("website", [hint(f"{number}")])
    await eventually(lambda: len(hints.seen) == 1000)
    assert hints.seen == [str(number) for number in range(1000)]


async def test_announcing_to_nobody_or_without_a_bus_is_no_error(rig: Rig) -> None:
    bus = await rig.open()
    await bus.announce("website", [hint("nobody hears")])
    await rig.cut()
    for _ in range(50):
        await bus.announce("website", [hint("lost")])
        await asyncio.sleep(0.002)


async def test_listening_stops_and_its_keys_can_change(bus: Bus) -> None:
    hints = Hints()
    listener = await bus.listen(["website"], hints)
    await listener.assign(["console"])
    assert listener.active == {"console"}

    async def heard() -> bool:
        await bus.announce("website", [hint("old key")])
        await bus.announce("console", [hint("new key")])
        return "new key" in hints.seen

    await eventually(heard)
    assert "old key" not in hints.seen
    await listener.stop()
    seen = len(hints.seen)
    await bus.announce("console", [hint("after the end")])
    await asyncio.sleep(0.1)
    assert len(hints.seen) == seen


async def test_a_failing_handler_goes_on_listening(bus: Bus) -> None:
    hints = Hints()

    async def handler(envelopes: object) -> None:
        await hints(envelopes)  # type: ignore[arg-type]
        raise ValueError

    await bus.listen(["website"], handler)
    await bus.announce("website", [hint("a")])
    await eventually(lambda: hints.seen == ["a"])
    await bus.announce("website", [hint("b")])
    await eventually(lambda: hints.seen == ["a", "b"])


async def test_a_handler_that_cannot_keep_up_is_told_of_the_gap(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints_module, "MOST_WAITING", 50)
    hints = Hints()
    busy = asyncio.Event()

    async def slow(envelopes: object) -> None:
        await busy.wait()
        await hints(envelopes)  # type: ignore[arg-type]

    await bus.listen(["website"], slow, on_gap=hints.gap)
    for number in range(200):
        await bus.announce("website", [hint(f"{number}")])
        await asyncio.sleep(0)
    await asyncio.sleep(0.3)
    busy.set()
    await eventually(lambda: "gap" in hints.seen)


async def test_after_a_reconnect_the_listener_hears_again_and_is_told_of_the_gap_first(rabbit_rig: RabbitRig) -> None:
    bus = await rabbit_rig.open()
    hints = Hints()
    await bus.listen(["website"], hints, on_gap=hints.gap)
    await bus.announce("website", [hint("before")])
    await eventually(lambda: hints.seen == ["before"])
    rabbit_rig.proxy.cut()

    async def heard() -> bool:
        await bus.announce("website", [hint("after")])
        return "after" in hints.seen

    await eventually(heard)
    assert hints.seen[:2] == ["before", "gap"]
