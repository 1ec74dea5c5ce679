"""What a rule catches however it is typed, what lifts it, and what it says and asks for."""

import time

import pytest

from tests.unit.dialogue.guards.documents import HUMAN, document, guards, rule
from yizhan.dialogue.guards.guards import MOST_CHARACTERS, Guards
from yizhan.dialogue.guards.parse import default_guards
from yizhan.dialogue.guards.verdict import Action, Hit, Kind, Urgency, Verdict
from yizhan.pb.v1 import event_pb2

ZH = "zh-CN"


def fires(tried: Guards, text: str) -> bool:
    verdict = tried.judge(text, ZH)
    return verdict is not None and verdict.rule == "tried"


LAWYER = guards(document(rule("[律师函, my lawyer]", "[律师函, my lawyer]", "[律师]")))


@pytest.mark.parametrize(
    "text",
    [
        "律师函",
        "等着收律师函吧！",
        "律 師 函",
        "律。师，函",
        "律🙂师🙂函",
        "律\u200b师\u200b函",
        "「律师」函",
        "MY LAWYER will call",
        "Ｍｙ　Ｌａｗｙｅｒ",
        "my   lawyer",
        "问my lawyer吧",
    ],
)
def test_typing_it_another_way_is_no_escape(text: str) -> None:
    assert fires(LAWYER, text)


@pytest.mark.parametrize("text", ["", "？！", "律师", "函", "my lawyers", "amy lawyer", "my law", "🙂"])
def test_what_only_looks_like_it_does_not_fire(text: str) -> None:
    assert LAWYER.judge(text, ZH) is None


NUMBERS = guards(document(rule("[500错误, error 500, '315曝光']", "[500错误]", "[1500错误]")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("提示500错误", True), ("500 错误", True), ("1500错误", False), ("error 500", True), ("error 5000", False)],
)
def test_numbers_count_only_as_a_whole(text: str, expected: bool) -> None:
    assert fires(NUMBERS, text) is expected


LIFTED = guards(
    document(
        rule(
            "[投诉]",
            "[投诉你们]",
            "[投诉电话]",
            "    unless:\n      - 投诉电话\n      - {near: [[不是要, 不想], [投诉]], within: 2}",
        )
    ).replace(HUMAN, HUMAN.replace("recognised: wish_for_human", "转人工"))
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("投诉电话多少", False),
        ("我不是要投诉", False),
        ("不想再投诉", False),
        ("不想再跟你们说了投诉", True),
        ("投诉电话多少？算了，我直接投诉你们", True),
        ("投诉", True),
    ],
)
def test_an_exception_lifts_only_what_it_touches(text: str, expected: bool) -> None:
    assert fires(LIFTED, text) is expected


NEAR = guards(
    document(
        rule(
            "[{near: [[扣了, 扣款], [两次, 2次]], within: 3}, {near: [[壶], [着火]], within: 2, ordered: false}]",
            "[扣款两次]",
            "[扣款]",
        )
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("扣款两次", True),
        ("扣了我钱2次", True),
        ("扣了我好多好多钱两次", False),
        ("两次扣款", False),
        ("壶着火", True),
        ("着火的壶", True),
        ("着火了，我的壶", False),
    ],
)
def test_groups_fire_near_each_other_and_in_their_order(text: str, expected: bool) -> None:
    assert fires(NEAR, text) is expected


WHOLE = guards(document(rule("[{whole: [滚, 想死]}]", "[滚]", "[滚筒]")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("滚", True),
        ("滚！！！", True),
        ("你好，滚", True),
        ("滚筒洗衣机", False),
        ("想死你了", False),
    ],
)
def test_a_whole_message_is_nothing_but_the_phrase(text: str, expected: bool) -> None:
    assert fires(WHOLE, text) is expected


LONG = guards(
    document(rule("[消费者权益保护法, 不想继续活下去了, take legal action]", "[消费者权益保护法]", "[消费者]"))
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("消费者权益保沪法", True),
        ("消费着权益保护法", True),
        ("消费者权保护法", True),
        ("消费者的权益保护法", True),
        ("费消者权益保护法", True),
        ("消费着权益保沪法", False),
        ("想继续活下去了", False),
        ("只想继续活下去了", False),
        ("take legla action", True),
        ("take legal acton", True),
        ("fake legal action", False),
    ],
)
def test_one_wrong_character_in_a_long_phrase_is_forgiven_unless_it_says_something_else(
    text: str, expected: bool
) -> None:
    assert fires(LONG, text) is expected


def test_a_rule_can_insist_on_every_character() -> None:
    exact = guards(document(rule("[消费者权益保护法]", "[消费者权益保护法]", "[消费者]", "    typos: false")))
    assert not fires(exact, "消费者权益保沪法")


ENGLISH_ONLY = guards(document(rule("[sb]", "[sb]", "[s]", "    languages: [en]")))


@pytest.mark.parametrize(("text", "expected"), [("sb", True), ("你sb", True), ("你好", False)])
def test_a_rule_is_read_in_its_languages(text: str, expected: bool) -> None:
    assert fires(ENGLISH_ONLY, text) is expected


