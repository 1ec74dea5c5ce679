"""What happens when a customer writes, presses a button, or opens the channel."""

from pathlib import Path

import pytest

from tests.unit.dialogue.stage import NOON, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import AuthorKind
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.core.runtime.settings_load import load
from yizhan.dialogue.conversation import State
from yizhan.dialogue.customer import D
from yizhan.dialogue.service import rules_of
from yizhan.dialogue.texts import Voice

PHOTO = c.Image(c.Media("a" * 64, "image/png"))


@pytest.mark.parametrize(
    ("says", "intent", "disposition", "state"),
    [
        pytest.param("发货", "answer", D.DISPOSITION_ANSWERED, State.BOT, id="a known question is answered"),
        pytest.param("退", "clarify", D.DISPOSITION_ANSWERED, State.BOT, id="an ambiguous one is asked back"),
        pytest.param("月球", "handoff", D.DISPOSITION_QUEUED, State.QUEUED, id="an unknown one goes to a human"),
        pytest.param("转人工", "handoff", D.DISPOSITION_QUEUED, State.QUEUED, id="a request for a human is obeyed"),
        pytest.param("你好", "greeting", D.DISPOSITION_ANSWERED, State.BOT, id="a greeting is greeted"),
        pytest.param("谢谢", "thanks", D.DISPOSITION_ANSWERED, State.BOT, id="thanks are answered politely"),
        pytest.param(PHOTO, "media", D.DISPOSITION_ANSWERED, State.BOT, id="a picture is offered to a human"),
    ],
)
def test_what_a_customer_gets(says: c.Content | str, intent: str, disposition: int, state: State) -> None:
    stage = Stage()
    handled = stage.customer(says)
    assert (handled.intent, handled.disposition, stage.state) == (intent, disposition, state)
    assert handled.reply_id == stage.turn.outbound[0].id
    assert [message.seq for message in stage.turn.messages] == list(range(1, len(stage.turn.messages) + 1))


def test_an_answer_names_its_source_and_goes_where_the_question_came_from() -> None:
    stage = Stage()
    stage.customer("发货")
    question, answer = stage.turn.messages
    assert answer.grounding is not None
    assert (answer.grounding.entry_id, answer.grounding.release_id) == ("ship", "release-1")
    assert (answer.address, answer.in_reply_to) == (question.address, question.id)


@pytest.mark.parametrize(
    ("option", "last", "state"),
    [
        pytest.param("return", "bot: 在订单页申请退货", State.BOT, id="a chosen entry is answered"),
        pytest.param(
            "gone",
            "bot: 这个问题我没有可靠的答案，正在为您转接人工客服，请稍候。",
            State.QUEUED,
            id="an entry that went with a new release goes to a human",
        ),
        pytest.param("none", "bot: 好的，请直接输入您的问题。", State.BOT, id="none of them keeps the assistant"),
        pytest.param(
            "human",
            "bot: 正在为您转接人工客服，请稍候。您可以先把问题写下来，客服会看到完整的聊天记录。",
            State.QUEUED,
            id="a human is one press away",
        ),
    ],
)
def test_choosing_what_was_meant(option: str, last: str, state: State) -> None:
    stage = Stage()
    stage.customer("退")
    menu = stage.turn.messages[-1].content
    assert isinstance(menu, c.Menu)
    assert [item.id for item in menu.options] == ["return", "refund", "none", "human"]
    stage.customer(c.Choice(menu.menu_id, option))
    assert (stage.said()[-1], stage.state) == (last, state)


def test_while_a_human_is_looked_for_the_assistant_is_silent() -> None:
    stage = Stage()
    stage.customer("转人工")
    before = len(stage.turn.outbound)
    handled = stage.customer("发货")
    assert handled.disposition == D.DISPOSITION_HELD
    assert len(stage.turn.outbound) == before


def test_with_an_agent_the_assistant_is_silent() -> None:
    stage = Stage()
    stage.assigned()
    before = len(stage.turn.outbound)
    assert stage.customer("发货").disposition == D.DISPOSITION_HELD
    assert len(stage.turn.outbound) == before


