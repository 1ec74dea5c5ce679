"""The single writer on a real database: once, in order, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.unit.dialogue.stage import ScriptedAnswerer
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Delivery, RetryLater
from yizhan.core.bus.topology import Exchange
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.core.store.bulk import Write
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox, OutboxRow, Pending
from yizhan.core.store.timers import Timers
from yizhan.dialogue import store
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.foreseeing import unforeseen
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.library import Library
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn
from yizhan.dialogue.writer import Rules, Writer
from yizhan.pb.v1 import event_pb2, message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

RULES = Rules(partitions=16, voice=Voice("助手"), idle_close=timedelta(minutes=30), zone=ZoneInfo("Asia/Shanghai"))
D = event_pb2.Disposition


def address(customer: str) -> Address:
    return Address("shop", "website", "demo", customer)


def said(customer: str, text: str | c.Content, *, key: str = "", id: str = "") -> Envelope:
    """A customer's message as the channel publishes it."""
    message = Message(
        id or new_id(),
        address(customer),
        Author(AuthorKind.CUSTOMER, customer),
        c.Text(text) if isinstance(text, str) else text,
        NOON,
        external_id=key,
        dedupe_key=f"{customer}:{key or new_id()}",
    )
    return envelopes.inbound(message, 16, producer="website-1").envelope


def told(customer: str, kind: k.CommandKind, epoch: int, *, id: str = "") -> Envelope:
    return envelopes.inbound(k.Command(id or new_id(), address(customer), NOON, kind, "", epoch), 16).envelope


def receipt(customer: str, state: ReceiptState, up_to: int) -> Envelope:
    return envelopes.inbound(Receipt(new_id(), address(customer), state, NOON, up_to_seq=up_to), 16).envelope


def once_more(turn: Turn, finished: k.JobFinished) -> str:
    """Takes a job's result, says so, and starts another job."""
    turn.bot(c.Text(f"{finished.outcome.name} {finished.body.decode()}"))
    turn.start_job("twice", b"and again", timedelta(seconds=9))
    return ""


@dataclass
class Desk:
    database: Database
    bus: RecordingBus
    outbox: Outbox
    writer: Writer
    woken: list[str]

    @classmethod
    def on(cls, database: Database, bus: RecordingBus, clock: SteppedClock, answerer: Answerer | None = None) -> "Desk":
        outbox = Outbox(database, store.outbox, bus)
        woken: list[str] = []
        writer = Writer(
            database=database,
            bus=bus,  # type: ignore[arg-type]
            inbox=Inbox(database, store.inbox),
            outbox=outbox,
            timers=Timers(database, store.timers, clock=clock),
            answerer=answerer or ScriptedAnswerer(),
            job_ends=JobEnds({"twice": once_more}),
            wake_jobs=lambda: woken.append("jobs"),
            foresee=answerer.foresee if isinstance(answerer, Library) else unforeseen,
            rules=RULES,
            clock=clock,
            new_id=new_id,
        )
        return cls(database, bus, outbox, writer, woken)

    async def take(self, *given: Envelope) -> None:
        """One batch, then everything committed is published."""
        await self.writer.handle([Delivery("inbound.0", envelope, False) for envelope in given])
        while not self.writer._publishing.empty():
            await self.outbox.publish(self.writer._publishing.get_nowait())
            self.writer._publishing.task_done()

    async def conversation(self, customer: str) -> Conversation:
        async with self.database.read() as tx:
            found = await store.conversation_by_address(tx, address(customer))
        assert found is not None
        return found

    async def transcript(self, customer: str) -> list[message_pb2.Message]:
        conversation = await self.conversation(customer)
        async with self.database.read() as tx:
            rows = await store.messages_after(tx, conversation.id, 0, 500)
        assert [row.seq for row in rows] == list(range(1, conversation.last_seq + 1)), "the order has no gap"
        return [message_pb2.Message.FromString(row.body) for row in rows]

    async def words(self, customer: str) -> list[str]:
        return [message.content.text.text for message in await self.transcript(customer)]

    def handled(self) -> list[int]:
        return [event.message_handled.disposition for event in self.bus.events("message_handled")]


@pytest.fixture
def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    return Desk.on(database, bus, clock)


async def test_a_question_is_stored_answered_and_handed_to_its_channel(desk: Desk) -> None:
    await desk.take(said("v:1", "发货"))
    assert await desk.words("v:1") == ["发货", "48小时内发货"]
    [outbound] = [item for item in desk.bus.published if item.exchange is Exchange.OUTBOUND]
    assert outbound.envelope.message.content.text.text == "48小时内发货"
    assert desk.handled() == [D.DISPOSITION_ANSWERED]


