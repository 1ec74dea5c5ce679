"""Amounts between platforms' writing, the minor unit, and people."""

import pytest

from yizhan.core.messages.money import in_words, minor_of


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "words"),
    [
        ("99.50", "CNY", 9950, "¥99.50"),
        ("99.5", "USD", 9950, "$99.50"),
        ("0.005", "EUR", 1, "€0.01"),
        ("1000.0", "JPY", 1000, "1000 JPY"),
        ("150000", "VND", 150_000, "₫150000"),
        ("99000.00", "IDR", 9_900_000, "99000 IDR"),
        ("99000.50", "IDR", 9_900_050, "99000.50 IDR"),
        ("3.5", "KWD", 3500, "3.500 KWD"),
        ("12.34", "XYZ", 1234, "12.34 XYZ"),
        ("-5", "USD", -500, "-$5.00"),
        ("1", "usd", 100, "$1.00"),
    ],
)
def test_to_and_fro(amount: str, currency: str, minor: int, words: str) -> None:
    assert minor_of(amount, currency) == minor
    assert in_words(minor, currency) == words


def test_without_a_currency_it_is_yuan() -> None:
    assert in_words(100, "") == "¥1.00"


@pytest.mark.parametrize("amount", ["", "free", "NaN", "Infinity", "1e30", "1,000"])
def test_what_is_no_amount(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        minor_of(amount, "CNY")
