"""What a channel still allows to send: kept with the conversation, never replaced by older news."""

from datetime import timedelta

import pytest

from tests.unit.dialogue.stage import ADDRESS, NOON, ScriptedAnswerer, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import window_from_proto
from yizhan.core.messages.message import Author, AuthorKind, Message, ReplyWindow
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.dialogue import customer, receipts
from yizhan.dialogue.conversation import State
from yizhan.pb.v1 import event_pb2

D = event_pb2.Disposition
MINUTE = timedelta(minutes=1)
FRESH = ReplyWindow(NOON + timedelta(hours=48), 5)
SPENT = ReplyWindow(NOON + timedelta(hours=48), 0)


def says(stage: Stage, text: str, window: ReplyWindow | None, at: timedelta = timedelta()) -> None:
    words = Message(
        stage.new_id(), ADDRESS, Author(AuthorKind.CUSTOMER, "v:1"), c.Text(text), NOON + at, reply_window=window
    )
    customer.receive(stage.turn, words, ScriptedAnswerer())


def reports(stage: Stage, window: ReplyWindow | None, at: timedelta) -> None:
    receipts.note(
        stage.turn, Receipt(stage.new_id(), ADDRESS, ReceiptState.ACCEPTED, NOON + at, "m1", reply_window=window)
    )


@pytest.mark.parametrize(
    ("told", "at", "known"),
    [
        pytest.param(SPENT, MINUTE, SPENT, id="what was sent since has used it up"),
        pytest.param(SPENT, timedelta(), SPENT, id="at the same time: what came last"),
        pytest.param(SPENT, -MINUTE, FRESH, id="news from before the customer wrote again"),
        pytest.param(None, MINUTE, FRESH, id="a receipt that says nothing of it"),
        pytest.param(ReplyWindow(NOON, None), MINUTE, ReplyWindow(NOON, None), id="any number, until a time"),
    ],
)
def test_the_newest_word_on_the_window_counts(told: ReplyWindow | None, at: timedelta, known: ReplyWindow) -> None:
    stage = Stage()
    says(stage, "发货", FRESH)
    reports(stage, told, at)
    assert stage.conversation.reply_window == known


def test_a_customer_who_writes_opens_it_again() -> None:
    stage = Stage()
    reports(stage, SPENT, timedelta())
    says(stage, "在吗", FRESH, MINUTE)
    assert stage.conversation.reply_window == FRESH


def test_a_channel_without_rules_has_no_window() -> None:
    stage = Stage()
    says(stage, "发货", None)
    assert stage.conversation.reply_window is None


def test_whoever_is_asked_to_help_is_told_until_when_the_customer_can_be_answered() -> None:
    stage = Stage()
    says(stage, "转人工", FRESH)
    [request] = [e.handoff_requested for e in stage.turn.events if e.WhichOneof("kind") == "handoff_requested"]
    assert window_from_proto(request.reply_window) == FRESH


@pytest.mark.parametrize(
    ("window", "waits"), [pytest.param(FRESH, True, id="WeChat"), pytest.param(None, False, id="the website")]
)
def test_an_agents_words_count_as_said_when_the_channel_has_taken_them(window: ReplyWindow | None, waits: bool) -> None:
    stage = Stage()
    says(stage, "转人工", window)
    assert stage.command(k.Assign("agent-1", "小雅", "assignment-1")) == ""
    assert stage.command(k.Say("agent-1", "小雅", c.Text("您好"))) == ""
    [replied] = [e.agent_replied for e in stage.turn.events if e.WhichOneof("kind") == "agent_replied"]
    assert replied.awaits_channel is waits


def hints(stage: Stage) -> list[tuple[str, bool]]:
    shown = [hint.appended for hint in stage.turn.customer if hint.HasField("appended")]
    return [(hint.message.content.text.text, hint.held) for hint in shown]


def test_the_channel_hears_at_once_that_nobody_answers_now() -> None:
    stage = Stage()
    says(stage, "发货", FRESH)
    assert hints(stage) == [("发货", False), ("48小时内发货", False)], "the answer is on its way: worth waiting for"
    stage.assigned()
    before = len(hints(stage))
    says(stage, "在吗", FRESH)
    assert hints(stage)[before:] == [("在吗", True)]


def test_rating_an_ended_session_is_answered_at_once() -> None:
    stage = Stage()
    stage.customer("发货")
    assert stage.command(k.Close("system", "done", ask_rating=True)) == ""
    before = len(stage.turn.customer)
    stage.customer(c.Choice("rating:1", "5", "很满意"))
    assert [hint.appended.held for hint in stage.turn.customer[before:]] == [False, False]


@pytest.mark.parametrize("state", [State.BOT, State.ASSIGNED, State.CLOSED])
def test_words_of_colleagues_in_the_platforms_own_client_stand_on_the_transcript(state: State) -> None:
    stage = Stage()
    if state is State.ASSIGNED:
        stage.assigned()
    if state is State.CLOSED:
        stage.command(k.Close("system", "done"))
    before, sent = stage.conversation, len(stage.turn.outbound)
    words = Message(
        "ext-1", ADDRESS, Author(AuthorKind.AGENT, "", "阿里"), c.Text("我在客户端回复了"), NOON, reply_window=SPENT
    )
    handled = customer.overhear(stage.turn, words)
    assert (handled.disposition, handled.intent, handled.reply_id) == (D.DISPOSITION_HELD, "elsewhere", "")
    last = stage.turn.messages[-1]
    assert (last.id, last.author.name, last.seq) == ("ext-1", "阿里", before.last_seq + 1)
    after = stage.conversation
    assert (after.state, after.epoch, after.agent_id) == (before.state, before.epoch, before.agent_id)
    assert after.reply_window == SPENT, "what the colleague wrote has used the window"
    assert len(stage.turn.outbound) == sent, "the customer has it already"
