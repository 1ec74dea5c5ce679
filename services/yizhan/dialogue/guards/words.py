"""The words of a guard document, all looked for in one pass; long ones are also found with one wrong character.

Words and text are folded (see ``knowledge.normalise.fold``). A Latin word or number counts only where it stands by
itself: ``sue`` is not in ``issue``, ``500`` not in ``1500``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from yizhan.dialogue.guards.automaton import Automaton

Span = tuple[int, int]
Marks = Mapping[int, Sequence[Span]]
"""Where each word that occurs is in the text, by the number of the word."""

MOST_SPANS = 32
"""Places of one word that are kept; who writes it more often gains nothing."""

TOLERANT_CHINESE = 6
TOLERANT_LATIN = 12
"""From this many characters on, one wrong, missing, extra or swapped one is forgiven: shorter words would be others."""

_NEGATIONS = frozenset("不没别无未非勿莫甭")
_NEGATING_WORDS = frozenset({"no", "not", "dont", "never", "without", "cant", "wont", "didnt", "isnt", "non"})


@dataclass(frozen=True, slots=True)
class _Half:
    """One half of a long word: a wrong character leaves the other half as it is (but for a swap at the middle)."""

    word: int
    text: str
    other: str
    first: bool


class Words:
    """Immutable; ``words`` are known by their position."""

    __slots__ = ("_automaton", "_exact", "_halves", "_latin", "_words")

    def __init__(self, words: Sequence[str], *, tolerant: frozenset[int]) -> None:
        """``tolerant``: the words that may be misspelt, if they are long enough."""
        self._words = tuple(words)
        self._latin = tuple(_latin(word[0]) or _latin(word[-1]) for word in words)
        self._halves = tuple(
            half
            for number, word in enumerate(words)
            if number in tolerant and is_long(word)
            for half in _halves(number, word)
        )
        self._exact = len(self._words)
        self._automaton = Automaton([*self._words, *(half.text for half in self._halves)])

    def find(self, folded: str) -> Marks:
        marks: dict[int, list[Span]] = {}
        for number, start, end in self._automaton.find(folded):
            if number >= self._exact:
                self._complete(marks, folded, self._halves[number - self._exact], start, end)
            elif not self._latin[number] or _stands_alone(folded, start, end):
                spans = marks.setdefault(number, [])
                if len(spans) < MOST_SPANS:
                    spans.append((start, end))
        return marks

    def _complete(self, marks: dict[int, list[Span]], folded: str, half: _Half, start: int, end: int) -> None:
        """Take the word of a half that was found, where the rest is there with one wrong character."""
        word = self._words[half.word]
        for span in _around(folded, half, start, end):
            if not _alike(word, folded[slice(*span)]) or not _stands_alone(folded, *span):
                continue
            spans = marks.setdefault(half.word, [])
            if len(spans) < MOST_SPANS and span not in spans:
                spans.append(span)


def is_long(word: str) -> bool:
    """Whether one wrong character in it is forgiven."""
    return len(word) >= (TOLERANT_LATIN if word.isascii() else TOLERANT_CHINESE)


def _halves(number: int, word: str) -> tuple[_Half, _Half]:
    middle = len(word) // 2
    left, right = word[:middle], word[middle:]
    return _Half(number, left, right, first=True), _Half(number, right, left, first=False)


def _around(folded: str, half: _Half, start: int, end: int) -> Iterator[Span]:
    """The stretches around a half that could be the whole word: with one character less, as many, or one more."""
    for length in range(len(half.other) - 1, len(half.other) + 2):
        if half.first and end + length <= len(folded):
            yield start, end + length
        elif not half.first and start >= length:
            yield start - length, end


def _alike(word: str, found: str) -> bool:
    """One edit apart, and not by a word that turns the meaning round."""
    if found == word or OSA.distance(word, found, score_cutoff=1) > 1:
        return False
    if word.isascii() and _initials(word) != _initials(found):
        return False  # who mistypes a word hardly ever mistypes its first letter: "live" is not "give"
    changed = (Counter(word) - Counter(found)) + (Counter(found) - Counter(word))
    turned = set(word.split()) ^ set(found.split())
    return _NEGATIONS.isdisjoint(changed) and _NEGATING_WORDS.isdisjoint(turned)


def _initials(words: str) -> list[str]:
    return [word[0] for word in words.split()]


def _stands_alone(folded: str, start: int, end: int) -> bool:
    return not (
        (start > 0 and _latin(folded[start]) and _latin(folded[start - 1]))
        or (end < len(folded) and _latin(folded[end - 1]) and _latin(folded[end]))
    )


def _latin(character: str) -> bool:
    """A small Latin letter or a digit; folded text has no others."""
    return character.isascii() and character.isalnum()
