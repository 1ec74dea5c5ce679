"""What was said is found by its words, on real databases: at once, exactly, and never by whom it is not for."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.test_writer import Desk, address, said, told
from yizhan.core.bus import envelopes
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.bulk import write_together
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict
from yizhan.dialogue import store
from yizhan.dialogue.retention.policy import Keep
from yizhan.dialogue.retention.sweeping import Sweeper
from yizhan.dialogue.search import finding
from yizhan.dialogue.search.indexing import Indexing
from yizhan.dialogue.search.limits import MOST_CHARACTERS
from yizhan.dialogue.search.page_token import place_in
from yizhan.dialogue.search.search_api import SearchApi
from yizhan.dialogue.search.wanted import Reader, Wanted
from yizhan.dialogue.store.search_tables import message_terms, messages_reworded, search_progress, searchable
from yizhan.dialogue.store.tables import conversations, messages, notes
from yizhan.dialogue.turn import Recognised
from yizhan.pb.v1 import search_pb2 as pb

CONTEXT: Any = None
YEAR = timedelta(days=365)


@dataclass
class Shop:
    """A desk whose transcripts are searched."""

    desk: Desk
    database: Database
    clock: SteppedClock
    indexing: Indexing
    api: SearchApi = field(init=False)

    def __post_init__(self) -> None:
        self.api = SearchApi(self.database, lambda: self.indexing.complete, YEAR)

    async def says(self, customer: str, *texts: str) -> None:
        for text in texts:
            self.clock.step(1)
            await self.desk.take(said(customer, text))

    async def index(self) -> None:
        await self.indexing.catch_up()

    async def search(self, query: str, **filters: Any) -> pb.SearchMessagesResponse:
        asked = pb.SearchMessagesRequest(**({"workspace": "shop", "query": query, "reader_id": "mei"} | filters))
        return await self.api.SearchMessages(asked, CONTEXT)

    async def found(self, query: str, **filters: Any) -> list[str]:
        return [one.excerpt for one in (await self.search(query, **filters)).found]

    async def counts(self) -> tuple[int, int]:
        """What is searchable, and terms."""
        async with self.database.read() as tx:
            tables = (searchable, message_terms)
            counts = [(await tx.execute(sa.select(sa.func.count()).select_from(one))).scalar_one() for one in tables]
        return counts[0], counts[1]


def another(shop: Shop, *, portion: int = 100) -> Indexing:
    """A process that starts now."""
    return Indexing(shop.database, YEAR, shop.clock, Metrics("test"), portion=portion)


@pytest.fixture
def shop(database: Database, bus: RecordingBus, clock: SteppedClock) -> Shop:
    indexing = Indexing(database, YEAR, clock, Metrics("test"))
    return Shop(Desk.on(database, bus, clock), database, clock, indexing)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("发票", id="as it is written now"),
        pytest.param("發票", id="in traditional characters"),
        pytest.param("没有 发票", id="two words in any order"),
        pytest.param("ＳＦ１２３", id="in full width"),
        pytest.param("sf123 的", id="a number and a character alone"),
    ],
)
async def test_a_message_is_found_in_whatever_form_it_is_asked_for(shop: Shop, query: str) -> None:
    await shop.says("v:1", "我的SF123包裹裡沒有發票", "谢谢")
    await shop.index()
    [found] = (await shop.search(query)).found
    assert (found.seq, found.speaker, found.excerpt) == (1, pb.SPEAKER_CUSTOMER, "我的SF123包裹裡沒有發票")
    assert found.conversation_id == (await shop.desk.conversation("v:1")).id
    assert all(found.excerpt[hit.start : hit.end] for hit in found.hits)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        pytest.param("发票 退款", "退款 is in another message", id="words of two messages"),
        pytest.param("票发", "the characters stand the other way round", id="another order"),
        pytest.param("退我发票", "its pairs are there and it is not", id="pairs in pieces"),
        pytest.param("天气", "nobody said so", id="nothing"),
    ],
)
async def test_what_was_not_said_is_not_found(shop: Shop, query: str, why: str) -> None:
    await shop.says("v:1", "退我，还我发票", "要退款")
    await shop.index()
    assert await shop.found(query) == [], why


async def test_the_newest_are_first_and_pages_stay_while_messages_arrive(shop: Shop) -> None:
    for number in range(1, 8):
        await shop.says(f"v:{number % 3}", f"第{number}次问发票")
    await shop.index()
    first = await shop.search("发票", page_size=3)
    await shop.says("v:9", "又问发票")
    await shop.index()
    second = await shop.search("发票", page_size=3, page_token=first.next_page_token)
    third = await shop.search("发票", page_size=3, page_token=second.next_page_token)
    seen = [[one.excerpt for one in page.found] for page in (first, second, third)]
    numbered = [f"第{number}次问发票" for number in range(7, 0, -1)]
    assert seen == [numbered[:3], numbered[3:6], numbered[6:]]
    assert third.next_page_token == ""
    assert (await shop.found("发票"))[0] == "又问发票"


async def test_many_of_one_moment_have_one_order_without_gap_or_double(shop: Shop) -> None:
    await shop.desk.take(*(said(f"v:{number}", "同一刻的发票") for number in range(60)))
    await shop.index()
    seen: list[str] = []
    token = ""
    while True:
        page = await shop.search("发票", page_size=7, page_token=token)
        seen += [one.conversation_id for one in page.found]
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == len(set(seen)) == 60


async def test_filters_narrow_by_who_where_and_when(shop: Shop) -> None:
    await shop.says("v:1", "要发票", "转人工")
    await shop.says("v:2", "也要发票")
    epoch = (await shop.desk.conversation("v:1")).epoch
    await shop.desk.take(told("v:1", k.Assign("a-1", "小雅", "c-1"), epoch))
    epoch = (await shop.desk.conversation("v:1")).epoch
    shop.clock.step(60)
    await shop.desk.take(told("v:1", k.Say("a-1", "小雅", c.Text("发票已寄出"), new_id()), epoch))
    await shop.desk.take(told("v:1", k.Note("a-2", "小周", c.Text("发票抬头要核对"), "n-1"), 0))
    await shop.index()
    one, two = (await shop.desk.conversation("v:1")).id, (await shop.desk.conversation("v:2")).id
    cases: Sequence[tuple[dict[str, Any], set[str]]] = (
        ({}, {"要发票", "也要发票", "发票已寄出", "发票抬头要核对"}),
        ({"speakers": [pb.SPEAKER_CUSTOMER]}, {"要发票", "也要发票"}),
        ({"speakers": [pb.SPEAKER_NOTE]}, {"发票抬头要核对"}),
        ({"agent_id": "a-1"}, {"发票已寄出"}),
        ({"agent_id": "a-2"}, {"发票抬头要核对"}),
        ({"conversation_id": two}, {"也要发票"}),
        ({"conversation_id": one, "speakers": [pb.SPEAKER_AGENT]}, {"发票已寄出"}),
        ({"channels": ["website"]}, {"要发票", "也要发票", "发票已寄出", "发票抬头要核对"}),
        ({"channels": ["wechat"]}, set()),
        ({"since": timestamp(NOON + timedelta(seconds=30))}, {"发票已寄出", "发票抬头要核对"}),
        ({"until": timestamp(NOON + timedelta(seconds=2))}, {"要发票"}),
        ({"conversation_id": "nobody"}, set()),
        ({"customer_id": "nobody"}, set()),
    )
    for filters, expected in cases:
        assert set(await shop.found("发票", **filters)) == expected, filters


async def test_a_whisper_is_found_by_whom_it_is_for(shop: Shop) -> None:
    await shop.says("v:1", "你好")
    note = k.Note("boss", "老板", c.Text("悄悄说发票的事"), "n-1", "mei")
    await shop.desk.take(told("v:1", note, 0))
    await shop.index()
    for reader, may in (("mei", True), ("boss", True), ("lin", False), ("", False)):
        assert bool(await shop.found("发票", reader_id=reader)) is may, reader
    assert await shop.found("发票", reader_id="lin", reads_whispers=True)


async def test_another_business_finds_nothing_of_this_one(shop: Shop) -> None:
    await shop.says("v:1", "要发票")
    await shop.index()
    conversation = await shop.desk.conversation("v:1")
    assert await shop.found("发票", workspace="other") == []
    assert await shop.found("发票", workspace="other", conversation_id=conversation.id) == []


async def test_a_killed_process_leaves_marks_and_the_next_one_goes_on(shop: Shop) -> None:
    for number in range(30):
        await shop.says(f"v:{number % 4}", f"第{number}次问发票")
    expected = await everything(shop)
    for kill in range(20):  # in the midst of whatever it does
        with suppress(TimeoutError):
            async with asyncio.timeout(0.004 * kill):
                await another(shop, portion=2).catch_up()
    await another(shop).catch_up()
    assert await indexed(shop) == expected
    before = await shop.counts()
    await another(shop).catch_up()
    assert await shop.counts() == before, "and nothing is done twice"


async def test_two_processes_at_once_do_everything_once(shop: Shop) -> None:
    for number in range(30):
        await shop.says(f"v:{number % 5}", f"第{number}次问发票")

    async def keep_up(process: Indexing) -> None:
        for _ in range(50):
            with suppress(IntegrityConflict):
                await process.catch_up()
                return

    await asyncio.gather(*(keep_up(another(shop, portion=3)) for _ in range(3)))
    assert await indexed(shop) == await everything(shop)


async def test_the_writer_says_what_is_new_and_a_long_transcript_is_taken_in_portions(shop: Shop) -> None:
    await shop.index()
    process = another(shop, portion=3)
    await process.catch_up()
    shop.desk.writer._count = process.hear
    await shop.says("v:1", *(f"第{number}次问发票" for number in range(9)))
    while await process.step():
        pass
    assert await indexed(shop) == await everything(shop)


async def test_a_recording_is_found_once_it_is_put_into_words(shop: Shop) -> None:
    voice = c.Voice(c.Media("a" * 64, "audio/amr", "voice.amr"))
    where = address("v:1")
    message = Message(new_id(), where, Author(AuthorKind.CUSTOMER, "v:1"), voice, NOON, dedupe_key=new_id())
    await shop.desk.take(envelopes.inbound(message, 16).envelope)
    await shop.index()
    conversation = await shop.desk.conversation("v:1")
    assert await shop.found("发票") == []
    async with shop.database.begin() as tx:  # as the writer does when the recogniser has answered
        words = store.worded([(conversation, Recognised("ok", 1, "我要发票"))])
        await write_together(tx, [words, store.reworded([(conversation.id, 1)])])
    await shop.index()
    assert await shop.found("发票") == ["我要发票"]
    assert await shop.found("voice") == []
    async with shop.database.read() as tx:
        assert (await tx.execute(sa.select(messages_reworded))).all() == []


async def test_words_go_with_their_messages_whoever_deletes_them(shop: Shop) -> None:
    await shop.says("v:1", "要发票", "还要发票")
    await shop.says("v:2", "也要发票")
    await shop.desk.take(told("v:1", k.Note("a-2", "小周", c.Text("发票抬头要核对"), "n-1"), 0))
    await shop.index()
    one = (await shop.desk.conversation("v:1")).id
    async with shop.database.begin() as tx:
        await tx.execute(messages.delete().where(messages.c.conversation_id == one, messages.c.seq == 1))
    assert set(await shop.found("发票")) == {"还要发票", "也要发票", "发票抬头要核对"}
    async with shop.database.begin() as tx:
        for table in (messages, notes):
            await tx.execute(table.delete().where(table.c.conversation_id == one))
        await tx.execute(conversations.delete().where(conversations.c.id == one))
    await shop.index()
    assert await shop.found("发票") == ["也要发票"]
    async with shop.database.read() as tx:
        left = sa.select(message_terms.c.number).where(message_terms.c.number.not_in(sa.select(searchable.c.number)))
        assert (await tx.execute(left)).all() == []
        progress = await tx.execute(sa.select(search_progress.c.conversation_id))
        assert one not in progress.scalars().all()


async def test_words_go_with_their_time_and_are_not_made_again(shop: Shop) -> None:
    await shop.says("v:1", "要发票")
    await shop.index()
    shop.clock.step(YEAR.total_seconds())
    await shop.says("v:1", "还要发票")
    await shop.index()
    keep = replace(Keep(), search=YEAR, decisions=4 * YEAR, learning=4 * YEAR)
    swept = await Sweeper(shop.database, keep, shop.clock, Metrics("test")).sweep()
    assert swept["searchable"] == 2, "the customer's words and the assistant's"
    await another(shop).catch_up()
    assert await shop.found("发票") == ["还要发票"]
    assert (await shop.desk.words("v:1"))[0] == "要发票", "the transcript stays"
    async with shop.database.begin() as tx:
        await tx.execute(message_terms.delete())
        await tx.execute(searchable.delete())
        await tx.execute(search_progress.delete())
    await another(shop).catch_up()
    assert await shop.found("发票") == ["还要发票"], "nor when all of it is made anew"


async def test_only_the_first_part_of_a_very_long_message_is_searched(shop: Shop) -> None:
    await shop.says("v:1", "开头" + "的" * (MOST_CHARACTERS - 2) + "末尾")
    await shop.index()
    assert len(await shop.found("开头")) == 1
    assert await shop.found("末尾") == []


async def test_a_search_that_looked_long_enough_goes_on_with_its_next_page(shop: Shop) -> None:
    await shop.says("v:1", "发票 蓝色", *(f"发票 {number}" for number in range(12)), "蓝色", "发票 蓝色")
    await shop.index()
    wanted = Wanted("shop", "发票 蓝色", Reader("mei", reads_whispers=False))
    seen: list[int] = []
    before, pages = place_in("", wanted), 0
    while before:
        page = await finding.find(shop.database, wanted, before, 10, most_looked=2)
        seen += [hit.message.seq for hit in page.hits]
        before, pages = page.next_before, pages + 1
    assert len(seen) == 2
    assert pages > 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param({"query": "，。!?"}, "query_empty", id="no word"),
        pytest.param({"query": "发" * 201}, "query_too_long", id="too long"),
        pytest.param({"workspace": ""}, "workspace_missing", id="no workspace"),
        pytest.param({"page_token": "nonsense"}, "bad_page_token", id="a token that is none"),
        pytest.param({"speakers": [77]}, "unknown_speaker", id="a speaker of another version"),
    ],
)
async def test_what_cannot_be_searched_is_refused(shop: Shop, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(RpcProblem) as refused:
        await shop.search(**({"query": "发票"} | asked))
    assert refused.value.code == code


async def test_a_token_of_another_search_is_refused(shop: Shop) -> None:
    await shop.says("v:1", "要发票", "还要发票")
    await shop.index()
    token = (await shop.search("发票", page_size=1)).next_page_token
    with pytest.raises(RpcProblem) as refused:
        await shop.search("退款", page_token=token)
    assert refused.value.code == "bad_page_token"


async def test_who_searches_is_told_how_far_it_goes(shop: Shop) -> None:
    assert not (await shop.search("发票")).complete
    await shop.index()
    told_so = await shop.search("发票")
    assert (told_so.complete, told_so.days) == (True, 365)


async def everything(shop: Shop) -> set[tuple[str, int]]:
    async with shop.database.read() as tx:
        rows = await tx.execute(sa.select(messages.c.conversation_id, messages.c.seq).where(messages.c.text != ""))
        return {(row[0], row[1]) for row in rows}


async def indexed(shop: Shop) -> set[tuple[str, int]]:
    async with shop.database.read() as tx:
        rows = (await tx.execute(sa.select(searchable.c.conversation_id, searchable.c.seq))).all()
    assert len(rows) == len(set(rows))
    return {(row[0], row[1]) for row in rows}
