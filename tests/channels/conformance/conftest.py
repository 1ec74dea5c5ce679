"""A channel on its stand, on either bus."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.conformance.cases import PLACES
from tests.channels.conformance.harness import Harness
from tests.channels.conformance.stand import Place, Stand, open_stand
from tests.services.postgres import PostgresServer
from tests.services.schemas import postgres_database, sqlite_file


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, home: Path) -> Place:
    """The bus and the database of a case."""
    if request.param == "embedded":
        sqlite_file(home)
        return Place("embedded://")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.start()
    url = postgres_database(server)
    request.addfinalizer(lambda: server.drop_database(url))
    return Place(request.getfixturevalue("rabbit_url"), url)


@pytest.fixture
async def stand(kind: type[Harness], place: Place, home: Path) -> AsyncIterator[Stand]:
    """The channel ``kind`` in its first life."""
    async with open_stand(kind(), place, home) as opened:
        yield opened
