"""BERT's uncased tokeniser: cleaning, splitting at spaces and punctuation, and the longest known pieces from the left.

Source of facts: google-research/bert ``tokenization.py`` and the package's own ``tokenizer.json``.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"
MAX_WORD = 100
"""Longer words are unknown, as in the original."""

_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
_ASCII_SIGNS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class WordPiece:
    """Text to token ids, with the start and end marks."""

    def __init__(self, vocabulary: Path, limit: int) -> None:
        words = vocabulary.read_text("utf-8").splitlines()
        self._ids = {word: index for index, word in enumerate(words)}
        self._limit = limit

    def encode(self, text: str) -> list[int]:
        """At most ``limit`` ids, the two marks among them."""
        pieces = [self._ids[piece] for word in _words(text) for piece in self._pieces(word)]
        return [self._ids[START], *pieces[: self._limit - 2], self._ids[END]]

    def _pieces(self, word: str) -> list[str]:
        if len(word) > MAX_WORD:
            return [UNKNOWN]
        found: list[str] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            ends = (end for end in range(len(word), start, -1) if mark + word[start:end] in self._ids)
            end = next(ends, None)
            if end is None:
                return [UNKNOWN]
            found.append(mark + word[start:end])
            start = end
        return found


def _words(text: str) -> Iterator[str]:
    lowered = unicodedata.normalize("NFD", "".join(_clean(text)).lower())
    for chunk in "".join(char for char in lowered if unicodedata.category(char) != "Mn").split():
        word = ""
        for char in chunk:
            if char in _ASCII_SIGNS or unicodedata.category(char).startswith("P"):
                if word:
                    yield word
                yield char
                word = ""
            else:
                word += char
        if word:
            yield word


def _clean(text: str) -> Iterator[str]:
    for char in text:
        if char in "\t\n\r" or unicodedata.category(char) == "Zs":
            yield " "
        elif char not in "\x00\ufffd" and not unicodedata.category(char).startswith("C"):
            yield f" {char} " if any(low <= ord(char) <= high for low, high in _CJK) else char
