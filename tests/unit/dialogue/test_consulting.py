"""When a chat model is asked, for how long, and what of its answers the customer gets: the pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from tests.unit.dialogue.recognition.stage import RECORDING, RULES, echo, ends
from tests.unit.dialogue.stage import ADDRESS, ScriptedAnswerer, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue import consulting, customer
from yizhan.dialogue.answering import AskBack, Decision, Say, Suggestion
from yizhan.dialogue.conversation import ASSISTED, State
from yizhan.dialogue.knowledge.matcher import Meaning
from yizhan.dialogue.models.documents import (
    KIND,
    MAX_WORDS,
    ChooseEntry,
    Chosen,
    ModelRequest,
    ModelResult,
    NotDone,
    RephraseAnswer,
    Reworded,
    encoded,
    read_request,
)
from yizhan.dialogue.models.use import ModelUse
from yizhan.dialogue.standby.ends import End
from yizhan.dialogue.standby.settling import GRACE, UNSENT
from yizhan.dialogue.standby.state import Standby, StandbyUnreadable, dump, load
from yizhan.dialogue.takers import job_ends

BOTH = ModelUse(choose=True, reword=True, seconds=1.5)
SHIP, RETURN, MENU = "48小时内发货", "在订单页申请退货", "您想问的是下面哪一个问题？"
GOOD = "您好，48小时内发货。"
PICTURE = c.Image(c.Media("0" * 64, "image/png", "a.png", 10))


@dataclass
class Shop(ScriptedAnswerer):
    """Also knows a long answer and one with a picture; ``release`` may change."""

    release: str = "release-1"

    def decide(
        self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
    ) -> Decision:
        match words.strip():
            case "长":
                return Say("long", self.release, "发" * 3000, 0.97)
            case "图":
                return Say("pictured", self.release, SHIP, 0.97, (PICTURE,))
            case "查":
                return AskBack((Suggestion("task:order", "查订单"),))
            case "退查":
                return AskBack((Suggestion("return", "怎么退货"), Suggestion("task:order", "查订单")))
            case said if "发货" in said:
                return Say("ship", self.release, SHIP, 0.97)
        return super().decide(workspace, words, channel=channel, at=at)

    def entry(self, workspace: str, entry_id: str, *, channel: str, at: datetime) -> Say | None:
        return Say("return", self.release, RETURN, 1.0) if entry_id == "return" else None


def stage(models: ModelUse = BOTH) -> Stage:
    shop = Shop()
    return Stage(models=models, answerer=shop, job_ends=job_ends(shop))


def requests(on: Stage) -> list[ModelRequest]:
    return [read_request(job.body) for job in on.turn.jobs]


def result(on: Stage, given: ModelResult | k.JobOutcome, job: int = -1) -> None:
    """The end of a job comes back."""
    job_id = on.turn.jobs[job].id
    if isinstance(given, k.JobOutcome):
        assert on.command(k.JobFinished(job_id, KIND, given, reason="deadline")) == ""
    else:
        assert on.command(k.JobFinished(job_id, KIND, k.JobOutcome.DONE, encoded(given))) == ""


ASKED = [
    ("an answer", BOTH, "发货", [RephraseAnswer]),
    ("entries that may be meant", BOTH, "退", [ChooseEntry]),
    ("an entry or a task may be meant", BOTH, "退查", [ChooseEntry]),
    ("only tasks may be meant", BOTH, "查", []),
    ("a very long answer", BOTH, "长", []),
    ("a very long question", BOTH, "发货" * MAX_WORDS, []),
    ("a greeting", BOTH, "你好", []),
    ("a wish for a human", BOTH, "转人工", []),
    ("nothing is known", BOTH, "没人知道", []),
    ("an answer, where a model only chooses", ModelUse(choose=True, seconds=1.5), "发货", []),
    ("entries, where a model only rewords", ModelUse(reword=True, seconds=1.5), "退", []),
    ("an answer, without a model", ModelUse(), "发货", []),
    ("an answer, with no time worth asking", ModelUse(choose=True, reword=True, seconds=0.3), "发货", []),
]


@pytest.mark.parametrize(("models", "words", "asked"), [one[1:] for one in ASKED], ids=[one[0] for one in ASKED])
def test_a_model_is_asked_only_where_it_may_help(models: ModelUse, words: str, asked: list[type]) -> None:
    on = stage(models)
    handled = on.customer(words)
    assert [type(one) for one in requests(on)] == asked
    assert handled.waits is bool(asked)
    assert (on.conversation.standby is not None) is bool(asked)
    assert bool(bots(on)) is not bool(asked), "who does not wait is answered at once"


def test_the_time_is_counted_from_when_the_message_was_received() -> None:
    on = stage()
    received = on.now
    on.pass_time(timedelta(seconds=0.9))
    customer.receive(on.turn, said("m-1", received), on.answerer)
    assert on.turn.jobs[0].deadline == received + timedelta(seconds=1.5 - consulting.WAY_BACK_SECONDS)
    on.pass_time(timedelta(seconds=60))
    customer.receive(on.turn, said("m-2", on.now - timedelta(seconds=1.2)), on.answerer)
    assert len(on.turn.jobs) == 1, "a model has less time than it needs: nobody waits for it"
    assert bots(on) == [SHIP, SHIP]


def said(message_id: str, at: datetime) -> Message:
    return Message(message_id, ADDRESS, Author(AuthorKind.CUSTOMER, "v:1"), c.Text("发货"), at)


SENT = [
    ("a good rewording", "发货", Reworded(entry_id="ship", text=GOOD), GOOD, End.REWORDED),
    ("a rewording of another entry", "发货", Reworded(entry_id="return", text=GOOD), SHIP, End.INSTEAD),
    ("a rewording that adds", "发货", Reworded(entry_id="ship", text=GOOD + "免运费。"), SHIP, End.INSTEAD),
    ("a rewording that nobody checked", "发货", Reworded(entry_id="ship", text="24小时内发货"), SHIP, End.INSTEAD),
    ("nothing", "发货", NotDone(reason="rate_limited"), SHIP, End.INSTEAD),
    ("a choice where words were asked for", "发货", Chosen(entry_id="return"), SHIP, End.INSTEAD),
    ("too late", "发货", k.JobOutcome.TIMED_OUT, SHIP, End.INSTEAD),
    ("failed", "发货", k.JobOutcome.FAILED, SHIP, End.INSTEAD),
    ("a choice", "退", Chosen(entry_id="return"), RETURN, End.CHOSEN),
    ("none of them", "退", Chosen(entry_id=""), MENU, End.INSTEAD),
    ("one that is not there", "退", Chosen(entry_id="refund"), MENU, End.INSTEAD),
    ("one that was not offered", "退", Chosen(entry_id="ship"), MENU, End.INSTEAD),
    ("a task", "退查", Chosen(entry_id="task:order"), MENU, End.INSTEAD),
    ("words where a choice was asked for", "退", Reworded(entry_id="return", text=RETURN), MENU, End.INSTEAD),
    ("no choice in time", "退", k.JobOutcome.TIMED_OUT, MENU, End.INSTEAD),
]


@pytest.mark.parametrize(
    ("words", "given_back", "sent", "end"), [one[1:] for one in SENT], ids=[one[0] for one in SENT]
)
def test_only_what_the_entry_says_is_sent(
    words: str, given_back: ModelResult | k.JobOutcome, sent: str, end: End
) -> None:
    on = stage()
    on.customer(words)
    result(on, given_back)
    assert bots(on) == [sent]
    assert on.turn.ends == [end]
    assert on.conversation.standby is None
    result(on, Reworded(entry_id="ship", text=GOOD))
    assert bots(on) == [sent], "a result that comes again has no effect"


def test_what_an_answer_carries_goes_with_it_in_other_words() -> None:
    on = stage()
    on.customer("图")
    result(on, Reworded(entry_id="pictured", text=GOOD))
    assert [type(one.content) for one in on.turn.messages] == [c.Text, c.Text, c.Image]
    assert {one.grounding.entry_id for one in on.turn.outbound if one.grounding} == {"pictured"}


def test_an_entry_that_was_chosen_from_a_release_that_is_gone_is_not_sent() -> None:
    on = stage()
    on.customer("退")
    assert isinstance(on.answerer, Shop)
    on.answerer.release = "release-2"
    result(on, Chosen(entry_id="return"))
    assert bots(on) == [MENU]


def test_the_score_is_that_of_the_match_and_not_of_the_model() -> None:
    on = stage()
    on.customer("退")
    result(on, Chosen(entry_id="return"))
    grounding = on.turn.outbound[0].grounding
    assert grounding is not None
    assert (grounding.entry_id, grounding.release_id, grounding.score) == ("return", "release-1", 0.312346)


BEFORE = [
    ("another question", "发货", [SHIP, SHIP], State.BOT),
    ("a wish for a human", "转人工", [SHIP, "正在为您转接人工客服，请稍候。您可以先把问题写下来，客服会看到完整的聊天记录。"], State.QUEUED),
    ("a picture", PICTURE, [SHIP, "收到您发来的内容。我还不能查看图片或文件，需要人工客服帮您看一下吗？"], State.BOT),
    ("the end", k.Close("agent-1", ask_rating=False), [SHIP], State.CLOSED),
]  # fmt: skip


@pytest.mark.parametrize(("then", "hears", "state"), [one[1:] for one in BEFORE], ids=[one[0] for one in BEFORE])
def test_what_was_asked_first_is_answered_first(
    then: str | c.Content | k.Close, hears: list[str], state: State
) -> None:
    on = stage(ModelUse(choose=True, reword=True, seconds=1.5))
    on.customer("发货")
    if isinstance(then, k.Close):
        assert on.command(then) == ""
    else:
        on.customer(then)
        if on.conversation.standby is not None:
            result(on, NotDone(reason="deadline"))
    assert bots(on) == hears
    result(on, Reworded(entry_id="ship", text=GOOD), job=0)
    assert bots(on) == hears
    assert on.state is state
    assert (on.turn.ends[0], on.turn.ends[-1]) == (End.OVERTAKEN, End.LATE)


def test_an_agent_who_takes_over_finds_the_answer_given() -> None:
    on = stage()
    on.customer("转人工")
    on.command(k.MarkTicketed("t-1", "T1", on.now + timedelta(hours=1)))
    assert on.state is State.TICKETED
    on.customer("发货")
    assert on.command(k.Assign("agent-1", "小雅", "a-1"), epoch=0) == ""
    assert [c.plain_text(one.content) for one in on.turn.messages][-2:] == [SHIP, "客服 小雅 已接入，为您服务"]
    result(on, Reworded(entry_id="ship", text=GOOD))
    assert bots(on)[-1] == SHIP


def test_a_spoken_question_and_what_was_written_after_it_are_answered_in_order() -> None:
    on = stage()
    on.turn.recognising = RULES
    spoken, written = on.customer(RECORDING), on.customer("退")
    assert [spoken.waits, written.waits] == [True, True], "what became of them is told when it is known"
    assert ends(on, "发货") == ""
    assert [f"bot: {words}" for words in bots(on)] == [echo("发货"), f"bot: {SHIP}"]
    result(on, Chosen(entry_id="return"))
    result(on, Reworded(entry_id="ship", text=GOOD), job=1)
    assert bots(on)[1:] == [SHIP, RETURN]
    assert on.turn.ends == [End.OVERTAKEN, End.CHOSEN, End.LATE]


@pytest.mark.parametrize("seconds", [0.0, 60.0], ids=["at once", "later"])
def test_an_answer_whose_job_is_lost_goes_out_all_the_same(seconds: float) -> None:
    on = stage()
    on.customer("发货")
    [timer] = [one for one in on.turn.timers if one.purpose == UNSENT]
    assert timer.due_at == on.now + timedelta(seconds=1.5) + GRACE
    on.pass_time(timer.due_at - on.now + timedelta(seconds=seconds))
    assert on.command(k.TimerFired(timer.purpose, timer.session)) == ""
    assert on.command(k.TimerFired(timer.purpose, timer.session)) == ""
    result(on, Reworded(entry_id="ship", text=GOOD))
    assert bots(on) == [SHIP]
    assert on.turn.ends == [End.INSTEAD, End.LATE]


def test_the_timer_of_an_earlier_answer_sends_no_later_one() -> None:
    on = stage()
    on.customer("发货")
    [first] = [one for one in on.turn.timers if one.purpose == UNSENT]
    on.pass_time(timedelta(seconds=5))
    on.customer("退")
    on.pass_time(first.due_at - on.now)
    assert on.command(k.TimerFired(first.purpose, first.session)) == ""
    assert bots(on) == [SHIP]
    again = on.turn.timers[-1]
    on.pass_time(again.due_at - on.now)
    assert on.command(k.TimerFired(again.purpose, again.session)) == ""
    assert bots(on) == [SHIP, MENU]


def test_a_refused_command_sends_nothing() -> None:
    on = stage()
    on.customer("发货")
    assert on.command(k.Close("agent-1"), epoch=99) == "stale_epoch"
    assert bots(on) == []


MISSES = [
    ("answered in a model's words and asked again in others", ["什么时候发货", Reworded(entry_id="ship", text=GOOD), "几时能发货呢"], ["rephrased ship"]),
    ("answered without it and asked again in other words", ["什么时候发货", NotDone(reason="x"), "几时能发货呢"], ["rephrased ship"]),
    ("answered before the model could, asked in other words", ["什么时候发货", "几时能发货呢"], ["rephrased ship"]),
    ("answered and a human is asked for", ["什么时候发货", Reworded(entry_id="ship", text=GOOD), "转人工"], ["human_after_answer ship"]),
    ("a choice, and a human is asked for", ["退", Chosen(entry_id="return"), "转人工"], ["human_after_answer return"]),
    ("asked back after all, and something else is said", ["退", NotDone(reason="x"), "没人知道"], ["said_else ", "no_answer "]),
    ("answered and thanked", ["什么时候发货", Reworded(entry_id="ship", text=GOOD), "谢谢"], []),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "missed"), [one[1:] for one in MISSES], ids=[one[0] for one in MISSES])
def test_an_answer_that_waited_counts_for_misses_like_any_other(
    steps: list[str | ModelResult], missed: list[str]
) -> None:
    on = stage()
    for step in steps:
        if isinstance(step, str):
            on.customer(step)
        else:
            result(on, step)
    if on.conversation.standby is not None:
        result(on, NotDone(reason="deadline"))
    assert [f"{miss.reason} {miss.asked.entry_id}" for miss in on.turn.misses] == missed


def test_a_standby_comes_back_as_it_was_stored() -> None:
    on = stage()
    for words in ("图", "退"):
        on.customer(words)
        standby = on.conversation.standby
        assert isinstance(standby, Standby)
        assert load(dump(standby)) == standby


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"job_id": 1}'])
def test_what_is_no_standby_is_refused(text: str) -> None:
    with pytest.raises(StandbyUnreadable):
        load(text)


STEPS = st.one_of(
    st.sampled_from(["发货", "退", "你好", "谢谢", "转人工", "没人知道", "图", "close", "assign", "return", "wait", "timer"]),
    st.tuples(st.integers(0, 20), st.sampled_from([
        Reworded(entry_id="ship", text=GOOD), Chosen(entry_id="return"), Chosen(entry_id=""), NotDone(reason="x"),
        k.JobOutcome.TIMED_OUT, k.JobOutcome.FAILED,
    ])),
)  # fmt: skip


@given(st.lists(STEPS, max_size=30))
@settings(max_examples=300, deadline=None)
def test_whatever_happens_no_question_stays_open_and_none_is_answered_twice(
    steps: list[str | tuple[int, ModelResult | k.JobOutcome]],
) -> None:
    on, heard = stage(), list[bool]()
    for step in steps:
        if step in ("发货", "退"):
            heard.append(on.state in ASSISTED or on.state is State.CLOSED)
        _play(on, step)
        standby = on.conversation.standby
        assert standby is None or on.state in ASSISTED
        if standby is not None:
            assert not [one for one in on.turn.outbound if one.in_reply_to == standby.question.id]
    if on.conversation.standby is not None:
        on.command(k.JobFinished(on.conversation.standby.job_id, KIND, k.JobOutcome.TIMED_OUT))
    assert on.conversation.standby is None
    said = on.turn.messages
    questions = [
        (place, one)
        for place, one in enumerate(said)
        if one.author.kind is AuthorKind.CUSTOMER and c.plain_text(one.content) in ("发货", "退")
    ]
    for (place, question), by_the_assistant in zip(questions, heard, strict=True):
        answers = [at for at, one in enumerate(said) if one.in_reply_to == question.id]
        assert len(answers) == by_the_assistant, "a human has the conversation, or there is one answer"
        following = next(
            (at for at, one in enumerate(said) if at > place and one.author.kind is AuthorKind.CUSTOMER), None
        )
        assert all(at > place and (following is None or at < following) for at in answers), "in its place"
    waited = sum(job.kind == KIND for job in on.turn.jobs)
    assert sum(end is not End.LATE for end in on.turn.ends) == waited


def _play(on: Stage, step: str | tuple[int, ModelResult | k.JobOutcome]) -> None:
    match step:
        case "close":
            on.command(k.Close("agent-1", ask_rating=False))
        case "assign":
            on.command(k.Assign("agent-1", "小雅", "a-1"))
        case "return":
            on.command(k.ReturnToBot("agent-1"))
        case "wait":
            on.pass_time(timedelta(seconds=2))
        case "timer":
            on.command(k.TimerFired(UNSENT, on.conversation.session))
        case str():
            on.customer(step)
        case (int() as place, outcome) if on.turn.jobs:
            result(on, outcome, place % len(on.turn.jobs))
        case _:
            return


def bots(on: Stage) -> list[str]:
    """What the assistant said, a menu by its first line."""
    said = [one for one in on.turn.messages if one.author.kind is AuthorKind.BOT]
    return [
        one.content.prompt.splitlines()[0] if isinstance(one.content, c.Menu) else c.plain_text(one.content)
        for one in said
    ]
