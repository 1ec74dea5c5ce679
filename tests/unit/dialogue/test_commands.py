"""One voice (invariant 4): who may act on a conversation, and what everybody is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.dialogue.stage import IDLE, NOON, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import AuthorKind
from yizhan.core.messages.receipt import ReceiptState
from yizhan.dialogue.conversation import State
from yizhan.dialogue.receipts import Marked, Moved
from yizhan.dialogue.turn import IDLE as IDLE_TIMER

SAY = k.Say("agent-1", "小雅", c.Text("您好"), "client-1")
TICKET = k.MarkTicketed("ticket-1", "T000001", NOON)


@pytest.mark.parametrize(
    ("kind", "agent"),
    [
        pytest.param(SAY, "agent-1", id="an agent's words"),
        pytest.param(k.Close("agent-1"), "agent-1", id="a close"),
        pytest.param(k.ReturnToBot("agent-1"), "agent-1", id="a return to the assistant"),
    ],
)
def test_a_command_with_an_old_epoch_changes_nothing_and_is_told(kind: k.CommandKind, agent: str) -> None:
    stage = Stage()
    stage.assigned(agent)
    before = stage.conversation
    assert stage.command(kind, epoch=before.epoch - 1) == "stale_epoch"
    assert stage.conversation == before
    assert stage.events()[-1] == "command_refused"


def test_two_agents_race_for_one_conversation_and_one_speaks() -> None:
    stage = Stage()
    stage.customer("转人工")
    epoch = stage.conversation.epoch
    assert stage.command(k.Assign("agent-1", "小雅", "a1"), epoch=epoch) == ""
    assert stage.command(k.Assign("agent-2", "小林", "a2"), epoch=epoch) == "stale_epoch"
    assert stage.command(k.Say("agent-2", "小林", c.Text("您好")), epoch=epoch + 1) == "stale_epoch"
    assert stage.command(SAY, epoch=epoch + 1) == ""
    assert [message.author.id for message in stage.turn.messages if message.author.kind is AuthorKind.AGENT] == [
        "agent-1"
    ]


def test_the_agents_screen_is_told_which_words_were_refused() -> None:
    stage = Stage()
    stage.assigned("agent-2")
    stage.command(SAY)
    refusal = stage.turn.console[-1].refusal
    assert (refusal.client_id, refusal.agent_id, refusal.reason) == ("client-1", "agent-1", "stale_epoch")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (k.Assign("agent-1", "小雅", "a1"), ("agent-1", "take")),
        (k.Requeue("agent-1"), ("agent-1", "transfer")),
        (k.ReturnToBot("agent-1"), ("agent-1", "return")),
        (k.Close("agent-1"), ("agent-1", "close")),
        (k.Close("system"), None),
        (k.Requeue("system"), None),
        (TICKET, None),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, tuple) else value[-1],
)
def test_an_agents_screen_is_told_that_what_it_did_was_not_taken(
    kind: k.CommandKind, told: tuple[str, str] | None
) -> None:
    stage = Stage()
    stage.assigned("agent-2")
    assert stage.command(kind, epoch=stage.conversation.epoch - 1)
    refusals = [hint.refusal for hint in stage.turn.console if hint.HasField("refusal")]
    assert [(one.agent_id, one.action) for one in refusals] == ([told] if told else [])


def test_ownership_changes_count_and_an_offer_is_none() -> None:
    stage = Stage()
    epochs = [stage.conversation.epoch]
    stage.customer("转人工")
    epochs.append(stage.conversation.epoch)
    stage.command(k.MarkOffered("agent-1", "offer-1"))
    assert (stage.state, stage.conversation.epoch) == (State.OFFERED, epochs[-1])
    stage.command(k.MarkOffered("", "offer-1"))
    assert stage.state is State.QUEUED
    stage.command(k.Assign("agent-1", "小雅", "a1"))
    epochs.append(stage.conversation.epoch)
    stage.command(k.ReturnToBot("agent-1"))
    epochs.append(stage.conversation.epoch)
    stage.customer("转人工")
    epochs.append(stage.conversation.epoch)
    stage.command(TICKET)
    epochs.append(stage.conversation.epoch)
    assert epochs == list(range(epochs[0], epochs[0] + 6))


def test_the_assistant_answers_again_after_a_return() -> None:
    stage = Stage()
    stage.assigned()
    stage.command(k.ReturnToBot("agent-1"))
    stage.customer("发货")
    assert stage.said()[-2:] == ["customer: 发货", "bot: 48小时内发货"]


@pytest.mark.parametrize(
    ("served", "asked"),
    [
        pytest.param(True, True, id="who was served is asked how it was"),
        pytest.param(False, False, id="who was not served is not asked"),
    ],
)
def test_asking_for_a_rating(served: bool, asked: bool) -> None:
    stage = Stage()
    stage.assigned()
    if served:
        stage.command(SAY)
    stage.command(k.Close("agent-1"))
    assert stage.state is State.CLOSED
    assert isinstance(stage.turn.messages[-1].content, c.Menu) is asked


def test_the_rating_question_goes_from_the_worst_to_the_best() -> None:
    """Screens draw stars in this order, and channels without buttons number the options: place and score must agree."""
    stage = Stage()
    stage.assigned()
    stage.command(SAY)
    stage.command(k.Close("agent-1"))
    question = stage.turn.messages[-1].content
    assert isinstance(question, c.Menu)
    assert [(option.id, option.label) for option in question.options] == [
        ("1", "很不满意"),
        ("2", "不满意"),
        ("3", "一般"),
        ("4", "满意"),
        ("5", "很满意"),
    ]


def test_closing_twice_is_refused() -> None:
    stage = Stage()
    stage.assigned()
    assert stage.command(k.Close("agent-1")) == ""
    assert stage.command(k.Close("agent-1")) == "closed"


def test_the_queue_tells_each_better_place_once() -> None:
    stage = Stage()
    stage.customer("转人工")
    before = len(stage.turn.outbound)
    for place in (3, 3, 4, 2, 1, 1):
        stage.command(k.TellProgress(place))
    told = [c.plain_text(message.content) for message in stage.turn.outbound[before:]]
    assert ["3" in told[0], "2" in told[1], "下一位" in told[2]] == [True, True, True]
    assert len(told) == 3


def test_the_same_place_is_told_again_only_when_the_wait_has_halved() -> None:
    stage = Stage()
    stage.customer("转人工")
    before = len(stage.turn.outbound)
    for place, low, high in (
        (3, 60, 180),
        (3, 60, 170),  # no news
        (3, 120, 600),  # worse news
        (3, 30, 90),  # half as long
        (4, 10, 20),  # they fell back
        (2, 0, 0),  # a better place, nobody can tell how long
        (2, 10, 20),  # what was not told cannot have halved
        (1, 5, 40),
        (1, 40, 5),  # no estimate at all
    ):
        assert stage.command(k.TellProgress(place, low, high)) == ""
    told = [c.plain_text(message.content) for message in stage.turn.outbound[before:]]
    assert told == [
        "您前面还有 2 位，预计等待 1–3 分钟",
        "您前面还有 2 位，预计等待不超过 2 分钟",
        "当前客服繁忙，您排在第 2 位，轮到您时会立即为您接通。",
        "您是下一位，预计等待不到 1 分钟",
    ]


def test_who_waits_a_second_time_is_told_their_place_anew() -> None:
    stage = Stage()
    stage.customer("转人工")
    stage.command(k.TellProgress(1, 60, 120))
    stage.command(k.Assign("agent-1", "小雅", "a1"))
    stage.command(k.Requeue("agent-1"))
    stage.command(k.TellProgress(2, 60, 120))
    assert stage.said()[-1] == "bot: 您前面还有 1 位，预计等待 1–2 分钟"


@pytest.mark.parametrize(
    ("locale", "can_leave", "told"),
    [
        pytest.param("zh-CN", True, ["11月22日 12:00", "留言", "保留"], id="words are kept"),
        pytest.param("zh-CN", False, ["11月22日 12:00", "再联系"], id="nobody reads them"),
        pytest.param("en", True, ["22 Nov 12:00", "leave your message"], id="in English: words are kept"),
        pytest.param("en", False, ["22 Nov 12:00", "contact us again"], id="in English: nobody reads them"),
    ],
)
def test_outside_hours_the_customer_is_told_when_people_are_back(locale: str, can_leave: bool, told: list[str]) -> None:
    stage = Stage()
    stage.visit(k.Visit(locale))
    stage.customer("转人工")
    stage.turn.conversation = replace(stage.conversation, locale=locale)
    assert stage.command(k.TellOffHours(NOON, can_leave)) == ""
    text = c.plain_text(stage.turn.outbound[-1].content)
    assert [words for words in told if words not in text] == []
    assert stage.state is State.QUEUED, "a ticket follows by its own command"
    assert "T000001" in c.plain_text(_after(stage, TICKET))


def test_nobody_is_told_of_hours_who_does_not_wait() -> None:
    stage = Stage()
    assert stage.command(k.TellOffHours(NOON)) == "not_waiting"
    stage.assigned()
    assert stage.command(k.TellOffHours(NOON)) == "not_waiting"


def _after(stage: Stage, kind: k.CommandKind) -> c.Content:
    """The last that the customer was told after a command."""
    assert stage.command(kind) == ""
    return stage.turn.outbound[-1].content


def test_a_ticket_tells_its_number_and_the_promised_time_in_the_business_zone() -> None:
    stage = Stage()
    stage.customer("转人工")
    stage.command(TICKET)
    assert "T000001" in stage.said()[-1]
    assert "11月22日 12:00" in stage.said()[-1]


def test_a_tickets_conversation_can_be_taken_even_after_its_end() -> None:
    stage = Stage()
    stage.assigned()
    stage.command(k.Close("agent-1"))
    assert stage.command(k.Assign("agent-2", "小林", "a2"), epoch=0) == ""
    assert (stage.state, stage.conversation.session, stage.conversation.agent_id) == (State.ASSIGNED, 2, "agent-2")


@pytest.mark.parametrize(
    ("after", "state"),
    [
        pytest.param(IDLE, State.CLOSED, id="quiet for the idle time: closed"),
        pytest.param(IDLE - timedelta(minutes=5), State.BOT, id="somebody wrote meanwhile: looked at again later"),
    ],
)
def test_the_idle_timer(after: timedelta, state: State) -> None:
    stage = Stage()
    stage.customer("发货")
    stage.pass_time(after)
    stage.command(k.TimerFired(IDLE_TIMER, 1), epoch=0)
    assert stage.state is state


def test_the_idle_timer_leaves_a_conversation_with_an_agent_alone() -> None:
    stage = Stage()
    stage.assigned()
    stage.pass_time(IDLE * 3)
    stage.command(k.TimerFired(IDLE_TIMER, 1), epoch=0)
    assert stage.state is State.ASSIGNED
    assert stage.turn.timers[-1].due_at > stage.now


def test_receipts_move_forward_only() -> None:
    stage = Stage()
    stage.customer("发货")
    assert stage.receipt(ReceiptState.READ, up_to=2) is None, "what is not stored yet cannot have been read"
    stage.committed()
    moved = stage.receipt(ReceiptState.READ, up_to=2)
    assert isinstance(moved, Moved)
    assert (moved.after, moved.up_to) == (0, 2)
    assert stage.receipt(ReceiptState.DELIVERED, up_to=1) is None
    assert (stage.conversation.delivered_seq, stage.conversation.read_seq) == (2, 2)
    assert stage.receipt(ReceiptState.READ, up_to=99) is None, "what was never sent cannot have been read"


def test_a_failed_message_is_marked_by_its_id() -> None:
    stage = Stage()
    assert isinstance(stage.receipt(ReceiptState.FAILED, message_id="m1"), Marked)
