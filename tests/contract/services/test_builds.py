"""Builds that editors ask for: whichever replica does it, each comes to an end that can be read."""

import asyncio
from datetime import timedelta

import pytest

from tests.contract.services.knowledge_bench import ENTRIES, SHOP, Bench, InProcess
from yizhan.core.store.database import Database
from yizhan.dialogue.builder import BuildFailed, Built
from yizhan.dialogue.builds import LOST, BuildUnderway
from yizhan.dialogue.knowledge.building import Order
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.store import builds as store


class Dying(InProcess):
    async def build(self, contents: Contents, order: Order, vectors: bytes = b"") -> Built:
        raise BuildFailed("killed", "signal 9")


class Stuck(InProcess):
    """Never done; says when it has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def build(self, contents: Contents, order: Order, vectors: bytes = b"") -> Built:
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError("never")


async def filled(bench: Bench) -> Bench:
    await bench.desk.drafts.load(SHOP, Contents(ENTRIES), mode="replace", by="editor", source_name="faq.csv")
    return bench


async def test_a_build_that_was_asked_for_becomes_a_release(database: Database) -> None:
    bench = await filled(Bench(database))
    asked = await bench.desk.builds.ask(SHOP, by="mei", note="autumn prices")
    assert (asked.state, await bench.desk.builds.work()) == ("asked", True)
    build = await bench.desk.builds.get(SHOP, asked.id)
    (release,) = await bench.desk.publisher.releases(SHOP)
    assert build is not None
    assert (build.state, build.release_id, build.reason) == ("done", release.id, "")
    assert (release.built_by, release.note, release.source_name) == ("mei", "autumn prices", "faq.csv")
    assert await bench.desk.builds.work() is False


@pytest.mark.parametrize(
    ("builder", "entries", "reason", "detail"),
    [
        pytest.param(Dying(), True, "killed", "signal 9", id="the process was killed"),
        pytest.param(InProcess(), False, "empty", "", id="there is nothing to build"),
    ],
)
async def test_a_build_that_fails_says_why(
    database: Database, builder: InProcess, entries: bool, reason: str, detail: str
) -> None:
    bench = Bench(database, builder=builder)
    if entries:
        await filled(bench)
    asked = await bench.desk.builds.ask(SHOP, by="mei")
    await bench.desk.builds.work()
    (build,) = await bench.desk.builds.list(SHOP)
    assert (build.id, build.state, build.reason, build.detail) == (asked.id, "failed", reason, detail)
    assert await bench.desk.publisher.releases(SHOP) == []


async def test_a_second_build_is_refused_while_one_is_underway_and_named(database: Database) -> None:
    bench = await filled(Bench(database))
    asked = await bench.desk.builds.ask(SHOP, by="mei")
    with pytest.raises(BuildUnderway) as refused:
        await bench.desk.builds.ask(SHOP, by="an")
    assert refused.value.build_id == asked.id
    await bench.desk.builds.ask("other", by="an")
    await bench.desk.builds.work()
    await bench.desk.builds.ask(SHOP, by="an")


async def test_two_replicas_do_not_do_the_same_build(database: Database) -> None:
    here, there = await filled(Bench(database)), Bench(database)
    await here.desk.builds.ask(SHOP, by="mei")
    await asyncio.gather(here.desk.builds.work(), there.desk.builds.work())
    assert len(await here.desk.publisher.releases(SHOP)) == 1


async def test_a_build_whose_replica_is_gone_is_lost_and_another_can_be_asked_for(database: Database) -> None:
    stuck = Stuck()
    gone = await filled(Bench(database, builder=stuck))
    asked = await gone.desk.builds.ask(SHOP, by="mei")
    working = asyncio.create_task(gone.desk.builds.work())
    async with asyncio.timeout(60):
        await stuck.begun.wait()
    working.cancel()  # as when the process is killed: nothing more is written
    await asyncio.wait({working})
    here = Bench(database)
    await here.desk.builds.work()
    build = await here.desk.builds.get(SHOP, asked.id)
    assert build is not None
    assert build.state == store.RUNNING, "it may still be somebody's"
    here.now += LOST + timedelta(seconds=1)
    await here.desk.builds.work()
    build = await here.desk.builds.get(SHOP, asked.id)
    assert build is not None
    assert (build.state, build.reason) == ("failed", "lost")
    await here.desk.builds.ask(SHOP, by="mei")


async def test_a_build_of_another_workspace_is_not_shown(database: Database) -> None:
    bench = await filled(Bench(database))
    asked = await bench.desk.builds.ask(SHOP, by="mei")
    assert await bench.desk.builds.get("other", asked.id) is None
