"""Releases on a real database: what is published is what customers are answered from, whole, or it is not served."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import NOON
from tests.contract.services.knowledge_bench import BACK, ENTRIES, FEE, SHIP, SHOP, TESTS, Bench, InProcess
from yizhan.core.messages import content as c
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.answering import AskBack, Say
from yizhan.dialogue.builder import BuildFailed, Built
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.building import Order
from yizhan.dialogue.knowledge.comparison import FallKind
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.entry import Entry, Variant
from yizhan.dialogue.publishing import NeverPublished, NothingToBuild, PublishRefused
from yizhan.dialogue.shelf import ReleaseUnusable
from yizhan.dialogue.store import parts, publications
from yizhan.dialogue.store.knowledge_tables import built_releases, release_parts

LATER = replace(SHIP, answer="24小时内发货。")


async def test_a_release_is_served_only_when_it_is_published(database: Database) -> None:
    bench = Bench(database)
    first = await bench.take()
    assert bench.said("什么时候发货") == ""
    await bench.publish(first)
    assert bench.said("什么时候发货") == "48小时内发货。"
    second = await bench.take(LATER, BACK, FEE)
    assert bench.said("什么时候发货") == "48小时内发货。"
    await bench.publish(second)
    assert bench.said("什么时候发货") == "24小时内发货。"


async def test_every_replica_follows_what_another_publishes_and_rolls_back(database: Database) -> None:
    here, there = Bench(database), Bench(database)
    first, second = await here.take(), await here.take(LATER, BACK, FEE)
    await here.publish(first)
    await here.publish(second)
    await there.library.refresh()
    assert there.said("什么时候发货") == "24小时内发货。"
    await here.desk.publisher.roll_back(SHOP, first, by="editor", reason="wrong promise")
    assert here.said("什么时候发货") == "48小时内发货。"
    await there.library.refresh()
    assert there.said("什么时候发货") == "48小时内发货。"


async def test_rolling_back_takes_no_build_and_the_history_tells_who_and_why(database: Database) -> None:
    builder = InProcess()
    bench = Bench(database, builder=builder)
    first, second = await bench.take(), await bench.take(LATER, BACK, FEE)
    await bench.publish(first)
    await bench.publish(second)
    built = builder.built
    await bench.desk.publisher.roll_back(SHOP, first, by="admin", reason="wrong promise")
    assert builder.built == built
    told = [
        (one.release_id, one.replaced_id, one.published_by, one.rolled_back, one.forced_reason)
        for one in await bench.desk.publisher.publications(SHOP)
    ]
    assert told == [
        (first, second, "admin", True, "wrong promise"),
        (second, first, "editor", False, ""),
        (first, "", "editor", False, ""),
    ]


async def test_what_was_never_published_cannot_be_rolled_back_to(database: Database) -> None:
    bench = Bench(database)
    await bench.publish(await bench.take())
    unchecked = await bench.take(LATER, BACK, FEE)
    with pytest.raises(NeverPublished):
        await bench.desk.publisher.roll_back(SHOP, unchecked, by="admin", reason="")
    assert bench.said("什么时候发货") == "48小时内发货。"


async def test_a_release_that_loses_a_test_question_is_refused_until_it_is_forced_with_a_reason(
    database: Database,
) -> None:
    bench = Bench(database)
    await bench.publish(await bench.take(documents={"tests": TESTS}))
    worse = await bench.take(SHIP, FEE, documents={"tests": TESTS.replace("怎么申请退货,back\n", "")})
    await bench.publish(worse)  # the question went with its entry
    await bench.desk.publisher.roll_back(
        SHOP, (await bench.desk.publisher.publications(SHOP))[1].release_id, by="admin", reason=""
    )
    blind = await bench.take(SHIP, replace(BACK, question="换货", paraphrases=()), FEE, documents={"tests": TESTS})
    with pytest.raises(PublishRefused) as refused:
        await bench.publish(blind)
    kinds = {fall.kind: fall.detail for fall in refused.value.comparison.falls}
    assert kinds[FallKind.QUESTION] == "怎么申请退货"
    assert FallKind.COVERAGE in kinds
    assert bench.said("怎么退货") == "在订单页申请退货。"
    await bench.publish(blind, "the text is going to be rewritten")
    published = await bench.desk.publisher.published(SHOP)
    assert published is not None
    assert (published.release_id, published.forced_reason) == (blind, "the text is going to be rewritten")


async def test_a_reason_is_kept_only_where_it_was_needed(database: Database) -> None:
    bench = Bench(database)
    await bench.publish(await bench.take(), "just in case")
    published = await bench.desk.publisher.published(SHOP)
    assert published is not None
    assert published.forced_reason == ""


async def test_a_contradiction_keeps_a_release_from_being_published(database: Database) -> None:
    bench = Bench(database)
    contradicting = Entry("ship2", "多久发货", (), "一周内发货。")
    with pytest.raises(PublishRefused) as refused:
        await bench.publish(await bench.take(SHIP, contradicting))
    assert [fall.kind for fall in refused.value.comparison.falls] == [FallKind.ERROR]
    assert bench.library.release(SHOP) is None


async def test_an_answer_is_worded_for_its_channel_filled_and_carries_its_attachments(database: Database) -> None:
    bench = Bench(database)
    link = c.Link("https://shop.example/returns", "退货说明")
    entry = replace(
        BACK,
        answer="请致电 {{phone}}。",
        variants=(Variant("wechat", "点菜单，或致电 {{phone}}。"),),
        attachments=(link,),
    )
    await bench.publish(await bench.take(entry, documents={"variables": "phone: 400-123"}))
    assert bench.said("怎么退货") == "请致电 400-123。"
    assert bench.said("怎么退货", channel="wechat") == "点菜单，或致电 400-123。"
    decision = bench.library.decide(SHOP, "怎么退货", channel="email", at=NOON)
    assert isinstance(decision, Say)
    assert decision.attachments == (link,)


async def test_an_answer_whose_variable_has_no_value_is_not_sent_even_from_a_forced_release(database: Database) -> None:
    bench = Bench(database)
    broken = await bench.take(replace(BACK, answer="请致电 {{phone}}。"))
    with pytest.raises(PublishRefused):
        await bench.publish(broken)
    await bench.publish(broken, "forced")
    assert bench.said("怎么退货") == ""


async def test_an_entry_answers_and_is_offered_on_its_days_only_by_the_business_s_calendar(database: Database) -> None:
    bench = Bench(database)
    day = NOON.date()
    await bench.publish(await bench.take(replace(SHIP, valid_from=day, valid_until=day), BACK, FEE))
    evening = NOON.replace(hour=15, minute=59)  # 23:59 in Shanghai
    assert bench.said("什么时候发货", at=evening) == "48小时内发货。"
    for outside in (evening + timedelta(minutes=1), NOON - timedelta(days=1)):
        assert bench.said("什么时候发货", at=outside) == ""
        assert bench.library.entry(SHOP, "ship", channel="website", at=outside) is None
        decision = bench.library.decide(SHOP, "发货", channel="website", at=outside)
        offered = decision.suggestions if isinstance(decision, AskBack) else ()
        assert "ship" not in {one.entry_id for one in offered}


@pytest.mark.parametrize("damage", ["a piece is missing", "a piece was changed"])
async def test_a_release_that_is_not_whole_is_never_served(database: Database, damage: str) -> None:
    here, there = Bench(database), Bench(database)
    first, second = await here.take(), await here.take(LATER, BACK, FEE)
    await here.publish(first)
    await there.library.refresh()
    await here.publish(second)
    mine = (release_parts.c.release_id == second) & (release_parts.c.name == "entries")
    async with database.begin() as tx:
        if damage == "a piece is missing":
            await tx.execute(release_parts.delete().where(mine))
        else:
            data = (await tx.execute(sa.select(release_parts.c.data).where(mine))).scalar() or b""
            await tx.execute(
                release_parts.update().where(mine).values(data=data[:20] + bytes([data[20] ^ 1]) + data[21:])
            )
    await there.library.refresh()
    assert there.said("什么时候发货") == "48小时内发货。", "what was served before goes on being served"
    problem = there.library.problem(SHOP)
    assert problem is not None
    assert (problem.release_id, problem.reason) == (second, "damaged")
    assert there.unusable == [0, 1]
    await here.desk.publisher.roll_back(SHOP, first, by="admin", reason="damaged")
    await there.library.refresh()
    assert there.library.problem(SHOP) is None
    assert there.unusable == [0, 1, 0]
    with pytest.raises(ReleaseUnusable):
        await there.desk.publisher.publish(SHOP, second, by="editor", forced_reason="really")


async def test_a_large_part_is_written_in_pieces_and_read_back_whole(database: Database) -> None:
    data = bytes(range(256)) * 10_000
    part = await parts.write_part(database, "release-1", "index", data)
    assert part.pieces == 3
    async with database.read() as tx:
        sizes = await tx.execute(sa.select(sa.func.length(release_parts.c.data)).order_by(release_parts.c.place))
        assert [row[0] for row in sizes] == [1 << 20, 1 << 20, len(data) - (2 << 20)]
    assert await parts.read_part(database, "release-1", part) == data


async def test_pieces_of_a_build_that_never_ended_are_deleted_by_a_later_one_and_no_other_s(database: Database) -> None:
    bench = Bench(database)
    old = await bench.take()
    await parts.write_part(database, "018bcfe5-6800-7000-8000-000000000000", "index", b"abandoned in 2023")
    going_on = bench.desk.publisher._new_id()
    await parts.write_part(database, going_on, "index", b"written just now")
    await bench.take(LATER)
    async with database.read() as tx:
        left = {row[0] for row in await tx.execute(sa.select(release_parts.c.release_id).distinct())}
    assert "018bcfe5-6800-7000-8000-000000000000" not in left
    assert {old, going_on} <= left


async def test_a_build_that_dies_changes_neither_the_draft_nor_what_is_published(database: Database) -> None:
    class Dying(InProcess):
        async def build(self, contents: Contents, order: Order, vectors: bytes = b"") -> Built:
            raise BuildFailed("killed", "signal 9")

    good = Bench(database)
    await good.publish(await good.take())
    bench = Bench(database, builder=Dying())
    await bench.library.refresh()
    await bench.desk.drafts.load(SHOP, Contents((LATER,)), mode="replace", by="editor", source_name="x.csv")
    with pytest.raises(BuildFailed):
        await bench.desk.publisher.build(SHOP, by="editor")
    assert bench.said("什么时候发货") == "48小时内发货。"
    assert (await bench.desk.drafts.read(SHOP)).contents.entries == (LATER,)
    assert len(await bench.desk.publisher.releases(SHOP)) == 1


async def test_a_draft_without_entries_makes_no_release(database: Database) -> None:
    with pytest.raises(NothingToBuild):
        await Bench(database).desk.publisher.build(SHOP, by="editor")


async def test_a_database_that_goes_away_in_the_flip_leaves_the_old_release_published_everywhere(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(database)
    first, second = await bench.take(), await bench.take(LATER, BACK, FEE)
    await bench.publish(first)

    async def gone(*_: object) -> None:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(publications, "show_to_the_version_before", gone)
        with pytest.raises(StoreUnavailable):
            await bench.publish(second)
    assert bench.said("什么时候发货") == "48小时内发货。"
    assert [one.release_id for one in await bench.desk.publisher.publications(SHOP)] == [first]
    await bench.publish(second)
    assert bench.said("什么时候发货") == "24小时内发货。"


async def test_publishing_what_is_published_changes_nothing(database: Database) -> None:
    bench = Bench(database)
    release = await bench.take()
    await bench.publish(release)
    await bench.publish(release)
    assert len(await bench.desk.publisher.publications(SHOP)) == 1


async def test_two_who_publish_at_once_both_succeed_one_after_the_other(database: Database) -> None:
    here, there = Bench(database), Bench(database)
    base = await here.take()
    await here.publish(base)
    await there.library.refresh()
    one, other = await here.take(LATER, BACK, FEE), await there.take(replace(SHIP, answer="当天发货。"), BACK, FEE)
    await asyncio.gather(here.publish(one), there.publish(other))
    history = await here.desk.publisher.publications(SHOP)
    assert {item.release_id for item in history} == {base, one, other}
    last = await here.desk.publisher.published(SHOP)
    assert last is not None
    await here.library.refresh()
    await there.library.refresh()
    served = {bench.library.release(SHOP) and bench.library.release(SHOP).id for bench in (here, there)}  # type: ignore[union-attr]
    assert len(served) == 1
    chain = {item.replaced_id for item in history}
    assert len(chain) == 3, "each replaced what was really there"


@pytest.mark.parametrize(
    "other", ["older-7", f"{engine.VERSION}0"], ids=["another name", "a name that begins like ours"]
)
async def test_an_index_of_another_version_is_made_anew_once_and_kept(database: Database, other: str) -> None:
    here = Bench(database)
    release = await here.take()
    await here.publish(release)
    async with database.begin() as tx:
        text = (await tx.execute(sa.select(built_releases.c.parts))).scalar() or ""
        await tx.execute(built_releases.update().values(parts=text.replace(engine.VERSION, other)))
        for name in (f"index:{engine.VERSION}", f"report:{engine.VERSION}"):
            renamed = name.replace(engine.VERSION, other)
            await tx.execute(release_parts.update().where(release_parts.c.name == name).values(name=renamed))
    builder = InProcess()
    there = Bench(database, builder=builder)
    await there.library.refresh()
    assert there.said("什么时候发货") == "48小时内发货。"
    assert builder.built == 1
    again = Bench(database, builder=builder)
    await again.library.refresh()
    assert again.said("什么时候发货") == "48小时内发货。"
    assert builder.built == 1


async def test_an_index_of_another_version_that_cannot_be_made_anew_is_a_named_state(database: Database) -> None:
    class Dying(InProcess):
        async def build(self, contents: Contents, order: Order, vectors: bytes = b"") -> Built:
            raise BuildFailed("timeout")

    here = Bench(database)
    await here.publish(await here.take())
    async with database.begin() as tx:
        text = (await tx.execute(sa.select(built_releases.c.parts))).scalar() or ""
        await tx.execute(built_releases.update().values(parts=text.replace(engine.VERSION, "older-7")))
    there = Bench(database, builder=Dying())
    await there.library.refresh()
    assert there.said("什么时候发货") == ""
    problem = there.library.problem(SHOP)
    assert problem is not None
    assert problem.reason == "index_outdated"


async def test_questions_asked_while_releases_are_switched_are_all_answered_from_exactly_one(
    database: Database,
) -> None:
    """The text of every answer and the release that it names belong together."""
    bench = Bench(database)
    releases = {}
    for hours in (24, 48, 72):
        release = await bench.take(replace(SHIP, answer=f"{hours}小时内发货。"), BACK, FEE)
        releases[release] = f"{hours}小时内发货。"
    first, *_ = releases
    await bench.publish(first)
    stop = threading.Event()
    asked: list[object] = []

    def ask() -> None:
        number = 0
        while not stop.is_set() or number < 50:
            number += 1
            asked.append(bench.library.decide(SHOP, f"什么时候发货{'呢' * (number % 3)}", channel="website", at=NOON))
            stop.wait(0.001)  # the switches want the processor, too

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(4):
            for release in releases:
                await bench.publish(release)
    finally:
        stop.set()
        for thread in threads:
            await asyncio.to_thread(thread.join)
    answers = [one for one in asked if isinstance(one, Say)]
    assert len(answers) == len(asked), "a question asked in a switch got no answer"
    assert {(one.release_id, one.text) for one in answers} == set(releases.items())


def test_the_bench_s_entries_do_not_contradict_each_other() -> None:
    assert len({phrasing for entry in ENTRIES for phrasing in entry.phrasings}) == 9
