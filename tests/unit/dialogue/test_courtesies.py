"""Hello, thanks and 好的, said to the demo shop outside any task: short words where some are due, and silence where not."""

import pytest

from tests.unit.dialogue.stage import ADDRESS, IDLE, NOON, ZONE
from tests.unit.dialogue.tasks.demo_shop import DemoShop, answerer
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import message_to_proto
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue.conversation import State
from yizhan.dialogue.customer import Handled
from yizhan.dialogue.decisions import dump_basis, load_basis
from yizhan.dialogue.explaining import explained
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.remembering import Remembering
from yizhan.dialogue.replay import Setting, differences, made_again
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2

GREETING = "您好，我是智能客服，可以直接输入您的问题。需要人工服务时，请回复“转人工”。"
GREETING_EN = 'Hello, I\'m the virtual assistant. Just type your question. To talk to a person, say "human agent".'
WELCOME = "您好，请问有什么可以帮您？"
COURTESY = "不客气，很高兴为您服务。还有其他问题可以随时问我。"
WHO = "我是智能客服，由程序自动回答。需要人工服务时，请回复“转人工”。"
STAY = "好的，请直接输入您的问题。"

QUESTION = "退款多久到账"
NODS = [
    "好的",
    "好",
    "好滴",
    "好吧",
    "嗯",
    "嗯嗯",
    "嗯...",
    "哦",
    "哦哦",
    "噢",
    "知道了",
    "我知道了",
    "明白了",
    "了解",
    "懂了",
    "收到",
    "行",
    "行吧",
    "可以",
    "没问题",
    "没事",
    "对",
    "是的",
    "ok",
    "OK",
    "okk",
    "好的好的",
    "👌",
    "👍",
    "🙏",
    "[OK]",
    "[抱拳]",
    "好的👌",
]
NODS += ["got it", "I see", "sounds good", "嗯，好的，我再看看", "哦，原来如此", "好的老板"]


class Talk(DemoShop):
    """What the demo shop answers to one message after the other."""

    def say(self, words: str) -> list[str]:
        self.customer(c.Text(words))
        return list(self.said())

    def hear(self, words: str) -> Handled:
        return self.stage.customer(words)


def after(*words: str) -> Talk:
    talk = Talk()
    for said in words:
        talk.say(said)
    return talk


@pytest.mark.parametrize("words", NODS)
def test_a_nod_after_an_answer_is_left_alone(words: str) -> None:
    talk = after(QUESTION)
    assert talk.say(words) == []
    assert talk.stage.state is State.BOT


@pytest.mark.parametrize("words", NODS)
def test_whoever_begins_with_a_nod_is_greeted(words: str) -> None:
    assert Talk().say(words) == [GREETING_EN if words in ("got it", "I see") else GREETING]


@pytest.mark.parametrize(
    ("before", "words", "reply"),
    [
        ([], "你好", [GREETING]),
        ([], "在吗", [GREETING]),
        ([], "hello", [GREETING]),
        (["你好"], "在吗", [WELCOME]),
        ([QUESTION], "谢谢", [COURTESY]),
        ([QUESTION], "谢谢你", [COURTESY]),
        ([QUESTION], "好的谢谢", [COURTESY]),
        ([QUESTION], "thanks", [COURTESY]),
        ([QUESTION], "再见", [COURTESY]),
        ([], "谢谢", [COURTESY]),
        ([], "再见", [COURTESY]),
        (["你好"], "好的", [STAY]),
        ([], "你是机器人吗", [WHO]),
        ([QUESTION], "你是真人吗？", [WHO]),
        ([QUESTION], "哈哈", []),
        ([QUESTION], "[微笑]", []),
        ([], "[微笑]", [GREETING]),
        ([QUESTION], "算了", []),
        (["好的"], "嗯", [STAY]),
        ([QUESTION, "好的"], "嗯", []),
        ([QUESTION, "谢谢"], "好的", []),
        ([QUESTION, "嗯"], "谢谢", [COURTESY]),
        (["谢谢，还有个问题：运费多少"], "好的", [STAY]),
        ([QUESTION, "谢谢，还有个问题：运费多少"], "嗯", [STAY]),
        (["SJ100001"], "知道了", []),
        (["SJ100001", "谢谢"], "嗯嗯", ["好的，还有其他问题可以随时问我。"]),
        ([QUESTION, "可以预约吗"], "知道了", [STAY]),
    ],
)
def test_what_is_due_after_what_was_said(before: list[str], words: str, reply: list[str]) -> None:
    assert after(*before).say(words) == reply


