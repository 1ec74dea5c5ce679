"""A customer who waits, or does not even wait, leaves a message or arranges a callback: what they are asked and told."""

from datetime import datetime, timedelta

import pytest

from tests.unit.dialogue.stage import NOON, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.conversation import State
from yizhan.pb.v1 import event_pb2

MONDAY_NINE = NOON + timedelta(hours=21)
"""2026-11-23, 09:00 in Shanghai; the stage's now is Sunday noon."""
D = event_pb2.Disposition


@pytest.fixture
def stage() -> Stage:
    """Waiting, and offered both."""
    stage = Stage()
    stage.customer("转人工")
    assert stage.command(k.OfferInstead(leave_message=True, callback=True, next_open=MONDAY_NINE)) == ""
    return stage


def menu(stage: Stage) -> c.Menu:
    content = stage.turn.outbound[-1].content
    assert isinstance(content, c.Menu)
    return content


def press(stage: Stage, option: str) -> event_pb2.Disposition.ValueType:
    """Press a button of the last menu."""
    shown = menu(stage)
    label = next(one.label for one in shown.options if one.id == option)
    return stage.customer(c.Choice(shown.menu_id, option, label)).disposition


def left(stage: Stage) -> list[event_pb2.MessageLeft]:
    return [event.message_left for event in stage.turn.events if event.HasField("message_left")]


def wished(stage: Stage) -> list[str]:
    return [event.contact_wished.wish for event in stage.turn.events if event.HasField("contact_wished")]


def last(stage: Stage) -> str:
    return c.plain_text(stage.turn.outbound[-1].content)


def test_both_are_offered_in_the_queue_and_the_place_is_kept(stage: Stage) -> None:
    assert [one.id for one in menu(stage).options] == ["leave_message", "callback", "wait"]
    assert stage.state is State.QUEUED
    assert stage.conversation.epoch == 2


@pytest.mark.parametrize(
    ("leave", "callback", "options"),
    [(True, False, ["leave_message", "wait"]), (False, True, ["callback", "wait"]), (False, False, None)],
)
def test_only_what_the_contract_has_is_offered(leave: bool, callback: bool, options: list[str] | None) -> None:
    stage = Stage()
    stage.customer("转人工")
    said = len(stage.turn.outbound)
    assert stage.command(k.OfferInstead(leave, callback)) == ""
    if options is None:
        assert len(stage.turn.outbound) == said
    else:
        assert [one.id for one in menu(stage).options] == options


def test_a_message_is_left_with_a_phone_number_and_ends_as_a_ticket(stage: Stage) -> None:
    assert press(stage, "leave_message") == D.DISPOSITION_ANSWERED
    stage.customer("我买的水壶漏水，想换一个")
    assert not left(stage)
    stage.customer("138 1234 5678")
    [sent] = left(stage)
    assert (sent.how, sent.text, sent.phone) == ("left_message", "我买的水壶漏水，想换一个", "13812345678")
    ticketed = k.MarkTicketed("t-1", "T000007", NOON + timedelta(hours=2), "left_message")
    assert stage.command(ticketed) == ""
    assert stage.state is State.TICKETED
    assert "T000007" in last(stage)
    assert "138****5678" in last(stage)
    assert "11月22日 14:00" in last(stage)
    [event] = [each for each in stage.turn.events if each.HasField("conversation_ticketed")]
    assert event.conversation_ticketed.how == "left_message"


def test_what_was_said_before_is_enough_and_the_conversation_is_the_contact(stage: Stage) -> None:
    press(stage, "leave_message")
    press(stage, "enough")
    press(stage, "here")
    [sent] = left(stage)
    assert (sent.text, sent.phone) == ("", "")


@pytest.mark.parametrize("words", ["留言", "我要留言", "leave a message"])
def test_words_do_what_the_button_does(stage: Stage, words: str) -> None:
    stage.customer(words)
    assert any(one.id == "enough" for one in menu(stage).options)


@pytest.mark.parametrize("words", ["算了", "取消", "转人工", "继续等待"])
def test_who_changes_their_mind_waits_on_where_they_were(stage: Stage, words: str) -> None:
    press(stage, "leave_message")
    stage.customer(words)
    assert "原来的位置" in last(stage)
    assert (stage.state, stage.conversation.epoch) == (State.QUEUED, 2)
    stage.customer("我的单号是 123")
    assert not left(stage), "what is said while waiting is for the person who comes"


