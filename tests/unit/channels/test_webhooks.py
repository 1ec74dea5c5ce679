"""What a platform gets to hear: never a yes before the message is safe, never more than a status, each customer's messages in order."""

import asyncio

import pytest
import structlog

from tests.channels.waiting import until
from tests.unit.channels.webhook_world import LONG, open_world, text_of
from yizhan.channels.contract import NotAccepted
from yizhan.channels.webhooks import Limits


async def test_a_push_is_answered_when_its_message_is_safe() -> None:
    async with open_world() as world:
        world.channel.has_slot = False
        world.durable.clear()
        asked = asyncio.create_task(world.push("1"))
        await until(lambda: world.webhooks.busy > 0)
        assert not asked.done()
        world.durable.set()
        answer = await asked
        assert (answer.status, answer.body) == (200, "success")
        assert [text_of(message) for message in world.accepted] == ["hi"]
        assert world.counted("answered") == 1


async def test_the_address_is_verified_by_its_echo() -> None:
    async with open_world() as world, world.client.get(f"{world.url}/json/shop?echo=77") as response:
        assert (response.status, await response.text()) == (200, "77")


@pytest.mark.parametrize("has_slot", [False, True])
async def test_the_platform_comes_again_while_the_bus_is_away_and_brings_one_message(has_slot: bool) -> None:
    async with open_world() as world:
        world.channel.has_slot = has_slot
        world.channel.within = LONG if not has_slot else 0.5
        world.accept_error = NotAccepted(2.5)
        answer = await world.push("1")
        assert (answer.status, answer.body, answer.retry_after) == (503, "", "3")
        assert world.slots.open == 0
        assert world.counted("not_accepted") == 1
        world.accept_error = None
        assert (await world.push("1")).status == 200
        assert len(world.accepted) == 1
        assert (await world.push("1")).status == 200
        assert len(world.accepted) == 1


async def test_what_comes_again_after_the_bus_was_away_has_the_same_id() -> None:
    """It may have been published all the same: then the bus must see the same message again, not another one."""
    async with open_world() as world:
        world.channel.has_slot = False
        world.accept_error = NotAccepted()
        await world.push("1")
        world.accept_error = None
        await world.push("1")
        assert len(world.given) == 2
        assert world.given[0].id == world.given[1].id


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        pytest.param("/json/other", b"{}", 404, "unknown_account", id="an account that does not exist"),
        pytest.param("/json/shop", b"secret words", 400, "undecodable", id="a body that cannot be read"),
        pytest.param("/json/shop", b"x" * 2000, 413, "too_large", id="a body that is too large"),
    ],
)
async def test_a_call_that_is_refused_learns_a_status_and_the_log_nothing_of_it(
    path: str, body: bytes, status: int, code: str
) -> None:
    async with open_world(limits=Limits(max_body=1000)) as world:
        with structlog.testing.capture_logs() as lines:
            async with world.client.post(world.url + path, data=body) as response:
                assert (response.status, await response.read()) == (status, b"")
        refused = [line for line in lines if line["event"] == "webhook_refused"]
        assert [line["code"] for line in refused] == [code]
        assert "secret" not in repr(lines)
        assert world.counted(f"refused_{code}") == 1
        assert world.accepted == []


async def test_a_large_body_without_a_length_is_refused_before_it_is_all_there() -> None:
    async def endless() -> object:
        for _ in range(64):
            yield b"x" * 64_000

    async with (
        open_world(limits=Limits(max_body=1000)) as world,
        world.client.post(f"{world.url}/json/shop", data=endless()) as response,
    ):
        assert response.status == 413


async def test_a_fault_of_ours_makes_the_platform_come_again() -> None:
    async with open_world() as world:
        world.accept_error = ValueError("customer said: 'secret'")
        with structlog.testing.capture_logs() as lines:
            answer = await world.push("1", "secret")
        assert (answer.status, answer.body) == (500, "")
        assert [line["event"] for line in lines].count("webhook_failed") == 1
        assert world.counted("failed") == 1
        world.accept_error = None
        world.channel.within = 0.05
        assert (await world.push("1", "secret")).body == "success"


async def test_a_text_does_not_overtake_the_picture_before_it() -> None:
    async with open_world() as world:
        world.channel.has_slot = False
        picture = asyncio.create_task(world.push("1", "picture", picture=True))
        await until(lambda: world.channel.fetches == 1)
        text = asyncio.create_task(world.push("2", "text"))
        other = await world.push("3", "other", customer="d")
        assert other.status == 200
        assert not text.done()
        world.channel.gate.set()
        assert {(await picture).status, (await text).status} == {200}
        assert [text_of(message) for message in world.accepted] == ["other", "picture", "text"]


async def test_a_slow_picture_is_fetched_once_however_often_it_is_pushed() -> None:
    async with open_world() as world:
        world.channel.slow_within = 0.05
        answer = await world.push("1", "picture", picture=True)
        assert answer.status == 503
        assert world.accepted == []
        world.channel.slow_within = LONG
        world.channel.within = 0.05
        again = asyncio.create_task(world.push("1", "picture", picture=True))
        await until(lambda: world.slots.open > 0)
        world.channel.gate.set()
        assert (await again).status == 200
        assert world.channel.fetches == 1
        assert len(world.accepted) == 1


async def test_a_picture_that_came_after_the_platform_gave_up_is_not_lost() -> None:
    async with open_world() as world:
        world.channel.slow_within = 0.05
        assert (await world.push("1", "picture", picture=True)).status == 503
        world.channel.gate.set()
        await until(lambda: len(world.accepted) == 1)


async def test_a_fetch_that_failed_is_tried_again_by_the_next_push() -> None:
    async with open_world() as world:
        world.channel.has_slot = False
        world.channel.gate.set()
        world.channel.fetch_error = NotAccepted()
        assert (await world.push("1", "picture", picture=True)).status == 503
        world.channel.fetch_error = None
        assert (await world.push("1", "picture", picture=True)).status == 200
        assert len(world.accepted) == 1


async def test_a_fetch_without_end_does_not_hold_the_customer_up_for_ever() -> None:
    async with open_world(limits=Limits(deadline=LONG, finish_within=0.05)) as world:
        world.channel.has_slot = False
        picture = asyncio.create_task(world.push("1", "picture", picture=True))
        await until(lambda: world.channel.fetches == 1)
        assert (await world.push("2", "text")).status == 200
        assert (await picture).status == 503


async def test_a_push_that_breaks_off_is_counted_and_its_message_kept() -> None:
    async with open_world() as world:
        world.channel.has_slot = False
        world.durable.clear()
        writer = await world.send_and_stay("1")
        await until(lambda: world.webhooks.busy > 0)
        writer.close()
        await until(lambda: world.gone == 1)
        world.durable.set()
        await until(lambda: world.counted("cut") == 1)
        assert len(world.accepted) == 1
