"""A transaction, whichever database keeps it."""

import asyncio
import gc
import random
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from tests.contract.store import shop
from yizhan.core.store.database import Database, DatabaseOptions, database_url
from yizhan.core.store.errors import IntegrityConflict, SchemaMismatch, StoreUnavailable, ValueRefused

NOON = datetime(2026, 11, 22, 12, 30, 15, 123456, tzinfo=UTC)


async def names(db: Database) -> list[str]:
    async with db.read() as tx:
        return list((await tx.execute(select(shop.customers.c.id).order_by(shop.customers.c.id))).scalars())


async def add(db: Database, *ids: str) -> None:
    async with db.begin() as tx:
        await tx.execute(insert(shop.customers), [{"id": one, "name": one} for one in ids])


async def test_what_was_committed_is_there_for_every_connection(db: Database) -> None:
    await add(db, "a", "b")
    assert await names(db) == ["a", "b"]


async def test_an_error_inside_takes_everything_back(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            await tx.execute(insert(shop.customers).values(id="a", name="a"))
            raise ZeroDivisionError
    assert await names(db) == []


async def test_a_reader_sees_nothing_of_an_open_transaction_and_does_not_wait_for_it(db: Database) -> None:
    async with db.begin() as tx:
        await tx.execute(insert(shop.customers).values(id="a", name="a"))
        async with asyncio.timeout(30):
            assert await names(db) == []
    assert await names(db) == ["a"]


async def test_two_at_once_never_lose_an_update(db: Database) -> None:
    await add(db, "c")
    async with db.begin() as tx:
        await tx.execute(insert(shop.orders).values(id="o", customer_id="c", pieces=0, made_at=NOON))

    async def count_one() -> None:
        async with db.begin() as tx:
            await tx.execute(update(shop.orders).values(pieces=shop.orders.c.pieces + 1))

    await asyncio.gather(*(count_one() for _ in range(25)))
    async with db.read() as tx:
        assert (await tx.execute(select(shop.orders.c.pieces))).scalar_one() == 25


async def test_cancelled_in_a_transaction_takes_everything_back_and_holds_nobody_up(db: Database) -> None:
    for moment in (0.0, 0.001, 0.003, 0.01):
        started = asyncio.Event()

        async def write(started: asyncio.Event = started) -> None:
            async with db.begin() as tx:
                started.set()
                for number in range(10_000):
                    await tx.execute(insert(shop.customers).values(id=str(number), name="x"))

        task = asyncio.create_task(write())
        await started.wait()
        await asyncio.sleep(moment)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await names(db) == []
        async with asyncio.timeout(30):
            await add(db, "next")
        async with db.begin() as tx:
            await tx.execute(delete(shop.customers))


async def test_cancelled_while_getting_a_connection_leaves_none_behind(db: Database) -> None:
    """At every step on the way to a connection; one that is left behind is warned of, and warnings are errors."""

    async def write() -> None:
        async with db.begin() as tx:
            await tx.execute(select(shop.customers.c.id))

    for steps in range(30):
        for work in (names(db), write()):
            task = asyncio.create_task(work)
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
        gc.collect()
    async with asyncio.timeout(30):
        await add(db, "next")
    assert await names(db) == ["next"]


async def test_cancelled_while_waiting_to_write_holds_nobody_up(db: Database) -> None:
    async with db.begin() as tx:
        waiting = [asyncio.create_task(add(db, "a")) for _ in range(3)]
        await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await tx.execute(insert(shop.customers).values(id="mine", name="x"))
    async with asyncio.timeout(30):
        await add(db, "next")
    assert {"mine", "next"} <= set(await names(db))


async def test_a_key_that_exists_is_a_conflict_and_a_savepoint_saves_the_rest(db: Database) -> None:
    await add(db, "a")
    async with db.begin() as tx:
        await tx.execute(insert(shop.customers).values(id="b", name="b"))
        with pytest.raises(IntegrityConflict) as caught:
            async with tx.begin_nested():
                await tx.execute(insert(shop.customers).values(id="a", name="again"))
    assert "shop_customers" in caught.value.constraint
    assert await names(db) == ["a", "b"]


async def test_a_missing_parent_is_a_conflict(db: Database) -> None:
    with pytest.raises(IntegrityConflict):
        async with db.begin() as tx:
            await tx.execute(insert(shop.orders).values(id="o", customer_id="nobody", made_at=NOON))


async def test_no_error_shows_a_value_of_a_row(db: Database) -> None:
    secret = "13800138000"
    await add(db, secret)
    with pytest.raises(IntegrityConflict) as caught:
        async with db.begin() as tx:
            await tx.execute(insert(shop.customers).values(id=secret, name=secret))
    shown = "".join(traceback.format_exception(caught.value))
    assert secret not in shown


async def test_a_number_that_does_not_fit_is_refused(db: Database) -> None:
    await add(db, "c")
    with pytest.raises(ValueRefused):
        async with db.begin() as tx:
            await tx.execute(insert(shop.orders).values(id="o", customer_id="c", pieces=1 << 70, made_at=NOON))


async def test_tables_that_were_never_made_are_a_schema_mismatch(empty_db: Database) -> None:
    with pytest.raises(SchemaMismatch, match="yizhan migrate"):
        async with empty_db.read() as tx:
            await tx.execute(select(shop.customers))


async def test_a_mistake_in_our_own_sql_is_not_called_unavailable(db: Database) -> None:
    with pytest.raises(Exception, match="syntax error") as caught:
        async with db.begin() as tx:
            await tx.execute(text("SELEKT 1"))
    assert not isinstance(caught.value, StoreUnavailable)


async def test_a_closed_database_is_unavailable_and_can_be_started_again(db: Database) -> None:
    await add(db, "a")
    await db.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        await db.ping()
    await db.start()
    assert await names(db) == ["a"]


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(NOON, id="UTC"),
        pytest.param(NOON.astimezone(timezone(timedelta(hours=8))), id="another zone"),
        pytest.param(datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC), id="before 1970"),
        pytest.param(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), id="the last there is"),
    ],
)
async def test_a_time_comes_back_the_same_to_the_microsecond_and_in_utc(db: Database, moment: datetime) -> None:
    await add(db, "c")
    async with db.begin() as tx:
        await tx.execute(insert(shop.orders).values(id="o", customer_id="c", made_at=moment))
    made_at = shop.orders.c.made_at
    async with db.read() as tx:
        found = (await tx.execute(select(made_at).where(made_at == moment, made_at >= moment))).scalar_one()
        assert (await tx.execute(select(func.count()).where(made_at > moment))).scalar_one() == 0
    assert found == moment
    assert found.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    with pytest.raises(Exception, match="without a time zone"):
        async with db.begin() as tx:
            await tx.execute(insert(shop.orders).values(id="o", customer_id="c", made_at=NOON.replace(tzinfo=None)))