def test_a_number_that_is_none_is_asked_for_again_and_then_let_be(stage: Stage) -> None:
    press(stage, "leave_message")
    press(stage, "enough")
    stage.customer("1381234")
    assert "不完整" in last(stage)
    stage.customer("1381234")
    assert [sent.phone for sent in left(stage)] == [""]


def test_the_same_choice_twice_asks_the_same_twice_and_sends_once(stage: Stage) -> None:
    choice = menu(stage)
    press(stage, "leave_message")
    stage.customer(c.Choice(choice.menu_id, "leave_message", "留言"))
    press(stage, "enough")
    press(stage, "here")
    again = stage.customer(c.Choice(choice.menu_id, "leave_message", "留言"))
    assert again.disposition == D.DISPOSITION_HELD
    assert len(left(stage)) == 1


def test_a_person_who_comes_takes_over_whatever_was_begun(stage: Stage) -> None:
    choice = menu(stage)
    press(stage, "leave_message")
    assert stage.command(k.Assign("agent-1", "小雅", "a-1")) == ""
    handled = stage.customer(c.Choice(choice.menu_id, "leave_message", "留言"))
    assert handled.disposition == D.DISPOSITION_HELD
    stage.customer("水壶漏水")
    assert not left(stage)
    assert stage.command(k.MarkTicketed("t-1", "T000007", NOON, "left_message"), epoch=2) == "stale_epoch"
    assert stage.state is State.ASSIGNED


def test_the_window_may_end_while_the_customer_writes_and_nothing_is_lost(stage: Stage) -> None:
    press(stage, "leave_message")
    assert stage.command(k.MarkTicketed("t-1", "T000007", NOON + timedelta(hours=2))) == ""
    assert "要留的话" in last(stage), "the question is asked again after the news"
    stage.customer("水壶漏水")
    press(stage, "here")
    [sent] = left(stage)
    assert sent.text == "水壶漏水"
    assert stage.command(k.MarkTicketed("t-1", "T000007", NOON + timedelta(hours=2), "left_message")) == ""
    assert stage.state is State.TICKETED
    assert stage.conversation.epoch == 3, "it was ticketed once"


def at(stage: Stage, words: str) -> datetime | None:
    stage.customer(words)
    return stage.conversation.instead.at if stage.conversation.instead else None


@pytest.mark.parametrize(
    ("words", "local"),
    [
        ("明天下午三点", "2026-11-23T15:00"),
        ("下周三下午", "2026-11-25T14:00"),
        ("后天上午十点半", "2026-11-24T10:30"),
        ("今天下午4点", "2026-11-22T16:00"),
        ("下午四点", "2026-11-22T16:00"),
        ("tomorrow at 3pm", "2026-11-23T15:00"),
    ],
)
def test_a_time_is_read_as_it_is_said(stage: Stage, words: str, local: str) -> None:
    press(stage, "callback")
    assert at(stage, words) == datetime.fromisoformat(f"{local}+08:00")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("昨天下午三点", "已经过去"),
        ("明天", "几点"),
        ("嗯嗯呃", "没有看懂"),
        ("下周末", "哪一天"),
    ],
)
def test_a_time_that_is_none_is_said_to_be(stage: Stage, words: str, told: str) -> None:
    press(stage, "callback")
    assert at(stage, words) is None
    assert told in last(stage)


def test_a_callback_is_arranged_and_confirmed(stage: Stage) -> None:
    press(stage, "callback")
    stage.customer("明天下午三点")
    stage.customer("13812345678")
    [sent] = left(stage)
    assert (sent.how, sent.phone) == ("callback", "13812345678")
    promised = datetime.fromisoformat("2026-11-23T15:00+08:00")
    assert stage.command(k.MarkTicketed("t-1", "T000008", NOON, "callback", promised)) == ""
    assert "2026年11月23日（周一）15:00" in last(stage)
    assert "T000008" in last(stage)
    assert "138****5678" in last(stage)


def test_a_time_at_which_nobody_works_is_answered_with_others(stage: Stage) -> None:
    press(stage, "callback")
    stage.customer("今天晚上八点")
    press(stage, "here")
    assert stage.command(k.SuggestTimes("closed", (MONDAY_NINE,))) == ""
    assert "11月23日（周一）09:00" in menu(stage).options[0].label
    press(stage, f"at={MONDAY_NINE.isoformat()}")
    assert [bool(sent.HasField("callback_at")) for sent in left(stage)] == [True, True]
    assert left(stage)[1].callback_at.ToDatetime(tzinfo=MONDAY_NINE.tzinfo) == MONDAY_NINE


