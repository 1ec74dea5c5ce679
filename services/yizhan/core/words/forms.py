"""One form for what is read as the same: width, case, and traditional characters as simplified ones.

Character by character, so that a part of a text has the form that it has in the whole: a phrase table would write a word
otherwise when it stands beside another, and a search for the word alone would miss it.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import opencc

_HANGUL_TAIL = range(0x1160, 0x1200)


class Form(NamedTuple):
    """A text's form; ``starts[i]`` and ``ends[i]`` say which part of the text its character ``i`` stands for."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def form_of(text: str) -> str:
    """The form alone."""
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLIFIED)


def formed(text: str) -> Form:
    """The form with where it is from, for showing what was found as it was written."""
    forms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        form = form_of(text[start:end])
        forms.append(form)
        starts += [start] * len(form)
        ends += [end] * len(form)
    return Form("".join(forms), tuple(starts), tuple(ends))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """The parts that are normalised as one: a character with the marks that belong to it."""
    start = 0
    for at in range(1, len(text)):
        if not _belongs(text[at]):
            yield start, at
            start = at
    if text:
        yield start, len(text)


def _belongs(character: str) -> bool:
    """To the character before it."""
    if character.isascii():
        return False
    first = unicodedata.normalize("NFKC", character)[0]
    return unicodedata.combining(first) > 0 or ord(first) in _HANGUL_TAIL


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


class _Simplified(dict[int, int]):
    """For ``str.translate``. Remembers what it was asked; there are not more characters than Unicode has."""

    def __missing__(self, code: int) -> int:
        if code < 0x3400 or 0xD800 <= code < 0xE000:  # no Chinese character; half of one, which is no text
            return code
        once: str = _converter().convert(chr(code))
        twice: str = _converter().convert(once)
        return self.setdefault(code, ord(twice) if len(twice) == 1 else code)


_SIMPLIFIED = _Simplified()
