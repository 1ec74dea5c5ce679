"""What the customer gets where an embedding model is set, whatever becomes of it: one answer each, in time, and which.

A real release that was embedded when it was built, the real writer and runner, and a scripted model over real HTTP.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.channels.waiting import until
from tests.contract.services.knowledge_bench import SHOP, Bench
from tests.contract.services.meaning_bench import MODEL, meaning, vectors_of
from tests.contract.services.model_bench import GENEROUS, LAST, VOICE, life
from tests.contract.services.replay_bench import ZONE
from tests.contract.services.test_foreseeing import watching
from tests.services.schemas import sqlite_file
from tests.simulators.openai import (
    ScriptedModels,
    Turn,
    embeds,
    embeds_by,
    fails,
    gives,
    hangs_up,
    keeps_silent,
    says,
    scripted_models,
)
from yizhan.core.runtime import clock
from yizhan.core.store.database import Database
from yizhan.dialogue.models.use import ModelUse
from yizhan.dialogue.replay import Setting
from yizhan.dialogue.replaying import Replayer
from yizhan.dialogue.store.tables import decisions

MENU, SEARCHING = VOICE.texts("zh-CN").clarify, VOICE.texts("zh-CN").searching_no_answer
QUESTION = "包裹几时上路"
"""Asked back by words, which are hardly those of the entry; it means the same."""
LITERAL = "怎么退货"
UNKNOWN = "怎么上路"
"""Words find nothing for it that may be sent."""
SHIP, BACK = "48小时内发货。", "在订单页申请退货。"
REWORDED = "您好，48小时内发货。"
SHORT = 1.0
MEANS = ModelUse(seconds=GENEROUS, embed=MODEL)
SETTING = Setting(VOICE, timedelta(minutes=30), ZONE)


@dataclass
class Embedded:
    """A published release that was embedded, and the endpoint, which was asked nothing since."""

    bench: Bench
    server: ScriptedModels


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The embedded bus, which carries a whole life here, lies in the same SQLite file."""
    return f"sqlite:///{sqlite_file(tmp_path)}"


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Embedded]:
    async with scripted_models() as server:
        server.play(embeds_by(meaning), repeat=True)
        bench = Bench(database, embedding=vectors_of(server))
        bench.now = clock.now()
        await bench.publish(await bench.take())
        server.asked.clear()
        yield Embedded(bench, server)


async def replayed(database: Database, shop: Embedded) -> int:
    """How many decisions come out byte for byte as they were stored: all of them."""
    replayer = Replayer(database, shop.bench.library.shelf, SETTING)
    async with database.read() as tx:
        ids = [row[0] for row in await tx.execute(sa.select(decisions.c.id).order_by(decisions.c.decided_at))]
    made = 0
    for one in ids:
        again = await replayer.replay(SHOP, one)
        if again.explanation.job_kind == "last" or LAST in again.explanation.words:
            continue
        assert again.identical, again.differences
        made += 1
    return made


async def test_a_question_in_other_words_is_answered_by_what_it_means(database: Database, shop: Embedded) -> None:
    assert shop.bench.said(QUESTION) == ""
    async with life(database, shop.server, does=MEANS, answerer=shop.bench.library) as live:
        [asked] = await live.says(QUESTION)
        assert await live.over() == [f"> {QUESTION}", SHIP]
        assert live.ends("meant") == 1
        [answer] = [one for one in await live.transcript() if one.content.text.text == SHIP]
    assert answer.grounding.entry_id == "ship"
    assert answer.in_reply_to == asked
    assert [one["input"] for one in shop.server.asked] == [[QUESTION]]
    assert await replayed(database, shop) >= 2
    why = (await Replayer(database, shop.bench.library.shelf, SETTING).replay(SHOP, answer.id)).explanation
    assert (why.words, why.entry_id, why.score) == (QUESTION, "ship", answer.grounding.score)
    assert [one.score for one in why.considered][:1] == [answer.grounding.score]
    assert why.score >= why.answer_threshold


async def test_a_question_that_words_find_nothing_for_is_answered_by_what_it_means(
    database: Database, shop: Embedded
) -> None:
    async with life(database, shop.server, does=MEANS, answerer=shop.bench.library) as live:
        await live.says(UNKNOWN)
        assert await live.over() == [f"> {UNKNOWN}", SHIP]
    assert await replayed(database, shop) >= 2


@pytest.mark.parametrize("fault", [fails(500), keeps_silent()], ids=["it fails", "it is too slow"])
async def test_where_words_find_nothing_and_the_endpoint_is_in_trouble_a_human_is_asked_for_once(
    database: Database, shop: Embedded, fault: Turn
) -> None:
    shop.server.play(fault, repeat=True)
    does = ModelUse(seconds=SHORT, embed=MODEL)
    async with life(database, shop.server, seconds=SHORT, does=does, answerer=shop.bench.library) as live:
        await live.says(UNKNOWN)
        await live.until_said(SEARCHING)
        assert await live.over() == [f"> {UNKNOWN}", SEARCHING]
    assert await replayed(database, shop) >= 2