async def test_a_batch_of_many_conversations_keeps_each_in_order(desk: Desk) -> None:
    batch = [said(f"v:{number % 5}", "发货" if number % 2 else "谢谢") for number in range(40)]
    await desk.take(*batch)
    for number in range(5):
        asked = [message for message in await desk.transcript(f"v:{number}") if message.author.kind == 1]
        wanted = [envelope.message.id for envelope in batch if envelope.message.address.customer == f"v:{number}"]
        assert [message.id for message in asked] == wanted


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
async def test_a_message_sent_twice_is_stored_once_and_told_as_a_duplicate(desk: Desk, together: bool) -> None:
    twice = [said("v:1", "发货", key="k1"), said("v:1", "发货", key="k1")]
    if together:
        await desk.take(*twice)
    else:
        for envelope in twice:
            await desk.take(envelope)
    assert await desk.words("v:1") == ["发货", "48小时内发货"]
    assert desk.handled() == [D.DISPOSITION_ANSWERED, D.DISPOSITION_DUPLICATE]


async def test_a_redelivered_envelope_has_no_second_effect_at_all(desk: Desk) -> None:
    envelope = said("v:1", "发货")
    await desk.take(envelope)
    published = len(desk.bus.published)
    await desk.take(envelope)
    assert await desk.words("v:1") == ["发货", "48小时内发货"]
    assert len(desk.bus.published) == published


async def test_a_repeated_command_acts_once(desk: Desk) -> None:
    await desk.take(said("v:1", "转人工"))
    await desk.take(told("v:1", k.Assign("agent-1", "小雅", "a1"), 2))
    say = told("v:1", k.Say("agent-1", "小雅", c.Text("您好"), "x1"), 3, id="say-1")
    await desk.take(say)
    await desk.take(say)
    assert (await desk.words("v:1")).count("您好") == 1


async def test_a_ticket_is_asked_about_once_and_what_was_asked_is_kept_with_the_conversation(desk: Desk) -> None:
    await desk.take(said("v:1", "发货"))
    await desk.take(told("v:1", k.Close("system", "", ask_rating=False), 1))
    asked = k.AskTicketRating("t1", "T000001", 1, NOON + timedelta(days=7))
    once = told("v:1", asked, 0, id="ask-1")
    await desk.take(once)
    await desk.take(once, told("v:1", asked, 0))
    menus = [one.content.menu.menu_id for one in await desk.transcript("v:1") if one.content.HasField("menu")]
    assert menus == ["rating:ticket:t1:1"]
    press = said("v:1", c.Choice(menus[0], "4", "满意"), key="press")
    await desk.take(press)
    await desk.take(press, said("v:1", c.Choice(menus[0], "1", "很不满意")))
    marks = [(one.ticket_surveyed.mark, one.ticket_surveyed.score) for one in desk.bus.events("ticket_surveyed")]
    assert marks == [("asked", 0), ("scored", 4)]
    [survey] = (await desk.conversation("v:1")).ties.surveys
    assert (survey.asked, survey.score) == (True, 4)


async def test_a_question_that_has_to_wait_is_looked_at_again_by_a_timer(desk: Desk) -> None:
    await desk.take(
        said("v:1", "发货"), told("v:1", k.AskTicketRating("t1", "T000001", 1, NOON + timedelta(days=7)), 0)
    )
    async with desk.database.read() as tx:
        found = await tx.execute(sa.select(store.timers.c.due_at).where(store.timers.c.purpose == "survey"))
        assert found.scalars().all() == [NOON + timedelta(minutes=10)]


async def test_a_batch_with_one_bad_envelope_stores_nothing(desk: Desk) -> None:
    with pytest.raises(Undecodable):
        await desk.take(said("v:1", "发货"), Envelope(id="x"))
    async with desk.database.read() as tx:
        assert await store.conversation_by_address(tx, address("v:1")) is None


async def test_what_was_committed_and_not_published_goes_out_at_the_next_hand_over(desk: Desk) -> None:
    await desk.writer.handle([Delivery("inbound.0", said("v:1", "发货"), False)])
    assert desk.bus.published == [], "the process died after the commit"
    successor = Outbox(desk.database, store.outbox, desk.bus)
    assert await successor.recover(range(16)) == 3
    kinds = [item.exchange for item in desk.bus.published]
    assert kinds == [Exchange.OUTBOUND, Exchange.EVENTS, Exchange.EVENTS]
    assert await successor.recover(range(16)) == 0


