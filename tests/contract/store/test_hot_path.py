"""How many statements a micro-batch costs: each is a round trip that every message in it waits for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, select

from tests.contract.store import shop
from tests.contract.store.buses import RememberingBus, rows
from yizhan.core.store.bulk import BulkInsert, BulkUpdate
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.sqlite_driver import OneHopConnection
from yizhan.core.store.tables import among
from yizhan.core.store.timers import Timers, TimerSetting

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BATCH = 200


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """The statements inside transactions, whoever sends them; transaction control and PRAGMA left out."""
    seen: list[str] = []

    def remember(sql: str) -> None:
        if not sql.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            seen.append(sql)

    with _sqlite_told(remember) if db.dialect == "sqlite" else _postgresql_told(db, remember):
        yield seen


@contextmanager
def _postgresql_told(db: Database, remember: Callable[[str], None]) -> Iterator[None]:
    """SQLAlchemy's cursors and the driver's own ``fetch``."""
    fetch = asyncpg.Connection.fetch

    async def told_fetch(self: Any, sql: str, *parameters: Any) -> Any:
        remember(sql)
        return await fetch(self, sql, *parameters)

    def told(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        remember(statement)

    assert db._writer is not None
    event.listen(db._writer.sync_engine, "before_cursor_execute", told)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncpg.Connection, "fetch", told_fetch)
            yield
    finally:
        event.remove(db._writer.sync_engine, "before_cursor_execute", told)


@contextmanager
def _sqlite_told(remember: Callable[[str], None]) -> Iterator[None]:
    """The driver's own ways in: SQLite's trace would tell each row of a statement for many."""
    answer, at_once = OneHopConnection.answer, OneHopConnection.at_once

    async def told_answer(self: OneHopConnection, run: Any, sql: str, parameters: Any) -> Any:
        remember(sql)
        return await answer(self, run, sql, parameters)

    def told_at_once(self: OneHopConnection, run: Any, sql: str, parameters: Any) -> Any:
        remember(sql)
        return at_once(self, run, sql, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OneHopConnection, "answer", told_answer)
        patch.setattr(OneHopConnection, "at_once", told_at_once)
        yield


async def test_a_batch_costs_the_same_few_statements_however_large_it_is(db: Database) -> None:
    inbox, timers = Inbox(db, shop.inbox), Timers(db, shop.timers)
    outbox = Outbox(db, shop.outbox, RememberingBus())
    customers = BulkInsert(shop.customers, ("id", "name"), update_conflicts=True)
    renames = BulkUpdate(shop.customers, ("id", "name"))
    costs, texts = list[int](), list[set[str]]()
    for size in (1, 17, BATCH):
        ids = [f"{size}-{number}" for number in range(size)]
        with statements(db) as seen:
            async with db.begin() as tx:
                await inbox.claim(tx, [(one, one) for one in ids])
                await tx.execute(select(shop.customers).where(among(shop.customers.c.id, ids)))
                await customers.insert(tx, [(one, "x") for one in ids])
                await renames.update(tx, [(one, "y") for one in ids])
                await timers.set_many(tx, [TimerSetting(one, "idle", NOON) for one in ids])
                await timers.cancel_many(tx, [(one, "idle") for one in ids])
                pending = await outbox.add(tx, rows(ids))
            await outbox.publish(pending)
        costs.append(len(seen))
        texts.append(set(seen))
    assert costs == [7 if db.dialect == "postgresql" else 8] * 3  # SQLite asks for the new ids
    assert texts[0] == texts[1] == texts[2], "a statement's text depends on the batch, so it is prepared each time anew"


@pytest.mark.parametrize("known", [False, True], ids=["all new", "some known"])
async def test_claiming_asks_for_the_owners_only_when_a_key_is_known(db: Database, known: bool) -> None:
    inbox = Inbox(db, shop.inbox)
    if known:
        async with db.begin() as tx:
            await inbox.claim(tx, [("k1", "e")])
    with statements(db) as seen:
        async with db.begin() as tx:
            await inbox.claim(tx, [(f"k{number}", "e") for number in range(50)])
    assert len(seen) == (2 if known else 1)


async def test_deleting_what_was_published_is_one_statement_for_thousands(db: Database) -> None:
    outbox = Outbox(db, shop.outbox, RememberingBus())
    for _ in range(10):
        async with db.begin() as tx:
            pending = await outbox.add(tx, rows([f"e{number}" for number in range(300)]))
        await outbox.publish(pending)
    with statements(db) as seen:
        await outbox.flush()
    assert len(seen) == 1
