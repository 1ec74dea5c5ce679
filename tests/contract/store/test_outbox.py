"""What a transaction wants published is published if and only if it was committed, and in order."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.contract.store import shop
from tests.contract.store.buses import RememberingBus, row, rows
from yizhan.core.bus.interface import Publication, Unroutable
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.outbox import Outbox, OutboxRow, Pending

QUICK = (0.001, 0.01)


def outbox_of(db: Database, bus: RememberingBus, **changed: Any) -> Outbox:
    """An outbox as a process has it; a second one on the same database is another process, or the next."""
    return Outbox(db, shop.outbox, bus, **{"backoff": QUICK, **changed})


async def commit(db: Database, outbox: Outbox, given: Sequence[OutboxRow]) -> Pending:
    async with db.begin() as tx:
        return await outbox.add(tx, given)


async def stored(db: Database) -> int:
    async with db.read() as tx:
        return (await tx.execute(select(func.count()).select_from(shop.outbox))).scalar_one()


async def test_what_was_committed_is_published_in_order_and_then_forgotten(db: Database) -> None:
    bus = RememberingBus()
    outbox = outbox_of(db, bus)
    for start in range(0, 6, 2):
        await outbox.publish(await commit(db, outbox, rows([f"e{start}", f"e{start + 1}"])))
    assert bus.ids == ["e0", "e1", "e2", "e3", "e4", "e5"]
    assert bus.calls == 3
    await outbox.flush()
    assert await stored(db) == 0


async def test_what_was_rolled_back_is_not_there(db: Database) -> None:
    outbox = outbox_of(db, RememberingBus())
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            await outbox.add(tx, rows(["never"]))
            raise ZeroDivisionError
    assert await stored(db) == 0
    assert await outbox.recover([0]) == 0


async def test_nothing_to_publish_costs_nothing(db: Database) -> None:
    bus = RememberingBus()
    outbox = outbox_of(db, bus)
    pending = await commit(db, outbox, [])
    assert not pending
    await outbox.publish(pending)
    assert bus.calls == 0


async def test_the_publications_go_out_as_given_without_being_read_back(db: Database) -> None:
    bus = RememberingBus()
    outbox = outbox_of(db, bus)
    given = rows(["a", "b"])
    await outbox.publish(await commit(db, outbox, given))
    assert all(sent is one.publication for sent, one in zip(bus.published, given, strict=True))


async def test_a_bus_that_is_away_is_waited_for(db: Database) -> None:
    bus = RememberingBus(away=4)
    outbox = outbox_of(db, bus)
    await outbox.publish(await commit(db, outbox, rows(["a", "b"])))
    assert bus.ids == ["a", "b"]
    assert bus.calls == 5


async def test_cancelled_while_the_bus_is_away_loses_nothing(db: Database) -> None:
    outbox = outbox_of(db, RememberingBus(away=10**6))
    pending = await commit(db, outbox, rows(["a", "b"]))
    task = asyncio.create_task(outbox.publish(pending))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await outbox.flush()
    bus = RememberingBus()
    assert await outbox_of(db, bus).recover([0]) == 2
    assert bus.ids == ["a", "b"]


async def test_a_key_that_no_queue_takes_is_an_error_and_the_rows_stay(db: Database) -> None:
    bus = RememberingBus(unroutable=frozenset({"0"}))
    outbox = outbox_of(db, bus)
    with pytest.raises(Unroutable):
        await outbox.publish(await commit(db, outbox, rows(["a"])))
    await outbox.flush()
    assert await stored(db) == 1
    bus.unroutable = frozenset()
    assert await outbox.recover([0]) == 1


async def test_after_a_crash_the_partitions_rows_go_out_once_and_in_order_before_it_is_consumed(db: Database) -> None:
    crashed = outbox_of(db, RememberingBus())
    await crashed.publish(await commit(db, crashed, rows(["p0"], 1)))
    await crashed.flush()
    for number in range(10):
        await commit(db, crashed, rows([f"a{number}"], 1))
        await commit(db, crashed, rows([f"b{number}"], 2))
        await commit(db, crashed, rows([f"n{number}"], None))
    bus = RememberingBus()
    successor = outbox_of(db, bus, page=3)
    assert await successor.recover([1, 7]) == 10
    assert bus.ids == [f"a{number}" for number in range(10)]
    assert await stored(db) == 20
    assert await successor.recover([1, 7]) == 0
    assert await successor.recover({1, 2}) == 10
    assert await successor.recover([]) == 0


async def test_a_whole_publication_survives_the_crash(db: Database) -> None:
    given = row("a", 3, key="website.3")
    given.publication.envelope.traceparent = "00-abc-def-01"
    given.publication.envelope.published_at.FromJsonString("2026-11-22T12:00:00.123Z")
    await commit(db, outbox_of(db, RememberingBus()), [given])
    bus = RememberingBus()
    await outbox_of(db, bus).recover([3])
    assert bus.published == [given.publication]


async def test_a_crash_of_the_database_at_recovery_is_unavailable_and_loses_nothing(db: Database) -> None:
    outbox = outbox_of(db, RememberingBus())
    await commit(db, outbox, rows(["a"]))
    await db.close()
    with pytest.raises(StoreUnavailable):
        await outbox.recover([0])
    await db.start()
    assert await outbox.recover([0]) == 1


async def test_recovery_waits_for_a_bus_that_is_away(db: Database) -> None:
    await commit(db, outbox_of(db, RememberingBus()), rows(["a", "b"]))
    bus = RememberingBus(away=3)
    assert await outbox_of(db, bus).recover([0]) == 2
    assert bus.ids == ["a", "b"]


async def test_late_leftovers_are_published_but_not_what_is_just_on_its_way(db: Database) -> None:
    class BusThatIsSlowWithMine(RememberingBus):
        async def publish(self, publications: Sequence[Publication]) -> None:
            if publications[0].envelope.id == "mine":
                await asyncio.sleep(60)
            await super().publish(publications)

    predecessor, bus = outbox_of(db, RememberingBus()), BusThatIsSlowWithMine()
    outbox = outbox_of(db, bus)
    await commit(db, predecessor, rows(["late"]))
    publishing = asyncio.create_task(outbox.publish(await commit(db, outbox, rows(["mine"]))))
    await asyncio.sleep(0.5)
    await commit(db, predecessor, rows(["too new"]))
    assert await outbox.recover([0], older_than=0.4) == 1
    assert bus.ids == ["late"]
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)


async def test_published_rows_are_deleted_within_a_second_and_at_the_end(db: Database) -> None:
    outbox = outbox_of(db, RememberingBus(), flush_every=0.05)
    running = asyncio.create_task(outbox.run())
    await outbox.publish(await commit(db, outbox, rows(["a", "b"])))
    async with asyncio.timeout(30):
        while await stored(db):
            await asyncio.sleep(0.02)
    await outbox.publish(await commit(db, outbox, rows(["c"])))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await stored(db) == 0


async def test_upkeep_goes_on_after_the_database_was_away(db: Database) -> None:
    outbox = outbox_of(db, RememberingBus(), flush_every=0.02)
    running = asyncio.create_task(outbox.run())
    await outbox.publish(await commit(db, outbox, rows(["a"])))
    await db.close()
    await asyncio.sleep(0.1)
    await db.start()
    async with asyncio.timeout(30):
        while await stored(db):
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class TestSweep:
    """Rows of no partition: whoever finds them left over publishes them."""

    async def test_only_old_rows_of_no_partition_are_swept(self, db: Database) -> None:
        crashed = outbox_of(db, RememberingBus())
        await commit(db, crashed, [*rows(["a", "b"], None), row("owned", 0)])
        bus = RememberingBus()
        assert await outbox_of(db, bus, sweep_after=5.0).sweep() == 0
        await asyncio.sleep(0.05)
        assert await outbox_of(db, bus, sweep_after=0.02, page=1).sweep() == 2
        assert bus.ids == ["a", "b"]

    async def test_run_sweeps(self, db: Database) -> None:
        await commit(db, outbox_of(db, RememberingBus()), rows(["a"], None))
        bus, counts = RememberingBus(away=1), list[int]()
        running = asyncio.create_task(
            outbox_of(db, bus, flush_every=0.02, sweep_after=0.05, on_rows=counts.append).run()
        )
        async with asyncio.timeout(30):
            while not (bus.ids and counts and counts[-1] == 0):
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert bus.ids == ["a"]
        assert await stored(db) == 0

    async def test_rows_are_counted_also_while_the_bus_is_away(self, db: Database) -> None:
        await commit(db, outbox_of(db, RememberingBus()), rows(["a", "b"], None))
        bus, counts = RememberingBus(away=10**6), list[int]()
        running = asyncio.create_task(
            outbox_of(db, bus, flush_every=0.02, sweep_after=0.05, on_rows=counts.append).run()
        )
        async with asyncio.timeout(30):
            while bus.calls < 3:
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert counts[:2] == [2, 2]

    async def test_what_this_process_is_publishing_is_left_to_it(self, db: Database) -> None:
        bus = RememberingBus(away=10**6)
        outbox = outbox_of(db, bus, sweep_after=0.02)
        publishing = asyncio.create_task(outbox.publish(await commit(db, outbox, rows(["a"], None))))
        await asyncio.sleep(0.1)
        assert await outbox.sweep() == 0
        bus.away = 0
        await publishing
        assert await outbox.sweep() == 0
        assert bus.ids == ["a"]

    async def test_a_row_that_no_queue_takes_does_not_hold_up_the_others(self, db: Database) -> None:
        crashed = outbox_of(db, RememberingBus())
        await commit(db, crashed, [row("bad", None, key="nowhere"), row("good", None, key="1")])
        await asyncio.sleep(0.05)
        bus = RememberingBus(unroutable=frozenset({"nowhere"}))
        outbox = outbox_of(db, bus, sweep_after=0.02)
        assert await outbox.sweep() == 1
        await outbox.flush()
        assert bus.ids == ["good"]
        assert await stored(db) == 1

    @pytest.mark.real
    async def test_replicas_that_sweep_together_publish_each_row_once(self, shop_url: str) -> None:
        class SlowBus(RememberingBus):
            async def publish(self, publications: Sequence[Publication]) -> None:
                await asyncio.sleep(0.1)
                await super().publish(publications)

        if shop_url.startswith("sqlite"):
            return  # one process, one sweeper
        async with Database(shop_url) as one, Database(shop_url) as two:
            await commit(one, outbox_of(one, RememberingBus()), rows([f"e{n}" for n in range(20)], None))
            await asyncio.sleep(0.05)
            buses = [SlowBus(), SlowBus()]
            sweepers = [outbox_of(db, bus, sweep_after=0.02, page=5) for db, bus in zip((one, two), buses, strict=True)]
            swept = await asyncio.gather(*(outbox.sweep() for outbox in sweepers))
            assert sum(swept) == 20
            assert sorted(buses[0].ids + buses[1].ids) == sorted(f"e{n}" for n in range(20))
            assert await stored(one) == 0


async def test_ids_never_come_back(db: Database) -> None:
    """A deletion that is done again must not meet a newer row."""
    outbox, last = outbox_of(db, RememberingBus()), 0
    for _ in range(5):
        pending = await commit(db, outbox, rows(["a", "b"]))
        assert pending.ids[0] > last
        assert list(pending.ids) == sorted(pending.ids)
        last = pending.ids[-1]
        await outbox.publish(pending)
        await outbox.flush()


async def test_partitions_that_commit_at_the_same_time_each_keep_their_order(db: Database) -> None:
    bus = RememberingBus()
    outbox = outbox_of(db, bus)
    running = asyncio.create_task(outbox.run())

    async def work(partition: int) -> None:
        for step in range(8):
            names = [f"{partition}-{step}-{n}" for n in range(5)]
            await outbox.publish(await commit(db, outbox, rows(names, partition)))

    await asyncio.gather(*(work(partition) for partition in range(6)))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    for partition in range(6):
        own = [name for name in bus.ids if name.startswith(f"{partition}-")]
        assert own == [f"{partition}-{step}-{n}" for step in range(8) for n in range(5)]
    assert await stored(db) == 0
