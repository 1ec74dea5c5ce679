"""Customers who mix English words into Chinese are read in Chinese, by words that the business itself uses."""

import pytest

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge.index.code_mixing import in_chinese
from yizhan.dialogue.knowledge.normalise import normalise

KNOWN = {"订单", "取消", "发货", "优惠券", "退货", "退款", "信用卡", "支付", "发票", "天", "配送", "物流"}

READ = [
    ("a noun", "coupon用不了", "优惠券用不了"),
    ("a verb and a noun", "怎么cancel我的order", "怎么取消我的订单"),
    ("two words that are one", "credit card可以用吗", "信用卡可以用"),
    ("words that do without articles", "我想return the order", "我想退货订单"),
    ("several forms of a word", "orders什么时候shipped", "订单什么时候发货"),
    ("a reading that only the second best word has", "delivery要几days", "配送要几天"),
    ("a word that is not in the glossary", "这个laptop可以refund吗", "这个laptop可以退款"),
]
LEFT = [
    ("Chinese alone", "优惠券用不了"),
    ("English alone", "how can i cancel my order"),
    ("a word that the knowledge has no Chinese for", "你们的hotline"),
    ("a name", "iphone15怎么用"),
    ("a sentence of English in a Chinese message", "你好 i want to cancel my order 谢谢你们"),
    ("nothing", ""),
]


@pytest.mark.parametrize(("asked", "read"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_english_words_are_read_in_chinese(asked: str, read: str) -> None:
    assert in_chinese(normalise(asked), KNOWN.__contains__) == normalise(read)


@pytest.mark.parametrize("asked", [row[1] for row in LEFT], ids=[row[0] for row in LEFT])
def test_what_is_not_mixed_or_not_known_is_left_alone(asked: str) -> None:
    assert in_chinese(normalise(asked), KNOWN.__contains__) == normalise(asked)


ANSWERED = [
    ("怎么cancel订单", "order-cancel"),
    ("payment失败了怎么办", "pay-failed"),
    ("能开company的invoice吗", "invoice-company"),
    ("我想change收货address", "order-address"),
    ("points怎么用", "points-use"),
    ("password忘了", "account-password"),
    ("有没有free shipping", "ship-fee"),
    ("weekend有客服吗", "service-hours"),
    ("online支付安全吗", "pay-security"),
    ("ok那我怎么return", "return-how"),
]
NOT_ANSWERED = ["我的laptop坏了能repair吗", "help我看下bank loan", "meeting room怎么预约", "你们shop招part time吗"]


def answered(asked: str) -> str:
    """The entry that the demo shop answers with."""
    training = faq.trained().training
    assert training is not None
    best = next(iter(faq.matcher().match(asked, 1)), None)
    return best.entry_id if best and best.score >= training.thresholds.answer else ""


@pytest.mark.parametrize(("asked", "entry"), ANSWERED)
def test_a_mixed_question_to_the_demo_shop_is_answered_in_chinese(asked: str, entry: str) -> None:
    assert answered(asked) == entry


@pytest.mark.parametrize("asked", NOT_ANSWERED)
def test_a_mixed_question_about_something_else_is_not_answered(asked: str) -> None:
    assert answered(asked) == ""


def test_a_question_in_english_is_still_answered_in_english() -> None:
    assert faq.matcher().match("How can I cancel my order?", 1)[0].entry_id == "intl-cancel"
