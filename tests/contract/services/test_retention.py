"""What has been kept long enough goes, and nothing that somebody still needs."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import ENTRIES, SHIP, SHOP, Bench
from tests.contract.services.test_learning import INVOICE, Shop
from tests.contract.services.test_writer import Desk, said
from yizhan.core.messages import command as k
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.retention.policy import Keep
from yizhan.dialogue.retention.sweeping import Sweeper
from yizhan.dialogue.shelf import ReleaseUnusable
from yizhan.dialogue.store.knowledge_tables import release_parts
from yizhan.dialogue.store.miss_tables import miss_groups, misses, suggestion_uses
from yizhan.dialogue.store.tables import decisions, messages

KEEP = Keep(timedelta(days=30), timedelta(days=60), timedelta(days=90), 2)


def sweeper(database: Database, clock: SteppedClock, metrics: Metrics | None = None, *, batch: int = 500) -> Sweeper:
    return Sweeper(database, KEEP, clock, metrics or Metrics("test"), batch=batch)


async def count(database: Database, table: sa.Table) -> int:
    async with database.read() as tx:
        return (await tx.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()


async def test_decisions_go_with_their_time_and_transcripts_stay(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk, metrics = Desk.on(database, bus, clock), Metrics("test")
    for number in range(5):
        await desk.take(said(f"v:{number}", "发货"))
    clock.step(20 * 86_400)
    await desk.take(said("v:9", "发货"))
    assert await sweeper(database, clock).sweep() == {}
    clock.step(11 * 86_400)
    assert await sweeper(database, clock, metrics, batch=2).sweep() == {"decisions": 5}
    assert (await count(database, decisions), await count(database, messages)) == (1, 12)
    assert metrics.registry.get_sample_value("yizhan_retention_removed_total", {"what": "decisions"}) == 5.0
    assert await sweeper(database, clock).sweep() == {}


async def test_misses_and_suggestions_go_and_a_group_that_is_still_missed_keeps_its_wordings(
    database: Database,
) -> None:
    shop = Shop.on(database)
    await shop.knowledge.publish(await shop.knowledge.take())
    for number, question in enumerate(INVOICE):
        await shop.asks(f"v:{number}", question)
    await shop.asks("v:8", "附近有地铁站吗")
    await shop.agent("v:0", "可以", suggestion=k.SuggestionUse("ship", edited=False, shown=("ship",)))
    await shop.groups()
    shop.pass_days(50)
    await shop.asks("v:7", INVOICE[0])
    await shop.groups()
    before = await count(database, misses)
    assert (before, await count(database, miss_groups), await count(database, suggestion_uses)) == (5, 2, 1)
    shop.pass_days(11)
    swept = await sweeper(database, shop.clock).sweep()
    assert swept["suggestions"] == 1
    assert swept["miss_groups"] == 1
    async with database.read() as tx:
        left = (await tx.execute(sa.select(misses.c.leads, misses.c.at))).all()
    assert left
    assert all(row.leads or row.at > NOON + timedelta(days=40) for row in left)
    await shop.asks("v:6", INVOICE[1])
    await shop.groups()
    assert await count(database, miss_groups) == 1


async def test_releases_lose_their_contents_and_are_still_listed(database: Database) -> None:
    bench = Bench(database)
    clock = SteppedClock()
    made = [await bench.take(replace(SHIP, answer=f"{number}小时内发货。"), *ENTRIES[1:]) for number in range(5)]
    for release_id in made[:4]:
        bench.now = clock.step(86_400)
        await bench.publish(release_id, "it is a test")
    bench.now = clock.step(100 * 86_400)
    assert await sweeper(database, clock).sweep() == {
        "releases": 2
    }  # the last two numbers, the published, the one before
    listed = await bench.desk.publisher.releases(SHOP)
    assert {one.id for one in listed if one.removed_at is None} == set(made[2:])
    assert {one.id for one in listed if one.removed_at == clock.at} == set(made[:2])
    async with database.read() as tx:
        kept = {row[0] for row in await tx.execute(sa.select(release_parts.c.release_id))}
    assert kept == set(made[2:])
    assert bench.said("什么时候发货") == "3小时内发货。"
    await bench.desk.publisher.roll_back(SHOP, made[2], by="editor", reason="worse")
    assert bench.said("什么时候发货") == "2小时内发货。"


async def test_a_removed_release_is_not_published_any_more(database: Database) -> None:
    bench, clock = Bench(database), SteppedClock()
    made = [await bench.take() for _ in range(4)]
    await bench.publish(made[0])
    bench.now = clock.step(1)
    await bench.publish(made[3], "it is a test")
    bench.now = clock.step(86_400)
    await bench.desk.publisher.roll_back(SHOP, made[0], by="editor", reason="it is a test")
    bench.now = clock.step(100 * 86_400)
    assert await sweeper(database, clock).sweep() == {"releases": 1}
    fresh = Bench(database, bench.now)
    await fresh.library.refresh()
    with pytest.raises(ReleaseUnusable, match="missing removed"):
        await fresh.desk.publisher.publish(SHOP, made[1], by="editor", forced_reason="it is a test")
    assert fresh.said("什么时候发货") == "48小时内发货。"


async def test_a_release_that_a_kept_decision_was_made_from_stays(database: Database) -> None:
    bench, clock, bus = Bench(database), SteppedClock(), RecordingBus()
    made = [await bench.take() for _ in range(4)]
    await bench.publish(made[0])
    desk = Desk.on(database, bus, clock, bench.library)
    await desk.take(said("v:1", "什么时候发货"))
    for release_id in made[1:]:
        bench.now = clock.step(1)
        await bench.publish(release_id, "it is a test")
    keep = replace(KEEP, decisions=timedelta(days=200))
    bench.now = clock.step(100 * 86_400)
    # 1 was answered from, 3 and 4 are the newest and published.
    assert await Sweeper(database, keep, clock, Metrics("test")).sweep() == {"releases": 1}
    bench.now = clock.step(101 * 86_400)
    assert await Sweeper(database, keep, clock, Metrics("test")).sweep() == {"decisions": 1, "releases": 1}


async def test_decisions_of_the_version_before_keep_every_release(database: Database) -> None:
    bench, clock = Bench(database), SteppedClock()
    made = [await bench.take() for _ in range(4)]
    await bench.publish(made[0])
    await Desk.on(database, RecordingBus(), clock, bench.library).take(said("v:1", "什么时候发货"))
    async with database.begin() as tx:
        await tx.execute(decisions.update().values(release_id=None))
    await bench.publish(made[3], "it is a test")
    bench.now = clock.step(100 * 86_400)
    keep = replace(KEEP, decisions=timedelta(days=200))
    assert await Sweeper(database, keep, clock, Metrics("test")).sweep() == {}


async def test_a_removal_that_was_cut_off_is_ended_by_the_next_sweep(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, clock = Bench(database), SteppedClock()
    made = [await bench.take() for _ in range(4)]
    await bench.publish(made[3])
    bench.now = clock.step(100 * 86_400)

    async def away(*_: object) -> int:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr("yizhan.dialogue.store.retention.drop_removed_pieces", away)
        with pytest.raises(StoreUnavailable):
            await sweeper(database, clock).sweep()
    pieces = await count(database, release_parts)
    await sweeper(database, clock).sweep()
    assert 0 < await count(database, release_parts) < pieces


async def test_two_replicas_may_sweep_at_once(database: Database, bus: RecordingBus, clock: SteppedClock) -> None:
    desk = Desk.on(database, bus, clock)
    await desk.take(*(said(f"v:{number}", "发货") for number in range(30)))
    clock.step(31 * 86_400)
    both = await asyncio.gather(*(sweeper(database, clock, batch=3).sweep() for _ in range(2)))
    assert sum(gone["decisions"] for gone in both) == 30
    assert await count(database, decisions) == 0
