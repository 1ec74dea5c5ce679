"""When an embedding model is asked what a question means, and what becomes of the vector: the pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pytest

from tests.unit.dialogue.stage import ScriptedAnswerer, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import AuthorKind
from yizhan.dialogue.answering import AskBack, Considered, Decision, Meant, NoAnswer, Say, Source, StartTask, Suggestion
from yizhan.dialogue.conversation import State
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.matcher import Candidate, Meaning
from yizhan.dialogue.models.documents import (
    KIND,
    MAX_WORDS,
    Chosen,
    EmbedQuestion,
    ModelRequest,
    ModelResult,
    NotDone,
    QuestionVector,
    Reworded,
    encoded,
    read_request,
    vector_of,
)
from yizhan.dialogue.models.use import ModelUse
from yizhan.dialogue.standby.ends import End
from yizhan.dialogue.standby.settling import GRACE, UNSENT
from yizhan.dialogue.standby.state import dump, load
from yizhan.dialogue.takers import job_ends

MODEL = "embed-1"
MEANS = ModelUse(seconds=1.5, embed=MODEL)
ALL = ModelUse(choose=True, reword=True, seconds=1.5, embed=MODEL)
SHIP, RETURN, MENU = "48小时内发货", "在订单页申请退货", "您想问的是下面哪一个问题？"
SEARCHING = Stage().turn.texts.searching_no_answer
GOOD = "您好，48小时内发货。"
SAYS, ASKS, TASK, NOTHING = (vector_of(row) for row in np.eye(4, dtype=np.float16))


@dataclass
class Shop(ScriptedAnswerer):
    """Its release was embedded: what a question means is the place of the vector's 1."""

    release: str = "release-1"
    model: str = MODEL

    def decide(
        self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
    ) -> Decision:
        if meaning is not None:
            assert words == words.strip()
            by_meaning: tuple[Decision, ...] = (
                Say("ship", self.release, SHIP, 0.91),
                AskBack((Suggestion("return", "怎么退货"), Suggestion("refund", "怎么退款"))),
                StartTask("order", self.release, 0.9),
                NoAnswer(),
            )
            return by_meaning[int(np.argmax(meaning))]
        if words == "怎么退货":
            return Say("return", self.release, RETURN, 1.0)
        if words == "东西呢":
            return AskBack((Suggestion("return", "怎么退货"),))
        return super().decide(workspace, words, channel=channel, at=at)

    def considered(self, workspace: str, words: str, *, at: datetime, meaning: Meaning | None = None) -> Considered:
        return Considered(self.release, (Candidate("return", 0.3 if meaning is None else 0.6, "怎么退货"),))

    def entry(self, workspace: str, entry_id: str, *, channel: str, at: datetime) -> Say | None:
        return Say("return", self.release, RETURN, 1.0) if entry_id == "return" else None

    def meant(self, workspace: str) -> Meant | None:
        return Meant(self.model, 4) if self.model else None

    def source(self, workspace: str) -> Source:
        return Source(self.release, Thresholds())


def stage(models: ModelUse = MEANS, model: str = MODEL) -> Stage:
    shop = Shop(model=model)
    return Stage(models=models, answerer=shop, job_ends=job_ends(shop))


def shop_of(on: Stage) -> Shop:
    assert isinstance(on.answerer, Shop)
    return on.answerer


def requests(on: Stage) -> list[ModelRequest]:
    return [read_request(job.body) for job in on.turn.jobs]


def kinds(on: Stage) -> list[str]:
    return [type(one).__name__ for one in requests(on)]


def result(on: Stage, given: ModelResult | k.JobOutcome, job: int = -1) -> None:
    """The end of a job comes back."""
    job_id = on.turn.jobs[job].id
    if isinstance(given, k.JobOutcome):
        assert on.command(k.JobFinished(job_id, KIND, given, reason="deadline")) == ""
    else:
        assert on.command(k.JobFinished(job_id, KIND, k.JobOutcome.DONE, encoded(given))) == ""


