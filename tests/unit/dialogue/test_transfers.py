"""Agents give conversations to each other: the customer hears it once, and whoever had it cannot speak any more."""

from dataclasses import replace

import pytest

from tests.unit.dialogue.stage import Stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.conversation import State
from yizhan.pb.v1 import event_pb2

SAY = k.Say("agent-1", "小雅", c.Text("您好"), "client-1")
TO_LIN = k.Assign("agent-2", "小林", "a2")
BACK = k.Requeue("agent-1", "要查发票", "group-billing", "发票组", "客户很着急", "小雅")


def requested(stage: Stage) -> event_pb2.HandoffRequested:
    """The last that routing was asked for."""
    return [one.handoff_requested for one in stage.turn.events if one.HasField("handoff_requested")][-1]


def test_a_colleague_takes_over_and_the_customer_hears_the_new_name_once() -> None:
    stage = Stage()
    stage.assigned("agent-1")
    epoch, before = stage.conversation.epoch, len(stage.turn.outbound)
    assert stage.command(TO_LIN, epoch=epoch) == ""
    assert (stage.conversation.agent_id, stage.conversation.epoch) == ("agent-2", epoch + 1)
    assert [c.plain_text(one.content) for one in stage.turn.outbound[before:]] == ["客服 小林 已接入，为您服务"]
    assigned = stage.turn.events[-1].conversation_assigned
    assert (assigned.from_agent_id, assigned.agent_id) == ("agent-1", "agent-2")


def test_who_gave_the_conversation_away_cannot_speak_under_the_old_epoch() -> None:
    stage = Stage()
    stage.assigned("agent-1")
    epoch = stage.conversation.epoch
    stage.command(TO_LIN, epoch=epoch)
    said = len(stage.turn.outbound)
    assert stage.command(SAY, epoch=epoch) == "stale_epoch"
    assert stage.command(SAY, epoch=epoch + 1) == "stale_epoch"
    assert stage.command(k.Close("agent-1"), epoch=epoch) == "stale_epoch"
    assert len(stage.turn.outbound) == said
    assert stage.command(replace(SAY, agent_id="agent-2"), epoch=epoch + 1) == ""


@pytest.mark.parametrize(
    ("assign", "ahead", "refused"),
    [
        pytest.param(TO_LIN, -1, "stale_epoch", id="under an old epoch"),
        pytest.param(TO_LIN, 1, "stale_epoch", id="under an epoch that has not begun"),
        pytest.param(k.Assign("agent-1", "小雅", "a2"), 0, "has_it_already", id="to who has it already"),
    ],
)
def test_a_transfer_that_is_none_changes_nothing(assign: k.Assign, ahead: int, refused: str) -> None:
    stage = Stage()
    stage.assigned("agent-1")
    before = stage.conversation
    assert stage.command(assign, epoch=before.epoch + ahead) == refused
    assert stage.conversation == before


def test_a_ticket_is_never_taken_from_the_agent_who_has_the_conversation() -> None:
    stage = Stage()
    stage.assigned("agent-1")
    assert stage.command(TO_LIN, epoch=0) == "stale_epoch"
    assert stage.conversation.agent_id == "agent-1"


def test_back_to_the_queue_for_another_group() -> None:
    stage = Stage()
    stage.assigned("agent-1")
    epoch, before = stage.conversation.epoch, len(stage.turn.outbound)
    assert stage.command(BACK) == ""
    after = stage.conversation
    assert (after.state, after.epoch, after.agent_id, after.agent_name) == (State.QUEUED, epoch + 1, "", "")
    (told,) = [c.plain_text(one.content) for one in stage.turn.outbound[before:]]
    assert "转接其他客服" in told
    asked = requested(stage)
    assert (asked.reason, asked.detail, asked.from_agent_id) == ("transfer", "要查发票", "agent-1")
    assert (asked.group_id, asked.group_name, asked.language) == ("group-billing", "发票组", "zh")
    assert [(one.author_name, one.text) for one in stage.turn.notes] == [("小雅", "客户很着急")]
    assert stage.command(SAY, epoch=epoch) == "stale_epoch"
    assert stage.command(TO_LIN) == "", "the next one takes it from the queue as ever"


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        pytest.param([], "", id="while the assistant has it"),
        pytest.param([k.MarkTicketed("t", "T000001", Stage().now)], "", id="while a ticket waits"),
        pytest.param([k.Close("agent-1")], "closed", id="after the end"),
        pytest.param([BACK], "waits_already", id="while somebody is being found already"),
    ],
)
def test_what_can_go_back_to_the_queue(steps: list[k.CommandKind], refused: str) -> None:
    stage = Stage()
    for step in steps:
        if isinstance(step, k.MarkTicketed):
            stage.customer("转人工")
        elif not stage.conversation.agent_id:
            stage.assigned("agent-1")
        assert stage.command(step) == ""
    before = len(stage.turn.outbound)
    assert stage.command(k.Requeue("system", "vip")) == refused
    assert len(stage.turn.outbound) == before + (not refused)


def test_a_stale_agent_cannot_send_a_conversation_back() -> None:
    stage = Stage()
    stage.assigned("agent-1")
    stage.command(TO_LIN)
    before = stage.conversation
    assert stage.command(BACK, epoch=before.epoch - 1) == "stale_epoch"
    assert (stage.conversation, stage.turn.notes) == (before, [])


def test_what_a_colleague_writes_too_long_is_cut_before_it_travels() -> None:
    stage = Stage()
    stage.assigned("agent-1")
    stage.command(k.Requeue("agent-1", "长" * 5000, "g" * 99, "组" * 500, "记" * 9000))
    asked = requested(stage)
    assert (len(asked.detail), len(asked.group_id), len(asked.group_name)) == (200, 36, 100)
    assert len(stage.turn.notes[0].text) == 4000


@pytest.mark.parametrize(
    ("words", "language"),
    [
        pytest.param("I would like to talk about my order", "en", id="who writes English"),
        pytest.param("我要退货", "zh", id="who writes Chinese"),
    ],
)
def test_routing_hears_the_language_that_the_customer_writes_in(words: str, language: str) -> None:
    stage = Stage()
    stage.customer(words)
    stage.customer("human please" if language == "en" else "转人工")
    assert requested(stage).language == language


def test_routing_hears_what_was_answered_last() -> None:
    stage = Stage()
    stage.customer("发货")
    stage.customer("转人工")
    assert requested(stage).topic == "物流配送"


def test_a_question_without_an_answer_goes_to_those_it_came_near_to() -> None:
    stage = Stage()
    stage.customer("我的包裹是不是被弄丢了")
    assert (requested(stage).reason, requested(stage).topic) == ("no_answer", "物流配送")
