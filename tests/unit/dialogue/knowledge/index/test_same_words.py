"""A customer who asks an editor's question, but for how it is put, is answered; who asks another one is not."""

import pytest

from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.same_words import said
from yizhan.dialogue.knowledge.matcher import Matcher
from yizhan.dialogue.knowledge.normalise import normalise

THE_SAME = [
    ("another word for how", "怎么开发票", "如何开发票"),
    ("dialect", "怎么开发票", "咋开发票啊"),
    ("polite", "怎么开发票", "您好，请问一下怎么开发票呢？"),
    ("traditional characters", "怎么开发票", "如何開發票"),
    ("asking whether one may", "可以退货吗", "能不能退货呢"),
    ("whether there is one", "有实体店吗", "你们有没有实体店呀"),
    ("another word for when", "什么时候发货", "啥时候发货"),
    ("with a name in letters", "怎么用iPhone支付", "如何用iphone支付呢"),
]
ANOTHER = [
    ("the contrary", "可以退货吗", "不可以退货吗"),
    ("why not", "为什么可以退货", "为什么不可以退货"),
    ("not received", "收到货怎么办", "没收到货怎么办"),
    ("when and not how", "怎么发货", "什么时候发货"),
    ("how much and not how", "怎么寄快递", "寄快递多少钱"),
    ("another thing", "怎么开发票", "怎么开专票"),
    ("the other way round", "换货改退货", "退货改换货"),
    ("a wish and a question", "我要退货", "退货"),
    ("another name in letters", "怎么用iPhone支付", "怎么用iPad支付"),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in THE_SAME], ids=[row[0] for row in THE_SAME])
def test_the_same_question_put_otherwise(one: str, other: str) -> None:
    assert said(normalise(one)) == said(normalise(other)) != ()


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in ANOTHER], ids=[row[0] for row in ANOTHER])
def test_another_question(one: str, other: str) -> None:
    assert said(normalise(one)) != said(normalise(other))


@pytest.mark.parametrize("text", ["", "请问一下", "how do i get an invoice", "吗？", "👌"])
def test_what_says_nothing_in_chinese_is_the_same_as_nothing(text: str) -> None:
    assert said(normalise(text)) == ()


def matcher(*entries: tuple[str, str]) -> Matcher:
    made = [Entry(id=name, question=question, paraphrases=(), answer="好。") for name, question in entries]
    return engine.open_index(engine.train(made, 0.95).data, made)


def test_a_phrasing_put_otherwise_is_answered_and_is_less_sure_than_a_literal_one() -> None:
    own = matcher(("invoice", "怎么开发票"), ("late", "发票怎么还没开"), ("fee", "开发票要加钱吗"))
    assert [(found.entry_id, found.score) for found in own.match("请问如何开发票", 1)] == [("invoice", 0.95)]
    assert [(found.entry_id, found.score) for found in own.match("怎么开发票", 1)] == [("invoice", 1.0)]


def test_what_two_entries_ask_but_for_how_it_is_put_is_not_decided_by_it() -> None:
    own = matcher(("one", "怎么开发票呢"), ("other", "咋开发票"), ("fee", "开发票要加钱吗"))
    assert own.match("如何开发票", 1)[0].score < 0.95
