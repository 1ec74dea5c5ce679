"""Drafts on a real database: no editor overwrites another silently, and every change says who made it."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.contract.services.knowledge_bench import BACK, ENTRIES, FEE, SHIP, SHOP, Bench
from yizhan.core.store.database import Database
from yizhan.dialogue.drafts import NotInDraft, StaleRevision
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.stored import entry_from
from yizhan.dialogue.store.knowledge_tables import draft_entries

LATER = replace(SHIP, answer="24小时内发货。")


async def loaded(database: Database, *entries: Entry) -> Bench:
    bench = Bench(database)
    await load(bench, *(entries or ENTRIES))
    return bench


async def load(bench: Bench, *entries: Entry, mode: str = "replace") -> None:
    await bench.desk.drafts.load(SHOP, Contents(entries), mode=mode, by="mei", source_name="faq.csv")  # type: ignore[arg-type]


async def entries_of(bench: Bench) -> tuple[Entry, ...]:
    return (await bench.desk.drafts.read(SHOP)).contents.entries


async def revision_of(bench: Bench, entry_id: str) -> int:
    found = await bench.desk.drafts.entry(SHOP, entry_id)
    assert found is not None
    return found[1].revision


async def test_a_workspace_without_anything_has_an_empty_draft(database: Database) -> None:
    assert await entries_of(Bench(database)) == ()


async def test_the_first_draft_is_what_is_published_with_its_documents(database: Database) -> None:
    bench = Bench(database)
    await bench.publish(await bench.take(documents={"variables": "phone: 400"}))
    async with database.begin() as tx:
        await tx.execute(sa.text(f"DELETE FROM {'dialogue.' if database.dialect == 'postgresql' else ''}drafts"))
        await tx.execute(draft_entries.delete())
        await tx.execute(
            sa.text(f"DELETE FROM {'dialogue.' if database.dialect == 'postgresql' else ''}draft_documents")
        )
    draft = await bench.desk.drafts.read(SHOP)
    assert draft.contents.entries == ENTRIES
    assert draft.contents.documents == {"variables": "phone: 400"}


async def test_an_entry_is_changed_in_its_place_added_at_the_end_and_deleted(database: Database) -> None:
    bench = await loaded(database)
    drafts = bench.desk.drafts
    await drafts.put_entry(SHOP, LATER, seen=await revision_of(bench, "ship"), by="an")
    new = Entry("gift", "可以送礼吗", (), "可以。")
    await drafts.put_entry(SHOP, new, seen=0, by="an")
    await drafts.delete_entry(SHOP, "back", seen=await revision_of(bench, "back"), by="an")
    assert await entries_of(bench) == (LATER, FEE, new)


async def test_whoever_saw_an_older_revision_is_refused_and_told_the_present_one(database: Database) -> None:
    bench = await loaded(database)
    drafts = bench.desk.drafts
    seen = await revision_of(bench, "ship")
    changed = await drafts.put_entry(SHOP, LATER, seen=seen, by="an")
    with pytest.raises(StaleRevision) as refused:
        await drafts.put_entry(SHOP, replace(SHIP, answer="一周内发货。"), seen=seen, by="bo")
    assert (refused.value.name, refused.value.current) == ("ship", changed.revision)
    with pytest.raises(StaleRevision):
        await drafts.delete_entry(SHOP, "ship", seen=seen, by="bo")
    with pytest.raises(StaleRevision):
        await drafts.put_entry(SHOP, SHIP, seen=0, by="bo")
    assert (await entries_of(bench))[0] == LATER


async def test_an_entry_that_somebody_deleted_is_not_written_back_by_who_did_not_know(database: Database) -> None:
    bench = await loaded(database)
    seen = await revision_of(bench, "ship")
    await bench.desk.drafts.delete_entry(SHOP, "ship", seen=seen, by="an")
    with pytest.raises(StaleRevision) as refused:
        await bench.desk.drafts.put_entry(SHOP, LATER, seen=seen, by="bo")
    assert refused.value.current == 0
    with pytest.raises(NotInDraft):
        await bench.desk.drafts.delete_entry(SHOP, "ship", seen=0, by="bo")


async def test_of_many_editors_who_saw_the_same_exactly_one_writes(database: Database) -> None:
    bench = await loaded(database)
    seen = await revision_of(bench, "ship")
    answers = [f"{hours}小时内发货。" for hours in range(8)]
    done = await asyncio.gather(
        *(bench.desk.drafts.put_entry(SHOP, replace(SHIP, answer=answer), seen=seen, by=answer) for answer in answers),
        return_exceptions=True,
    )
    wrote = [one for one in done if not isinstance(one, BaseException)]
    assert len(wrote) == 1
    assert all(isinstance(one, StaleRevision) for one in done if isinstance(one, BaseException))
    assert (await entries_of(bench))[0].answer == wrote[0].changed_by


async def test_an_edit_during_an_import_is_either_taken_over_or_refused_never_lost(database: Database) -> None:
    """The editor's entry is not in the file; the import merges."""
    bench = await loaded(database)
    many = [Entry(f"e{number}", f"第{number}个问题", (), "答案。") for number in range(1200)]
    seen = await revision_of(bench, "ship")
    imported, edited = await asyncio.gather(
        bench.desk.drafts.load(SHOP, Contents(tuple(many)), mode="merge", by="mei", source_name="many.csv"),
        bench.desk.drafts.put_entry(SHOP, LATER, seen=seen, by="an"),
        return_exceptions=True,
    )
    assert not isinstance(imported, BaseException)
    after = await entries_of(bench)
    assert after[0] == (SHIP if isinstance(edited, StaleRevision) else LATER)
    assert after[3:] == tuple(many)


