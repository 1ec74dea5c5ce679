"""One spelling for what means the same: the key by which questions are compared.

``fold`` takes away how something is typed (width, case, script, punctuation, emoji); ``normalise`` also takes away
courtesies and repetition. Both are idempotent, and neither is shown to anyone.
"""

import re
import unicodedata

from yizhan.dialogue.knowledge.courtesy import stripped
from yizhan.dialogue.knowledge.script import simplified

NORMALISER_VERSION = 1
"""Rises whenever the same text would be normalised to something else."""

CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"

_STICKERS = re.compile(r"\[[\u4e00-\u9fffA-Za-z]{1,5}\]|/::?[^\s\w]{1,2}|/:[a-z]{1,8}(?![a-z])")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’‘`](?=[a-z])")
_POINT = re.compile(r"(?<=\d)[.](?=\d)")
_POINT_MARK = "\ue000"
_SPACES = re.compile(r"\s+")
_CJK_SPACES = re.compile(rf"(?<=[{CJK}]) | (?=[{CJK}])")
_STRETCHED = re.compile(rf"([{CJK}a-z])\1{{2,}}")
_SAID_AGAIN = re.compile(rf"([{CJK}]{{2,12}}?)\1+")
_FIXPOINT_PASSES = 8

_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = re.compile(
    r"(?<![周第几万零〇一二两三四五六七八九十百千])[零〇一二两三四五六七八九十百千]++"
    r"(?=个?(?:工作日|小时|天|日|月|年|周|分钟|元|块|折|件|斤|寸|级|倍|套|盒|包|期))"
)


def fold(text: str) -> str:
    """Lower case, half width, simplified; words separated by one space, no space next to a Chinese character."""
    for _ in range(_FIXPOINT_PASSES):
        folded = _fold_once(text)
        if folded == text:
            break
        text = folded
    return text


def normalise(text: str) -> str:
    """The folded text without courtesies, stretched characters and repeated phrases, small numerals as digits.

    Empty when there is no letter or digit in it.
    """
    text = fold(text)
    for _ in range(_FIXPOINT_PASSES):
        shorter = stripped(_unrepeated(_digits(text)))
        if shorter == text:
            break
        text = shorter
    return text


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = simplified(text)
    text = _STICKERS.sub(" ", text)
    text = _APOSTROPHE.sub("", text)
    text = _POINT.sub(_POINT_MARK, text)
    text = text.translate(_LETTERS_AND_DIGITS)
    text = _SPACES.sub(" ", text).strip()
    return _CJK_SPACES.sub("", text).replace(_POINT_MARK, ".")


class _Kept(dict[int, int]):
    """For ``str.translate``: letters, digits and marks that belong to letters stay, all else becomes a space.

    Remembers what it was asked; there are not more characters than Unicode has.
    """

    def __missing__(self, code: int) -> int:
        character = chr(code)
        kind = unicodedata.category(character)
        # Variation marks (FE00 to FE0F) belong to emoji.
        kept = kind[0] in "LN" or (kind in ("Mn", "Mc") and not "\ufe00" <= character <= "\ufe0f")
        return self.setdefault(code, code if kept or character == _POINT_MARK else ord(" "))


_LETTERS_AND_DIGITS = _Kept()


def _unrepeated(text: str) -> str:
    return _SAID_AGAIN.sub(r"\1", _STRETCHED.sub(r"\1\1", text))


def _digits(text: str) -> str:
    return _NUMERAL.sub(lambda found: _number(found.group()), text)


def _number(numeral: str) -> str:
    """The digits of a Chinese numeral below ten thousand; the numeral itself when it is not well formed."""
    total = 0
    digit: int | None = None
    last_unit = 10_000
    for character in numeral:
        if character in _DIGITS:
            if digit not in (None, 0):
                return numeral
            digit = _DIGITS[character]
            continue
        unit = _UNITS[character]
        if unit >= last_unit:
            return numeral
        total += (1 if digit is None else digit) * unit
        digit, last_unit = None, unit
    return str(total + (digit or 0))
