"""Short-lived facts about a customer: the newest counts, everyone's are their own, and they do not stay for ever."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from yizhan.channels.store import customer_state
from yizhan.channels.store.customer_state import StateRow
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import upgrade

AT = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)
LATER = AT + timedelta(days=1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
async def database(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Database]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with Database(url, home=home) as opened:
        await upgrade(opened, "channels")
        yield opened


async def put(database: Database, *rows: StateRow) -> None:
    async with database.begin() as tx:
        await customer_state.put(tx, rows)


async def test_nothing_is_known_of_a_stranger(database: Database) -> None:
    await put(database)
    assert await customer_state.read(database, "a") == {}


async def test_the_newest_fact_of_a_name_counts(database: Database) -> None:
    await put(database, StateRow("a", "code", "1", AT), StateRow("a", "session", "3", AT))
    await put(database, StateRow("a", "code", "2", AT), StateRow("a", "code", "3", LATER))
    assert await customer_state.read(database, "a") == {
        "code": StateRow("a", "code", "3", LATER),
        "session": StateRow("a", "session", "3", AT),
    }


async def test_one_customers_facts_are_not_anothers(database: Database) -> None:
    await put(database, StateRow("a", "code", "1", AT), StateRow("b", "code", "2", AT))
    assert await customer_state.read(database, "b") == {"code": StateRow("b", "code", "2", AT)}
    async with database.begin() as tx:
        assert await customer_state.lock(tx, "a", "code") == StateRow("a", "code", "1", AT)
        assert await customer_state.lock(tx, "a", "other") is None


async def test_what_ran_out_is_removed_and_the_rest_stays(database: Database) -> None:
    await put(database, StateRow("a", "old", "1", AT), StateRow("a", "new", "2", LATER))
    async with database.begin() as tx:
        assert await customer_state.forget(tx, LATER) == 1
    assert list(await customer_state.read(database, "a")) == ["new"]
