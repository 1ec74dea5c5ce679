"""A channel on its stand, on either bus."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.channels.conformance.cases import PLACES
from tests.channels.conformance.harness import Harness
from tests.channels.conformance.stand import Place, Stand, open_stand
from tests.services.postgres import PostgresServer
from yizhan.core.store import migrate
from yizhan.core.store.database import Database


def _migrate(url: str) -> None:
    async def run() -> None:
        async with Database(url) as database:
            await migrate.upgrade_all(database)

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, run()).result()


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    """The bus and the database of a case."""
    if request.param == "embedded":
        return Place("embedded://")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.start()
    url = server.new_database(server.template("all-services", _migrate))
    request.addfinalizer(lambda: server.drop_database(url))
    return Place(request.getfixturevalue("rabbit_url"), url)


@pytest.fixture
async def stand(kind: type[Harness], place: Place, home: Path) -> AsyncIterator[Stand]:
    """The channel ``kind`` in its first life."""
    async with open_stand(kind(), place, home) as opened:
        yield opened
