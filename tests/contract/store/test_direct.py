"""Statements that go past SQLAlchemy behave as those that do not: the same errors, the same transaction."""

import asyncio
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tests.contract.store import shop
from yizhan.core.store.bulk import BulkInsert
from yizhan.core.store.database import Database
from yizhan.core.store.direct import DirectSelect, fetch
from yizhan.core.store.errors import IntegrityConflict, SchemaMismatch, StoreError, StoreUnavailable, ValueRefused

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

customers = BulkInsert(shop.customers, ("id", "name"))
orders = DirectSelect(
    shop.orders,
    ("id", "customer_id", "made_at"),
    postgresql="unnest($1::varchar[], $2::varchar[]) AS wanted (customer, id_from) JOIN {table}"
    " ON customer_id = customer AND id >= id_from ORDER BY id",
    sqlite="json_each(?) AS wanted CROSS JOIN {table} ON customer_id = json_extract(wanted.value, '$[0]')"
    " AND {table}.id >= json_extract(wanted.value, '$[1]') ORDER BY {table}.id",
)


async def names(db: Database) -> set[str]:
    async with db.read() as tx:
        return set((await tx.execute(select(shop.customers.c.name))).scalars())


async def begun(tx: Any) -> None:
    """From here on statements go straight to the driver."""
    await tx.execute(select(func.count()).select_from(shop.customers))


@pytest.mark.parametrize("first", [True, False], ids=["as the first statement", "as a later one"])
async def test_what_was_written_is_there_or_not_with_its_transaction(db: Database, first: bool) -> None:
    async with db.begin() as tx:
        if not first:
            await begun(tx)
        await customers.insert(tx, [("a", "kept")])
    with pytest.raises(RuntimeError):
        async with db.begin() as tx:
            if not first:
                await begun(tx)
            await customers.insert(tx, [("b", "gone")])
            raise RuntimeError
    assert await names(db) == {"kept"}


@pytest.mark.parametrize("first", [True, False], ids=["as the first statement", "as a later one"])
async def test_rows_by_several_keys_come_as_their_types(db: Database, first: bool) -> None:
    async with db.begin() as tx:
        await customers.insert(tx, [("c1", "李"), ("c2", "王")])
        rows = [(f"o{number}", "c1" if number % 2 else "c2", NOON) for number in range(6)]
        await BulkInsert(shop.orders, ("id", "customer_id", "made_at")).insert(tx, rows)
    async with db.begin() as tx:
        if not first:
            await begun(tx)
        found = await orders.fetch(tx, [("c1", "o3"), ("c2", "o4"), ("'; DROP TABLE", "")])
        assert await orders.fetch(tx, []) == ()
    assert [tuple(row) for row in found] == [("o3", "c1", NOON), ("o4", "c2", NOON), ("o5", "c1", NOON)]


@pytest.mark.parametrize(
    ("sql", "parameters", "error"),
    [
        ("INSERT INTO {customers} (id, name) VALUES ('a', 'again')", (), IntegrityConflict),
        ("INSERT INTO {customers} (id, name) VALUES ({one}, {two})", ("x", "a lone \ud800"), ValueRefused),
        ("SELECT colour FROM {customers}", (), SchemaMismatch),
        ("SELECT 1 FROM nowhere", (), SchemaMismatch),
    ],
    ids=["a key that exists", "a text that is none", "no such column", "no such table"],
)
async def test_errors_are_the_stores_own(db: Database, sql: str, parameters: tuple[Any, ...], error: Any) -> None:
    sqlite = db.dialect == "sqlite"
    marks = {"one": "?", "two": "?"} if sqlite else {"one": "$1", "two": "$2"}
    statement = sql.format(customers="shop_customers" if sqlite else "shop.shop_customers", **marks)
    async with db.begin() as tx:
        await customers.insert(tx, [("a", "kept")])
    with pytest.raises(error):
        async with db.begin() as tx:
            await begun(tx)
            await fetch(tx, statement, parameters)
    async with db.begin() as tx:  # the connection, or another one, works
        await customers.insert(tx, [("b", "after")])
    assert await names(db) == {"kept", "after"}