async def test_a_question_is_matched_by_its_meaning_once_and_not_on_the_event_loop(
    database: Database, shop: Embedded
) -> None:
    watched = watching(shop.bench)
    library = shop.bench.library
    async with life(database, shop.server, does=MEANS, answerer=library, foresee=library.foresee) as live:
        await live.says(QUESTION)
        assert await live.over() == [f"> {QUESTION}", SHIP]
    assert watched.questions == [QUESTION, QUESTION], "by its words, and by its meaning"
    assert threading.get_ident() not in {thread for _, thread in watched.asked}


async def test_a_phrasing_asked_literally_asks_no_model(database: Database, shop: Embedded) -> None:
    async with life(database, shop.server, does=MEANS, answerer=shop.bench.library) as live:
        await live.says(LITERAL)
        assert await live.over() == [f"> {LITERAL}", BACK]
    assert shop.server.asked == []


async def test_an_answer_by_meaning_is_reworded_where_a_chat_model_is_set(database: Database, shop: Embedded) -> None:
    shop.server.play(embeds_by(meaning), says(json.dumps({"text": REWORDED}, ensure_ascii=False)))
    both = ModelUse(choose=True, reword=True, seconds=GENEROUS, embed=MODEL)
    async with life(database, shop.server, does=both, answerer=shop.bench.library) as live:
        await live.says(QUESTION)
        assert await live.over() == [f"> {QUESTION}", REWORDED]
    assert [path.rpartition("/")[2] for path in shop.server.paths[-2:]] == ["embeddings", "completions"]
    assert await replayed(database, shop) >= 3


FAULTS = [
    pytest.param(keeps_silent(), id="it is too slow"),
    pytest.param(fails(500), id="it fails"),
    pytest.param(fails(429), id="it wants to be left alone"),
    pytest.param(hangs_up(), id="it hangs up"),
    pytest.param(gives("no json"), id="it talks nonsense"),
    pytest.param(embeds([[0.5] * 7]), id="another dimension"),
    pytest.param(embeds([[float("nan")] * 32]), id="no numbers"),
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_endpoint_in_trouble_costs_no_answer(database: Database, shop: Embedded, fault: Turn) -> None:
    shop.server.play(fault, repeat=True)
    does = ModelUse(seconds=SHORT, embed=MODEL)
    async with life(database, shop.server, seconds=SHORT, does=does, answerer=shop.bench.library) as live:
        await live.says(QUESTION)
        assert await live.over() == [f"> {QUESTION}", MENU]
        assert live.ends("instead") == 1
    assert await replayed(database, shop) >= 2


async def test_who_writes_again_is_answered_in_order_and_the_late_vector_is_dropped(
    database: Database, shop: Embedded
) -> None:
    shop.server.play(keeps_silent(), repeat=True)
    does = ModelUse(seconds=SHORT * 3, embed=MODEL)
    async with life(database, shop.server, seconds=SHORT * 3, does=does, answerer=shop.bench.library) as live:
        await live.says(QUESTION)
        await until(lambda: len(shop.server.asked) == 1)
        await live.says(LITERAL)
        assert await live.over() == [f"> {QUESTION}", MENU, f"> {LITERAL}", BACK]
        assert (live.ends("overtaken"), live.ends("late")) == (1, 1)
    assert await replayed(database, shop) >= 2


async def test_killed_while_the_model_thinks_it_asks_again_and_answers_once(database: Database, shop: Embedded) -> None:
    shop.server.play(keeps_silent(), embeds_by(meaning))
    lease = timedelta(seconds=0.6)
    async with life(database, shop.server, does=MEANS, lease=lease, answerer=shop.bench.library) as live:
        await live.says(QUESTION)
        await until(lambda: len(shop.server.asked) == 1)
    async with life(database, shop.server, does=MEANS, lease=lease, answerer=shop.bench.library) as live:
        assert await live.over() == [f"> {QUESTION}", SHIP]
    assert await replayed(database, shop) >= 2


async def test_killed_and_started_when_the_time_is_over_it_answers_by_words_once(
    database: Database, shop: Embedded
) -> None:
    shop.server.play(keeps_silent(), repeat=True)
    does = ModelUse(seconds=SHORT, embed=MODEL)
    async with life(database, shop.server, seconds=SHORT, does=does, answerer=shop.bench.library) as live:
        await live.says(QUESTION)
        await until(lambda: len(shop.server.asked) == 1)
    await asyncio.sleep(SHORT)
    async with life(database, shop.server, seconds=SHORT, does=does, answerer=shop.bench.library) as live:
        assert await live.over() == [f"> {QUESTION}", MENU]
    assert len(shop.server.asked) == 1


async def test_nothing_personal_leaves_with_a_question(database: Database, shop: Embedded) -> None:
    async with life(database, shop.server, does=MEANS, answerer=shop.bench.library) as live:
        await live.says("什么时候发货呢，电话13800138000")
        await live.over()
    [given] = [text for asked in shop.server.asked for text in asked["input"]]
    assert "13800138000" not in given
    assert "[PHONE_1]" in given


async def test_a_release_that_another_model_embedded_is_answered_by_words(database: Database, shop: Embedded) -> None:
    does = ModelUse(seconds=GENEROUS, embed="embed-2")
    async with life(database, shop.server, does=does, answerer=shop.bench.library) as live:
        await live.says(QUESTION)
        assert await live.over() == [f"> {QUESTION}", MENU]
    assert shop.server.asked == []
