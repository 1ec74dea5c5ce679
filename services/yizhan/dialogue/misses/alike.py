"""Whether two wordings ask the same: the same kind of answer about the same things, or nearly the same spelling."""

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from yizhan.dialogue.knowledge.function_words import EMPTY_CHARACTERS, EMPTY_LATIN
from yizhan.dialogue.knowledge.index.features import CONCEPTS, features
from yizhan.dialogue.knowledge.normalise import CJK
from yizhan.dialogue.knowledge.tokens import stem

SHARED = 0.6
"""The share of what two wordings are about that both must have (Dice's coefficient)."""

UNSAID = 0.8
"""The share that is asked for where only one of them says what kind of answer it wants."""

WRITTEN = 0.85
"""The share of telling Chinese characters, for words that were cut in different places."""

SPELT = 84.0
"""Per cent of ``fuzz.ratio`` from which on two wordings of the same kind are one."""

_EMPTY_STEMS = frozenset(map(stem, EMPTY_LATIN))
_TIMES = frozenset({"when", "long"})
_CHINESE = re.compile(rf"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Signature:
    """What is compared: the normalised words, what they are about, and what kind of answer they want."""

    words: str
    about: frozenset[str]
    characters: frozenset[str]
    kinds: frozenset[str]

    @property
    def blocks(self) -> frozenset[str]:
        """Two wordings without one of these in common are not compared."""
        return self.about | self.characters


def signature(words: str) -> Signature:
    """Of normalised words."""
    found = features(words)
    concepts = frozenset(one for one in found.views[CONCEPTS] if not one.startswith("?") and one not in _EMPTY_STEMS)
    characters = frozenset(_CHINESE.findall(words)) - EMPTY_CHARACTERS
    kinds = found.kinds | _TIMES if found.kinds & _TIMES else found.kinds
    return Signature(words, concepts or frozenset(found.telling), characters, kinds)


def likeness(one: Signature, other: Signature) -> float:
    """0: not the same question; above: how alike, to 1."""
    if one.words == other.words:
        return 1.0
    if one.kinds and other.kinds and not one.kinds & other.kinds:
        return 0.0
    shared = _dice(one.about, other.about)
    if shared >= (SHARED if bool(one.kinds) == bool(other.kinds) else UNSAID):
        return shared
    written = _dice(one.characters, other.characters)
    if written >= WRITTEN:
        return written
    return fuzz.ratio(one.words, other.words, score_cutoff=SPELT) / 100.0


def alike(one: str, other: str) -> bool:
    """Whether two normalised wordings ask the same."""
    return likeness(signature(one), signature(other)) > 0.0


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 0.0