def test_a_customer_who_opens_the_widget_is_greeted_once_a_session() -> None:
    stage = Stage()
    stage.visit(k.Visit(locale="en-US", page_url="https://shop.example/tea"))
    stage.visit(k.Visit(locale="en-US"))
    assert len(stage.said()) == 1
    assert stage.said()[0].startswith("bot: Hello")
    assert stage.conversation.page_url == "https://shop.example/tea"


def test_the_assistant_has_a_name_in_the_language_of_the_customer() -> None:
    voice = Voice("智能客服", "Assistant")
    assert (voice.speaker("en-GB"), voice.speaker("zh-CN"), voice.speaker("")) == ("Assistant", "智能客服", "智能客服")
    assert Voice("小驿").speaker("en") == "小驿"


@pytest.mark.parametrize(
    ("locale", "words", "names"),
    [
        ("en-US", "1", ["Tea Helper", "Tea Helper"]),
        ("en-US", "发货", ["Tea Helper", "小茶"]),
        ("zh-CN", "发货", ["小茶", "小茶"]),
        ("zh-CN", "where is it", ["小茶", "Tea Helper"]),
        ("", "发货", ["小茶", "小茶"]),
    ],
)
def test_the_names_of_the_settings_stand_on_what_the_assistant_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, locale: str, words: str, names: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YIZHAN_BOT_NAME", "小茶")
    monkeypatch.setenv("YIZHAN_BOT_NAME_EN", "Tea Helper")
    stage = Stage(voice=rules_of(load(EmbeddedSettings)).voice)
    stage.visit(k.Visit(locale=locale))
    stage.customer(words)
    spoken = [message for message in stage.turn.messages if message.author.kind is AuthorKind.BOT]
    assert [message.author.name for message in spoken] == names


def test_facts_about_a_customer_fit_their_columns_and_hold_no_control_characters() -> None:
    stage = Stage()
    stage.visit(k.Visit(customer_name="小\x00明" + "长" * 500, page_title="a\nb"))
    assert len(stage.conversation.customer_name) == 200
    assert stage.conversation.customer_name.startswith("小 明")
    assert stage.conversation.page_title == "a b"


def test_writing_after_the_end_opens_a_new_session_with_the_assistant() -> None:
    stage = Stage()
    stage.assigned()
    stage.command(k.Close("agent-1"))
    epoch = stage.conversation.epoch
    stage.customer("发货")
    assert (stage.state, stage.conversation.session, stage.conversation.epoch) == (State.BOT, 2, epoch + 1)
    assert stage.said()[-1] == "bot: 48小时内发货"
    assert stage.conversation.last_seq == len(stage.turn.messages), "the order goes on through all sessions"


@pytest.mark.parametrize(
    ("option", "rating", "session", "state"),
    [
        pytest.param("5", 5, 1, State.CLOSED, id="a rating is kept and opens nothing"),
        pytest.param("9", 0, 2, State.QUEUED, id="no such score: an ordinary message of a new session"),
    ],
)
def test_rating_the_session_that_ended(option: str, rating: int, session: int, state: State) -> None:
    stage = Stage()
    stage.assigned()
    stage.command(k.Say("agent-1", "小雅", c.Text("您好")))
    stage.command(k.Close("agent-1"))
    stage.customer(c.Choice("rating:1", option, "x"))
    conversation = stage.conversation
    assert (conversation.rating, conversation.session, conversation.state) == (rating, session, state)


def test_a_rating_names_the_agent_who_served() -> None:
    stage = Stage()
    stage.assigned("agent-7")
    stage.command(k.Say("agent-7", "小雅", c.Text("您好")))
    stage.command(k.Close("agent-7"))
    stage.customer(c.Choice("rating:1", "4"))
    rated = stage.turn.events[-1].conversation_rated
    assert (rated.score, rated.agent_id) == (4, "agent-7")


def test_with_a_ticket_open_an_unknown_question_reminds_of_it() -> None:
    stage = Stage()
    stage.customer("转人工")
    stage.command(k.MarkTicketed("ticket-1", "T000001", NOON))
    stage.customer("月球")
    assert "T000001" in stage.said()[-1]
    assert stage.state is State.TICKETED
    assert stage.customer("转人工").disposition == D.DISPOSITION_QUEUED, "and one may still ask for a human"
