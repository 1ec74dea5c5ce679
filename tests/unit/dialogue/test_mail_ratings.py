"""Ratings by mail: asked for once a day, given days later, and told like those of every other channel."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.unit.dialogue.stage import ADDRESS, Stage
from tests.unit.dialogue.test_by_mail import mailed, sent, stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.by_mail import ONCE_IN
from yizhan.dialogue.conversation import State
from yizhan.dialogue.mail_case import MailCase, dump_mail_case, load_mail_case
from yizhan.pb.v1 import event_pb2

D = event_pb2.Disposition
CLOSE = k.Close("agent-1", "done", ask_rating=True)


def answered(one: Stage, content: c.Content | str = "发货") -> Stage:
    """Asked, answered by the assistant, and over."""
    one.customer(mailed(content) if isinstance(content, str) and one.conversation.is_mail else content)
    assert one.command(CLOSE) == ""
    return one


def press(one: Stage, score: str, session: int = 1, comment: str = "") -> object:
    return one.customer(c.Choice(f"rating:{session}", score, "满意", comment))


def rated(one: Stage) -> list[tuple[int, int]]:
    """Session and score of what others are told."""
    return [
        (event.session, event.conversation_rated.score)
        for event in one.turn.events
        if event.HasField("conversation_rated")
    ]


def asked(one: Stage) -> list[str]:
    return [m.content.menu_id for m in one.turn.outbound if isinstance(m.content, c.Menu)]


def test_whoever_was_served_is_asked_by_a_mail_of_its_own() -> None:
    one = answered(stage())
    invitation = one.turn.outbound[-1].content
    assert isinstance(invitation, c.Menu)
    assert (invitation.menu_id, [option.id for option in invitation.options]) == ("rating:1", list("12345"))
    assert invitation.prompt == "您好：\n\n感谢您的来信。您对我们这次的服务满意吗？"
    assert one.conversation.mail_case.asked_session == 1


@pytest.mark.parametrize(
    ("name", "words", "facts", "after", "mails"),
    [
        ("answered by the assistant", "发货", {}, CLOSE, 1),
        ("nobody answered", "没人知道", {}, CLOSE, 0),
        ("the business does not ask", "发货", {}, k.Close("agent-1", "done", ask_rating=False), 0),
        ("nothing but thanks", "谢谢", {}, CLOSE, 0),
    ],
)
def test_who_is_asked(name: str, words: str, facts: dict[str, object], after: k.Close, mails: int) -> None:
    one = stage()
    one.customer(mailed(words, **facts))
    one.command(after)
    assert len(asked(one)) == mails, name


def test_programs_write_to_nobody_who_forbids_it() -> None:
    one = stage()
    one.customer(mailed("没人知道", no_automatic_answer=True))
    one.command(k.Assign("agent-1", "小雅", "assignment-1"))
    one.command(k.Say("agent-1", "小雅", c.Text("在的")))
    one.command(CLOSE)
    assert asked(one) == []
    until = one.now + timedelta(days=3)
    one.command(k.AskTicketRating("t", "T-7", 1, until))
    assert asked(one) == []


def test_nobody_is_asked_again_within_a_day() -> None:
    one = answered(stage())
    for passed, wanted in ((ONCE_IN - timedelta(seconds=1), 1), (timedelta(seconds=1), 2)):
        one.pass_time(passed)
        answered(one)
        assert len(asked(one)) == wanted


@pytest.mark.parametrize("score", ["1", "5"])
def test_a_rating_by_mail_is_told_as_one_on_the_website(score: str) -> None:
    told = []
    for one in (Stage(address=ADDRESS), stage()):
        answered(one)
        handled = press(one, score)
        assert getattr(handled, "intent", "") == "rating"
        assert one.conversation.rating == int(score)
        assert [(r.session, r.score, r.agent_id) for r in one.turn.ratings] == [(1, int(score), "")]
        event = one.turn.events[-1] if one.turn.events[-1].HasField("conversation_rated") else one.turn.events[-2]
        told.append((event.session, event.conversation_rated.score, event.conversation_rated.agent_id))
    assert told[0] == told[1]


def test_it_is_thanked_for_by_the_page_and_not_by_a_mail() -> None:
    one = answered(stage())
    before = len(sent(one))
    press(one, "4", comment="很快")
    assert len(sent(one)) == before
    assert c.plain_text(one.turn.messages[-1].content) == "满意\n很快"
    assert one.state is State.CLOSED


@dataclass(frozen=True)
class Later:
    """What happened between the question and the answer, and what the answer comes to."""

    name: str
    meanwhile: tuple[str, ...]
    session: int
    score: str
    told: list[tuple[int, int]]
    present: int


LATER = (
    Later("nothing", (), 1, "4", [(1, 4)], 4),
    Later("a later mail began a session", ("没人知道",), 1, "4", [(1, 4)], 0),
    Later("a later session is over, and was not asked about", ("发货",), 1, "4", [(1, 4)], 0),
    Later("the session that is rated was never asked about", ("发货",), 7, "4", [], 0),
    Later("a grade that there is not", (), 1, "6", [], 0),
)


@pytest.mark.parametrize("case", LATER, ids=lambda case: case.name)
def test_what_becomes_of_an_answer_that_comes_later(case: Later) -> None:
    one = answered(stage())
    for words in case.meanwhile:
        one.pass_time(timedelta(hours=1))
        one.customer(mailed(words))
    state, session, opened = one.state, one.conversation.session, one.events().count("conversation_opened")
    said = len(sent(one))
    handled = press(one, case.score, case.session)
    assert rated(one) == case.told
    assert one.conversation.rating == case.present
    assert (one.state, one.conversation.session) == (state, session), "a rating begins nothing"
    assert one.events().count("conversation_opened") == opened
    assert len(sent(one)) == said
    assert getattr(handled, "disposition", 0) == D.DISPOSITION_HELD


def test_a_grade_can_be_corrected_and_the_last_one_counts() -> None:
    one = answered(stage())
    press(one, "2")
    press(one, "5", comment="看错了")
    assert rated(one) == [(1, 2), (1, 5)]
    assert one.conversation.rating == 5


def test_an_agent_who_has_the_case_again_owes_no_answer_to_a_rating() -> None:
    one = answered(stage())
    one.pass_time(timedelta(hours=1))
    one.customer(mailed("没人知道"))
    one.command(k.Assign("agent-1", "小雅", "assignment-1"))
    before = one.events().count("conversation_spoken")
    press(one, "3")
    assert one.events().count("conversation_spoken") == before


def test_a_ticket_is_asked_about_by_mail_and_scored_with_a_comment_at_once() -> None:
    one = stage()
    one.customer(mailed("没人知道"))
    one.command(k.MarkTicketed("t", "T-7", one.now))
    one.command(k.Close("system", "done", ask_rating=False))
    one.pass_time(timedelta(hours=1))
    one.command(k.AskTicketRating("t", "T-7", 1, one.now + timedelta(days=3)))
    invitation = one.turn.outbound[-1].content
    assert isinstance(invitation, c.Menu)
    assert invitation.prompt.startswith("您好：\n\n您的工单 T-7")
    before = len(sent(one))
    for score in ("4", "1"):
        one.customer(c.Choice(invitation.menu_id, score, "满意", "很快"))
    marks = [event.ticket_surveyed for event in one.turn.events if event.HasField("ticket_surveyed")]
    assert [(mark.mark, mark.score, mark.comment) for mark in marks] == [
        ("asked", 0, ""),
        ("scored", 4, ""),
        ("commented", 0, "很快"),
    ]
    assert len(sent(one)) == before


def test_what_is_kept_of_a_case_reads_as_it_was() -> None:
    one = answered(stage())
    kept = one.conversation.mail_case
    assert load_mail_case(dump_mail_case(kept) or "") == kept
    assert dump_mail_case(MailCase()) is None
    assert load_mail_case(dump_mail_case(replace(kept, no_programs=True)) or "").no_programs
