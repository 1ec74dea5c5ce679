"""Notes of colleagues: they have their place on agents' screens and no trace on the customer's side."""

from dataclasses import replace

import pytest

from tests.unit.dialogue.stage import NOON, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.conversation import State

NOTE = k.Note("agent-9", "小周", c.Text("  老客户，注意语气  "), "client-1")


def brought_to(state: State) -> Stage:
    stage = Stage()
    stage.customer("发货")
    if state is not State.BOT:
        stage.assigned("agent-1")
    if state is State.CLOSED:
        stage.command(k.Close("agent-1"))
    if state is State.QUEUED:
        stage.command(k.Requeue("agent-1"))
    if state is State.TICKETED:
        stage.command(k.Requeue("agent-1"))
        stage.command(k.MarkTicketed("t", "T000001", NOON))
    return stage


@pytest.mark.parametrize("state", [State.BOT, State.QUEUED, State.ASSIGNED, State.TICKETED, State.CLOSED])
@pytest.mark.parametrize("epoch", [0, 1, 99])
def test_anybody_may_note_something_whoever_has_the_conversation(state: State, epoch: int) -> None:
    stage = brought_to(state)
    assert stage.state is state
    before = stage.conversation
    assert stage.command(NOTE, epoch=epoch) == ""
    assert stage.conversation == replace(before, last_note=1), "nothing else of the conversation changes"
    (note,) = stage.turn.notes
    assert (note.text, note.author_name, note.client_id) == ("老客户，注意语气", "小周", "client-1")


def test_a_note_reaches_agents_screens_and_nothing_that_a_customer_reads() -> None:
    stage = brought_to(State.ASSIGNED)
    turn = stage.turn
    before = (len(turn.messages), len(turn.outbound), len(turn.customer), len(turn.events), len(turn.timers))
    shown = len(turn.console)
    stage.command(NOTE)
    assert (len(turn.messages), len(turn.outbound), len(turn.customer), len(turn.events), len(turn.timers)) == before
    (hint,) = turn.console[shown:]
    assert (hint.WhichOneof("kind"), hint.noted.note.text) == ("noted", "老客户，注意语气")


def test_messages_and_notes_have_one_order_and_the_customers_sequence_has_no_gap() -> None:
    stage = Stage()
    stage.command(NOTE)
    stage.customer("发货")
    stage.command(NOTE)
    stage.command(NOTE)
    stage.customer("发货")
    placed = [(one.seq, one.number) for one in stage.turn.notes]
    assert placed == [(0, 1), (2, 2), (2, 3)]
    assert [one.seq for one in stage.turn.messages] == [1, 2, 3, 4]


def test_a_note_is_no_reply_of_an_agent() -> None:
    stage = brought_to(State.ASSIGNED)
    stage.command(replace(NOTE, author_id="agent-1"))
    assert not stage.conversation.agent_replied
    stage.command(k.Say("agent-1", "小雅", c.Text("您好")))
    replied = [one.agent_replied for one in stage.turn.events if one.HasField("agent_replied")]
    assert [one.first for one in replied] == [True]


def test_a_note_does_not_keep_an_idle_session_open() -> None:
    stage = Stage()
    stage.customer("发货")
    last = stage.conversation.last_message_at
    stage.pass_time(stage.turn.idle_close)
    stage.command(NOTE)
    assert stage.conversation.last_message_at == last
    stage.command(k.TimerFired("idle", 1), epoch=0)
    assert stage.state is State.CLOSED


def test_a_whisper_says_for_whom_it_is() -> None:
    stage = brought_to(State.ASSIGNED)
    stage.command(replace(NOTE, whisper_to="agent-1"))
    assert stage.turn.notes[0].whisper_to == "agent-1"
    assert stage.turn.console[-1].noted.note.whisper_to == "agent-1"


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        pytest.param(c.Text(" \n "), "empty", id="nothing but blanks"),
        pytest.param(c.Text("长" * 4001), "too_long", id="too long"),
        pytest.param(c.Location(1, 2, "x"), "not_text", id="no text"),
    ],
)
def test_a_note_that_is_none_is_told_to_its_author(content: c.Content, refused: str) -> None:
    stage = Stage()
    assert stage.command(replace(NOTE, content=content)) == refused
    assert stage.turn.notes == []
    refusal = stage.turn.console[-1].refusal
    assert (refusal.client_id, refusal.agent_id, refusal.reason) == ("client-1", "agent-9", refused)
