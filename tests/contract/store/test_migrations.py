"""Schema changes: what an operator meets when code and database are of different age."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from tests.contract.store import shop
from tests.contract.store.processes import python
from yizhan.core.store import migrate
from yizhan.core.store.database import Database
from yizhan.core.store.drift import drift
from yizhan.core.store.errors import IntegrityConflict, SchemaMismatch
from yizhan.core.store.migrate import Migrations

SECOND = '''"""A second revision."""
from alembic import op
from sqlalchemy import Column, String
from yizhan.core.store.infrastructure import altered
revision = "{revision}"
down_revision = "{before}"
def upgrade() -> None:
    with altered(op, "shop", "shop_customers") as table:
        table.alter_column("name", nullable=True)
        table.add_column(Column("nick", String))
'''


def later_release(folder: Path, *revisions: str) -> Migrations:
    """The shop as a later release has it, with more revisions."""
    versions = folder / "later" / "-".join(("versions", *revisions))
    shutil.copytree(shop.VERSIONS, versions, ignore=shutil.ignore_patterns("__pycache__"))
    before = "0001"
    for revision in revisions:
        lines = SECOND.format(revision=revision, before=before)
        if before != "0001":
            lines = lines[: lines.index("    with")] + "    pass\n"
        (versions / f"{revision.replace('.', '_')}_more.py").write_text(lines)
        before = revision
    return Migrations("shop", versions)


async def test_a_database_that_was_never_migrated_is_named_and_so_is_the_command(empty_db: Database) -> None:
    with pytest.raises(SchemaMismatch, match=r"shop: found none, wanted 0001: run: yizhan migrate"):
        await migrate.check(empty_db, shop.SHOP)


async def test_the_first_upgrade_makes_the_tables_and_a_second_changes_nothing(empty_db: Database) -> None:
    assert await migrate.upgrade(empty_db, shop.SHOP) == "0001"
    assert await migrate.upgrade(empty_db, shop.SHOP) == "0001"
    await migrate.check(empty_db, shop.SHOP)
    assert await migrate.current(empty_db, shop.SHOP) == "0001"
    assert migrate.head(shop.SHOP) == "0001"


async def test_revisions_make_what_the_code_has(db: Database) -> None:
    assert await drift(db, "shop", shop.metadata) == []


async def test_drift_is_seen(db: Database) -> None:
    async with db.begin() as tx:
        name = "shop_customers" if db.dialect == "sqlite" else "shop.shop_customers"
        await tx.execute(text(f"ALTER TABLE {name} ADD COLUMN extra VARCHAR"))
    assert len(await drift(db, "shop", shop.metadata)) == 1


async def test_a_change_of_a_table_keeps_its_rows_and_the_rows_that_refer_to_them(db: Database, tmp_path: Path) -> None:
    async with db.begin() as tx:
        await tx.execute(insert(shop.customers).values(id="c1", name="Li"))
        await tx.execute(insert(shop.orders).values(id="o1", customer_id="c1", made_at=datetime.now(UTC)))
    assert await migrate.upgrade(db, later_release(tmp_path, "0002")) == "0002"
    async with db.begin() as tx:
        assert (await tx.execute(select(shop.orders.c.customer_id))).scalars().all() == ["c1"]
    with pytest.raises(IntegrityConflict):  # foreign keys hold again after the change
        async with db.begin() as tx:
            await tx.execute(insert(shop.orders).values(id="o2", customer_id="nobody", made_at=datetime.now(UTC)))


async def test_an_old_schema_is_refused_with_the_command_to_run(db: Database, tmp_path: Path) -> None:
    with pytest.raises(SchemaMismatch, match="found 0001, wanted 0002: run: yizhan migrate") as caught:
        await migrate.check(db, later_release(tmp_path, "0002"))
    assert (caught.value.service, caught.value.found, caught.value.wanted) == ("shop", "0001", "0002")


@pytest.mark.parametrize(
    ("revisions", "runs"),
    [
        pytest.param(["0002"], True, id="one revision ahead: the release before keeps running during a roll-out"),
        pytest.param(["0002", "0003"], False, id="two ahead: too new"),
        pytest.param(["0002", "0003.0001"], True, id="two ahead, but said to suit this code"),
        pytest.param(["0002.0002"], False, id="one ahead, but said not to suit it"),
    ],
)
async def test_a_newer_schema(db: Database, tmp_path: Path, revisions: list[str], runs: bool) -> None:
    later = later_release(tmp_path, *revisions)
    assert await migrate.upgrade(db, later) == revisions[-1]
    if runs:
        await migrate.check(db, shop.SHOP)
        assert await migrate.upgrade(db, shop.SHOP) == revisions[-1]
    else:
        for refused in (migrate.check, migrate.upgrade):
            with pytest.raises(SchemaMismatch, match="schema too new"):
                await refused(db, shop.SHOP)
    assert await migrate.current(db, shop.SHOP) == revisions[-1]


async def test_a_revision_that_fails_leaves_the_schema_as_it_was(db: Database, tmp_path: Path) -> None:
    later = later_release(tmp_path, "0002")
    broken = later.versions / "0002_more.py"
    broken.write_text(broken.read_text() + "    raise ZeroDivisionError\n")
    with pytest.raises(ZeroDivisionError):
        await migrate.upgrade(db, later)
    await migrate.check(db, shop.SHOP)
    assert await drift(db, "shop", shop.metadata) == []


async def test_replicas_of_one_process_that_migrate_at_the_same_time(empty_url: str) -> None:
    async with Database(empty_url) as one, Database(empty_url) as two:
        assert await asyncio.gather(*(migrate.upgrade(db, shop.SHOP) for db in (one, two, one))) == ["0001"] * 3


def test_processes_that_migrate_at_the_same_time(empty_url: str) -> None:
    code = (
        "import asyncio, sys\n"
        "from tests.contract.store import shop\n"
        "from yizhan.core.store import migrate\n"
        "from yizhan.core.store.database import Database\n"
        "async def main():\n"
        "    async with Database(sys.argv[1]) as db:\n"
        "        print(await migrate.upgrade(db, shop.SHOP))\n"
        "asyncio.run(main())\n"
    )
    running = [python("-c", code, empty_url) for _ in range(3)]
    answers = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], answers
    assert [answer[0].split()[-1] for answer in answers] == ["0001"] * 3


def test_services_are_found_by_their_folders() -> None:
    for service in migrate.services():
        assert migrate.head(service).startswith("0")
    with pytest.raises(LookupError):
        migrate.head("nobody")