async def test_with_the_database_away_nothing_happens_and_it_is_tried_again(desk: Desk) -> None:
    await desk.database.close()
    with pytest.raises(RetryLater):
        await desk.writer.handle([Delivery("inbound.0", said("v:1", "发货"), False)])
    assert desk.bus.published == []


async def test_receipts_move_watermarks_and_tell_each_message_once(desk: Desk) -> None:
    await desk.take(said("v:1", "发货"), said("v:1", "谢谢"))
    await desk.take(receipt("v:1", ReceiptState.DELIVERED, 2))
    await desk.take(receipt("v:1", ReceiptState.DELIVERED, 2), receipt("v:1", ReceiptState.DELIVERED, 4))
    conversation = await desk.conversation("v:1")
    assert conversation.delivered_seq == 4
    delivered = [event.message_delivered.message_id for event in desk.bus.events("message_delivered")]
    answers = [message.id for message in await desk.transcript("v:1") if message.author.kind == 2]
    assert delivered == answers


async def test_a_receipt_does_not_run_ahead_of_what_is_stored(desk: Desk) -> None:
    """A batch may hold a question and a report that claims the answer was seen: nobody can have seen it yet."""
    await desk.take(said("v:1", "发货"))
    await desk.take(said("v:1", "谢谢"), receipt("v:1", ReceiptState.DELIVERED, 99))
    assert (await desk.conversation("v:1")).delivered_seq == 2
    await desk.take(receipt("v:1", ReceiptState.DELIVERED, 4))
    delivered = [event.message_delivered.message_id for event in desk.bus.events("message_delivered")]
    assert delivered == [message.id for message in await desk.transcript("v:1") if message.author.kind == 2]


async def test_text_that_a_database_cannot_take_is_stored_all_the_same(desk: Desk) -> None:
    await desk.take(said("v:1", "a\x00b <script>alert(1)</script> =1+1"))
    assert (await desk.words("v:1"))[0] == "a\x00b <script>alert(1)</script> =1+1"


async def test_it_is_stored_as_the_last_words_of_who_waits_for_a_human_too(desk: Desk) -> None:
    """Or its partition would stand still: the message comes back as long as it cannot be stored."""
    await desk.take(said("v:1", "转人工"))
    await desk.take(said("v:1", "a\x00b"))
    assert (await desk.words("v:1"))[-1] == "a\x00b"
    assert (await desk.conversation("v:1")).last_text == "ab"


async def test_screens_are_told_of_every_message_and_change(desk: Desk) -> None:
    await desk.take(said("v:1", "转人工"))
    kinds: dict[str, list[str | None]] = {key: [] for key, _ in desk.bus.announced}
    for key, envelope in desk.bus.announced:
        kinds[key].append(envelope.live.WhichOneof("kind"))
    assert kinds == {
        "console": ["appended", "state_changed", "appended"],
        "website": ["appended", "state_changed", "appended"],
    }
    assert (await desk.conversation("v:1")).state is State.QUEUED


def job_end(customer: str, *, id: str) -> Envelope:
    return told(customer, k.JobFinished("job-1", "twice", k.JobOutcome.DONE, b"ok"), 0, id=id)


async def test_a_jobs_result_acts_once_and_what_it_starts_is_stored_with_what_it_says(desk: Desk) -> None:
    await desk.take(said("v:1", "发货"))
    assert desk.woken == []
    await desk.take(job_end("v:1", id="end-1"))
    await desk.take(job_end("v:1", id="end-1"), job_end("v:1", id="end-1"))
    assert await desk.words("v:1") == ["发货", "48小时内发货", "DONE ok"]
    async with desk.database.read() as tx:
        assert await store.count_jobs(tx) == 1
    assert desk.woken == ["jobs"], "once, after the commit"


async def test_a_job_of_a_batch_that_was_not_stored_does_not_exist(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.take(said("v:1", "发货"))
    add = desk.outbox.add

    async def add_and_fail(tx: Transaction, rows: Sequence[OutboxRow], *, along: Sequence[Write]) -> Pending:
        await add(tx, rows, along=along)
        raise StoreUnavailable("connection lost")

    monkeypatch.setattr(desk.outbox, "add", add_and_fail)
    with pytest.raises(RetryLater):
        await desk.take(job_end("v:1", id="end-1"))
    async with desk.database.read() as tx:
        assert await store.count_jobs(tx) == 0
    assert desk.woken == []
