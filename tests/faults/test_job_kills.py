"""Whenever dialogue is killed while a job is in hand, the business does it once, and the customer is told once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.store.processes import python
from tests.faults.job_life import SECRET, STEPS
from yizhan.core.runtime import clock
from yizhan.core.runtime.http import make_app, serve
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store import migrate
from yizhan.core.store.database import Database
from yizhan.demo.orders.book import OrderBook
from yizhan.demo.orders.http_face import PREFIX, routes
from yizhan.demo.orders.journal import Journal

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

Shop = tuple[str, OrderBook]


@pytest.fixture(params=["embedded", pytest.param("apart", marks=pytest.mark.real)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Addresses of a migrated database and of a bus."""
    if request.param == "embedded":
        database_url, bus_url = f"sqlite:///{tmp_path}/yizhan.db", "embedded://"
    else:
        database_url, bus_url = request.getfixturevalue("postgres_url"), request.getfixturevalue("rabbit_url")

    async def upgrade() -> None:
        async with Database(database_url) as database:
            await migrate.upgrade_all(database)

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, upgrade()).result()
    return database_url, bus_url


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """A business's system in a process that lives on."""
    book = OrderBook(clock.now, Journal(None))
    app = make_app("shop", metrics=Metrics("shop"))
    app.add_routes(routes(book, (SECRET,)))
    async with serve(app, "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}{PREFIX}", book


def life(step: str, database_url: str, bus_url: str, shop_url: str) -> tuple[int, str, str]:
    process = python("-m", "tests.faults.job_life", step, database_url, bus_url, shop_url)
    output, errors = process.communicate(timeout=90)
    return process.returncode, output, errors


DONE_BEFORE_DEATH: dict[str, Callable[[int], bool]] = {
    "job committed": lambda effects: effects in {0, 1},  # the runner may have been quicker than the kill
    "claimed": lambda effects: effects == 0,
    "called": lambda effects: effects == 1,
    "published": lambda effects: effects == 1,
    "row deleted": lambda effects: effects == 1,
    "result committed": lambda effects: effects == 1,
}


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_any_step_it_is_done_once_and_told_once(places: tuple[str, str], shop: Shop, step: str) -> None:
    shop_url, book = shop
    code, _, errors = await asyncio.to_thread(life, step, *places, shop_url)
    assert code == -9, errors
    assert DONE_BEFORE_DEATH[step](book.effects), "it died where it was to die"
    code, output, errors = await asyncio.to_thread(life, "none", *places, shop_url)
    assert code == 0, errors
    told = json.loads(output.splitlines()[-1])
    assert book.effects == 1
    assert told == ["48小时内发货", "applied AS20001", "that was all"]


async def test_killed_again_and_again_it_is_still_done_once_and_told_once(places: tuple[str, str], shop: Shop) -> None:
    shop_url, book = shop
    for step in ("claimed", "called", "published"):
        code, _, errors = await asyncio.to_thread(life, step, *places, shop_url)
        assert code == -9, errors
    code, output, errors = await asyncio.to_thread(life, "none", *places, shop_url)
    assert code == 0, errors
    told = json.loads(output.splitlines()[-1])
    assert book.effects == 1
    assert told.count("applied AS20001") == 1
