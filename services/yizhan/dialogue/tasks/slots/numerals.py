"""Numbers in Chinese characters, in digits, and in both."""

import re

DIGITS = dict(
    zip(
        "零〇洞一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖",
        (0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9),
        strict=True,
    )
)
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIAD = 10_000

NUMERAL = r"[0-9零〇一二两三四五六七八九十廿卅百千万壹贰叁肆伍陆柒捌玖拾佰仟]"
"""One character of a number. Readers bound how many they take."""

_SPOKEN = {ord(character): str(value) for character, value in DIGITS.items() if character not in "两洞"}
_SPOKEN_RUN = re.compile("[0-9" + "".join(map(chr, _SPOKEN)) + "]{3,}+")
_PLAIN = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?")
_TWENTIES = {"廿": "二十", "卅": "三十"}


def spoken(text: str) -> str:
    """The text with every Chinese digit as a digit (一三八 is 138), character for character."""
    return text.translate(_SPOKEN)


def spoken_runs(text: str) -> str:
    """The same, but only where three digits or more stand together: 一个 stays 一个."""
    return _SPOKEN_RUN.sub(lambda run: spoken(run.group()), text)


def whole(text: str) -> int | None:
    """The number that a numeral says: 12, 十二, 一百零五, 一百二 (120), 两千五, 3万, 1万2, 二六 (26). None when it says none."""
    if text.isdigit() and text.isascii():
        return int(text) if len(text) <= 12 else None
    for short, long in _TWENTIES.items():
        text = text.replace(short, long)
    if not text or len(text) > 24:
        return None
    if "万" in text:
        return _with_myriads(text)
    return _below_myriad(text)


def _with_myriads(text: str) -> int | None:
    high, _, low = text.partition("万")
    times = 1 if high == "" else _below_myriad(high)
    if times is None or "万" in low:
        return None
    if low in DIGITS or (low.isdigit() and len(low) == 1):  # 一万二
        return times * _MYRIAD + 1000 * _digit(low) if low not in "零〇" else None
    rest = _below_myriad(low) if low else 0
    return None if rest is None else times * _MYRIAD + rest


def _digit(character: str) -> int:
    return DIGITS[character] if character in DIGITS else int(character)


def _below_myriad(text: str) -> int | None:
    if all(character in DIGITS for character in text):
        return (
            int("".join(str(DIGITS[character]) for character in text)) if "两" not in text or len(text) == 1 else None
        )
    if text.isascii() and text.isdigit():
        return int(text)
    return _by_units(text)


def _by_units(text: str) -> int | None:
    total, last = 0, _MYRIAD
    digit: int | None = None
    zero = False
    for character in text:
        if character in _UNITS:
            unit = _UNITS[character]
            if unit >= last or digit == 0:
                return None
            total += (1 if digit is None else digit) * unit
            digit, last, zero = None, unit, False
        elif character in DIGITS or character in "0123456789":
            value = _digit(character)
            if digit not in (None, 0) and not (character.isascii() and last == _MYRIAD):
                return None
            if digit is not None and digit != 0:
                value += digit * 10
            zero = zero or value == 0
            digit = value
        else:
            return None
    if digit is None:
        return total
    short = last > 10 and last != _MYRIAD and not zero  # 一百二 is 120, 一百零二 is 102
    return total + digit * (last // 10 if short else 1)


def decimal(text: str) -> str | None:
    """A number in digits with thousands separators ("12,000.50") or in Chinese, as "12000.50" or "120"."""
    bare = text.replace(",", "")
    if _PLAIN.fullmatch(bare):
        return bare
    number = whole(text)
    return None if number is None else str(number)
