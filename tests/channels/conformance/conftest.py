"""A channel on its stand, on either bus."""

from collections.abc import AsyncIterator
from functools import partialmethod
from pathlib import Path

import pytest

from tests.channels.conformance.cases import PLACES
from tests.channels.conformance.harness import Equipped, Harness
from tests.channels.conformance.stand import Place, Stand, open_stand
from tests.services.postgres import PostgresServer
from tests.services.schemas import postgres_database
from yizhan.channels import pulling
from yizhan.channels.accounts import AccountBook

A_MOMENT = 0.1


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    """The bus and the database of a case."""
    if request.param == "embedded":
        return Place("embedded://")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.start()
    url = postgres_database(server)
    request.addfinalizer(lambda: server.drop_database(url))
    return Place(request.getfixturevalue("rabbit_url"), url)


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service looks for every few seconds, such as a changed account, it looks for every moment."""
    monkeypatch.setattr(pulling, "SOURCES_SECONDS", A_MOMENT)
    monkeypatch.setattr(AccountBook, "run", partialmethod(AccountBook.run, A_MOMENT))


@pytest.fixture
def harness(kind: type[Harness], request: pytest.FixtureRequest) -> Harness:
    """The channel ``kind`` with its platform."""
    made = kind()
    if isinstance(made, Equipped):
        made.equip(request.getfixturevalue)
    return made


@pytest.fixture
async def stand(harness: Harness, place: Place, home: Path, brisk: None) -> AsyncIterator[Stand]:
    """The channel in its first life."""
    async with open_stand(harness, place, home) as opened:
        yield opened
