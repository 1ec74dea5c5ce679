"""Alive is not ready: a process that lost its database stays up and says so."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from yizhan.core.runtime.health import Health, Unready


class World:
    """What the checks see."""

    def __init__(self) -> None:
        self.at = 0.0
        self.asked = 0
        self.answer: str | Exception | float | None = None

    def clock(self) -> float:
        return self.at

    async def check(self) -> str | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, float):
            await asyncio.sleep(self.answer)
            return None
        return self.answer


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def health(world: World) -> Health:
    health = Health("dialogue", monotonic=world.clock)
    health.add("database", world.check, within=0.05)
    return health


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, None),
        ("", None),
        ("not connected", "not connected"),
        (OSError("password of amqp://u:p@h is wrong"), "OSError"),
        (5.0, "timeout"),
    ],
)
async def test_a_check_and_what_is_told(
    world: World, health: Health, answer: str | Exception | float | None, reason: str | None
) -> None:
    world.answer = answer
    assert await health.problems() == (() if reason is None else (Unready("database", reason),))


async def test_probes_cost_little(world: World, health: Health) -> None:
    await asyncio.gather(*(health.problems() for _ in range(50)))
    assert world.asked == 1
    world.at += 1.0
    await health.problems()
    assert world.asked == 2


async def test_a_change_is_logged_once_each_way(world: World, health: Health) -> None:
    with capture_logs() as logs:
        for answer in (None, "away", "away", None, None):
            world.answer = answer
            world.at += 1.0
            await health.problems()
    assert [entry["event"] for entry in logs] == ["not_ready", "ready_again"]


async def test_a_process_that_stops_takes_no_new_work(health: Health) -> None:
    await health.problems()
    health.stopping()
    assert await health.problems() == (Unready("process", "stopping"),)


async def test_a_name_is_taken_once(health: Health, world: World) -> None:
    with pytest.raises(ValueError, match="database"):
        health.add("database", world.check)


async def test_over_http(world: World, health: Health) -> None:
    app = web.Application()
    app.add_routes(health.routes())
    async with TestClient(TestServer(app)) as client:
        ready = await client.get("/readyz")
        assert (ready.status, (await ready.json())["ready"]) == (200, True)
        world.answer = "not connected"
        world.at += 1.0
        unready = await client.get("/readyz")
        assert unready.status == 503
        assert (await unready.json())["problems"] == [{"check": "database", "reason": "not connected"}]
        alive = await client.get("/healthz")
        assert (alive.status, await alive.json()) == (200, {"status": "ok", "service": "dialogue"})
