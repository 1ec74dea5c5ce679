"""Dialogue tells what the customer writes where a ticket follows it, and nowhere else."""

from datetime import timedelta

import pytest

from tests.unit.dialogue.stage import NOON, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import moment
from yizhan.dialogue.conversation import State
from yizhan.dialogue.tickets.ties import NO_TIES, TicketTies, TiesUnreadable, dump_ties, load_ties
from yizhan.pb.v1.event_pb2 import CustomerWrote

WORDS, COURTESY, RATING = (
    CustomerWrote.SENSE_UNSPECIFIED,
    CustomerWrote.SENSE_COURTESY,
    CustomerWrote.SENSE_RATING,
)
MINUTE = timedelta(minutes=1)


def told(stage: Stage) -> list[CustomerWrote]:
    return [event.customer_wrote for event in stage.turn.events if event.HasField("customer_wrote")]


def watched(**given: object) -> Stage:
    stage = Stage()
    assert stage.command(k.Watch(NOON), epoch=0) == ""
    return stage


def test_nobody_is_told_of_a_conversation_that_no_ticket_follows() -> None:
    stage = Stage()
    stage.customer("发货")
    assert told(stage) == []


@pytest.mark.parametrize(
    ("content", "sense"),
    [
        pytest.param(c.Text("订单号是12345"), WORDS, id="words"),
        pytest.param(c.Text("谢谢"), COURTESY, id="thanks"),
        pytest.param(c.Text("好的"), COURTESY, id="a nod"),
        pytest.param(c.Text("再见"), COURTESY, id="goodbye"),
        pytest.param(c.Text("谢谢，但是还没到账"), WORDS, id="thanks and a complaint"),
        pytest.param(c.Text("转人工"), WORDS, id="a wish for a human"),
        pytest.param(c.Choice("rating:3", "5", "很满意"), RATING, id="a rating"),
        pytest.param(c.Choice("handoff", "yes", "转人工客服"), WORDS, id="a choice"),
    ],
)
def test_what_is_written_is_told_with_its_sense(content: c.Content, sense: int) -> None:
    stage = watched()
    stage.customer(content)
    [wrote] = told(stage)
    assert (wrote.sense, moment(wrote.at)) == (sense, NOON)
    assert wrote.text == c.plain_text(content)


def test_it_is_told_whoever_has_the_conversation() -> None:
    stage = watched()
    stage.assigned()
    stage.customer("在吗")
    assert stage.state is State.ASSIGNED
    assert [wrote.text for wrote in told(stage)] == ["转人工", "在吗"]


def test_what_came_before_the_watch_did_is_told_at_once() -> None:
    stage = Stage()
    stage.pass_time(MINUTE)
    stage.customer("单号12345")
    stage.command(k.Watch(NOON))
    [wrote] = told(stage)
    assert moment(wrote.at) == NOON + MINUTE
    stage.command(k.Watch(NOON))
    assert len(told(stage)) == 1, "once"


def test_what_is_older_than_that_is_not() -> None:
    stage = Stage()
    stage.customer("发货")
    stage.command(k.Watch(NOON))
    assert told(stage) == []


def test_the_end_ends_it_and_an_end_that_comes_late_does_not() -> None:
    stage = watched()
    stage.command(k.Watch(end=True))
    stage.customer("发货")
    assert told(stage) == []
    stage.pass_time(MINUTE)
    stage.command(k.Watch(stage.now))
    stage.pass_time(-MINUTE)
    stage.command(k.Watch(end=True))
    stage.customer("发货")
    assert len(told(stage)) == 1


def test_a_watch_outlives_the_session() -> None:
    stage = watched()
    stage.customer("发货")
    stage.command(k.Close("system"))
    stage.customer("还有")
    assert len(told(stage)) == 2


def test_ties_are_kept_and_others_are_told_apart() -> None:
    ties = TicketTies(watched_at=NOON)
    assert load_ties(dump_ties(ties) or "") == ties
    assert dump_ties(NO_TIES) is None
    with pytest.raises(TiesUnreadable):
        load_ties("[]")
