"""Live replicas share the partitions evenly; who joins, leaves or dies is noticed in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.contract.store import shop
from yizhan.core.store.database import Database
from yizhan.core.store.membership import Membership, Shares

BEAT, DEAD = 0.05, 0.4


def member(db: Database, name: str, role: str = "") -> Membership:
    return Membership(db, shop.members, name, role=role, heartbeat=BEAT, dead_after=DEAD)


class Replica:
    """A process that follows its share."""

    def __init__(self, db: Database, name: str) -> None:
        self.name = name
        self.own: frozenset[int] = frozenset()
        self.changes = 0
        self.fail = 0
        self._task = asyncio.create_task(Shares(member(db, name), 16).run(self._assign))

    async def _assign(self, partitions: frozenset[int]) -> None:
        if self.fail:
            self.fail -= 1
            raise ConnectionError("the broker is away")
        self.own = partitions
        self.changes += 1

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def die(self, db: Database) -> None:
        """Stop beating without saying goodbye."""
        await self.stop()
        async with db.begin() as tx:
            await tx.execute(shop.members.insert().values(role="", replica_id=self.name, seen_at=datetime.now(UTC)))


async def settled(*replicas: Replica, shares: tuple[int, ...], within: float = 30.0) -> None:
    """Wait until these have all partitions, none twice, in shares of this size."""
    owned, sizes = list[int](), list[int]()
    try:
        async with asyncio.timeout(within):
            while sorted(owned) != list(range(16)) or sizes != sorted(shares):
                await asyncio.sleep(0.01)
                owned = [number for replica in replicas for number in replica.own]
                sizes = sorted(len(replica.own) for replica in replicas)
    except TimeoutError:
        pytest.fail(f"after {within} s the shares are {sizes} of partitions {sorted(owned)}")


@asynccontextmanager
async def replicas(db: Database, *names: str) -> AsyncIterator[list[Replica]]:
    started = [Replica(db, name) for name in names]
    try:
        yield started
    finally:
        for replica in started:
            await replica.stop()


async def test_one_alone_has_everything_at_once(db: Database) -> None:
    async with replicas(db, "a") as (a,):
        await settled(a, shares=(16,))
        await asyncio.sleep(3 * BEAT)
        assert a.changes == 1


async def test_two_have_half_each_and_three_a_third(db: Database) -> None:
    async with replicas(db, "a", "b") as (a, b):
        await settled(a, b, shares=(8, 8))
        async with replicas(db, "c") as (c,):
            await settled(a, b, c, shares=(5, 5, 6))
        await settled(a, b, shares=(8, 8))


async def test_who_leaves_is_gone_at_once(db: Database) -> None:
    async with replicas(db, "a", "b") as (a, b):
        await settled(a, b, shares=(8, 8))
        await b.stop()
        await settled(a, shares=(16,), within=DEAD * 0.9)


async def test_who_dies_is_given_up_after_a_while_and_not_before(db: Database) -> None:
    async with replicas(db, "a", "b") as (a, b):
        await settled(a, b, shares=(8, 8))
        await b.die(db)
        await asyncio.sleep(DEAD * 0.5)
        assert len(a.own) == 8
        await settled(a, shares=(16,))


async def test_an_assignment_that_fails_is_tried_again(db: Database) -> None:
    async with replicas(db, "a") as (a,):
        a.fail = 3
        await settled(a, shares=(16,))


async def test_a_slow_assignment_does_not_stop_the_beats_and_the_newest_members_count(db: Database) -> None:
    calls = list[tuple[str, ...]]()
    slow = asyncio.Event()

    async def on_change(members: tuple[str, ...]) -> None:
        calls.append(members)
        if len(calls) == 1:
            await slow.wait()

    running = asyncio.create_task(member(db, "a").run(on_change))
    while not calls:
        await asyncio.sleep(0.01)
    for name in ("b", "c"):
        await member(db, name).join()
        await asyncio.sleep(BEAT * 2)
    await asyncio.sleep(DEAD)
    assert "a" in await member(db, "d").join()
    for name in ("b", "c", "d"):
        await member(db, name).join()
    await asyncio.sleep(BEAT * 2)
    slow.set()
    await asyncio.sleep(BEAT * 2)
    assert calls[0] == ("a",)
    assert calls[1] == ("a", "b", "c", "d")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_cannot_reach_the_database_gives_everything_up_as_the_others_will_take_it(db: Database) -> None:
    async with replicas(db, "a") as (a,):
        await settled(a, shares=(16,))
        await db.close()
        async with asyncio.timeout(30):
            while a.own:
                await asyncio.sleep(0.01)
        await db.start()
        await settled(a, shares=(16,))


async def test_a_short_absence_of_the_database_changes_nothing(db: Database) -> None:
    async with replicas(db, "a") as (a,):
        await settled(a, shares=(16,))
        await db.close()
        await asyncio.sleep(BEAT * 2)
        await db.start()
        await asyncio.sleep(BEAT * 3)
        assert a.changes == 1


async def test_roles_do_not_count_for_each_other(db: Database) -> None:
    assert await member(db, "w", "website").join() == ("w",)
    assert await member(db, "e", "email").join() == ("e",)
    assert await member(db, "w2", "website").join() == ("w", "w2")
    await member(db, "w", "website").leave()
    assert await member(db, "w2", "website").join() == ("w2",)


async def test_the_long_dead_are_forgotten(db: Database) -> None:
    await member(db, "old").join()
    async with db.begin() as tx:
        await tx.execute(update(shop.members).values(seen_at=datetime.now(UTC) - timedelta(seconds=60)))
    await member(db, "new").join()
    async with db.read() as tx:
        assert (await tx.execute(select(shop.members.c.replica_id))).scalars().all() == ["new"]


async def test_an_sqlite_process_that_starts_again_after_a_crash_does_not_wait_for_its_ghost(shop_url: str) -> None:
    async with Database(shop_url) as db:
        await member(db, "before").join()
        dialect = db.dialect
    await asyncio.sleep(0.05)
    async with Database(shop_url) as db:
        alive = await member(db, "after").join()
    assert alive == (("after",) if dialect == "sqlite" else ("after", "before"))