@pytest.fixture
def arranged(stage: Stage) -> Stage:
    press(stage, "callback")
    press(stage, "soonest")
    press(stage, "here")
    stage.command(k.MarkTicketed("t-1", "T000008", NOON, "callback", MONDAY_NINE))
    return stage


def test_as_soon_as_possible_names_no_time(arranged: Stage) -> None:
    [sent] = left(arranged)
    assert not sent.HasField("callback_at")


@pytest.mark.parametrize(("words", "wish"), [("改时间", "callback"), ("取消回电", "cancel_callback")])
def test_what_is_arranged_can_be_changed(arranged: Stage, words: str, wish: str) -> None:
    arranged.customer(words)
    assert wished(arranged) == [wish]


def test_another_time_needs_no_second_number(arranged: Stage) -> None:
    arranged.customer("改时间")
    arranged.command(k.OfferInstead(True, True, MONDAY_NINE, wished="callback"))
    arranged.customer("明天下午三点")
    assert len(left(arranged)) == 2


def test_who_was_not_called_is_told_so(arranged: Stage) -> None:
    assert arranged.command(k.TellCallback("missed", "T000008", MONDAY_NINE), epoch=0) == ""
    assert "没能按时联系您" in last(arranged)
    assert arranged.command(k.TellCallback("cancelled", "T000008", MONDAY_NINE), epoch=0) == ""
    assert "已取消" in last(arranged)
    arranged.customer("取消回电")
    assert wished(arranged) == [], "there is none any more"


def test_outside_of_the_queue_routing_is_asked(stage: Stage) -> None:
    stage = Stage()
    handled = stage.customer("请给我回电话")
    assert (handled.intent, handled.disposition) == ("instead", D.DISPOSITION_HELD)
    assert wished(stage) == ["callback"]
    assert stage.command(k.OfferInstead(True, True, MONDAY_NINE, wished="callback")) == ""
    assert "什么时候联系您" in last(stage)
    stage.customer("明天下午三点")
    press(stage, "here")
    assert stage.command(k.MarkTicketed("t-1", "T000008", NOON, "callback", MONDAY_NINE)) == ""
    assert stage.state is State.TICKETED


def test_where_there_are_no_callbacks_who_asks_for_one_gets_a_person() -> None:
    stage = Stage()
    stage.customer("请给我回电话")
    assert stage.command(k.OfferInstead(False, False, wished="callback")) == ""
    assert stage.state is State.QUEUED


def test_where_there_are_no_callbacks_who_waits_is_told_so() -> None:
    stage = Stage()
    stage.customer("转人工")
    stage.customer("请给我回电话")
    assert stage.command(k.OfferInstead(False, False, wished="callback")) == ""
    assert "继续等待" in last(stage)


def test_a_customer_is_offered_it_in_their_language() -> None:
    stage = Stage()
    stage.customer("i want to talk with you about my order")
    assert stage.state is State.QUEUED
    stage.command(k.OfferInstead(True, True, MONDAY_NINE))
    assert menu(stage).options[0].label == "Leave a message"


@pytest.mark.parametrize(
    ("change", "words", "owed"),
    [
        ("missed", "没能按时联系您", True),
        ("not_reached", "再联系您一次", True),
        ("failed", "多次没有联系上您", False),
        ("cancelled", "已取消", False),
        ("settled", "已经处理完毕", False),
        ("none", "没有约定的回电", False),
    ],
)
def test_the_customer_hears_what_became_of_the_promise(arranged: Stage, change: str, words: str, owed: bool) -> None:
    assert arranged.command(k.TellCallback(change, "T000008", MONDAY_NINE), epoch=0) == ""
    assert words in last(arranged)
    assert "{" not in last(arranged)
    arranged.customer("取消回电")
    assert wished(arranged) == (["cancel_callback"] if owed else [])


def test_of_a_call_that_was_made_nothing_is_said(arranged: Stage) -> None:
    said = len(arranged.turn.outbound)
    assert arranged.command(k.TellCallback("done", "T000008", MONDAY_NINE), epoch=0) == ""
    assert len(arranged.turn.outbound) == said


