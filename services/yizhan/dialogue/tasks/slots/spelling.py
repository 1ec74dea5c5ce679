"""The customer's text in one spelling, every character still knowing where it stood."""

import unicodedata
from dataclasses import dataclass

from yizhan.dialogue.knowledge.script import simplified
from yizhan.dialogue.tasks.slots.reading import Span

_DASHES = frozenset("‐‑‒–—―−﹣ー")
_WAVES = frozenset("～〜∼")
_INVISIBLE = frozenset("\ufe0e\ufe0f\u20e3\u180e")
_IDEOGRAPHS = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


@dataclass(frozen=True, slots=True)
class Spelled:
    """``text``: half width, lower case, simplified, digits of every script as 0 to 9, dashes as "-". ``plain``: the same
    length, but case and script as typed. ``places``: for each of their characters the index in the original.
    """

    text: str
    plain: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """The span in the original of a non-empty stretch of ``text``."""
        return Span(self.places[start], self.places[end - 1] + 1)

    @property
    def whole(self) -> Span:
        """The span of everything that can be read."""
        return self.span(0, len(self.text)) if self.text else Span(0, 0)


def spell(text: str) -> Spelled:
    """Respell a text character by character. Linear; total on every string, lone surrogates included."""
    folded: list[str] = []
    plain: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        small, shown = _SPELLINGS[character]
        folded.append(small)
        plain.append(shown)
        places.extend([place] * len(small))
    return Spelled("".join(folded), "".join(plain), tuple(places))


class _Spellings(dict[str, tuple[str, str]]):
    """Remembers how each character is spelled; there are not more characters than Unicode has."""

    def __missing__(self, character: str) -> tuple[str, str]:
        shown = "".join(_plain(each) for each in unicodedata.normalize("NFKC", character))
        return self.setdefault(character, ("".join(_folded(each) for each in shown), shown))


_SPELLINGS = _Spellings()


def _plain(character: str) -> str:
    if character in _INVISIBLE or unicodedata.category(character) == "Cf":
        return ""
    if character in _DASHES:
        return "-"
    if character in _WAVES:
        return "~"
    if character == "\r":
        return "\n"
    if character.isspace() and character != "\n":
        return " "
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _folded(character: str) -> str:
    """One character for one, so that both spellings have the same length."""
    small = character.lower()
    if len(small) != 1:
        return character
    if any(first <= ord(small) <= last for first, last in _IDEOGRAPHS):
        small = simplified(small)
    return small if len(small) == 1 else character