def bots(on: Stage) -> list[str]:
    said = [one.content for one in on.turn.outbound if one.author.kind is AuthorKind.BOT]
    return [one.prompt if isinstance(one, c.Menu) else c.plain_text(one) for one in said]


ASKED = [
    ("an answer that words find", MEANS, MODEL, "发货", [EmbedQuestion]),
    ("entries that may be meant", MEANS, MODEL, "东西呢", [EmbedQuestion]),
    ("an answer, where it could be reworded as well", ALL, MODEL, "发货", [EmbedQuestion]),
    ("a phrasing asked literally", MEANS, MODEL, "怎么退货", []),
    ("nothing that words find", MEANS, MODEL, "没人知道", [EmbedQuestion]),
    ("a greeting", MEANS, MODEL, "你好", []),
    ("a wish for a human", MEANS, MODEL, "转人工", []),
    ("a release with words alone", MEANS, "", "发货", []),
    ("a release that another model embedded", MEANS, "embed-2", "发货", []),
    ("no model", ModelUse(), MODEL, "发货", []),
    ("no time worth asking", ModelUse(seconds=0.3, embed=MODEL), MODEL, "发货", []),
]


@pytest.mark.parametrize(
    ("models", "model", "words", "asked"), [one[1:] for one in ASKED], ids=[one[0] for one in ASKED]
)
def test_what_a_question_means_is_asked_only_where_it_may_help(
    models: ModelUse, model: str, words: str, asked: list[type]
) -> None:
    on = stage(models, model)
    handled = on.customer(words)
    assert kinds(on) == [one.__name__ for one in asked]
    assert handled.waits is bool(asked)
    assert bool(bots(on)) is not bool(asked), "who does not wait is answered at once"


def test_a_very_long_question_is_answered_without_asking_what_it_means() -> None:
    on = stage()
    on.customer("东" * (MAX_WORDS + 1))
    assert requests(on) == []


SENT = [
    ("an answer where words find nothing", "没人知道", SAYS, SHIP, End.MEANT),
    ("entries where words find nothing", "没人知道", ASKS, MENU, End.MEANT),
    ("nothing, as words do", "没人知道", NOTHING, SEARCHING, End.INSTEAD),
    ("a task where words find nothing", "没人知道", TASK, SEARCHING, End.INSTEAD),
    ("no vector where words find nothing", "没人知道", NotDone(reason="http_5xx"), SEARCHING, End.INSTEAD),
    ("nothing in time where words find nothing", "没人知道", k.JobOutcome.TIMED_OUT, SEARCHING, End.INSTEAD),
    ("an answer instead of asking back", "东西呢", SAYS, SHIP, End.MEANT),
    ("other entries to choose from", "东西呢", ASKS, MENU, End.MEANT),
    ("asking back instead of an answer", "发货", ASKS, MENU, End.MEANT),
    ("the same answer", "发货", SAYS, SHIP, End.MEANT),
    ("a task", "发货", TASK, SHIP, End.INSTEAD),
    ("nothing", "发货", NOTHING, SHIP, End.INSTEAD),
    ("nothing, where words ask back", "东西呢", NOTHING, MENU, End.INSTEAD),
    ("another dimension", "发货", vector_of(np.ones(5, np.float16)), SHIP, End.INSTEAD),
    ("no numbers", "发货", vector_of(np.full(4, np.nan, np.float16)), SHIP, End.INSTEAD),
    ("no vector", "发货", QuestionVector(vector="x"), SHIP, End.INSTEAD),
    ("what is none of this", "发货", Chosen(entry_id="return"), SHIP, End.INSTEAD),
    ("nonsense of the endpoint", "发货", NotDone(reason="wrong_dimension"), SHIP, End.INSTEAD),
    ("too late", "发货", k.JobOutcome.TIMED_OUT, SHIP, End.INSTEAD),
    ("failed", "发货", k.JobOutcome.FAILED, SHIP, End.INSTEAD),
]


