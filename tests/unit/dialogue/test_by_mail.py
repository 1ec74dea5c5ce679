"""The assistant on mail: answered whole, acknowledged once, or left to a person; and nothing said in passing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.unit.dialogue.stage import NOON, ZONE, Stage
from tests.unit.dialogue.test_guarding import OWN, Guarded
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue.answering import Answerer, Decision, NoAnswer, Say
from yizhan.dialogue.by_mail import COURTESY, FILE, ONCE_IN
from yizhan.dialogue.conversation import State
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import default_guards, parse_guards
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.knowledge.matcher import Meaning
from yizhan.dialogue.remembering import Remembering
from yizhan.dialogue.replay import Setting, differences, made_again
from yizhan.dialogue.turn import NOT_MAILED
from yizhan.pb.v1 import event_pb2

MAIL = Address("shop", "email", "support", "anna@x.example", "thread-1")
PROMISED = NOON + timedelta(minutes=30)
IMAGE = c.Image(c.Media("ab" * 32, "image/png", "a.png"))


def mailed(words: str, **facts: object) -> c.Text:
    return c.Text(words, mail=replace(c.Mail(subject="订单", sender="Anna <anna@x.example>"), **facts))  # type: ignore[arg-type]


def stage(answerer: Answerer | None = None) -> Stage:
    return Stage(address=MAIL, answerer=answerer) if answerer else Stage(address=MAIL)


def sent(one: Stage) -> list[str]:
    """What goes out as mails, whole."""
    return [c.plain_text(message.content) for message in one.turn.outbound]


def request(one: Stage) -> event_pb2.HandoffRequested:
    return [event.handoff_requested for event in one.turn.events if event.HasField("handoff_requested")][-1]


@pytest.mark.parametrize(
    ("words", "facts", "intent", "answered"),
    [
        ("发货", {}, "answer", True),
        ("您好：\n发货", {}, "answer", True),
        ("你好！发货\n谢谢", {}, "answer", True),
        ("如题", {"subject": "发货"}, "answer", True),
        ("see subject", {"subject": "发货"}, "answer", True),
        ("退", {}, "handoff", False),
        ("没人知道", {}, "handoff", False),
        ("转人工", {}, "handoff", False),
        ("你好", {}, "handoff", False),
        ("发货。转人工", {}, "handoff", False),
        ("发货。没人知道吗？", {}, "handoff", False),
        ("发货。我很生气", {}, "handoff", False),
        ("怎么办？还有什么？", {}, "handoff", False),
        ("。".join("发货" for _ in range(20)), {}, "handoff", False),
        ("谢谢", {}, COURTESY, False),
        ("发货", {"files": 1}, "handoff", False),
        ("发货", {"clipped": True}, "handoff", False),
        ("发货", {"no_automatic_answer": True}, "handoff", False),
    ],
)
def test_a_mail_is_answered_whole_or_left_to_a_person(
    words: str, facts: dict[str, object], intent: str, answered: bool
) -> None:
    one = stage()
    handled = one.customer(mailed(words, **facts))
    assert handled.intent == intent
    assert bool(handled.reply_id) is answered
    assert any("48小时内发货" in mail for mail in sent(one)) is answered
    assert one.state is (State.QUEUED if intent == "handoff" else State.BOT)
    assert not any("Menu" in type(message.content).__name__ for message in one.turn.messages)


def test_several_questions_are_answered_when_each_is_each_naming_its_source() -> None:
    class Two(Guarded):
        def decide(
            self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
        ) -> Decision:
            known = {"什么时候发货？": "ship", "运费多少？": "fee"}
            return Say(known[words], "release-1", f"关于{words}", 0.97) if words in known else NoAnswer()

    one = stage(Two(default()))
    assert one.customer(mailed("什么时候发货？运费多少？")).intent == "answer"
    assert [message.grounding.entry_id for message in one.turn.outbound if message.grounding] == ["ship", "fee"]
    one = stage(Two(default()))
    assert one.customer(mailed("什么时候发货？运费多少？还有什么优惠？")).intent == "handoff"
    one = stage(Two(default()))
    assert one.customer(mailed("我的包裹破了。什么时候发货？运费多少？")).intent == "handoff"


def default() -> Guards:
    guards = default_guards()
    assert isinstance(guards, Guards)
    return guards


@pytest.mark.parametrize(
    ("name", "words", "first", "last"),
    [
        ("", "发货", "您好：", "（这封邮件由程序自动发出"),
        ("王小明", "发货", "王小明，您好：", "（这封邮件由程序自动发出"),
        ("Anna", "发货", "Anna，您好：", "（这封邮件由程序自动发出"),
        ("https://evil.example", "发货", "您好：", "（这封"),
        ("a@b.example", "发货", "您好：", "（这封"),
        ("x" * 200, "发货", "您好：", "（这封"),
        ("Win\n\nfree", "发货", "Win free，您好：", "（这封"),
    ],
)
def test_an_answer_is_a_letter_in_the_customers_language(name: str, words: str, first: str, last: str) -> None:
    one = stage()
    one.turn.conversation = replace(one.conversation, customer_name=name)
    one.customer(mailed(words))
    [mail] = sent(one)
    lines = mail.split("\n")
    assert lines[0] == first
    assert lines[-1].startswith(last)


def test_an_english_mail_is_acknowledged_in_english() -> None:
    one = stage()
    one.customer(mailed("Where is the parcel that I have ordered from you?"))
    one.command(k.Acknowledge(PROMISED))
    [mail] = sent(one)
    assert mail.startswith("Hello,\n\nWe have received your mail.")
    assert "22 Nov" in mail or "Nov 22" in mail
    assert request(one).language == "en"


def test_a_mail_for_a_person_has_its_category_and_is_acknowledged_with_the_time_that_routing_tells() -> None:
    one = stage()
    one.customer(mailed("没人知道"))
    asked = request(one)
    assert (asked.topic, asked.language, asked.reason, asked.acknowledge) == ("物流配送", "zh", "no_answer", True)
    known = one.conversation
    assert (known.mail_subject, known.topic, known.urgency) == ("订单", "物流配送", Urgency.NORMAL), (
        "agents see it, too"
    )
    assert sent(one) == []
    assert one.command(k.Acknowledge(PROMISED)) == ""
    [mail] = sent(one)
    assert "我们已收到您的邮件" in mail
    assert "11月22日 12:30" in mail
    [said] = one.turn.outbound
    assert (said.author.kind, said.in_reply_to, said.grounding) == (AuthorKind.BOT, "", None)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [({}, True), ({"no_automatic_answer": True}, False), ({"automatic": "auto_reply"}, False), ({"files": 2}, True)],
)
def test_programs_and_who_asks_for_it_get_no_acknowledgement(facts: dict[str, object], wanted: bool) -> None:
    one = stage()
    one.customer(mailed("没人知道", **facts))
    assert request(one).acknowledge is wanted


def test_a_conversation_is_acknowledged_once_a_day() -> None:
    one = stage()
    one.customer(mailed("没人知道"))
    assert one.command(k.Acknowledge(PROMISED)) == ""
    assert one.command(k.Acknowledge(PROMISED)) == ""
    assert len(sent(one)) == 1
    one.command(k.Close("system", "done", ask_rating=True))
    one.pass_time(ONCE_IN - timedelta(seconds=1))
    one.customer(mailed("没人知道"))
    assert request(one).acknowledge is False
    one.command(k.Close("system", "done", ask_rating=True))
    one.pass_time(timedelta(seconds=1))
    one.customer(mailed("没人知道"))
    assert request(one).acknowledge is True
    one.command(k.Acknowledge(PROMISED))
    assert len(sent(one)) == 2


def test_who_is_with_an_agent_already_is_not_acknowledged() -> None:
    one = stage()
    one.customer(mailed("没人知道"))
    epoch = one.conversation.epoch
    one.command(k.Assign("agent-1", "小雅", "assignment-1"))
    assert one.command(k.Acknowledge(PROMISED), epoch=epoch) != ""
    assert sent(one) == []


def test_nothing_is_mailed_in_passing() -> None:
    one = stage()
    one.customer(mailed("没人知道"))
    one.command(k.TellProgress(3, 60, 120))
    one.command(k.TellOffHours(PROMISED))
    one.command(k.Assign("agent-1", "小雅", "assignment-1"))
    one.command(k.ReturnToBot("agent-1", "done"))
    one.command(k.Close("agent-1", "done", ask_rating=True))
    assert sent(one) == []
    codes = [message.content.code for message in one.turn.messages if isinstance(message.content, c.TimelineEvent)]
    assert codes == ["handed_off", "agent_joined", "returned_to_bot", "closed"]


@pytest.mark.parametrize(("acknowledged", "mails"), [(True, 1), (False, 1)])
def test_a_ticket_is_told_by_mail_only_to_who_has_not_heard_yet(acknowledged: bool, mails: int) -> None:
    one = stage()
    one.customer(mailed("没人知道"))
    if acknowledged:
        one.command(k.Acknowledge(PROMISED))
    one.command(k.MarkTicketed("t", "T-7", PROMISED))
    assert len(sent(one)) == mails
    assert ("T-7" in sent(one)[0]) is not acknowledged
    notes = [m.content.code for m in one.turn.messages if isinstance(m.content, c.TimelineEvent)]
    assert (NOT_MAILED in notes) is acknowledged


def test_what_is_written_on_a_ticket_is_its_agents_to_answer() -> None:
    one = stage()
    one.customer(mailed("没人知道"))
    one.command(k.MarkTicketed("t", "T-7", PROMISED))
    before = len(sent(one))
    assert one.customer(mailed("发货")).intent == "ticket"
    assert len(sent(one)) == before


def test_a_file_of_a_mail_is_decided_about_with_its_words() -> None:
    one = stage()
    assert one.customer(IMAGE).intent == FILE
    assert one.customer(c.Text("[附件未接收]")).intent == FILE
    assert sent(one) == []
    one.customer(mailed("没人知道", files=1))
    assert one.customer(IMAGE).intent == "human"


@pytest.mark.parametrize(
    ("words", "intent", "mailed_text", "rule"),
    [
        ("转人工", "handoff", "", "person"),
        ("有烟花卖吗", "handoff", "", "fireworks"),
        ("发货坏了", "handoff", "", "shipping"),
        ("发货", "answer", "48小时内发货", ""),
    ],
)
def test_rules_hold_on_mail_too_and_what_they_would_ask_is_left_to_a_person(
    words: str, intent: str, mailed_text: str, rule: str
) -> None:
    guards = parse_guards(OWN)
    assert isinstance(guards, Guards), guards
    one = stage(Guarded(guards))
    assert one.customer(mailed(words)).intent == intent
    assert any(mailed_text and mailed_text in mail for mail in sent(one)) is bool(mailed_text)
    if rule:
        assert request(one).rule == rule


def test_who_is_in_danger_gets_the_rules_words_at_once() -> None:
    one = stage(Guarded(default()))
    one.customer(mailed("我不想活了"))
    assert one.state is State.QUEUED
    assert len(sent(one)) == 1
    assert request(one).urgency == event_pb2.URGENCY_CRITICAL


@pytest.mark.parametrize("words", ["发货", "退", "没人知道", "转人工", "谢谢", "你好。发货", "什么？哪里？"])
def test_a_decision_about_a_mail_is_made_again_the_same(words: str) -> None:
    one = stage()
    voice, before = one.voice, one.conversation
    message = Message("question", MAIL, Author(AuthorKind.CUSTOMER, "v:1"), mailed(words), NOON)
    first = len(one.turn.messages)
    _, decision = Remembering(one.answerer, JobEnds({}), voice, ZONE).receive(one.turn, message)
    said = one.turn.messages[first:]
    bodies = [one.turn.encoded[item.id].SerializeToString() for item in said]
    again = made_again(decision.basis, said[0], NOON, one.answerer, Setting(voice, one.turn.idle_close, ZONE))
    assert decision.basis.before == before
    assert differences(bodies, decision.basis, again) == ()
