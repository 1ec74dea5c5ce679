"""Amounts of money: between a currency's minor unit, as cards hold it, and what people and platforms write."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

USUAL_DIGITS = 2

DIGITS: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Digits after the point where they are not two (ISO 4217, whose rupiah has two)."""

UNSAID_WHEN_NONE = frozenset({"IDR"})
"""Currencies whose hundredths nobody has used for long: written only where there are some."""

SYMBOLS: Mapping[str, str] = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "KRW": "₩",
    "VND": "₫",
    "THB": "฿",
    "PHP": "₱",
}
"""Only where nobody takes it for another currency's: ¥ is the yuan here, so the yen is written JPY."""

MOST_MINOR = (1 << 63) - 1


def digits_of(currency: str) -> int:
    """How many digits a currency has after the point."""
    return DIGITS.get(currency.upper(), USUAL_DIGITS)


def minor_of(amount: str | Decimal, currency: str) -> int:
    """An amount as a platform writes it ("99.50") in the minor unit; half a unit is rounded up.

    Raises ValueError for what is no amount, or is beyond what a card holds.
    """
    try:
        value = Decimal(amount).scaleb(digits_of(currency))
        whole = int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise ValueError("not an amount") from error
    if abs(whole) > MOST_MINOR:
        raise ValueError("not an amount that can be kept")
    return whole


def in_words(minor: int, currency: str) -> str:
    """As people read it: ¥99.50, 1000 JPY, 3.500 KWD. An amount without a currency is in yuan."""
    code = currency.upper() or "CNY"
    digits = digits_of(code)
    whole = not minor % 10**digits
    number = f"{Decimal(minor).scaleb(-digits):.{0 if code in UNSAID_WHEN_NONE and whole else digits}f}"
    symbol = SYMBOLS.get(code)
    if symbol is None:
        return f"{number} {code}"
    return f"-{symbol}{number[1:]}" if number.startswith("-") else f"{symbol}{number}"
