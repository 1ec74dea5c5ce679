"""What is personal never leaves: it is replaced by placeholders before a call, and put back into what comes back.

One ``Mask`` per call: the same text has the same placeholder in everything that the call sends, so that a model can tell
that two mentions are one, and nothing in one call says anything about another.
"""

import re
import unicodedata

from yizhan.dialogue.models.private_patterns import PATTERNS, Private

PLACEHOLDER = re.compile(r"\[(?:" + "|".join(Private) + r")_\d{1,4}\]")
"""What stands for something personal."""

_TAKEN = "\ue000"
"""Stands where a pattern has already found something: no other matches it, so nothing overlaps."""


class Mask:
    """``hide`` what is sent, ``show`` what comes back."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}
        self._originals: dict[str, str] = {}

    def hide(self, text: str) -> str:
        """The text without what is personal; half characters become question marks, they are no UTF-8."""
        text = _without_placeholders(text.encode("utf-8", "replace").decode("utf-8"))
        pieces: list[str] = []
        end = 0
        for start, stop, kind in _personal(text):
            pieces += (text[end:start], self._placeholder(text[start:stop], kind))
            end = stop
        return "".join((*pieces, text[end:]))

    def show(self, text: str) -> str:
        """The text with what is personal back in its place. A placeholder that was never given out stays."""
        return PLACEHOLDER.sub(lambda found: self._originals.get(found.group(), found.group()), text)

    def _placeholder(self, original: str, kind: Private) -> str:
        if original not in self._placeholders:
            placeholder = f"[{kind}_{len(self._placeholders) + 1}]"
            self._placeholders[original] = placeholder
            self._originals[placeholder] = original
        return self._placeholders[original]


def _without_placeholders(text: str) -> str:
    """What someone wrote to look like one of ours must not be filled in with what another wrote."""
    return PLACEHOLDER.sub(lambda found: f"({found.group()[1:-1]})", text)


def _personal(text: str) -> list[tuple[int, int, Private]]:
    """Where something personal begins and ends, in order and without overlap; an earlier pattern wins."""
    plain = "".join(map(_ascii, text))
    found: list[tuple[int, int, Private]] = []
    for kind, pattern in PATTERNS:
        group = "personal" if "personal" in pattern.groupindex else 0
        taken = [(match.start(group), match.end(group), kind) for match in pattern.finditer(plain)]
        for start, stop, _ in taken:
            plain = plain[:start] + _TAKEN * (stop - start) + plain[stop:]
        found += taken
    return sorted(found)


def _ascii(character: str) -> str:
    """One character for one: any script's digit and any width's letter as ASCII."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character