@pytest.mark.parametrize(
    "words",
    [
        "好的，那怎么退货", "谢谢，还有个问题：运费多少", "ok怎么付款", "好的吗?", "好的吗？", "嗯？", "哦？", "好的？", "可以吗", "行不行", "知道了，但是我要投诉", "好的，转人工",
        "不是", "不", "好的，我要退货", "嗯那运费谁出", "okay, how do I pay", "对了", "对了，怎么退货", "可以开发票吗", "收到的东西坏了", "行李箱有吗", "是不是坏了", "明白茶怎么泡",
    ],
)  # fmt: skip
def test_who_says_more_than_a_nod_has_an_answer(words: str) -> None:
    talk = after(QUESTION)
    assert talk.say(words) not in ([], [COURTESY], [STAY])


def test_a_complaint_behind_a_nod_comes_to_a_person() -> None:
    talk = after(QUESTION, "知道了，但是我要投诉")
    assert talk.stage.state is State.QUEUED


def test_a_nod_in_a_case_that_begins_anew_is_greeted_again() -> None:
    talk = after(QUESTION, "转人工")
    talk.stage.command(k.Assign("agent-1", "小雅", "assignment-1"))
    talk.stage.command(k.Close("agent-1", ask_rating=True))
    list(talk.said())
    assert talk.say("好的") == [GREETING]


def test_a_nod_to_what_an_agent_said_is_left_alone_when_the_assistant_is_back() -> None:
    talk = after("转人工")
    talk.stage.command(k.Assign("agent-1", "小雅", "assignment-1"))
    talk.stage.command(k.Say("agent-1", "小雅", c.Text("已经为您登记好了")))
    talk.stage.command(k.ReturnToBot("agent-1"))
    list(talk.said())
    assert talk.say("好的") == []


@pytest.mark.parametrize("visited", [False, True])
def test_the_greeting_of_a_visit_is_not_said_twice(visited: bool) -> None:
    talk = Talk()
    if visited:
        talk.stage.visit(k.Visit())
        list(talk.said())
    assert talk.say("好的") == [STAY if visited else GREETING]