async def test_the_databases_clock_is_near_ours(db: Database) -> None:
    from yizhan.core.store.tables import database_now, seconds_ago

    async with db.read() as tx:
        now, earlier = (await tx.execute(select(database_now(), seconds_ago(2.5)))).one()
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
    assert timedelta(seconds=2.49) < now - earlier < timedelta(seconds=2.6)


class TestOnlySqlite:
    async def test_the_file_is_private_and_lies_in_the_home_folder(self, tmp_path: Path) -> None:
        async with Database("", home=tmp_path / "new" / "home") as db:
            assert db.path == tmp_path / "new" / "home" / "yizhan.db"
            assert db.path.stat().st_mode & 0o077 == 0

    async def test_closing_leaves_no_thread_behind(self, tmp_path: Path) -> None:
        def workers() -> int:
            return sum("_connection_worker_thread" in thread.name for thread in threading.enumerate())

        async with Database("", home=tmp_path) as db:
            await asyncio.gather(*(db.ping() for _ in range(10)))
            assert workers() > 0
        async with asyncio.timeout(30):
            while workers():  # a thread ends a moment after its connection said that it is closed
                await asyncio.sleep(0.01)

    @pytest.mark.parametrize("seed", range(3))
    async def test_closing_while_others_are_cancelled_leaves_nothing_behind(self, tmp_path: Path, seed: int) -> None:
        """However often and at whatever moment they are; pytest fails on a connection that nobody closed."""
        rng = random.Random(seed)
        left: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: left.append(context["message"]))

        async def work(db: Database, *, writing: bool) -> None:
            while True:
                async with db.begin() if writing else db.read() as tx:
                    await tx.execute(text("SELECT 1"))

        async def cancelled_at_the_end() -> None:
            async with Database("", home=tmp_path) as db:
                tasks = [asyncio.create_task(work(db, writing=number < 2)) for number in range(6)]
                await asyncio.sleep(rng.random() * 0.03)
                for _ in range(rng.randrange(1, 4)):
                    for task in tasks:
                        task.cancel()
                    await asyncio.sleep(0)
            await asyncio.wait(tasks)

        for _ in range(20):
            await cancelled_at_the_end()
            async with asyncio.timeout(30):
                while len(asyncio.all_tasks()) > 1:
                    await asyncio.sleep(0.01)
            gc.collect()
        assert left == []

    async def test_writing_at_once_is_all_or_nothing(self, tmp_path: Path) -> None:
        async with Database("", home=tmp_path) as db:
            await db.write_at_once([("CREATE TABLE t (x INTEGER PRIMARY KEY)", [()])])
            await db.write_at_once([("INSERT INTO t VALUES (?)", [(1,), (2,)]), ("DELETE FROM t WHERE x = ?", [(1,)])])
            with pytest.raises(IntegrityConflict):
                await db.write_at_once([("INSERT INTO t VALUES (?)", [(3,), (2,)])])
            await db.write_at_once([("INSERT INTO t VALUES (?)", [(4,)])])
            async with db.read() as tx:
                assert (await tx.execute(text("SELECT x FROM t ORDER BY x"))).scalars().all() == [2, 4]
        with pytest.raises(StoreUnavailable):
            await db.write_at_once([("INSERT INTO t VALUES (?)", [(5,)])])

    async def test_writing_at_once_that_is_cancelled_leaves_the_connection_to_the_next(self, tmp_path: Path) -> None:
        """The thread is at work whatever becomes of the task: nobody else may use the connection meanwhile."""
        async with Database("", home=tmp_path) as db:
            await db.write_at_once([("CREATE TABLE t (x INTEGER)", [()])])
            for number in range(30):
                task = asyncio.create_task(db.write_at_once([("INSERT INTO t VALUES (?)", [(number,)] * 2000)]))
                await asyncio.sleep(0.0005 * (number % 4))
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                async with db.begin() as tx:
                    await tx.execute(text("INSERT INTO t VALUES (-1)"))
            async with db.read() as tx:
                counts = {row[0]: row[1] for row in await tx.execute(text("SELECT x, count(*) FROM t GROUP BY x"))}
            assert counts.pop(-1) == 30
            assert set(counts.values()) <= {2000}, "a transaction is there by half"

    async def test_readers_cannot_write(self, tmp_path: Path) -> None:
        async with Database("", home=tmp_path) as db:
            with pytest.raises(StoreUnavailable, match="read-only"):
                async with db.read() as tx:
                    await tx.execute(text("CREATE TABLE t (x)"))

    async def test_commits_survive_the_machine(self, tmp_path: Path) -> None:
        async with Database("", home=tmp_path) as db, db.begin() as tx:
            settings = [(await tx.execute(text(f"PRAGMA {name}"))).scalar() for name in ("journal_mode", "synchronous")]
        assert settings == ["wal", 2]

    async def test_a_full_disk_is_unavailable_until_there_is_room(self, tmp_path: Path) -> None:
        async with Database("", home=tmp_path) as db:
            async with db.begin() as tx:
                await tx.execute(text("CREATE TABLE t (x)"))
            with pytest.raises(StoreUnavailable, match="disk full"):
                async with db.begin() as tx:
                    await tx.execute(text("PRAGMA max_page_count = 3"))
                    for _ in range(50):
                        await tx.execute(text("INSERT INTO t VALUES (zeroblob(4000))"))
            async with db.begin() as tx:
                await tx.execute(text("PRAGMA max_page_count = 100000"))
                assert (await tx.execute(text("SELECT count(*) FROM t"))).scalar() == 0
                await tx.execute(text("INSERT INTO t VALUES (1)"))

    async def test_a_file_that_another_process_writes_to_is_locked_for_a_while(self, tmp_path: Path) -> None:
        options = DatabaseOptions(lock=0.2)
        async with Database("", home=tmp_path) as other, Database("", home=tmp_path, options=options) as db:
            async with other.begin():
                with pytest.raises(StoreUnavailable, match="locked"):
                    async with db.begin():
                        pass
                await db.ping()
            async with db.begin():
                pass

    async def test_waiting_for_another_task_to_write_ends(self, tmp_path: Path) -> None:
        async with Database("", home=tmp_path, options=DatabaseOptions(wait=0.1)) as db:

            async def write() -> None:
                async with db.begin():
                    pass

            async with db.begin():
                with pytest.raises(StoreUnavailable, match="locked"):
                    await asyncio.create_task(write())

    async def test_a_transaction_in_a_transaction_of_the_same_task_is_a_mistake_not_a_hang(
        self, tmp_path: Path
    ) -> None:
        async with Database("", home=tmp_path) as db, db.begin():
            with pytest.raises(RuntimeError, match="same task"):
                async with db.begin():
                    pass

    @pytest.mark.parametrize("kind", ["not a database", "a folder", "under a file"])
    async def test_a_file_that_cannot_be_one_is_named_at_the_start(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "yizhan.db"
        if kind == "a folder":
            path.mkdir()
        else:
            path.write_bytes(b"not a database at all, " * 300)
        home = path if kind == "under a file" else tmp_path
        with pytest.raises(StoreUnavailable, match=r"not a database|cannot open"):
            async with Database("", home=home):
                pass


@pytest.mark.real
class TestOnlyPostgresql:
    async def test_no_free_connection_is_unavailable_after_the_wait(self, postgres_url: str) -> None:
        options = DatabaseOptions(pool=1, overflow=0, wait=0.2)
        async with Database(postgres_url, options=options) as db, db.begin():
            with pytest.raises(StoreUnavailable, match="no connection was free"):
                await db.ping()

    async def test_a_row_that_somebody_has_for_too_long_is_locked(self, postgres_url: str) -> None:
        async with Database(postgres_url, options=DatabaseOptions(lock=0.2)) as db:
            async with db.begin() as tx:
                await tx.execute(text("CREATE TABLE t (x int)"))
                await tx.execute(text("INSERT INTO t VALUES (1)"))
            async with db.begin() as first:
                await first.execute(text("UPDATE t SET x = 2"))
                with pytest.raises(StoreUnavailable, match="locked"):
                    async with db.begin() as second:
                        await second.execute(text("UPDATE t SET x = 3"))

    async def test_of_two_that_wait_for_each_other_one_gives_up(self, postgres_url: str) -> None:
        async with Database(postgres_url) as db:
            async with db.begin() as tx:
                await tx.execute(text("CREATE TABLE t (id int, x int)"))
                await tx.execute(text("INSERT INTO t VALUES (1, 0), (2, 0)"))
            met = asyncio.Barrier(2)

            async def change(*order: int) -> None:
                async with db.begin() as tx:
                    await tx.execute(text("UPDATE t SET x = x + 1 WHERE id = :id"), {"id": order[0]})
                    await met.wait()
                    await tx.execute(text("UPDATE t SET x = x + 1 WHERE id = :id"), {"id": order[1]})

            ends = await asyncio.gather(change(1, 2), change(2, 1), return_exceptions=True)
            assert sorted(type(end).__name__ for end in ends) == ["NoneType", "StoreUnavailable"]
            assert "deadlock" in [str(end) for end in ends]

    async def test_a_statement_that_takes_too_long_is_ended(self, postgres_url: str) -> None:
        async with Database(postgres_url, options=DatabaseOptions(statement=3.0)) as db:
            with pytest.raises(StoreUnavailable, match="statement timeout"):
                async with db.read() as tx:
                    await tx.execute(text("SELECT pg_sleep(60)"))
            await db.ping()

    async def test_a_nul_character_is_refused(self, postgres_url: str) -> None:
        async with Database(postgres_url) as db:
            with pytest.raises(ValueRefused):
                async with db.read() as tx:
                    await tx.execute(text("SELECT CAST(:x AS text)"), {"x": "a\0b"})

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda url: url.rsplit("/", 1)[0] + "/nosuch", "no such database"),
            (lambda url: "postgresql://nobody@" + url.split("@")[1], "sign-in refused|no such"),
            (lambda url: "postgresql://yizhan@127.0.0.1:1/x", "connection failed: ConnectionRefusedError"),
        ],
        ids=["no such database", "no such user", "nobody listens"],
    )
    async def test_an_address_that_leads_nowhere_is_unavailable(
        self, postgres_url: str, change: Callable[[str], str], reason: str
    ) -> None:
        with pytest.raises(StoreUnavailable, match=reason):
            await Database(change(postgres_url)).start()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", "sqlite+aiosqlite:////srv/x/yizhan.db"),
        ("sqlite", "sqlite+aiosqlite:////srv/x/yizhan.db"),
        ("sqlite:////srv/other.db", "sqlite+aiosqlite:////srv/other.db"),
        ("postgresql://u:p@h:5433/d", "postgresql+asyncpg://u:***@h:5433/d"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:***@h/d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg://u:***@h/d"),
    ],
)
def test_addresses(url: str, shown: str) -> None:
    assert Database(url, home=Path("/srv/x")).label == shown


@pytest.mark.parametrize(
    "url", ["mysql://h/d", "postgresql://h", "nonsense", "sqlite://:memory:", "sqlite:///:memory:", "://", "http://x/y"]
)
def test_other_addresses_are_refused_without_showing_them(url: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        database_url(url, Path("/srv/x"))
    assert url not in str(caught.value)
    with pytest.raises(ValueError, match="home"):
        database_url("", None)
