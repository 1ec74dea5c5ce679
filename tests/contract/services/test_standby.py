"""An answer that stands by, on a real database: told once, made again byte for byte, and gone from the row when it is sent."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import BACK, FEE, SHIP
from tests.contract.services.replay_bench import SHOP, ReplayShop
from tests.contract.services.test_writer import told
from yizhan.core.messages import command as k
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.models.documents import KIND, Chosen, ModelResult, NotDone, Reworded, encoded
from yizhan.dialogue.models.use import ModelUse
from yizhan.dialogue.replaying import Replayed
from yizhan.dialogue.standby.settling import GRACE, UNSENT
from yizhan.dialogue.store.tables import conversations, jobs
from yizhan.pb.v1 import event_pb2, message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

D = event_pb2.Disposition
GOOD = "您好，48小时内发货。"
QUESTION = "什么时候发货"


@pytest.fixture
async def shop(database: Database, bus: RecordingBus, clock: SteppedClock) -> ReplayShop:
    shop = ReplayShop(database, bus, clock, models=ModelUse(choose=True, reword=True, seconds=1.5))
    await shop.publish(SHIP, BACK, FEE)
    return shop


async def job_of(shop: ReplayShop) -> str:
    standby = (await shop.desk.conversation("v:1")).standby
    assert standby is not None
    return standby.job_id


async def ends(shop: ReplayShop, result: ModelResult, job_id: str = "") -> None:
    finished = k.JobFinished(job_id or await job_of(shop), KIND, k.JobOutcome.DONE, encoded(result))
    await shop.desk.take(told("v:1", finished, 0))


async def asks(shop: ReplayShop, words: str = QUESTION) -> Envelope:
    envelope = shop.said("v:1", words)
    await shop.desk.take(envelope)
    return envelope


async def replayed(shop: ReplayShop, message_id: str) -> Replayed:
    again = await shop.replayer().replay(SHOP, message_id)
    assert again.identical, again.differences
    assert not again.changed
    return again


async def last(shop: ReplayShop) -> message_pb2.Message:
    return (await shop.transcript("v:1"))[-1]


def handled(shop: ReplayShop) -> list[tuple[str, int, str, str]]:
    kinds = [event.message_handled for event in shop.bus.events("message_handled")]
    return [(kind.message_id, kind.disposition, kind.intent, kind.reply_id) for kind in kinds]


async def test_a_question_is_told_of_when_it_is_answered_and_once(shop: ReplayShop) -> None:
    question = await asks(shop)
    assert handled(shop) == [], "nobody knows yet what becomes of it"
    job_id = await job_of(shop)
    await ends(shop, Reworded(entry_id="ship", text=GOOD))
    answer = await last(shop)
    assert answer.content.text.text == GOOD
    assert handled(shop) == [(question.message.id, D.DISPOSITION_ANSWERED, "answer", answer.id)]
    [event] = shop.bus.events("message_handled")
    assert event.message_handled.seq == 1
    assert event.message_handled.producer == "website-1"
    await ends(shop, Reworded(entry_id="ship", text=GOOD), job_id)
    await shop.desk.take(question)
    assert len(await shop.transcript("v:1")) == 2
    assert len(handled(shop)) == 1


async def test_the_words_are_gone_from_the_row_when_they_are_sent(shop: ReplayShop) -> None:
    async def kept() -> str | None:
        async with shop.database.read() as tx:
            return (await tx.execute(sa.select(conversations.c.standby))).scalar_one()

    await asks(shop)
    assert await kept()
    await ends(shop, NotDone(reason="too_slow"))
    assert await kept() is None
    assert (await last(shop)).content.text.text == SHIP.answer


@pytest.mark.parametrize(
    ("result", "words"),
    [(Reworded(entry_id="ship", text=GOOD), GOOD), (NotDone(reason="rate_limited"), SHIP.answer)],
    ids=["reworded", "without the model"],
)
async def test_the_question_and_its_answer_are_each_made_again(
    shop: ReplayShop, result: ModelResult, words: str
) -> None:
    question = await asks(shop)
    await ends(shop, result)
    answer = await last(shop)
    assert answer.content.text.text == words
    await shop.publish(FEE)
    first = await replayed(shop, question.message.id)
    assert (first.messages, first.explanation.intent) == (1, "waiting")
    second = await replayed(shop, answer.id)
    assert (second.messages, second.explanation.decided_by) == (1, "result")
    assert (second.explanation.entry_id, second.explanation.job_kind) == ("ship", KIND)


async def test_an_answer_that_went_out_before_the_next_question_is_made_again(shop: ReplayShop) -> None:
    question = await asks(shop)
    await shop.desk.take(told("v:1", k.Visit("zh-CN", "", "", "", verified=False), 0))
    following = await asks(shop, "转人工")
    transcript = await shop.transcript("v:1")
    answer = next(one for one in transcript if one.in_reply_to == question.message.id)
    assert answer.content.text.text == SHIP.answer
    assert [one.id for one in transcript].index(answer.id) < [one.id for one in transcript].index(following.message.id)
    for message_id in (answer.id, following.message.id, transcript[-1].id):
        again = await replayed(shop, message_id)
        assert (again.explanation.words, again.explanation.intent) == ("转人工", "handoff")
        assert again.explanation.entry_id == "", "what was asked now is no question to the knowledge"
    assert (await replayed(shop, question.message.id)).messages == 1
    assert [one[:3] for one in handled(shop)] == [
        (question.message.id, D.DISPOSITION_ANSWERED, "answer"),
        (following.message.id, D.DISPOSITION_QUEUED, "handoff"),
    ]


async def test_an_answer_that_went_out_before_the_end_is_made_again(shop: ReplayShop) -> None:
    await asks(shop)
    epoch = (await shop.desk.conversation("v:1")).epoch
    await shop.desk.take(told("v:1", k.Close("agent-1", ask_rating=False), epoch, id="the-end"))
    [_, answer, _] = await shop.transcript("v:1")
    for name in (answer.id, "the-end"):
        again = await replayed(shop, name)
        assert (again.explanation.intent, again.explanation.decided_by) == ("settled", "entry")
        assert again.explanation.entry_id == "ship"


async def test_an_answer_whose_job_is_lost_is_sent_by_its_timer_and_made_again(shop: ReplayShop) -> None:
    await asks(shop)
    async with shop.database.begin() as tx:
        await tx.execute(jobs.delete())
        timers = (await tx.execute(sa.select(store.timers.c.purpose, store.timers.c.due_at))).all()
    assert [row.due_at for row in timers if row.purpose == UNSENT] == [shop.clock() + timedelta(seconds=1.5) + GRACE]
    shop.clock.step(10)
    await shop.desk.take(told("v:1", k.TimerFired(UNSENT, 1), 0, id="fired"))
    answer = await last(shop)
    assert answer.content.text.text == SHIP.answer
    for name in (answer.id, "fired"):
        assert (await replayed(shop, name)).explanation.entry_id == "ship"


async def test_an_answer_of_a_release_that_was_replaced_meanwhile_stays_one_answer(shop: ReplayShop) -> None:
    await asks(shop)
    standby = (await shop.desk.conversation("v:1")).standby
    assert standby is not None
    await shop.publish(BACK, FEE)
    await ends(shop, Reworded(entry_id="ship", text=GOOD))
    answer = await last(shop)
    assert (answer.content.text.text, answer.grounding.release_id) == (GOOD, standby.release_id)
    await replayed(shop, answer.id)


async def test_a_batch_with_a_question_and_its_result_is_told_once(shop: ReplayShop) -> None:
    await asks(shop)
    job_id = await job_of(shop)
    finished = k.JobFinished(job_id, KIND, k.JobOutcome.DONE, encoded(Chosen(entry_id="fee")))
    more = shop.said("v:1", "运费多少钱")
    await shop.desk.take(told("v:1", finished, 0), more, told("v:1", finished, 0))
    said = [one.content.text.text for one in await shop.transcript("v:1")]
    assert said == [QUESTION, SHIP.answer, "运费多少钱"]
    await ends(shop, NotDone(reason="too_slow"))
    assert (await last(shop)).content.text.text == FEE.answer
    assert [one[1] for one in handled(shop)] == [D.DISPOSITION_ANSWERED] * 2
