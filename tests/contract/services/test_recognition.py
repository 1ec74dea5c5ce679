"""A recording on a real database: the job beside the writer, what waits, the answer, and why, once more."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.replay_bench import ReplayShop, shop_entries
from tests.contract.services.test_writer import address, told
from tests.unit.dialogue.recognition.stage import RECORDING, RULES, O, echo
from yizhan.core.messages import command as k
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.recognition.documents import RECOGNISE, Heard, encode_heard
from yizhan.dialogue.store.search_tables import messages_reworded
from yizhan.dialogue.store.tables import jobs, messages
from yizhan.pb.v1 import event_pb2


@pytest.fixture
async def shop(database: Database, bus: RecordingBus, clock: SteppedClock) -> ReplayShop:
    shop = ReplayShop(database, bus, clock)
    writer = shop.desk.writer
    writer._rules = replace(writer._rules, recognising=RULES)
    await shop.publish(*shop_entries())
    return shop


async def test_who_speaks_is_answered_in_order_and_it_can_be_made_again(shop: ReplayShop) -> None:
    await shop.desk.take(shop.said("v:1", RECORDING))
    await shop.desk.take(shop.said("v:1", "谢谢"))
    assert len(await shop.transcript("v:1")) == 2
    assert shop.desk.bus.events("message_handled") == []
    async with shop.database.read() as tx:
        [job] = (await tx.execute(sa.select(jobs.c.id, jobs.c.kind))).all()
        before = await store.conversation_by_address(tx, address("v:1"))
    assert job.kind == RECOGNISE
    assert before is not None
    assert before.recognition is not None
    assert len(before.recognition.waiting) == 1

    question = shop_entries()[0].question
    heard = encode_heard(Heard(text=question, confidence=0.99))
    end = told("v:1", k.JobFinished(job.id, RECOGNISE, O.DONE, heard), 0)
    await shop.desk.take(end)
    await shop.desk.take(told("v:1", k.JobFinished(job.id, RECOGNISE, O.DONE, heard), 0))
    transcript = await shop.transcript("v:1")
    texts = [one.content.text.text for one in transcript]
    assert texts[1:3] == ["谢谢", echo(question).removeprefix("bot: ")]
    assert transcript[3].grounding.entry_id == shop_entries()[0].id
    assert texts[4] == "不客气，很高兴为您服务。还有其他问题可以随时问我。"
    assert len(texts) == 5

    told_of = [event.message_handled for event in shop.desk.bus.events("message_handled")]
    assert [one.message_id for one in told_of] == [transcript[0].id, transcript[1].id]
    assert {one.disposition for one in told_of} == {event_pb2.DISPOSITION_ANSWERED}
    assert [one.reply_id for one in told_of] == [transcript[2].id, transcript[4].id]
    async with shop.database.read() as tx:
        stored = (await tx.execute(sa.select(messages.c.text).order_by(messages.c.seq))).scalars().all()
        after = await store.conversation_by_address(tx, address("v:1"))
        searched_anew = (await tx.execute(sa.select(messages_reworded.c.seq))).scalars().all()
    assert searched_anew == [1]
    assert stored[0] == question
    assert after is not None
    assert after.recognition is None

    for one in (transcript[0], transcript[1], transcript[3], transcript[4]):
        replayed = await shop.replayer().replay("shop", one.id)
        assert replayed.differences == ()
    answer = await shop.replayer().replay("shop", transcript[3].id)
    assert answer.messages == 3
    assert (answer.explanation.words, answer.explanation.intent) == (question, "result")


@pytest.mark.parametrize(
    ("then", "told_as"),
    [
        pytest.param(
            "转人工",
            [event_pb2.DISPOSITION_HELD, event_pb2.DISPOSITION_HELD, event_pb2.DISPOSITION_QUEUED],
            id="a human",
        ),
        pytest.param(k.Close("supervisor", ask_rating=False), [event_pb2.DISPOSITION_HELD] * 2, id="the end"),
    ],
)
async def test_whatever_happens_meanwhile_every_message_is_told_of_once(
    shop: ReplayShop, then: k.CommandKind | str, told_as: list[int]
) -> None:
    await shop.desk.take(shop.said("v:1", RECORDING), shop.said("v:1", "在吗"))
    conversation = await shop.desk.conversation("v:1")
    await shop.desk.take(shop.said("v:1", then) if isinstance(then, str) else told("v:1", then, conversation.epoch))
    assert sorted(shop.desk.handled()) == sorted(told_as)
    assert (await shop.desk.conversation("v:1")).recognition is None
