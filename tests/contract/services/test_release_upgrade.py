"""A database whose releases were made by the version before: they go on working, and that version goes on working on it."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import BOTH, NOON
from tests.contract.services.knowledge_bench import BACK, FEE, SHIP, SHOP, Bench
from yizhan.core.store import migrate
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import Migrations
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.store.tables import releases

VERSIONS = Path(migrate.__file__).resolve().parents[2] / "dialogue" / "migrations" / "versions"


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/yizhan.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def before(empty_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A database as the version before left it, with two releases."""
    old = tmp_path / "versions"
    old.mkdir()
    for file in sorted(VERSIONS.glob("000[1-4]*.py")):
        (old / file.name).write_text(file.read_text("utf-8"), "utf-8")
    async with Database(empty_url) as database:
        await migrate.upgrade(database, Migrations("dialogue", old))
        await publish_as_before(database, "old-1", 1, Entry("ship", "什么时候发货", (), "一周内发货。"))
        await publish_as_before(database, "old-2", 2, SHIP, BACK)
        yield database


async def publish_as_before(database: Database, id: str, number: int, *entries: Entry) -> None:
    """What the version before did: one row, whose number is the newest."""
    rows = [
        {
            "id": entry.id,
            "question": entry.question,
            "paraphrases": list(entry.paraphrases),
            "answer": entry.answer,
            "category": entry.category,
        }
        for entry in entries
    ]
    row = {
        "id": id,
        "workspace": SHOP,
        "number": number,
        "entries": len(entries),
        "data": gzip.compress(json.dumps(rows).encode()),
        "published_at": NOON,
        "published_by": "cli",
        "source_name": "faq.csv",
    }
    async with database.begin() as tx:
        await tx.execute(releases.insert(), [row])


async def read_as_before(database: Database) -> tuple[str, dict[str, str]]:
    """What the version before serves: the newest row's id, and its answers by question."""
    newest = sa.select(sa.func.max(releases.c.number)).where(releases.c.workspace == SHOP).scalar_subquery()
    async with database.read() as tx:
        found = await tx.execute(sa.select(releases.c.id, releases.c.data).where(releases.c.number == newest))
        ((release_id, data),) = found.all()
    rows: list[dict[str, Any]] = json.loads(gzip.decompress(data))
    assert all(set(row) == {"id", "question", "paraphrases", "answer", "category"} for row in rows)
    return release_id, {row["question"]: row["answer"] for row in rows}


async def test_what_was_published_is_published_after_the_upgrade(before: Database) -> None:
    await migrate.upgrade(before, "dialogue")
    bench = Bench(before)
    await bench.library.refresh()
    assert bench.said("怎么退货") == "在订单页申请退货。"
    listed = [(one.number, one.id, one.entries) for one in await bench.desk.publisher.releases(SHOP)]
    assert listed == [(2, "old-2", 2), (1, "old-1", 1)]
    history = await bench.desk.publisher.publications(SHOP)
    assert {(one.release_id, one.replaced_id) for one in history} == {("old-2", "old-1"), ("old-1", "")}


async def test_a_release_of_the_old_form_can_be_rolled_back_to_edited_and_built_upon(before: Database) -> None:
    await migrate.upgrade(before, "dialogue")
    bench = Bench(before)
    await bench.library.refresh()
    await bench.desk.publisher.roll_back(SHOP, "old-1", by="admin", reason="")
    assert bench.said("什么时候发货") == "一周内发货。"
    assert [entry.id for entry in (await bench.desk.drafts.read(SHOP)).contents.entries] == ["ship"]
    release = await bench.take(SHIP, FEE)
    await bench.publish(release)
    assert bench.said("运费多少钱") == "满99元包邮。"
    assert [one.number for one in await bench.desk.publisher.releases(SHOP)] == [3, 2, 1]


async def test_the_version_before_serves_what_is_published_and_never_what_is_only_built(before: Database) -> None:
    await migrate.upgrade(before, "dialogue")
    bench = Bench(before)
    await bench.library.refresh()
    entry = Entry("ship", "什么时候发货", (), "请致电 {{phone}}。")
    built = await bench.take(entry, documents={"variables": "phone: 400-123"})
    assert (await read_as_before(before))[0] == "old-2"
    await bench.publish(built)
    assert await read_as_before(before) == (built, {"什么时候发货": "请致电 400-123。"})
    await bench.desk.publisher.roll_back(SHOP, "old-1", by="admin", reason="")
    assert await read_as_before(before) == ("old-1", {"什么时候发货": "一周内发货。"})
    await bench.publish(built)
    assert (await read_as_before(before))[0] == built


async def test_what_the_version_before_publishes_on_the_new_schema_is_served_here_too(before: Database) -> None:
    await migrate.upgrade(before, "dialogue")
    bench = Bench(before)
    await bench.library.refresh()
    await bench.publish(await bench.take(SHIP, BACK, FEE))
    number = 1
    async with before.read() as tx:
        number += (await tx.execute(sa.select(sa.func.max(releases.c.number)))).scalar() or 0
    await publish_as_before(before, "late-1", number, Entry("ship", "什么时候发货", (), "当天发货。"))
    await bench.library.refresh()
    assert bench.said("什么时候发货") == "当天发货。"
    await bench.library.refresh()
    assert sum(one.release_id == "late-1" for one in await bench.desk.publisher.publications(SHOP)) == 1
    assert (await read_as_before(before))[0] == "late-1"
