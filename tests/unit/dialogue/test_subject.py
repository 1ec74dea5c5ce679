"""What a human is wanted for: the line by which agents know who waits, and by which a ticket is named."""

import pytest

from tests.unit.dialogue.stage import Stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.replies import CLARIFY
from yizhan.dialogue.subject import says_what

SAYS = [
    ("水壶漏水了", True),
    ("水壶漏水了，转人工", True),
    ("你好，订单SJ100001还没到", True),
    ("SJ100001", True),
    ("The kettle leaks, human please", True),
    ("转人工", False),
    ("人工客服", False),
    ("你好，转人工！", False),
    ("有人吗？", False),
    ("好的，谢谢", False),
    ("13800138000", False),
    ("👍", False),
    ("？？？", False),
    ("", False),
    ("talk to a person please", False),
]


@pytest.mark.parametrize(("text", "says"), SAYS)
def test_words_that_name_a_wish_and_words_that_do_not(text: str, says: bool) -> None:
    assert says_what(c.Text(text)) is says


OTHERS: list[tuple[str, c.Content, bool]] = [
    ("a question that was chosen", c.Choice(f"{CLARIFY}m1", "ship", "什么时候发货"), True),
    ("a human that was chosen", c.Choice(f"{CLARIFY}m1", "human", "转人工客服"), False),
    ("none of these", c.Choice(f"{CLARIFY}m1", "none", "都不是，我换个说法"), False),
    ("a step of a task", c.Choice("task:1", "yes", "确认提交"), False),
    ("a rating", c.Choice("rating:1", "5", "非常满意"), False),
    ("a recording in words", c.Voice(c.Media("m", "audio/amr", "", 1, recognised="水壶漏水了")), True),
    ("a recording", c.Voice(c.Media("m", "audio/amr", "", 1)), False),
    ("a picture", c.Image(c.Media("m", "image/png", "水壶漏水了.png", 1)), False),
]


@pytest.mark.parametrize(("case", "content", "says"), OTHERS, ids=[case for case, *_ in OTHERS])
def test_what_is_pressed_said_and_shown(case: str, content: c.Content, says: bool) -> None:
    assert says_what(content) is says


def wanted(stage: Stage) -> str:
    """What routing is told, of the last hand-off."""
    events = [event for event in stage.turn.events if event.HasField("handoff_requested")]
    return events[-1].handoff_requested.last_text


WISHES = [
    ("a question before it", ["水壶漏水了，想换一个", "转人工"], "水壶漏水了，想换一个"),
    ("a question and a nod before it", ["发货", "好的", "转人工"], "发货"),
    ("the last of two questions", ["发货", "水壶漏水了", "转人工"], "水壶漏水了"),
    ("nothing before it", ["转人工"], "转人工"),
    ("a greeting before it", ["你好", "转人工"], "转人工"),
]


@pytest.mark.parametrize(("case", "said", "subject"), WISHES, ids=[case for case, *_ in WISHES])
def test_who_takes_over_reads_what_it_is_about(case: str, said: list[str], subject: str) -> None:
    stage = Stage()
    for words in said:
        stage.customer(words)
    assert wanted(stage) == subject


def test_a_colleague_reads_the_customers_words_and_not_the_agents() -> None:
    stage = Stage()
    stage.customer("水壶漏水了")
    stage.customer("转人工")
    stage.command(k.Assign("agent-1", "小雅", "a-1"))
    stage.customer("买了三天")
    stage.command(k.Say("agent-1", "小雅", c.Text("我请维修的同事来"), "client-1"))
    assert stage.command(k.Requeue("agent-1", "group-1", "维修", "", "", "小雅")) == ""
    assert wanted(stage) == "买了三天"


def test_another_session_is_about_something_else() -> None:
    stage = Stage()
    stage.customer("水壶漏水了")
    stage.customer("转人工")
    stage.command(k.Assign("agent-1", "小雅", "a-1"))
    stage.command(k.Close("agent-1", "", ask_rating=False))
    stage.customer("转人工")
    assert wanted(stage) == "转人工"
