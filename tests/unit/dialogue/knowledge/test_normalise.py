"""However a customer types it, the same question is the same question."""

import pytest
from hypothesis import given, settings, strategies as st

from yizhan.dialogue.knowledge.normalise import fold, normalise

SAME = [
    ("什么时候发货", ["什么时候发货？", "请问什么时候发货", "什麼時候發貨", "你好，什么时候发货呢？谢谢！", "什么时候发货啊～～", "什么 时候 发货", "什么时候发货😀👍🏻", "[微笑]什么时候发货[玫瑰]", "亲，请问一下什么时候发货呀", "我想问下什么时候发货", "在吗？什么时候发货", "什么时候发货什么时候发货什么时候发货"]),
    ("可以开发票", ["可以开发票吗", "可以開發票嗎？", "您好，可以开发票么", "可以开发票吗，麻烦了"]),
    ("7天无理由退货", ["七天无理由退货", "7天无理由退货", "７天无理由退货", "请问七天无理由退货吗"]),
    ("24小时内", ["二十四小时内", "24 小时内"]),
    ("iphone 15 pro", ["iPhone 15 Pro", "ＩＰＨＯＮＥ　１５　ＰＲＯ", "iphone  15-pro!"]),
    ("dont you ship to the us", ["Don't you ship to the US?", "Don’t you ship to the US"]),
    ("how to return an item", ["Hi, could you please tell me how to return an item? Thanks", "how to return an item please"]),
    ("100元", ["一百元", "100元", "１００元"]),
    ("99.9元", ["99.9元", "９９．９元！"]),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "texts"), SAME, ids=[case[0] for case in SAME])
def test_ways_to_type_a_question_come_out_the_same(expected: str, texts: list[str]) -> None:
    assert {text: normalise(text) for text in texts} == dict.fromkeys(texts, expected)


KEPT = [
    ("what the question is about", "退货麻烦吗", "退货麻烦"),
    ("words that begin like a greeting", "亲子装有吗", "亲子装有"),
    ("words that end like a particle", "附近有网吧吗", "附近有网吧"),
    ("question words that end like a particle", "你们卖什么", "你们卖什么"),
    ("the customer service in the question", "客服电话是多少", "客服电话是多少"),
    ("doubled characters", "看看宝宝的毛巾", "看看宝宝的毛巾"),
    ("repeated digits", "订单100000", "订单100000"),
    ("numbers that are names", "周三有活动吗", "周三有活动"),
    ("a greeting that is all there is", "你好", "你好"),
    ("thanks that are all there is", "谢谢", "谢谢"),
    ("accents", "Café crème", "café crème"),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in KEPT], ids=[case[0] for case in KEPT])
def test_what_matters_is_kept(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["", " ", "？？？", "😀😀", "……", "\u200b\ufe0f"])
def test_what_has_no_word_is_empty(text: str) -> None:
    assert normalise(text) == ""


_SAID = """
你好 您好 在吗 请问 麻烦 亲 谢谢 吗 呢 啊 么 吧 哈 退货 發貨 什么 一 二十 百 个 天 小时 3 . hi hello thanks please ' ， ！
[微笑] 嗯 那个 客服 我想问 一下 苧 ａ é
"""
_CHATTER = st.lists(st.sampled_from(_SAID.split()) | st.just(" "), max_size=14).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=40) | _CHATTER)
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert normalise(normalise(text)) == normalise(text)
    assert normalise(fold(text)) == normalise(text)


def test_a_very_long_message_is_normalised_too() -> None:
    assert normalise("退货" * 50_000) == "退货"
    assert normalise("你好" * 2_000 + "退货" + "谢谢" * 2_000).endswith("退货")
