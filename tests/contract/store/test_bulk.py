"""Many rows at once, as one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ARRAY, JSON, Boolean, Column, Integer, LargeBinary, MetaData, String, Table, insert, select

from tests.contract.store import shop
from yizhan.core.store.bulk import BulkInsert, BulkUpdate, write_together
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict
from yizhan.core.store.tables import UtcDateTime, among, metadata_for

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

metadata = metadata_for("shop")
things = Table(
    "shop_things",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", String),
    Column("data", LargeBinary),
    Column("flag", Boolean),
    Column("facts", JSON),
    Column("at", UtcDateTime),
    Column("order", Integer, server_default="7"),  # a name that has to be quoted
)
COLUMNS = ("id", "text", "data", "flag", "facts", "at")
ROWS: list[tuple[Any, ...]] = [
    (1, "你好 'quoted' \"twice\"", b"\x00\xff", True, {"a": [1, "二"]}, NOON),
    (2, None, None, None, None, None),
    (3, "", b"", False, [], NOON + timedelta(microseconds=1)),
]


@pytest.fixture
async def things_db(db: Database) -> Database:
    async with db.begin() as tx:
        await tx.run_sync(metadata.create_all)
    return db


async def everything(db: Database, *names: str) -> list[tuple[Any, ...]]:
    async with db.read() as tx:
        query = select(*(things.c[name] for name in names or COLUMNS)).order_by(things.c.id)
        return [tuple(row) for row in await tx.execute(query)]


async def test_every_kind_of_value_comes_back(things_db: Database) -> None:
    async with things_db.begin() as tx:
        await BulkInsert(things, COLUMNS).insert(tx, ROWS)
    assert await everything(things_db) == ROWS
    assert await everything(things_db, "order") == [(7,), (7,), (7,)]


async def test_nothing_is_done_for_no_rows(things_db: Database) -> None:
    async with things_db.begin() as tx:
        await BulkInsert(things, COLUMNS).insert(tx, [])
        await BulkUpdate(things, ("id", "text")).update(tx, [])
        assert await BulkInsert(shop.outbox, ("exchange", "key", "envelope")).insert_ids(tx, []) == ()
    assert await everything(things_db) == []


async def test_a_key_that_exists(things_db: Database) -> None:
    insert_all = BulkInsert(things, ("id", "text"))
    ignoring = BulkInsert(things, ("id", "text"), ignore_conflicts=True)
    changing = BulkInsert(things, ("id", "text"), update_conflicts=True)
    async with things_db.begin() as tx:
        await insert_all.insert(tx, [(1, "first")])
    with pytest.raises(IntegrityConflict):
        async with things_db.begin() as tx:
            await insert_all.insert(tx, [(2, "new"), (1, "again")])
    assert await everything(things_db, "id", "text") == [(1, "first")]
    async with things_db.begin() as tx:
        await ignoring.insert(tx, [(2, "new"), (1, "again"), (2, "twice")])
    assert await everything(things_db, "id", "text") == [(1, "first"), (2, "new")]
    async with things_db.begin() as tx:
        await changing.insert(tx, [(3, "third"), (1, "changed")])
    assert await everything(things_db, "id", "text") == [(1, "changed"), (2, "new"), (3, "third")]


async def test_updates_change_what_is_named_of_the_rows_that_are_there(things_db: Database) -> None:
    async with things_db.begin() as tx:
        await BulkInsert(things, COLUMNS).insert(tx, ROWS)
        # The key need not come first.
        await BulkUpdate(things, ("text", "order", "id", "at")).update(
            tx, [("new", 1, 1, NOON), (None, 2, 3, None), ("nobody", 3, 99, NOON)]
        )
    assert await everything(things_db, "id", "text", "order", "at", "flag") == [
        (1, "new", 1, NOON, True),
        (2, None, 7, None, None),
        (3, None, 2, None, False),
    ]


async def test_updates_by_a_key_of_two_columns(db: Database) -> None:
    table = shop.timers
    async with db.begin() as tx:
        rows = [("a", "x", NOON, "1"), ("a", "y", NOON, "1"), ("b", "x", NOON, "1")]
        await BulkInsert(table, ("case_id", "purpose", "due_at", "payload")).insert(tx, rows)
        await BulkUpdate(table, ("case_id", "purpose", "payload")).update(tx, [("a", "y", "2"), ("b", "x", "3")])
        found = await tx.execute(
            select(table.c.case_id, table.c.purpose, table.c.payload).order_by(table.c.case_id, table.c.purpose)
        )
        assert [tuple(row) for row in found] == [("a", "x", "1"), ("a", "y", "2"), ("b", "x", "3")]


async def test_ids_made_by_the_database_follow_the_rows(db: Database) -> None:
    bulk = BulkInsert(shop.outbox, ("exchange", "key", "envelope"))
    async with db.begin() as tx:
        first = await bulk.insert_ids(tx, [("e", str(number), b"") for number in range(500)])
    async with db.begin() as tx:
        second = await bulk.insert_ids(tx, [("e", str(number), b"") for number in range(500, 503)])
        ids = (await tx.execute(select(shop.outbox.c.id, shop.outbox.c.key))).all()
    assert sorted(first) == list(first)
    assert second[0] > first[-1]
    assert dict(ids) == {row_id: str(number) for number, row_id in enumerate((*first, *second))}


async def test_many_values_in_one_condition(db: Database) -> None:
    async with db.begin() as tx:
        await BulkInsert(shop.customers, ("id", "name")).insert(tx, [(f"c{n}", "x") for n in range(3000)])
        wanted = [f"c{n}" for n in range(0, 3000, 2)] + ["nobody", "'; --"]
        found = (await tx.execute(select(shop.customers.c.id).where(among(shop.customers.c.id, wanted)))).scalars()
        assert set(found) == {f"c{n}" for n in range(0, 3000, 2)}
        nothing = select(shop.customers.c.id).where(among(shop.customers.c.id, []))
        assert (await tx.execute(nothing)).all() == []
        others = select(shop.customers.c.id).where(~among(shop.customers.c.id, wanted))
        assert len((await tx.execute(others)).all()) == 1500
        await tx.execute(insert(shop.orders).values(id="o", customer_id="c1", pieces=3, made_at=NOON))
        by_number = select(shop.orders.c.id).where(among(shop.orders.c.pieces, {2, 3}))
        assert (await tx.execute(by_number)).scalars().all() == ["o"]


def test_what_cannot_be_done_in_bulk_is_said_at_once() -> None:
    arrays = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("many", ARRAY(Integer)))
    with pytest.raises(ValueError, match="arrays"):
        BulkInsert(arrays, ("id", "many"))
    with pytest.raises(ValueError, match="key"):
        BulkUpdate(shop.timers, ("case_id", "payload"))
    with pytest.raises(ValueError, match="key"):
        BulkUpdate(shop.customers, ("id",))
    with pytest.raises(KeyError):
        BulkInsert(shop.customers, ("id", "nosuch"))


async def test_writes_that_go_together_are_all_done(things_db: Database) -> None:
    new = BulkInsert(things, COLUMNS)
    renamed = BulkUpdate(things, ("id", "text"))
    outbox = BulkInsert(shop.outbox, ("exchange", "key", "envelope"))
    async with things_db.begin() as tx:
        await new.insert(tx, ROWS)
    async with things_db.begin() as tx:
        along = [new.of([(4, "four", None, False, None, NOON)]), renamed.of([(2, "two")]), renamed.of([])]
        ids = await outbox.insert_ids(tx, [("e", "a", b"1"), ("e", "b", b"2")], along=along)
        assert await outbox.insert_ids(tx, [], along=[renamed.of([(3, "three")])]) == ()
        await write_together(tx, [renamed.of([]), new.of([])])
    assert len(ids) == 2
    assert ids == tuple(sorted(ids))
    assert await everything(things_db, "id", "text") == [(1, ROWS[0][1]), (2, "two"), (3, "three"), (4, "four")]


async def test_of_writes_that_go_together_all_are_undone_by_one_that_fails(things_db: Database) -> None:
    new = BulkInsert(things, COLUMNS)
    with pytest.raises(IntegrityConflict):
        async with things_db.begin() as tx:
            outbox = BulkInsert(shop.outbox, ("exchange", "key", "envelope"))
            await outbox.insert_ids(tx, [("e", "a", b"1")], along=[new.of(ROWS[:1] + ROWS[:1])])
    assert await everything(things_db) == []


async def test_numbers_are_added_to_what_is_there(things_db: Database) -> None:
    counts = BulkInsert(things, ("id", "order"), add_conflicts=True)
    async with things_db.begin() as tx:
        await counts.insert(tx, [(1, 5), (2, 1)])
        await counts.insert(tx, [(1, -2), (3, 4)])
    assert await everything(things_db, "id", "order") == [(1, 3), (2, 1), (3, 4)]