def unanswered(stage: Stage, seconds: int) -> str:
    stage.pass_time(timedelta(seconds=seconds))
    return stage.command(k.TimerFired("instead_unanswered", stage.conversation.session))


def test_who_is_with_the_assistant_gets_a_person_when_routing_is_silent() -> None:
    stage = Stage()
    stage.customer("请给我回电话")
    assert unanswered(stage, 31) == ""
    assert stage.state is State.QUEUED


def test_who_waits_is_told_that_it_was_not_registered(stage: Stage) -> None:
    press(stage, "leave_message")
    press(stage, "enough")
    press(stage, "here")
    assert unanswered(stage, 31) == ""
    assert "没能登记" in last(stage)
    assert stage.state is State.QUEUED
    late = k.MarkTicketed("t-1", "T000007", NOON + timedelta(hours=2), "left_message")
    assert stage.command(late) == ""
    assert "T000007" in last(stage), "what routing did later is told later"


def test_an_answer_in_time_leaves_the_timer_nothing_to_say(arranged: Stage) -> None:
    said = len(arranged.turn.outbound)
    assert unanswered(arranged, 31) == ""
    assert len(arranged.turn.outbound) == said


def test_a_dialogue_that_can_offer_it_says_so() -> None:
    stage = Stage()
    stage.customer("转人工")
    [asked] = [event.handoff_requested for event in stage.turn.events if event.HasField("handoff_requested")]
    assert asked.can_choose


@pytest.mark.parametrize(
    ("option", "asked"),
    [
        pytest.param("soonest", "怎么联系", id="the time, when the number is asked for"),
        pytest.param("enough", "怎么联系", id="a message, when a call is arranged"),
        pytest.param("at=2026-11-23T09:00:00+08:00", "怎么联系", id="a time that was suggested before"),
    ],
)
def test_a_button_of_an_earlier_question_has_the_open_one_asked_again(stage: Stage, option: str, asked: str) -> None:
    press(stage, "callback")
    press(stage, "soonest")
    stage.customer(c.Choice(menu(stage).menu_id, option, "…"))
    assert asked in last(stage)
    stage.customer("13812345678")
    assert [sent.phone for sent in left(stage)] == ["13812345678"], "what was begun is not lost"


def test_a_ticket_is_named_by_what_is_wrong_and_not_by_a_number_or_a_button(stage: Stage) -> None:
    assert stage.command(k.Watch(NOON), epoch=0) == ""
    press(stage, "leave_message")
    stage.customer("水壶漏水")
    stage.customer("13812345678")
    wrote = [event.customer_wrote.text for event in stage.turn.events if event.HasField("customer_wrote")]
    assert wrote == ["", "水壶漏水", ""]


def nobody_came(stage: Stage) -> None:
    """The window has ended."""
    assert stage.command(k.MarkTicketed("t-1", "T000007", NOON + timedelta(hours=2))) == ""
    assert stage.state is State.TICKETED


def test_a_ticket_that_is_there_already_is_not_named_by_the_number_or_the_time_of_the_call(stage: Stage) -> None:
    """Lists show what a ticket is named by, and mask the number."""
    offered = menu(stage)
    nobody_came(stage)
    assert stage.command(k.Watch(NOON), epoch=0) == ""
    stage.customer(c.Choice(offered.menu_id, "callback", "稍后联系我"))
    stage.customer("明天下午三点")
    stage.customer("13812345678")
    stage.customer("杯子的把手也断了")
    assert [sent.phone for sent in left(stage)] == ["13812345678"]
    wrote = [event.customer_wrote.text for event in stage.turn.events if event.HasField("customer_wrote")]
    assert wrote == ["", "", "", "杯子的把手也断了"]


def test_who_would_wait_on_when_nobody_came_is_told_of_the_ticket(stage: Stage) -> None:
    offered = menu(stage)
    nobody_came(stage)
    assert stage.command(k.Watch(NOON), epoch=0) == ""
    stage.customer(c.Choice(offered.menu_id, "wait", "继续等待"))
    assert "T000007 正在处理中" in last(stage), "nothing of theirs is cancelled"
    assert [event.customer_wrote.text for event in stage.turn.events if event.HasField("customer_wrote")] == [""]
    stage.customer(c.Choice(offered.menu_id, "leave_message", "留言"))
    assert any(one.id == "enough" for one in menu(stage).options), "all can still be chosen"