@pytest.mark.parametrize(
    ("mode", "after"),
    [
        pytest.param("replace", (LATER, Entry("gift", "可以送礼吗", (), "可以。")), id="replacing leaves nothing else"),
        pytest.param(
            "merge", (LATER, BACK, FEE, Entry("gift", "可以送礼吗", (), "可以。")), id="merging keeps the others"
        ),
    ],
)
async def test_an_import(database: Database, mode: str, after: tuple[Entry, ...]) -> None:
    bench = await loaded(database)
    await load(bench, LATER, Entry("gift", "可以送礼吗", (), "可以。"), mode=mode)
    assert await entries_of(bench) == after


async def test_an_import_leaves_the_revision_of_what_it_does_not_change(database: Database) -> None:
    """Who edits an entry that an import did not touch is not refused."""
    bench = await loaded(database)
    ship, back = await revision_of(bench, "ship"), await revision_of(bench, "back")
    await load(bench, LATER, BACK, FEE)
    assert await revision_of(bench, "back") == back
    assert await revision_of(bench, "ship") > ship


async def test_an_import_leaves_no_rows_of_the_draft_that_it_replaced(database: Database) -> None:
    bench = await loaded(database)
    await load(bench, LATER)
    async with database.read() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(draft_entries))).scalar() == 1


async def test_the_history_of_an_entry_tells_every_change_and_that_of_the_draft_an_import_as_one(
    database: Database,
) -> None:
    bench = await loaded(database)
    drafts = bench.desk.drafts
    await drafts.put_entry(SHOP, LATER, seen=await revision_of(bench, "ship"), by="an")
    await load(bench, BACK, FEE)
    told = [
        (one.changed_by, one.before and entry_from(one.before).answer, one.after and entry_from(one.after).answer)
        for one in await drafts.changes(SHOP, name="ship")
    ]
    assert told == [
        ("mei", "24小时内发货。", None),
        ("an", "48小时内发货。", "24小时内发货。"),
        ("mei", None, "48小时内发货。"),
    ]
    whole = [(one.kind, one.name, one.changed_by, one.note) for one in await drafts.changes(SHOP)]
    assert whole == [
        ("import", "replace", "mei", "faq.csv"),
        ("entry", "ship", "an", ""),
        ("import", "replace", "mei", "faq.csv"),
    ]


async def test_a_page_of_the_history_begins_where_the_last_one_ended(database: Database) -> None:
    bench = await loaded(database)
    for number in range(5):
        await bench.desk.drafts.put_document(SHOP, "guards", f"# {number}", seen=await _seen(bench), by="an")
    first = await bench.desk.drafts.changes(SHOP, limit=3)
    rest = await bench.desk.drafts.changes(SHOP, before_id=first[-1].id, limit=3)
    assert [(one.after or b"").decode() for one in (*first, *rest)] == ["# 4", "# 3", "# 2", "# 1", "# 0", ""]


async def _seen(bench: Bench) -> int:
    known = (await bench.desk.drafts.read(SHOP)).documents.get("guards")
    return known.revision if known else 0


async def test_a_document_is_written_refused_when_stale_and_deleted(database: Database) -> None:
    bench = await loaded(database)
    drafts = bench.desk.drafts
    first = await drafts.put_document(SHOP, "variables", "phone: 400", seen=0, by="an")
    assert first is not None
    with pytest.raises(StaleRevision) as refused:
        await drafts.put_document(SHOP, "variables", "phone: 800", seen=0, by="bo")
    assert refused.value.current == first.revision
    assert await drafts.put_document(SHOP, "variables", "", seen=first.revision, by="bo") is None
    draft = await drafts.read(SHOP)
    assert draft.documents == {}
    told = [(one.changed_by, one.before, one.after) for one in await drafts.changes(SHOP, name="variables")]
    assert told == [("bo", b"phone: 400", None), ("an", None, b"phone: 400")]


async def test_workspaces_do_not_see_each_other(database: Database) -> None:
    bench = await loaded(database)
    await bench.desk.drafts.load("other", Contents((LATER,)), mode="replace", by="x", source_name="")
    assert await entries_of(bench) == ENTRIES
    assert (await bench.desk.drafts.read("other")).contents.entries == (LATER,)
