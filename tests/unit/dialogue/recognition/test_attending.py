"""What a customer hears who speaks or sends a picture, and whoever writes on before it is understood."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.dialogue.recognition.stage import (
    NO_ANSWER,
    OFFERED,
    PICTURE,
    RECORDING,
    RULES,
    SEARCHING,
    O,
    echo,
    ends,
    late,
    listening,
    outcomes,
    sends,
)
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.conversation import State
from yizhan.dialogue.customer import D
from yizhan.dialogue.recognition.asking import UNHEARD
from yizhan.dialogue.recognition.pending import PendingUnreadable, dump_pending, load_pending
from yizhan.dialogue.recognition.policy import VOICE

ANSWER = "bot: 48小时内发货"
HUGE = c.Voice(replace(RECORDING.media, size_bytes=1_001))
FILM = c.Video(c.Media("c" * 64, "video/mp4", "film.mp4", 10))


def replies(said: list[str]) -> list[str]:
    return [line for line in said if line.startswith("bot: ")]


@pytest.mark.parametrize(
    ("content", "words", "gets", "state"),
    [
        pytest.param(RECORDING, "发货", [echo("发货"), ANSWER], State.BOT, id="a spoken question is answered"),
        pytest.param(
            RECORDING,
            "转人工",
            [echo("转人工"), SEARCHING],
            State.QUEUED,
            id="a spoken wish for a human is obeyed",
        ),
        pytest.param(RECORDING, "月球", [echo("月球"), NO_ANSWER], State.QUEUED, id="an unknown question"),
        pytest.param(
            RECORDING,
            "退",
            [echo("退"), "bot: 您想问的是下面哪一个问题？"],
            State.BOT,
            id="an ambiguous one is asked back",
        ),
        pytest.param(
            PICTURE,
            "发货",
            ["bot: 我在图片里看到的是：「发货」。如果不对，请直接打字告诉我。", ANSWER],
            State.BOT,
            id="a question in a picture is answered",
        ),
        pytest.param(
            RECORDING, " 发\n货\u2028 ", [echo("发 货"), NO_ANSWER], State.QUEUED, id="words come back on one line"
        ),
        pytest.param(RECORDING, "{words} {0}", [echo("{words} {0}"), NO_ANSWER], State.QUEUED, id="braces are words"),
    ],
)
def test_what_was_understood_is_said_first_and_then_taken_for_the_customers_words(
    content: c.Content, words: str, gets: list[str], state: State
) -> None:
    stage = listening()
    [handled] = sends(stage, content)
    assert (handled.intent, handled.disposition) == ("recognising", D.DISPOSITION_HELD)
    assert ends(stage, words) == ""
    assert (replies(stage.said()), stage.state) == (gets, state)
    assert {message.in_reply_to for message in stage.turn.outbound} == {stage.turn.messages[0].id}
    assert outcomes(stage) == ["sure"]
    assert stage.turn.recognised[0].seq == 1


@pytest.mark.parametrize(
    ("words", "confidence", "outcome", "counted"),
    [
        pytest.param("发货", 0.84, O.DONE, "unsure", id="not sure enough"),
        pytest.param("", 1.0, O.DONE, "empty", id="nothing was said"),
        pytest.param("。。。！", 1.0, O.DONE, "empty", id="only punctuation"),
        pytest.param("货" * 501, 1.0, O.DONE, "too_long", id="a whole document"),
        pytest.param("", 0.0, O.FAILED, "failed", id="the recogniser failed"),
        pytest.param("", 0.0, O.TIMED_OUT, "slow", id="the recogniser was too slow"),
    ],
)
def test_in_doubt_a_human_is_offered_as_without_a_recogniser(
    words: str, confidence: float, outcome: k.JobOutcome, counted: str
) -> None:
    stage = listening()
    sends(stage, RECORDING)
    ends(stage, words, confidence, outcome=outcome)
    assert replies(stage.said()) == [OFFERED]
    assert outcomes(stage) == [counted]
    assert stage.conversation.recognition is None
    without = listening(None)
    sends(without, RECORDING)
    assert replies(without.said()) == [OFFERED]


def test_bytes_that_are_no_answer_offer_a_human() -> None:
    stage = listening()
    sends(stage, RECORDING)
    for_it = stage.turn.jobs[0]
    stage.command(k.JobFinished(for_it.id, for_it.kind, O.DONE, b'{"text": "\\ud83d", "confidence": 1}'))
    assert (replies(stage.said()), outcomes(stage)) == ([OFFERED], ["unreadable"])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HUGE, id="a recording that is too large"),
        pytest.param(FILM, id="a film"),
        pytest.param(c.File(RECORDING.media), id="a file"),
        pytest.param(PICTURE, id="a picture where only voice is wanted"),
    ],
)
def test_what_is_not_given_away_offers_a_human_at_once(content: c.Content) -> None:
    stage = listening(replace(RULES, kinds=(VOICE,)))
    sends(stage, content)
    assert (replies(stage.said()), stage.turn.jobs) == ([OFFERED], [])


def test_who_writes_on_is_answered_in_order_and_nothing_is_answered_twice() -> None:
    stage = listening()
    handled = sends(stage, RECORDING, "发货", "谢谢")
    assert [one.intent for one in handled] == ["recognising", "waits_for_recognition", "waits_for_recognition"]
    assert replies(stage.said()) == []
    ends(stage, "退")
    question = stage.turn.messages
    assert replies(stage.said()) == [
        echo("退"),
        "bot: 您想问的是下面哪一个问题？",
        ANSWER,
        "bot: 不客气，很高兴为您服务。还有其他问题可以随时问我。",
    ]
    assert [one.in_reply_to for one in stage.turn.outbound] == [
        question[0].id,
        question[0].id,
        question[1].id,
        question[2].id,
    ]
    ends(stage, "退")
    assert len(replies(stage.said())) == 4
    assert outcomes(stage) == ["sure", "late"]


def test_what_was_written_meanwhile_is_answered_although_the_recording_was_not_understood() -> None:
    stage = listening()
    sends(stage, RECORDING, "发货")
    ends(stage, outcome=O.FAILED)
    assert replies(stage.said()) == [OFFERED, ANSWER]


def test_two_recordings_are_understood_one_after_the_other() -> None:
    stage = listening()
    sends(stage, RECORDING, PICTURE, "谢谢")
    assert len(stage.turn.jobs) == 1
    ends(stage, "发货")
    assert replies(stage.said()) == [echo("发货"), ANSWER]
    assert len(stage.turn.jobs) == 2
    ends(stage, outcome=O.TIMED_OUT)
    assert replies(stage.said())[2:] == [OFFERED, "bot: 不客气，很高兴为您服务。还有其他问题可以随时问我。"]


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param("转人工", id="in words"),
        pytest.param(c.Choice("handoff", "yes", "转人工客服"), id="by a button"),
    ],
)
def test_a_wish_for_a_human_does_not_wait(wish: c.Content | str) -> None:
    stage = listening()
    sends(stage, RECORDING, "在吗", wish)
    assert (replies(stage.said()), stage.state) == ([SEARCHING], State.QUEUED)
    ends(stage, "发货")
    assert replies(stage.said()) == [SEARCHING]
    assert outcomes(stage) == ["overtaken", "late"]


def test_a_human_who_took_over_meanwhile_is_not_talked_over() -> None:
    stage = listening()
    sends(stage, RECORDING)
    assert stage.command(k.Assign("agent-1", "小雅", "assignment-1"), epoch=0) == ""
    ends(stage, "发货")
    assert replies(stage.said()) == []
    assert (stage.conversation.recognition, outcomes(stage)) == (None, ["overtaken"])


def test_a_session_that_ended_meanwhile_does_not_hold_up_the_next() -> None:
    stage = listening()
    sends(stage, RECORDING)
    assert stage.command(k.Close("supervisor", ask_rating=False)) == ""
    sends(stage, "发货")
    assert replies(stage.said()) == [ANSWER]
    ends(stage, "谢谢")
    assert replies(stage.said()) == [ANSWER]


def test_a_result_that_never_comes_holds_up_nobody() -> None:
    stage = listening()
    sends(stage, RECORDING, "谢谢")
    late(stage)
    sends(stage, "发货")
    assert replies(stage.said()) == [OFFERED, "bot: 不客气，很高兴为您服务。还有其他问题可以随时问我。", ANSWER]
    assert outcomes(stage) == ["not_waited_for"]
    ends(stage, "发货")
    assert len(replies(stage.said())) == 3


def test_a_customer_whose_result_never_comes_hears_something_without_writing_again() -> None:
    stage = listening()
    sends(stage, RECORDING, "谢谢")
    timer = stage.turn.timers[-1]
    assert timer.purpose == UNHEARD
    stage.command(k.TimerFired(UNHEARD, timer.session))
    assert replies(stage.said()) == []
    stage.pass_time(timer.due_at - stage.now)
    stage.command(k.TimerFired(UNHEARD, timer.session))
    assert replies(stage.said()) == [OFFERED, "bot: 不客气，很高兴为您服务。还有其他问题可以随时问我。"]
    assert outcomes(stage) == ["slow"]
    stage.command(k.TimerFired(UNHEARD, timer.session))
    assert len(replies(stage.said())) == 2


def test_a_timer_of_the_recording_before_does_not_end_the_next() -> None:
    stage = listening()
    sends(stage, RECORDING)
    ends(stage, "发货")
    stage.pass_time(timedelta(seconds=5))
    sends(stage, PICTURE)
    stage.pass_time(timedelta(seconds=4))
    stage.command(k.TimerFired(UNHEARD, 1))
    assert outcomes(stage) == ["sure"]
    assert stage.conversation.recognition is not None
    assert stage.turn.timers[-1].due_at == stage.conversation.recognition.until


def test_who_writes_very_much_meanwhile_is_answered_without_the_recogniser() -> None:
    stage = listening()
    sends(stage, RECORDING, *["谢谢"] * 8)
    assert replies(stage.said()) == []
    sends(stage, "发货")
    assert replies(stage.said())[0] == OFFERED
    assert replies(stage.said())[-1] == ANSWER
    assert len(replies(stage.said())) == 10


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(c.Text("发货", heard=True), id="the words alone"),
        pytest.param(c.Voice(replace(RECORDING.media, recognised="发货")), id="the words with the recording"),
    ],
)
@pytest.mark.parametrize("rules", [RULES, None])
def test_words_from_the_platform_are_said_first_too(content: c.Content, rules: object) -> None:
    stage = listening(rules)  # type: ignore[arg-type]
    sends(stage, content)
    assert replies(stage.said()) == [echo("发货"), ANSWER]
    assert stage.turn.jobs == []


def test_english_is_answered_in_english() -> None:
    stage = listening()
    sends(stage, RECORDING)
    ends(stage, "发货", language="en-US")
    assert replies(stage.said())[0] == 'bot: I heard: "发货". If that is wrong, just type it.'


def test_what_waits_is_kept_with_the_conversation() -> None:
    stage = listening()
    sends(stage, RECORDING, "发货")
    pending = stage.conversation.recognition
    assert pending is not None
    assert load_pending(dump_pending(pending)) == pending
    with pytest.raises(PendingUnreadable):
        load_pending('{"job_id": 3}')