class TestQuestionsOfTheAssistant:
    """There 好的 is an answer."""

    PICTURE = c.Image(c.Media("ab" * 32, "image/jpeg"))

    def asked_for_a_human(self) -> Talk:
        talk = after(QUESTION)
        talk.customer(self.PICTURE)
        assert "需要人工客服帮您看一下吗" in next(iter(talk.said()))
        return talk

    @pytest.mark.parametrize("words", ["好的", "嗯", "要", "可以", "ok", "需要"])
    def test_yes_to_a_human_is_heard(self, words: str) -> None:
        talk = self.asked_for_a_human()
        assert talk.say(words) != []
        assert talk.stage.state is State.QUEUED

    @pytest.mark.parametrize("words", ["不用了", "不用", "不用了谢谢", "算了"])
    def test_no_to_a_human_is_heard(self, words: str) -> None:
        talk = self.asked_for_a_human()
        assert talk.say(words) == [STAY]
        assert talk.stage.state is State.BOT

    def test_a_nod_that_is_neither_has_a_word_in_return(self) -> None:
        assert self.asked_for_a_human().say("知道了") == [STAY]

    def test_another_question_closes_it(self) -> None:
        talk = self.asked_for_a_human()
        talk.say(QUESTION)
        assert talk.say("好的") == []
        assert talk.stage.state is State.BOT

    def test_yes_to_a_confirmation_submits(self) -> None:
        talk = after("我要退 SJ100011, 手机13600136000, 尺码不对", "羊毛毯", "退货", "没有")
        assert "正在为您提交" in talk.say("好的")[0]

    def test_yes_to_a_human_in_the_midst_of_a_confirmation_submits_nothing(self) -> None:
        talk = after("我要退 SJ100011, 手机13600136000, 尺码不对", "羊毛毯", "退货", "没有")
        calls = len(talk.calls())
        talk.customer(c.Voice(c.Media("cd" * 32, "audio/amr")))
        talk.say("好的")
        assert talk.stage.state is State.QUEUED
        assert len(talk.calls()) == calls

    @pytest.mark.parametrize("words", ["好的", "嗯", "继续办理"])
    def test_yes_to_going_on_after_an_agent_goes_on(self, words: str) -> None:
        talk = after("我要退货", "转人工")
        talk.stage.command(k.Assign("agent-1", "小雅", "assignment-1"))
        talk.stage.command(k.ReturnToBot("agent-1"))
        list(talk.said())
        (resumed,) = talk.say(words)
        assert "接着办理" in resumed
        assert "订单号" in resumed


def test_a_message_that_is_left_alone_is_held_for_nobody() -> None:
    talk = after(QUESTION)
    handled = talk.hear("好的")
    assert (handled.disposition, handled.intent, handled.reply_id) == (event_pb2.DISPOSITION_HELD, "silent", "")
    hint = talk.stage.turn.customer[-1]
    assert hint.appended.held, "the channel would wait for a reply"


def test_nods_are_no_questions_that_were_missed() -> None:
    talk = after("好的", QUESTION, "好的", "嗯", "收到", "可以预约吗", "好的", "谢谢", "好的")
    assert talk.stage.turn.misses == []


def test_who_nods_and_asks_again_was_not_answered_well() -> None:
    """The nod hides nothing from those who look after the knowledge."""
    talk = after("退款多久到账", "好的", "退款多长时间到账")
    assert [miss.reason for miss in talk.stage.turn.misses] == ["rephrased"]


VOICE = Voice("助手")
SETTING = Setting(VOICE, IDLE, ZONE)


@pytest.mark.parametrize(
    ("before", "words", "intent"),
    [
        ([], "好的", "acknowledged"),
        ([QUESTION], "好的", "silent"),
        ([QUESTION, "可以预约吗"], "嗯", "acknowledged"),
        ([QUESTION], "谢谢", "thanks"),
        ([], "你好", "greeting"),
        ([], "13800138000", "task_offered"),
        ([], "SJ100001", "task_working"),
    ],
)
def test_the_decision_is_replayed_and_says_why(before: list[str], words: str, intent: str) -> None:
    stage = after(*before).stage
    ids = iter(f"drawn-{number}" for number in range(100))
    turn = Turn(stage.conversation, NOON, lambda: next(ids), VOICE, IDLE)
    message = Message("question", ADDRESS, Author(AuthorKind.CUSTOMER, "v:1"), c.Text(words), NOON)
    _, decision = Remembering(answerer(), JobEnds({}), VOICE, ZONE).receive(turn, message)
    bodies = [message_to_proto(said).SerializeToString() for said in turn.messages]
    basis = load_basis(dump_basis(decision.basis))
    again = made_again(basis, turn.messages[0], NOON, answerer(), SETTING)
    assert differences(bodies, basis, again) == ()
    why = explained(basis, turn.messages[0], again, answerer())
    assert why.intent == intent
    assert why.decided_by == ("task" if intent.startswith("task") else "assistant")
