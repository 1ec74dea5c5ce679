"""Customers are spoken to in the language that they write in."""

from dataclasses import replace

import pytest

from tests.unit.dialogue.tasks.demo_shop import DemoShop
from yizhan.core.messages import content as c
from yizhan.dialogue.spoken_language import followed, worded

ENGLISH = [
    "where is my order", "how do I return this?", "I'd like to return this item", "can you help me", "do you ship abroad",
    "what's the warranty", "My order SJ100001 hasn't arrived.", "when will it arrive", "is this in stock",
]  # fmt: skip
CHINESE = ["我的订单到哪了", "好", "iPhone 15 Pro 怎么退", "my order 坏了", "where is 我的快递", "訂單"]
UNDECIDED = [
    "", "ok", "Hi", "hello hello", "ok thanks", "no no", "13800138000", "SJ100001", "iPhone 15 Pro Max", "you ge wenti", "zenme tuihuo",
    "wo yao tuihuo", "ta she he me", "https://shop.example/what/is/this my", "👍", "?!", "à bientôt mes amis", "i" * 5000, "Wo men dou hao a",
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "locale"), [*((each, "en") for each in ENGLISH), *((each, "zh-CN") for each in CHINESE)]
)
def test_the_language_of_a_sentence_is_followed_on_a_page_in_the_other_one(words: str, locale: str) -> None:
    assert followed("zh-CN" if locale == "en" else "en-GB", words) == locale


@pytest.mark.parametrize("words", UNDECIDED)
def test_what_is_in_no_language_beyond_doubt_changes_nothing(words: str) -> None:
    assert [followed(locale, words) for locale in ("", "zh-CN", "en-US", "fr")] == ["", "zh-CN", "en-US", "fr"]


@pytest.mark.parametrize(
    ("locale", "words"), [("en-GB", ENGLISH[0]), ("zh-TW", CHINESE[0]), ("ja", "注文"), ("", "你好")]
)
def test_a_locale_of_the_same_language_is_kept_as_it_is(locale: str, words: str) -> None:
    assert followed(locale, words) == locale


@pytest.mark.parametrize(
    ("page", "words", "told"),
    [
        ("zh-CN", "my package still has not come, what now", "Which of these"),
        ("en-US", "包裹一直没到怎么回事", "您想问的是"),
        ("", "my package still has not come, what now", "Which of these"),
        ("zh-CN", "wo yao tuihuo", "请把要办理售后的订单号发给我"),
        ("zh-CN", "I want to return this", "Please send me the number of the order"),
    ],
)
def test_the_shop_asks_back_in_the_customers_language(page: str, words: str, told: str) -> None:
    shop = DemoShop()
    shop.stage.turn.conversation = replace(shop.stage.conversation, locale=page)
    shop.customer(c.Text(words))
    assert told in next(shop.said())


def test_what_is_offered_is_worded_in_the_customers_language_where_the_entry_has_such_a_wording() -> None:
    assert worded(["怎么退货", "how do I return it"], "can I send this back") == "how do I return it"
    assert worded(["how do I return it", "怎么退货"], "我不想要了") == "怎么退货"
    assert worded(["怎么退货", "how do I return it"], "tuihuo") == "怎么退货"
    assert worded(["怎么退货"], "can I send this back") == "怎么退货"