@pytest.mark.parametrize(("words", "given", "sent", "end"), [one[1:] for one in SENT], ids=[one[0] for one in SENT])
def test_the_customer_gets_one_answer_by_meaning_or_else_by_words(
    words: str, given: ModelResult | k.JobOutcome, sent: str, end: End
) -> None:
    on = stage()
    on.customer(words)
    result(on, given)
    assert bots(on) == [sent]
    assert on.turn.ends == [end]
    assert on.conversation.standby is None
    result(on, SAYS)
    assert bots(on) == [sent], "a vector that comes again has no effect"
    assert on.turn.ends == [end, End.LATE]


def test_other_entries_by_meaning_are_those_of_the_menu_that_is_sent() -> None:
    on = stage()
    on.customer("东西呢")
    result(on, ASKS)
    [menu] = [one.content for one in on.turn.outbound]
    assert isinstance(menu, c.Menu)
    assert [option.id for option in menu.options[:2]] == ["return", "refund"]


def test_the_score_of_an_answer_by_meaning_is_that_by_meaning() -> None:
    on = stage()
    on.customer("东西呢")
    result(on, SAYS)
    grounding = on.turn.outbound[0].grounding
    assert grounding is not None
    assert (grounding.entry_id, grounding.release_id, grounding.score) == ("ship", "release-1", 0.91)


def test_a_vector_for_a_release_that_is_gone_sends_what_stood_by() -> None:
    on = stage()
    on.customer("东西呢")
    shop_of(on).release = "release-2"
    result(on, SAYS)
    assert (bots(on), on.turn.ends) == ([MENU], [End.INSTEAD])


def test_a_vector_of_a_model_that_is_set_no_more_sends_what_stood_by() -> None:
    on = stage()
    on.customer("东西呢")
    shop_of(on).model = "embed-2"
    result(on, SAYS)
    assert (bots(on), on.turn.ends) == ([MENU], [End.INSTEAD])


def test_where_there_is_time_an_answer_by_meaning_is_reworded_by_the_same_deadline() -> None:
    on = stage(ALL)
    received = on.now
    on.customer("东西呢")
    on.pass_time(timedelta(seconds=0.4))
    result(on, SAYS)
    assert bots(on) == []
    assert kinds(on) == ["EmbedQuestion", "RephraseAnswer"]
    assert on.turn.jobs[0].deadline == on.turn.jobs[1].deadline == received + timedelta(seconds=1.3)
    result(on, Reworded(entry_id="ship", text=GOOD))
    assert (bots(on), on.turn.ends) == ([GOOD], [End.REWORDED])


def test_where_there_is_time_a_chat_model_chooses_among_what_was_found_by_meaning() -> None:
    on = stage(ALL)
    on.customer("东西呢")
    result(on, ASKS)
    assert kinds(on) == ["EmbedQuestion", "ChooseEntry"]
    result(on, Chosen(entry_id="return"))
    assert (bots(on), on.turn.ends) == ([RETURN], [End.CHOSEN])
    grounding = on.turn.outbound[0].grounding
    assert grounding is not None
    assert grounding.score == 0.6


def test_without_time_for_a_chat_model_what_was_found_by_meaning_is_sent_as_it_is() -> None:
    on = stage(ALL)
    on.customer("东西呢")
    on.pass_time(timedelta(seconds=1.2))
    result(on, SAYS)
    assert (bots(on), on.turn.ends) == ([SHIP], [End.MEANT])
    assert len(on.turn.jobs) == 1


@pytest.mark.parametrize("then", ["发货", "转人工", "你好"])
def test_what_was_asked_first_is_answered_first_and_a_late_vector_is_dropped(then: str) -> None:
    on = stage()
    on.customer("东西呢")
    on.customer(then)
    assert bots(on)[0] == MENU
    assert on.turn.ends == [End.OVERTAKEN]
    heard = bots(on)
    result(on, SAYS, job=0)
    assert bots(on) == heard
    assert on.turn.ends == [End.OVERTAKEN, End.LATE]


