"""A past decision made again on a real database: the same, or what differs is said, or why it cannot be done."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import grpc
import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import BACK, FEE, SHIP, SHOP
from tests.contract.services.replay_bench import RESULTS, SETTING, ReplayShop
from tests.contract.services.test_writer import told
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.bulk import write_together
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.decisions import Decision, load_basis
from yizhan.dialogue.decisions_api import DecisionsApi
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.report import report_bytes
from yizhan.dialogue.knowledge.stored import packed_entries
from yizhan.dialogue.replaying import NotReplayable, Replayed, UnknownMessage
from yizhan.dialogue.shelf import order_of
from yizhan.dialogue.store import parts, releases
from yizhan.dialogue.store.knowledge_tables import built_releases
from yizhan.dialogue.store.releases import StoredRelease
from yizhan.dialogue.store.tables import decisions, messages
from yizhan.dialogue.tasks.calls import CONNECTOR, encode_result
from yizhan.dialogue.texts import Voice
from yizhan.pb.v1 import decision_pb2, message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope


@pytest.fixture
def shop(database: Database, bus: RecordingBus, clock: SteppedClock) -> ReplayShop:
    return ReplayShop(database, bus, clock)


async def hears(shop: ReplayShop, *said: Envelope) -> None:
    for envelope in said:
        shop.clock.step(1.000001)
        await shop.desk.take(envelope)


async def replayed(shop: ReplayShop, message_id: str) -> Replayed:
    return await shop.replayer().replay(SHOP, message_id)


async def last(shop: ReplayShop, customer: str = "v:1") -> message_pb2.Message:
    return (await shop.transcript(customer))[-1]


async def test_an_answer_is_made_again_from_its_own_release_and_says_why(shop: ReplayShop) -> None:
    first = await shop.publish(SHIP, BACK, FEE)
    question = shop.said("v:1", "什么时候发货")
    await hears(shop, question)
    await shop.publish(replace(SHIP, answer="24小时内发货。"), FEE)
    for asked_by in (question.message.id, (await last(shop)).id):
        again = await replayed(shop, asked_by)
        why = again.explanation
        assert (again.identical, again.messages, again.changed) == (True, 2, ())
        assert (why.decided_by, why.entry_id, why.release_id, why.release_number) == ("entry", "ship", first, 1)
        assert (why.words, why.considered[0].entry_id, why.considered[0].matched) == (
            "什么时候发货",
            "ship",
            "什么时候发货",
        )
        assert 0 < why.clarify_threshold <= why.answer_threshold <= 1


async def test_a_decision_without_any_release_is_made_again_without_one(shop: ReplayShop) -> None:
    question = shop.said("v:1", "什么时候发货")
    await hears(shop, question)
    await shop.publish(SHIP)
    again = await replayed(shop, question.message.id)
    assert (again.identical, again.explanation.release_number, again.explanation.intent) == (True, 0, "handoff")


async def test_a_task_over_several_messages_and_its_result_are_each_made_again(shop: ReplayShop) -> None:
    await shop.publish(SHIP, BACK, FEE)
    asked = [shop.said("v:1", words) for words in ("查订单", "20261101123456")]
    await hears(shop, *asked)
    task = (await shop.desk.conversation("v:1")).task
    assert task is not None
    finished = k.JobFinished(task.job_id, CONNECTOR, k.JobOutcome.DONE, encode_result(RESULTS["find_orders"]))
    await hears(shop, told("v:1", finished, 0, id="the-result"))
    await shop.publish(SHIP)
    for envelope in asked:
        again = await replayed(shop, envelope.message.id)
        assert (again.identical, again.explanation.decided_by, again.explanation.task) == (True, "task", "order_query")
    for name in ("the-result", (await last(shop)).id):
        again = await replayed(shop, name)
        assert (again.identical, again.explanation.decided_by) == (True, "result")
        assert again.explanation.phase == "done"
        assert (again.explanation.job_kind, again.explanation.job_outcome) == (CONNECTOR, "done")


async def test_what_was_held_for_a_person_is_told_so_and_what_came_after_is_made_again(shop: ReplayShop) -> None:
    await shop.publish(SHIP, BACK, FEE)
    await hears(shop, shop.said("v:1", "转人工"))
    epoch = (await shop.desk.conversation("v:1")).epoch
    await hears(shop, told("v:1", k.Assign("agent-1", "小雅", new_id()), epoch))
    held = shop.said("v:1", "什么时候发货")
    await hears(shop, held, told("v:1", k.ReturnToBot("agent-1"), epoch + 1))
    back = shop.said("v:1", "什么时候发货")
    await hears(shop, back)
    one, two = await replayed(shop, held.message.id), await replayed(shop, back.message.id)
    assert (one.identical, one.messages, one.explanation.decided_by) == (True, 1, "person")
    assert (two.identical, two.messages, two.explanation.decided_by) == (True, 2, "entry")


async def test_an_answer_of_its_day_is_made_again_on_a_later_day(shop: ReplayShop) -> None:
    ends = date(2026, 11, 22)
    await shop.publish(replace(SHIP, valid_until=ends), BACK, FEE)
    today = shop.said("v:1", "什么时候发货")
    await hears(shop, today)
    shop.clock.step(timedelta(days=2).total_seconds())
    later = shop.said("v:2", "什么时候发货")
    await hears(shop, later)
    one, two = await replayed(shop, today.message.id), await replayed(shop, later.message.id)
    assert (one.identical, one.explanation.entry_id) == (True, "ship")
    assert (two.identical, two.explanation.entry_id) == (True, "")


async def test_several_messages_in_one_batch_are_decisions_of_their_own(shop: ReplayShop) -> None:
    await shop.publish(SHIP, BACK, FEE)
    batch = [shop.said("v:1", words) for words in ("查订单", "什么时候发货", "20261101123456")]
    await shop.desk.take(*batch, batch[1])
    await shop.desk.take(batch[0])
    decided = await shop.decided()
    assert sorted(decided) == sorted(envelope.message.id for envelope in batch), "handed over twice, decided once"
    for envelope in batch:
        assert (await replayed(shop, envelope.message.id)).identical


async def flip_a_byte(shop: ReplayShop, answer: str) -> None:
    async with shop.database.begin() as tx:
        body = (await tx.execute(sa.select(messages.c.body).where(messages.c.id == answer))).scalar_one()
        place = body.index("小时".encode())
        changed = body[:place] + "小吋".encode() + body[place + len("小时".encode()) :]
        await tx.execute(messages.update().where(messages.c.id == answer).values(body=changed))


async def alter_the_release(shop: ReplayShop, answer: str) -> None:
    """Another answer in the stored release, with its index and every digest."""
    stored = await the_release(shop)
    contents = await shop.bench.library.shelf.contents(stored.id)
    altered = tuple(replace(entry, answer=entry.answer.replace("48小时", "一年")) for entry in contents.entries)
    built = await shop.bench.builder.build(
        Contents(altered, contents.documents), order_of(shop.clock().date(), Thresholds())
    )
    [index] = [name for name in stored.parts if name.startswith("index:")]
    await rewrite(shop, await rewrite(shop, stored, "entries", built.entries), index, built.index)


async def raise_the_threshold(shop: ReplayShop, answer: str) -> None:
    """As if the release's training had found that only an entry's own phrasing is sure enough."""
    stored = await the_release(shop)
    report = await shop.bench.library.shelf.report(stored.id)
    assert report is not None
    assert report.training is not None
    harder = replace(report, training=replace(report.training, answer_threshold=1.0))
    [name] = [name for name in stored.parts if name.startswith("report:")]
    await rewrite(shop, stored, name, report_bytes(harder))


async def the_release(shop: ReplayShop) -> StoredRelease:
    async with shop.database.read() as tx:
        stored = await releases.release_by_number(tx, SHOP, 1)
    assert stored is not None
    return stored


async def rewrite(shop: ReplayShop, stored: StoredRelease, name: str, data: bytes) -> StoredRelease:
    """Past everything that keeps a release from being changed."""
    made = await parts.write_part(shop.database, stored.id, name, data)
    async with shop.database.begin() as tx:
        await releases.add_parts(tx, stored, [made])
    return replace(stored, parts={**stored.parts, name: made})


async def miss_an_answer(shop: ReplayShop, answer: str) -> None:
    async with shop.database.begin() as tx:
        await tx.execute(messages.delete().where(messages.c.id == answer))


async def alter_the_outcome(shop: ReplayShop, answer: str) -> None:
    async with shop.database.begin() as tx:
        document = (await tx.execute(sa.select(decisions.c.document))).scalar_one()
        assert b'"intent":"answer"' in document
        changed = document.replace(b'"intent":"answer"', b'"intent":"handoff"')
        await tx.execute(decisions.update().values(document=changed))


@pytest.mark.parametrize(
    ("damage", "shown"),
    [
        (flip_a_byte, '-    text: "48小吋内发货。"'),
        (alter_the_release, '+    text: "一年内发货。"'),
        (miss_an_answer, "+  text {"),
        (raise_the_threshold, "intent: answer then, clarify now"),
        (alter_the_outcome, "intent: handoff then, answer now"),
    ],
    ids=["a stored answer", "an entry of the release", "an answer is gone", "a threshold", "the outcome"],
)
async def test_what_is_not_as_it_was_stored_is_shown(
    shop: ReplayShop, damage: Callable[[ReplayShop, str], Awaitable[None]], shown: str
) -> None:
    await shop.publish(SHIP, BACK, FEE)
    question = shop.said("v:1", "多久可以发货")
    await hears(shop, question)
    assert (await replayed(shop, question.message.id)).identical
    await damage(shop, (await last(shop)).id)
    later = ReplayShop(shop.database, shop.bus, shop.clock)
    again = await replayed(later, question.message.id)
    assert not again.identical
    assert any(shown in line for line in again.differences), again.differences


async def test_a_release_that_another_matching_would_serve_otherwise_is_told_with_what_changed(
    shop: ReplayShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.publish(SHIP, BACK, FEE)
    question = shop.said("v:1", "什么时候发货")
    await hears(shop, question)
    monkeypatch.setattr("yizhan.dialogue.knowledge.engine.VERSION", "other-1")
    again = await replayed(shop, question.message.id)
    assert again.identical, "the answer is the same"
    assert [line.split(":")[0] for line in again.changed] == ["matching"]


async def test_texts_that_the_settings_changed_since_are_told(shop: ReplayShop) -> None:
    await shop.publish(SHIP, BACK, FEE)
    question = shop.said("v:1", "什么时候发货")
    await hears(shop, question)
    renamed = replace(SETTING, voice=Voice("小驿"))
    again = await shop.replayer(renamed).replay(SHOP, question.message.id)
    assert [line.split(":")[0] for line in again.changed] == ["texts and settings of the assistant"]
    assert any(line.startswith("+") and "小驿" in line for line in again.differences)


async def test_what_was_decided_before_decisions_were_kept_is_told_by_name(shop: ReplayShop) -> None:
    await shop.publish(SHIP, BACK, FEE)
    question = shop.said("v:1", "什么时候发货")
    await hears(shop, question)
    async with shop.database.begin() as tx:
        await tx.execute(decisions.delete())
    for message_id in (question.message.id, (await last(shop)).id):
        with pytest.raises(NotReplayable) as refused:
            await replayed(shop, message_id)
        assert refused.value.reason == "no_decision"


async def test_what_the_assistant_did_not_decide_is_told_by_name(shop: ReplayShop) -> None:
    await hears(shop, told("v:1", k.Visit("zh-CN", "", "", "", verified=False), 0), shop.said("v:1", "转人工"))
    greeting = (await shop.transcript("v:1"))[0]
    epoch = (await shop.desk.conversation("v:1")).epoch
    await hears(shop, told("v:1", k.Assign("agent-1", "小雅", new_id()), epoch))
    for message_id, reason in ((greeting.id, "not_an_answer"), ((await last(shop)).id, "not_the_assistant")):
        with pytest.raises(NotReplayable) as refused:
            await replayed(shop, message_id)
        assert refused.value.reason == reason


async def lose_the_release(shop: ReplayShop) -> None:
    async with shop.database.begin() as tx:
        await tx.execute(built_releases.delete())


async def change_only_its_entries(shop: ReplayShop) -> None:
    stored = await the_release(shop)
    await rewrite(shop, stored, "entries", packed_entries((replace(SHIP, answer="一年内发货。"), BACK, FEE)))


@pytest.mark.parametrize(
    ("damage", "reason"), [(lose_the_release, "release_missing"), (change_only_its_entries, "release_damaged")]
)
async def test_a_release_that_cannot_be_opened_is_told_by_name(
    shop: ReplayShop, damage: Callable[[ReplayShop], Awaitable[None]], reason: str
) -> None:
    await shop.publish(SHIP, BACK, FEE)
    question = shop.said("v:1", "什么时候发货")
    await hears(shop, question)
    await damage(shop)
    later = ReplayShop(shop.database, shop.bus, shop.clock)
    with pytest.raises(NotReplayable) as refused:
        await replayed(later, question.message.id)
    assert refused.value.reason == reason


async def test_another_business_learns_nothing(shop: ReplayShop) -> None:
    question = shop.said("v:1", "转人工")
    await hears(shop, question)
    for message_id in (question.message.id, (await last(shop)).id, "nobody"):
        with pytest.raises(UnknownMessage):
            await shop.replayer().replay("other", message_id)


async def test_a_decision_that_comes_again_after_the_inbox_forgot_it_stops_nothing(shop: ReplayShop) -> None:
    question = shop.said("v:1", "转人工")
    await hears(shop, question)
    async with shop.database.read() as tx:
        kept = await store.decision_by_id(tx, question.message.id)
    assert kept is not None
    assert (kept.after_seq, kept.last_seq, kept.command) == (0, 2, None)
    basis = load_basis(kept.document)
    async with shop.database.begin() as tx:
        again = Decision(kept.id, shop.clock(), 99, basis)
        await write_together(tx, [store.remembered([again])])
    assert (await replayed(shop, question.message.id)).identical


async def test_the_console_can_ask_why(shop: ReplayShop) -> None:
    await shop.publish(SHIP, BACK, FEE)
    question = shop.said("v:1", "什么时候发货")
    await hears(shop, question)
    api = DecisionsApi(shop.replayer())
    told_why = await api.Explain(
        decision_pb2.ExplainRequest(workspace=SHOP, message_id=question.message.id),
        None,  # type: ignore[arg-type]
    )
    assert (told_why.entry_id, told_why.identical, told_why.decided_by) == ("ship", True, "entry")
    assert told_why.candidates[0].entry_id == "ship"
    with pytest.raises(RpcProblem) as refused:
        await api.Explain(decision_pb2.ExplainRequest(workspace=SHOP, message_id="nobody"), None)  # type: ignore[arg-type]
    assert refused.value.status is grpc.StatusCode.NOT_FOUND


async def test_a_picture_and_a_button_are_made_again(shop: ReplayShop) -> None:
    await shop.publish(SHIP, BACK, FEE)
    picture = shop.said("v:1", c.Image(c.Media("ab" * 32, "image/jpeg")))
    await hears(shop, picture)
    button = shop.said("v:1", c.Choice("handoff", "yes", "转人工客服"))
    await hears(shop, button)
    for envelope, intent in ((picture, "media"), (button, "handoff")):
        again = await replayed(shop, envelope.message.id)
        assert (again.identical, again.explanation.intent) == (True, intent)