@pytest.mark.parametrize(
    "row",
    [("13800138000", "again"), ("13800138000 \ud800", "no text"), ("b", 13800138000)],
    ids=["known", "bad", "number"],
)
async def test_no_error_shows_a_value_of_a_row(db: Database, row: tuple[Any, Any]) -> None:
    async with db.begin() as tx:
        await customers.insert(tx, [("13800138000", "first")])
    with pytest.raises((IntegrityConflict, ValueRefused)) as caught:
        async with db.begin() as tx:
            await begun(tx)
            await customers.insert(tx, [row])
            assert db.dialect == "sqlite"  # which takes a number for a text
            raise ValueRefused
    assert "13800138000" not in "".join(traceback.format_exception(caught.value))


async def test_a_mistake_of_ours_is_raised_as_it_is(db: Database) -> None:
    with pytest.raises(Exception, match="syntax") as caught:
        async with db.begin() as tx:
            await begun(tx)
            await fetch(tx, "SELEC 1", ())
    assert not isinstance(caught.value, StoreError)
    assert caught.value.__cause__ is not caught.value
    assert await names(db) == set()


@pytest.mark.real
class TestOnlyPostgresql:
    @pytest.fixture
    async def db(self, request: pytest.FixtureRequest) -> Any:
        url = request.getfixturevalue("postgres_url")
        async with Database(url) as database:
            async with database.begin() as tx:
                await tx.execute(text("CREATE TABLE things (id integer PRIMARY KEY, name varchar)"))
            yield database

    async def test_a_connection_that_dies_under_a_statement(self, db: Database) -> None:
        with pytest.raises(StoreUnavailable):
            async with db.begin() as tx:
                (victim,) = (await tx.execute(text("SELECT pg_backend_pid()"))).one()
                async with db.begin() as other:
                    await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": victim})
                await fetch(tx, "INSERT INTO things (id) VALUES ($1)", (1,))
        async with db.begin() as tx:
            await begun_anyhow(tx)
            await fetch(tx, "INSERT INTO things (id) VALUES ($1)", (2,))
        async with db.read() as tx:
            assert (await tx.execute(text("SELECT id FROM things"))).scalars().all() == [2]

    async def test_a_statement_that_is_cancelled_leaves_nothing_and_no_broken_connection(self, db: Database) -> None:
        async def work() -> None:
            async with db.begin() as tx:
                await begun_anyhow(tx)
                await fetch(tx, "INSERT INTO things (id) VALUES ($1)", (1,))
                await fetch(tx, "SELECT pg_sleep($1)", (30,))

        for _ in range(20):  # more than the pool holds
            task = asyncio.create_task(work())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with db.begin() as tx:
            await begun_anyhow(tx)
            await fetch(tx, "INSERT INTO things (id) VALUES ($1)", (2,))
        async with db.read() as tx:
            assert (await tx.execute(text("SELECT id FROM things"))).scalars().all() == [2]

    async def test_a_table_that_changed_since_the_statement_was_prepared(self, db: Database) -> None:
        async def everything() -> list[Any]:
            async with db.begin() as tx:
                await begun_anyhow(tx)
                return [tuple(row) for row in await fetch(tx, "SELECT * FROM things", ())]

        assert await everything() == []
        async with db.begin() as tx:
            await tx.execute(text("ALTER TABLE things ADD COLUMN more integer"))
            await tx.execute(text("INSERT INTO things (id) VALUES (1)"))
        with pytest.raises(StoreUnavailable, match="schema changed"):
            await everything()
        assert await everything() == [(1, None, None)]


async def begun_anyhow(tx: Any) -> None:
    await tx.execute(text("SELECT 1"))