def test_an_answer_whose_job_is_lost_goes_out_all_the_same() -> None:
    on = stage()
    on.customer("东西呢")
    [timer] = [one for one in on.turn.timers if one.purpose == UNSENT]
    assert timer.due_at == on.now + timedelta(seconds=1.5) + GRACE
    on.pass_time(timer.due_at - on.now)
    assert on.command(k.TimerFired(timer.purpose, timer.session)) == ""
    result(on, SAYS)
    assert bots(on) == [MENU]


def test_what_waits_for_its_meaning_comes_back_as_it_was_stored() -> None:
    on = stage()
    on.customer("东西呢")
    standby = on.conversation.standby
    assert standby is not None
    assert standby.unsure is not None
    assert load(dump(standby)) == standby


def handoffs(on: Stage) -> list[str]:
    return [one.handoff_requested.reason for one in on.turn.events if one.HasField("handoff_requested")]


def test_where_nothing_is_found_by_meaning_either_a_human_is_asked_for_once() -> None:
    on, plain = stage(), stage(ModelUse())
    on.customer("没人知道")
    assert (on.state, handoffs(on)) == (State.BOT, [])
    result(on, NOTHING)
    plain.customer("没人知道")
    assert (on.state, handoffs(on)) == (plain.state, handoffs(plain)) == (State.QUEUED, ["no_answer"])
    assert on.conversation.handoff_reason == plain.conversation.handoff_reason
    [requested] = [one.handoff_requested for one in on.turn.events if one.HasField("handoff_requested")]
    assert requested.last_text == "没人知道"
    assert [miss.reason for miss in on.turn.misses] == [miss.reason for miss in plain.turn.misses]


@pytest.mark.parametrize("then", ["发货", "转人工", "没人知道"])
def test_who_writes_again_before_that_is_handed_over_and_waits_with_both_messages(then: str) -> None:
    on = stage()
    on.customer("没人知道")
    handled = on.customer(then)
    assert (bots(on), on.state, handoffs(on)) == ([SEARCHING], State.QUEUED, ["no_answer"])
    assert handled.intent == "human"
    result(on, SAYS, job=0)
    assert bots(on) == [SEARCHING]


def test_a_hand_over_that_stands_by_happens_when_its_job_is_lost() -> None:
    on = stage()
    on.customer("没人知道")
    [timer] = [one for one in on.turn.timers if one.purpose == UNSENT]
    on.pass_time(timer.due_at - on.now)
    assert on.command(k.TimerFired(timer.purpose, timer.session)) == ""
    assert on.command(k.TimerFired(timer.purpose, timer.session)) == ""
    assert (bots(on), on.state, handoffs(on)) == ([SEARCHING], State.QUEUED, ["no_answer"])


def test_a_session_that_ends_before_that_has_no_open_question() -> None:
    on = stage()
    on.customer("没人知道")
    assert on.command(k.Close("agent-1", ask_rating=False)) == ""
    assert (bots(on)[:1], on.state) == ([SEARCHING], State.CLOSED)
    result(on, SAYS)
    assert on.turn.ends == [End.OVERTAKEN, End.LATE]


def test_with_an_open_ticket_the_customer_is_reminded_of_it_at_once() -> None:
    on = stage()
    on.customer("转人工")
    on.command(k.MarkTicketed("t-1", "T1", on.now + timedelta(hours=1)))
    on.customer("没人知道")
    assert requests(on) == []
    assert "T1" in bots(on)[-1]


def test_a_hand_over_that_stands_by_comes_back_as_it_was_stored() -> None:
    on = stage()
    on.customer("没人知道")
    standby = on.conversation.standby
    assert standby is not None
    assert standby.hands_off is not None
    assert load(dump(standby)) == standby
