"""Where the words of a query stand in a text, shown as they were written."""

import random

import pytest

from yizhan.core.words.forms import form_of, formed
from yizhan.core.words.places import places_of, words_of
from yizhan.core.words.terms import asked, terms_of


def shown(text: str, query: str) -> list[str] | None:
    found = places_of(words_of(query), text)
    return None if found is None else [text[span.start : span.end] for span in found]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        pytest.param("我要退款，怎么退款", "退款", ["退款", "退款"], id="every place"),
        pytest.param("我要退款", "要退 退款", ["要退款"], id="words that overlap are one place"),
        pytest.param("請問何時發貨？", "发货", ["發貨"], id="as it was written, not in its form"),
        pytest.param("ＳＦ１２３ 到了", "sf123", ["ＳＦ１２３"], id="full-width letters"),
        pytest.param("㎏ 装", "kg", ["㎏"], id="one character that reads as two"),
        pytest.param("ﬁne Café", "café fine", ["ﬁne", "Café"], id="a ligature and an accent"),
        pytest.param("cafe\u0301!", "café", ["cafe\u0301"], id="an accent that is a character of its own"),
        pytest.param("ｶﾞｲﾄﾞ", "ガイド", ["ｶﾞｲﾄﾞ"], id="half-width kana with their marks"),
        pytest.param("见 T000123", "123", ["T000123"], id="a ticket's number"),
        pytest.param("退款 and refund", "refund 退款", ["退款", "refund"], id="in the order of the text"),
        pytest.param("看看看", "看看", ["看看"], id="places do not overlap"),
        pytest.param("我要退款", "退款 到账", None, id="a word is missing"),
        pytest.param("退一下款，款退", "退款", None, id="the pairs of it stand elsewhere"),
        pytest.param("退货款", "退货货款", None, id="all its pairs are there, the word is not"),
        pytest.param("Refunds", "refund", None, id="part of a latin word"),
        pytest.param("退款", "，。!? 😀", None, id="nothing to look for"),
        pytest.param("", "退款", None, id="an empty text"),
    ],
)
def test_places(text: str, query: str, expected: list[str] | None) -> None:
    assert shown(text, query) == expected


def test_whatever_is_cut_out_of_a_text_is_found_there_and_by_its_terms() -> None:
    draw = random.Random(20261123)
    letters = "退款發貨请問ＡＢｃ1２ｶﾞガé e\u0301각㎏ﬁ，。 😀ß々\u0300"
    for _ in range(3000):
        text = "".join(draw.choice(letters) for _ in range(draw.randrange(1, 14)))
        assert formed(text).text == form_of(text)
        for run in words_of(text):
            assert places_of((run,), text), (text, run)
        assert set(asked(text)) <= terms_of(text)
