"""An agent answers on a ticket: one voice, once, and the conversation stays whose it was."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.dialogue.stage import ADDRESS, NOON, Stage
from tests.unit.dialogue.test_consulting import GOOD, SHIP, bots, result, stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.misses.miss import Asked
from yizhan.dialogue.models.documents import Reworded
from yizhan.dialogue.standby.state import HandOff, Question, Standby
from yizhan.dialogue.tickets.replying import MOST_CHARS, refusal

REPLY = k.Reply("agent-1", "小雅", c.Text("已为您退款"), "t1", "client-1")
QUESTION = Question("m", "", Asked("m", "退款", "zh", "release-1"), "退款")
HANDS_OFF = HandOff("no_answer", 0, "")


def in_state(state: State, agent: str = "", standby: Standby | None = None) -> Conversation:
    return Conversation("c", ADDRESS, NOON, state=state, agent_id=agent, standby=standby)


@pytest.mark.parametrize(
    ("given", "reply", "expected"),
    [
        pytest.param(in_state(State.BOT), REPLY, "", id="the assistant has it"),
        pytest.param(in_state(State.TICKETED), REPLY, "", id="the assistant has it while the ticket waits"),
        pytest.param(in_state(State.CLOSED), REPLY, "", id="nobody talks"),
        pytest.param(in_state(State.ASSIGNED, "agent-1"), REPLY, "", id="it is the agent's own"),
        pytest.param(in_state(State.ASSIGNED, "agent-2"), REPLY, "conversation_taken", id="a colleague has it"),
        pytest.param(in_state(State.QUEUED), REPLY, "customer_waits", id="a person is looked for"),
        pytest.param(in_state(State.OFFERED), REPLY, "customer_waits", id="it is offered to somebody"),
        pytest.param(in_state(State.BOT), replace(REPLY, content=c.Text(" \n")), "empty", id="there is nothing to say"),
        pytest.param(
            in_state(State.BOT), replace(REPLY, content=c.Text("长" * (MOST_CHARS + 1))), "too_long", id="too long"
        ),
        pytest.param(
            in_state(State.BOT), replace(REPLY, content=c.TimelineEvent("x", "y")), "not_text", id="not in words"
        ),
    ],
)
def test_who_may_have_the_word(given: Conversation, reply: k.Reply, expected: str) -> None:
    assert refusal(given, reply) == expected


def test_the_words_are_the_agents_and_the_conversation_stays_the_assistants() -> None:
    on = Stage()
    on.customer("发货")
    before = on.conversation
    assert on.command(REPLY, epoch=0) == ""
    assert on.said()[-1] == "agent: 已为您退款"
    assert (on.state, on.conversation.agent_id, on.conversation.session) == (State.BOT, "", before.session)
    assert on.conversation.epoch == before.epoch + 1
    said, told = on.turn.outbound[-1], on.turn.events[-1].agent_replied
    assert (said.author.id, said.author.name, said.external_id) == ("agent-1", "小雅", "client-1")
    assert (told.message_id, told.ticket_id, told.first, told.seq) == (said.id, "t1", False, said.seq)
    on.customer("发货")
    assert on.said()[-1] == "bot: 48小时内发货", "the assistant goes on answering"


def test_a_closed_conversation_is_not_opened_again_and_nobody_is_asked_how_it_was() -> None:
    on = Stage()
    on.customer("没人知道")
    on.assigned()
    on.command(k.Close("agent-1", ask_rating=False))
    before, timers = on.conversation, len(on.turn.timers)
    assert on.command(REPLY, epoch=0) == ""
    after = on.conversation
    assert (after.state, after.session, after.closed_at) == (State.CLOSED, before.session, before.closed_at)
    assert on.events()[-1] == "agent_replied"
    assert len(on.turn.timers) == timers, "no session ends because of it"
    assert on.said()[-1] == "agent: 已为您退款"


def test_whose_conversation_it_is_goes_on_in_it() -> None:
    on = Stage()
    on.assigned("agent-1")
    before = on.conversation
    assert on.command(REPLY, epoch=0) == ""
    assert on.conversation.epoch == before.epoch
    assert on.conversation.agent_replied
    assert on.turn.events[-1].agent_replied.first
    assert on.command(k.Say("agent-1", "小雅", c.Text("还有什么需要？")), epoch=before.epoch) == ""


@pytest.mark.parametrize("state", ["queued", "offered", "assigned"])
def test_a_refusal_says_nothing_to_the_customer_and_everything_to_the_agent(state: str) -> None:
    on = Stage()
    on.customer("转人工")
    if state == "offered":
        on.command(k.MarkOffered("agent-2", "o"))
    if state == "assigned":
        on.command(k.Assign("agent-2", "小明", "a"))
    before, said = on.conversation, on.said()
    why = "conversation_taken" if state == "assigned" else "customer_waits"
    assert on.command(REPLY, epoch=0) == why
    assert (on.conversation, on.said()) == (before, said)
    refused = on.turn.events[-1].command_refused
    assert (refused.command_kind, refused.reason, refused.client_id, refused.agent_id) == (
        "Reply",
        why,
        "client-1",
        "agent-1",
    )


def test_what_the_assistant_was_making_goes_out_before_it_and_never_after() -> None:
    on = stage()
    on.customer("发货")
    assert bots(on) == [], "a model is at work on the answer"
    assert on.command(REPLY, epoch=0) == ""
    assert [c.plain_text(one.content) for one in on.turn.messages[-2:]] == [SHIP, "已为您退款"]
    said = len(on.turn.messages)
    result(on, Reworded(entry_id="ship", text=GOOD))
    assert len(on.turn.messages) == said, "its better wording is stale"


def test_who_is_about_to_be_handed_to_a_person_is_left_to_them() -> None:
    standby = Standby("job", NOON + timedelta(seconds=2), QUESTION, (), "no_answer", "r", hands_off=HANDS_OFF)
    assert refusal(in_state(State.BOT, standby=standby), REPLY) == "customer_waits"
