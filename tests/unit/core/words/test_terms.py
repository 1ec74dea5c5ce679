"""By which words a text is found."""

import pytest

from yizhan.core.words.terms import LONGEST_TERM, MOST_ASKED, asked, terms_of


@pytest.mark.parametrize(
    ("text", "query"),
    [
        pytest.param("我要退款，怎么还没到账", "退款", id="a word of two characters"),
        pytest.param("我要退款，怎么还没到账", "还没到账", id="a longer phrase"),
        pytest.param("我要退款，怎么还没到账", "退款 到账", id="two words in any place"),
        pytest.param("王小雅", "雅", id="one character alone"),
        pytest.param("Refund for Order ABC-2026", "abc refund", id="latin words in any case and order"),
        pytest.param("ＡＢＣ１２３", "abc123", id="full-width letters"),
        pytest.param("請問何時發貨", "发货", id="traditional characters by simplified ones"),
        pytest.param("请问何时发货", "發貨", id="simplified characters by traditional ones"),
        pytest.param("乾燥機", "干燥", id="a character alone has the form that it has in a word"),
        pytest.param("订单SF1234567890没到", "sf1234567890", id="a parcel number between characters"),
        pytest.param("T000123", "t000123", id="a ticket's number"),
        pytest.param("T000123", "123", id="a ticket's number without its zeros"),
        pytest.param("iPhone 15 碎屏", "iphone碎屏", id="both kinds in one query"),
        pytest.param("カメラの修理", "修理", id="between kana"),
        pytest.param("😀退款", "😀 退款", id="signs say nothing"),
    ],
)
def test_found(text: str, query: str) -> None:
    assert asked(query)
    assert set(asked(query)) <= terms_of(text)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        pytest.param("我要退款", "款退", id="characters in another order"),
        pytest.param("退一下款", "退款", id="characters apart"),
        pytest.param("Refunds", "refund", id="part of a latin word"),
        pytest.param("我要退款", "退款 到账", id="only one of two words"),
        pytest.param("T000123", "12", id="part of a number"),
    ],
)
def test_not_found(text: str, query: str) -> None:
    assert not set(asked(query)) <= terms_of(text)


def test_a_query_of_signs_has_no_terms() -> None:
    assert asked("，。!? 😀 _") == ()


def test_terms_are_bounded() -> None:
    long = "x" * 500
    assert terms_of(long) == {"x" * LONGEST_TERM}
    assert asked(long) == ("x" * LONGEST_TERM,), "and are still found"
    assert len(asked(" ".join(f"w{n}" for n in range(100)))) == MOST_ASKED
