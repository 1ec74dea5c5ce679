"""What a person who takes a session over reads first."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from yizhan.core.messages.message import AuthorKind
from yizhan.dialogue.customers.summary import MOST_CHARACTERS, MOST_LINES, Line, LineKind, Utterance, summarise
from yizhan.dialogue.tasks.state import Phase, TaskState, Value

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
C, B, A = AuthorKind.CUSTOMER, AuthorKind.BOT, AuthorKind.AGENT


def said(*words: str | tuple[AuthorKind, str] | tuple[AuthorKind, str, str]) -> list[Utterance]:
    """One message a second, from seq 1 on; a text alone is the customer's."""
    session = []
    for seq, word in enumerate(words, 1):
        author, text, entry = (C, word, "") if isinstance(word, str) else (*word, "")[:3]
        session.append(Utterance(seq, author, text, NOON + timedelta(seconds=seq), entry))
    return session


def at(seq: int) -> datetime:
    return NOON + timedelta(seconds=seq)


def texts(lines: tuple[Line, ...], kind: LineKind) -> list[str]:
    return [one.text for one in lines if one.kind is kind]


def test_the_trigger_is_what_was_said_last_before_the_hand_off_and_not_what_came_while_waiting() -> None:
    session = said("耳机坏了", "我要投诉", (B, "正在为您找人工"), "还在吗")
    (first, *_) = summarise(session, handoff_at=at(2))
    assert (first.kind, first.text, first.seqs) == (LineKind.TRIGGER, "我要投诉", (2,))


def test_without_a_hand_off_there_is_no_trigger() -> None:
    assert texts(summarise(said("耳机坏了")), LineKind.TRIGGER) == []


TELLING = [
    pytest.param(["你好", "在吗", "耳机左边没有声音"], ["耳机左边没有声音"], id="greetings tell nothing"),
    pytest.param(["好的", "嗯嗯", "谢谢", "快递破损了"], ["快递破损了"], id="nods and thanks tell nothing"),
    pytest.param(["快递破损了", "快递破损了", "快递破损了！"], ["快递破损了"], id="the same again tells nothing new"),
    pytest.param(["你们好。我买的杯子碎了！请给我退款"], ["我买的杯子碎了", "请给我退款"], id="sentence by sentence"),
    pytest.param(
        ["Hello", "My headphones stopped working yesterday", "ok"],
        ["My headphones stopped working yesterday"],
        id="in English",
    ),
    pytest.param([""], [], id="pictures alone"),
]


@pytest.mark.parametrize(("words", "expected"), TELLING)
def test_the_customers_own_sentences_that_tell_most_are_kept(words: list[str], expected: list[str]) -> None:
    assert texts(summarise(said(*words)), LineKind.SAID) == expected


def test_of_many_sentences_those_with_an_amount_an_order_and_a_day_come_before_small_talk() -> None:
    words = [
        "这个颜色挺好看",
        "昨天付了299元",
        "订单号 DD20261120123456",
        "朋友推荐我来的",
        "包装也不错",
        "天气真好",
        "心情很好",
    ]
    kept = texts(summarise(said(*words)), LineKind.SAID)
    assert "昨天付了299元" in kept
    assert "订单号 [ORDER_1]" in kept
    assert len(kept) == MOST_LINES


def test_what_is_personal_is_masked_the_same_wherever_it_is_said() -> None:
    session = said("手机号13812345678下的单", "打13812345678找我退款", "转人工")
    lines = summarise(session, handoff_at=at(3))
    everything = " ".join(one.text for one in lines)
    assert "1381234" not in everything
    assert everything.count("[PHONE_1]") == 2


def test_lines_are_in_the_order_in_which_things_were_said() -> None:
    words = ["杯子碎了", "快递三天没动", "发票没有收到", "客服电话打不通", "地址写错了"]
    lines = [one for one in summarise(said(*words)) if one.kind is LineKind.SAID]
    assert [one.seqs for one in lines] == sorted(one.seqs for one in lines)


def test_the_last_answers_are_named_by_their_entries_each_once() -> None:
    session = said(
        (B, "48小时", "ship"), (B, "包邮", "fee"), (B, "48小时", "ship"), (B, "三年", "warranty"), (A, "我来")
    )
    (line,) = summarise(session, titles={"ship": "什么时候发货", "fee": "运费多少钱"})
    assert (line.kind, line.text, line.seqs) == (LineKind.ANSWERED, "运费多少钱；什么时候发货；三年", (2, 3, 4))


def task(phase: Phase = Phase.ASKING) -> TaskState:
    values = {"order": Value("DD1", "DD***1", private=True), "day": Value("2026-11-25", "11月25日")}
    return TaskState(
        "after_sales",
        "售后申请",
        "1",
        "zh",
        phase,
        "reason",
        at(2),
        at(3),
        values,
        labels={"order": "订单号", "day": "日期"},
    )


def test_a_task_is_told_with_its_values_as_people_may_read_them() -> None:
    lines = summarise(said("杯子碎了", "我要申请售后", "25号"), task=task())
    (line,) = [one for one in lines if one.kind is LineKind.TASK]
    assert (line.text, line.seqs) == ("售后申请: 订单号 DD***1；日期 11月25日", (2,))


def test_a_task_that_is_over_is_not_told() -> None:
    assert texts(summarise(said("杯子碎了"), task=task(Phase.DONE)), LineKind.TASK) == []


def test_nothing_that_agents_say_is_told_as_the_customers() -> None:
    assert summarise(said((A, "快递破损了，客户很生气"))) == ()


WORDS = st.lists(
    st.tuples(st.sampled_from([C, B, A]), st.text(max_size=300), st.sampled_from(["", "ship", "fee"])), max_size=25
)


@settings(max_examples=100, deadline=None)
@given(WORDS, st.one_of(st.none(), st.integers(0, 30)), st.booleans())
def test_whatever_was_said_it_is_five_short_lines_that_cite_their_messages_and_the_same_ones_again(
    words: list[tuple[AuthorKind, str, str]], handoff: int | None, in_task: bool
) -> None:
    session = said(*words)
    known = {one.seq for one in session}

    def made() -> tuple[Line, ...]:
        return summarise(
            session,
            handoff_at=None if handoff is None else at(handoff),
            task=task() if in_task else None,
            titles={"ship": "什么时候发货"},
        )

    lines = made()
    assert len(lines) <= MOST_LINES
    assert all(one.seqs and known.issuperset(one.seqs) for one in lines)
    assert all(len(one.text) <= MOST_CHARACTERS and "\n" not in one.text for one in lines)
    assert made() == lines
