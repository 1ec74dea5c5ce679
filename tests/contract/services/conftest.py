"""Services on real databases: every test that asks for ``database`` runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.services.postgres import PostgresServer
from tests.services.schemas import postgres_database, sqlite_file
from yizhan.core.bus.interface import Publication
from yizhan.core.bus.topology import Exchange
from yizhan.core.messages.command import Command
from yizhan.core.messages.command_codec import command_from_proto
from yizhan.core.store.database import Database
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.event_pb2 import Event

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.real)]
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with every service's tables."""
    if request.param == "sqlite":
        return f"sqlite:///{sqlite_file(tmp_path)}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.start()
    url = postgres_database(server)
    request.addfinalizer(lambda: _drop(server, url))
    return url


def _drop(server: PostgresServer, url: str) -> None:
    server.start()
    server.drop_database(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database(database_url) as opened:
        yield opened


@dataclass
class RecordingBus:
    """Takes what is published and announced, and keeps it."""

    published: list[Publication] = field(default_factory=list)
    announced: list[tuple[str, Envelope]] = field(default_factory=list)

    async def publish(self, publications: Sequence[Publication]) -> None:
        self.published += publications

    async def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        self.announced += [(key, envelope) for envelope in envelopes]

    def commands(self) -> list[Command]:
        inbound = [item for item in self.published if item.exchange is Exchange.INBOUND]
        return [command_from_proto(item.envelope.command) for item in inbound]

    def events(self, kind: str) -> list[Event]:
        found = [item.envelope.event for item in self.published if item.exchange is Exchange.EVENTS]
        return [event for event in found if event.WhichOneof("kind") == kind]


@dataclass
class SteppedClock:
    """Says what a test says."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def step(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@pytest.fixture
def bus() -> RecordingBus:
    return RecordingBus()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()
