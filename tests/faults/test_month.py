"""A month of ten thousand cases on a simulated clock: every clock that routing keeps and tells of is the oracle's.

The same month as in the contract suite (`tests.contract.services.month`), drawn from another seed (YIZHAN_FAULTS_SEED) and large
enough for every pair of things that can meet: a peak at closing time, a promise over the holidays, a change in between.
"""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.services.month import Size, play
from tests.services.postgres import PostgresServer
from tests.services.schemas import postgres_database, sqlite_file
from yizhan.core.store.database import Database

SEED = int(os.environ.get("YIZHAN_FAULTS_SEED", "5"))

FULL = Size(customers=10_000, staff=9, audits=timedelta(days=3), lively=0.15, short=False)
PART = Size(customers=1_000, staff=4, audits=timedelta(days=5), lively=0.15, short=False)
"""What a server adds to each statement is the same for the thousandth as for the ten thousandth case."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite:///{sqlite_file(tmp_path)}") as opened:
        yield opened


@pytest.fixture
async def postgresql(postgres_server: PostgresServer) -> AsyncIterator[Database]:
    postgres_server.start()
    url = postgres_database(postgres_server)
    async with Database(url) as opened:
        yield opened
    postgres_server.drop_database(url)


async def test_ten_thousand_cases(sqlite: Database) -> None:
    await _played(sqlite, FULL)


@pytest.mark.real
async def test_a_thousand_cases_on_a_server(postgresql: Database) -> None:
    await _played(postgresql, PART)


async def _played(database: Database, size: Size) -> None:
    result = await play(database, SEED, size)
    print(f"{database.dialect}, seed {SEED}: {result}")
    assert result.outcomes.keys() == {"met", "escalated", "ticketed"}
    assert result.outcomes.total() >= size.customers
    assert min(result.outcomes.values()) >= size.customers // 50, "the month has too few cases of a kind"
    assert min(result.answers.values()) >= size.customers // 200
    assert min(result.under.values()) >= 10
