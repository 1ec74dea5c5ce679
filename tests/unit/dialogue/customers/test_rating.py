"""Ratings are kept for good, each with the session and the agent that it was given for."""

from dataclasses import replace

from tests.unit.dialogue.stage import Stage
from yizhan.core.messages import content as c
from yizhan.dialogue.conversation import State


def test_a_rating_stays_with_its_session_when_the_next_one_begins_in_the_same_moment() -> None:
    stage = Stage()
    stage.turn.conversation = replace(
        stage.turn.conversation, state=State.CLOSED, session=2, served_by="agent-7", agent_replied=True
    )
    stage.customer(c.Choice("rating:2", "4"))
    stage.customer(c.Text("发货"))
    assert stage.turn.conversation.session == 3
    assert [(one.session, one.score, one.agent_id) for one in stage.turn.ratings] == [(2, 4, "agent-7")]


def test_a_press_on_an_older_rating_question_rates_nothing() -> None:
    stage = Stage()
    stage.turn.conversation = replace(stage.turn.conversation, state=State.CLOSED, session=2)
    stage.customer(c.Choice("rating:1", "4"))
    assert stage.turn.ratings == []
