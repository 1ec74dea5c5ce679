"""A process or a database server that is killed loses nothing that was acknowledged, and what comes next recovers it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select, text

from tests.contract.store import shop
from tests.contract.store.buses import RememberingBus
from tests.contract.store.conftest import drop, migrate_shop
from tests.contract.store.processes import python
from tests.services.postgres import PostgresServer
from yizhan.core.store.database import Database, DatabaseOptions
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.inbox import Claim, Inbox
from yizhan.core.store.outbox import Outbox

pytestmark = pytest.mark.faults


def killed(what: str, url: str) -> None:
    process = python("-m", "tests.contract.store.crash", what, url)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -9, errors


async def claim(db: Database, key: str, envelope: str) -> Claim:
    async with db.begin() as tx:
        return (await Inbox(db, shop.inbox).claim(tx, [(key, envelope)]))[key]


async def test_killed_between_commit_and_publish_the_next_process_publishes_exactly_that(shop_url: str) -> None:
    killed("before_publishing", shop_url)
    bus = RememberingBus()
    async with Database(shop_url) as db:
        outbox = Outbox(db, shop.outbox, bus)
        assert await outbox.recover(range(16)) == 6
        assert bus.ids == ["out0a", "out0b", "out1a", "out1b", "out2a", "out2b"]
        assert await outbox.recover(range(16)) == 0
        # The broker hands the envelope over again: its effect is there already.
        assert await claim(db, "key1", "in1") is Claim.REDELIVERED


async def test_killed_before_the_commit_it_is_as_if_nothing_was_begun(shop_url: str) -> None:
    killed("before_committing", shop_url)
    bus = RememberingBus()
    async with Database(shop_url) as db:
        assert await Outbox(db, shop.outbox, bus).recover(range(16)) == 0
        assert await claim(db, "key0", "in0") is Claim.NEW


@pytest.mark.parametrize("commits", [1, 20, 150])
async def test_killed_at_any_moment_every_acknowledged_commit_is_there_and_none_by_half(
    shop_url: str, commits: int
) -> None:
    with python("-m", "tests.contract.store.crash", "while_writing", shop_url) as process:
        assert process.stdout is not None
        last = -1
        for line in process.stdout:
            last = int(line)
            if last >= commits:
                process.kill()
                break
    async with Database(shop_url) as db:
        async with db.read() as tx:
            ids = (await tx.execute(select(shop.customers.c.id))).scalars().all()
            if db.dialect == "sqlite":
                assert (await tx.execute(text("PRAGMA integrity_check"))).scalar() == "ok"
        parts = Counter(one.partition("-")[0] for one in ids)
        assert set(map(str, range(last + 1))) <= set(parts)
        assert set(parts.values()) == {5}
        async with db.begin() as tx:  # and it takes new rows at once
            await tx.execute(insert(shop.customers).values(id="next", name="x"))


@pytest.mark.real
class TestPostgresqlGoesAway:
    @pytest.fixture
    def url(self, private_postgres: PostgresServer, request: pytest.FixtureRequest) -> str:
        private_postgres.start()
        url = private_postgres.new_database()
        migrate_shop(url)
        request.addfinalizer(lambda: drop(private_postgres, url))
        return url

    @pytest.mark.parametrize(
        "stop",
        [lambda server: server.stop("fast"), lambda server: server.stop("immediate"), PostgresServer.kill9],
        ids=["asked to stop", "stopped at once", "killed"],
    )
    async def test_after_a_restart_the_next_transaction_works(
        self, url: str, private_postgres: PostgresServer, stop: Callable[[PostgresServer], None]
    ) -> None:
        async with Database(url, options=DatabaseOptions(connect=3)) as db:
            barrier = asyncio.Barrier(6)

            async def hold() -> None:
                async with db.begin() as tx:
                    await tx.execute(text("SELECT 1"))
                    await barrier.wait()

            await asyncio.gather(*(hold() for _ in range(6)))  # six connections wait in the pool
            async with db.begin() as tx:
                await tx.execute(insert(shop.customers).values(id="kept", name="x"))
            inside = asyncio.Event()

            async def interrupted() -> None:
                async with db.begin() as tx:
                    await tx.execute(insert(shop.customers).values(id="lost", name="x"))
                    inside.set()
                    await asyncio.sleep(1.5)
                    await tx.execute(text("SELECT 1"))

            task = asyncio.create_task(interrupted())
            await inside.wait()
            await asyncio.to_thread(stop, private_postgres)
            begun = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await db.ping()
            assert time.monotonic() - begun < 2
            await asyncio.to_thread(private_postgres.start)
            for _ in range(8):  # none of the dead connections is ever handed out
                await asyncio.gather(*(db.ping() for _ in range(6)))
            with pytest.raises(StoreUnavailable):
                await task
            async with db.begin() as tx:
                assert (await tx.execute(select(shop.customers.c.id))).scalars().all() == ["kept"]

    async def test_a_connection_that_the_server_ended_is_not_handed_out_again(self, url: str) -> None:
        async with Database(url, options=DatabaseOptions(pool=1, overflow=0)) as db, Database(url) as admin:
            async with db.read() as tx:
                pid = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            async with admin.read() as tx:
                await tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await asyncio.sleep(0.2)
            await db.ping()

    async def test_a_connection_that_dies_in_a_statement_is_unavailable_and_the_next_one_works(self, url: str) -> None:
        async with Database(url) as db, Database(url) as admin:

            async def sleep() -> None:
                async with db.begin() as tx:
                    await tx.execute(text("SELECT pg_sleep(10)"))

            task = asyncio.create_task(sleep())
            await asyncio.sleep(0.3)
            async with admin.read() as tx:
                ended = (
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(10)%'"
                )
                await tx.execute(text(ended + " AND pid <> pg_backend_pid()"))
            with pytest.raises(StoreUnavailable):
                await task
            await db.ping()

    @pytest.mark.slow
    async def test_a_server_that_hangs_is_unavailable_after_the_time_limit(
        self, url: str, private_postgres: PostgresServer
    ) -> None:
        options = DatabaseOptions(connect=1, statement=0.5, pool=1, overflow=1)
        async with Database(url, options=options) as db:
            await asyncio.to_thread(private_postgres.pause)
            try:
                begun = time.monotonic()
                results = await asyncio.gather(*(db.ping() for _ in range(2)), return_exceptions=True)
                assert [type(result) for result in results] == [StoreUnavailable] * 2
                assert time.monotonic() - begun < 12
            finally:
                await asyncio.to_thread(private_postgres.resume)
            async with asyncio.timeout(60):
                while not await _answers(db):  # half a second is little for a server that has just come back
                    await asyncio.sleep(0.1)

    async def test_a_server_that_became_a_standby_is_let_go(self, url: str) -> None:
        async with Database(url, options=DatabaseOptions(pool=1, overflow=0)) as db:
            async with db.begin() as tx:
                before = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            with pytest.raises(StoreUnavailable, match="read-only"):
                async with db.begin() as tx:
                    await tx.execute(text("SET TRANSACTION READ ONLY"))
                    await tx.execute(insert(shop.customers).values(id="a", name="x"))
            async with db.begin() as tx:
                assert (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one() != before

    async def test_killed_in_a_transaction_the_server_forgets_it_and_the_outbox_recovers_the_rest(
        self, url: str, private_postgres: PostgresServer
    ) -> None:
        killed("before_publishing", url)
        await asyncio.to_thread(private_postgres.kill9)
        await asyncio.to_thread(private_postgres.start)
        bus = RememberingBus()
        async with Database(url) as db:
            assert await Outbox(db, shop.outbox, bus).recover([0]) == 6
        assert bus.ids == ["out0a", "out0b", "out1a", "out1b", "out2a", "out2b"]


async def _answers(db: Database) -> bool:
    try:
        await db.ping()
    except StoreUnavailable:
        return False
    return True