SPEAKING = guards(
    document(
        """
  - name: once
    kind: abuse
    action: say
    again: skip
    offer_human: true
    say: {zh: 抱歉, en: Sorry}
    menu: {zh: [查订单], en: [My order]}
    match: [笨蛋]
    fires: [笨蛋]
    passes: [鸡蛋]
  - name: twice
    kind: secrets
    action: refuse
    again: hand_off
    say: {zh: 不能, en: I cannot}
    match: [进价]
    fires: [进价]
    passes: [原价]
""",
        before="urgency:\n  - {name: angry, level: high, kinds: [abuse]}\n  - {name: hurry, level: critical, match: [救命]}",
    )
)


def judged(text: str, locale: str = ZH, said: tuple[str, ...] = ()) -> Verdict:
    verdict = SPEAKING.judge(text, locale, said)
    assert verdict is not None
    return verdict


@pytest.mark.parametrize(
    ("locale", "text", "menu"),
    [
        ("zh-CN", "抱歉", ("查订单",)),
        ("zh-TW", "抱歉", ("查订单",)),
        ("", "抱歉", ("查订单",)),
        ("en", "Sorry", ("My order",)),
        ("en-GB", "Sorry", ("My order",)),
    ],
)
def test_the_approved_text_is_in_the_customers_language(locale: str, text: str, menu: tuple[str, ...]) -> None:
    verdict = judged("笨蛋", locale)
    assert (verdict.action, verdict.text, verdict.menu, verdict.offers_human) == (Action.SAY, text, menu, True)


def test_abuse_is_answered_once_and_then_the_message_is_taken_on_its_merits() -> None:
    assert SPEAKING.judge("笨蛋", ZH, ("once",)) is None
    assert judged("笨蛋，进价多少", said=("once",)).rule == "twice"


def test_a_second_time_can_mean_a_person() -> None:
    assert judged("进价").action is Action.REFUSE
    again = judged("进价", said=("twice",))
    assert (again.action, again.text, again.menu) == (Action.HAND_OFF, "", ())


@pytest.mark.parametrize(
    ("text", "urgency", "raised_by"),
    [
        ("进价", Urgency.NORMAL, ""),
        ("笨蛋", Urgency.HIGH, "angry"),
        ("救命，笨蛋", Urgency.CRITICAL, "hurry"),
        ("救命，转人工", Urgency.CRITICAL, "hurry"),
    ],
)
def test_the_businesss_guide_says_how_urgent_it_is(text: str, urgency: Urgency, raised_by: str) -> None:
    verdict = judged(text)
    assert (verdict.urgency, verdict.urgency_rule) == (urgency, raised_by)


@pytest.mark.parametrize(("text", "expected"), [("救命", (Urgency.CRITICAL, "hurry")), ("你好", (Urgency.NORMAL, ""))])
def test_a_message_that_no_rule_takes_has_an_urgency_too(text: str, expected: tuple[Urgency, str]) -> None:
    assert SPEAKING.judge(text, ZH) is None
    assert SPEAKING.urgency(text) == expected


def test_levels_are_those_of_the_events() -> None:
    levels = {f"URGENCY_{level.name}": level.value for level in Urgency}
    assert levels.items() <= dict(event_pb2.Urgency.items()).items()


def test_the_first_rule_decides_and_says_where() -> None:
    verdict = NEAR.judge("你好，扣了两次", ZH)
    assert verdict is not None
    assert (verdict.rule, verdict.kind, verdict.reason) == ("tried", Kind.FAULT, "fault")
    assert verdict.hits == (Hit(2, 6, 0),)  # in 你好扣了两次, by the first item


def test_a_verdict_holds_none_of_the_customers_words() -> None:
    verdict = judged("我的暗号是天王盖地虎，笨蛋")
    assert "天王" not in repr(verdict)


def test_the_same_message_gets_the_same_verdict() -> None:
    again = guards(document(rule("[律师函, my lawyer]", "[律师函, my lawyer]", "[律师]")))
    assert again.judge("等着收律师函吧", ZH) == LAWYER.judge("等着收律师函吧", ZH)


@pytest.mark.parametrize("at", [0, MOST_CHARACTERS // 2 - 3, 20_000 - 3])
def test_the_beginning_and_the_end_of_a_long_letter_are_read(at: int) -> None:
    letter = "啊" * 20_000
    assert fires(LAWYER, letter[:at] + "律师函" + letter[at + 3 :])


HARD = {
    "one word over and over": "你们的投诉电话" * 600,
    "negations over and over": "不想投诉我要" * 700,
    "beginnings of everything": "我想要给你们老板告他电话地址死活药" * 240,
    "one letter": "a" * 9_000,
    "English": "i want to not want to " * 200,
    "no end": "人" * 100_000,
}


@pytest.mark.parametrize("text", HARD.values(), ids=HARD.keys())
def test_no_message_keeps_the_guards_busy(text: str) -> None:
    tried = default_guards()
    started = time.process_time()
    tried.judge(text, ZH)
    assert time.process_time() - started < 5.0  # a rule that tries every combination takes minutes
