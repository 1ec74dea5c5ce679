"""The dictionary by which questions are respelt, as arrays and back."""

from collections.abc import Mapping

from yizhan.dialogue.knowledge.index.archive import Array, Parts, Unreadable
from yizhan.dialogue.knowledge.index.respelling import Respelling
from yizhan.dialogue.knowledge.index.strings import packed_strings, strings

_BETWEEN = " "
"""Between the syllables of a word: none has a space in it."""


def packed_respelling(respelling: Respelling) -> Mapping[str, Array]:
    return {
        **packed_strings("sounds", map(_BETWEEN.join, respelling.by_sound)),
        **packed_strings("spelt", respelling.by_sound.values()),
        **packed_strings("words", sorted(respelling.words)),
        **packed_strings("known", sorted(respelling.known)),
    }


def unpacked_respelling(parts: Parts) -> Respelling:
    """Raises Unreadable."""
    sounds, spelt = strings(parts, "sounds"), strings(parts, "spelt")
    if len(sounds) != len(spelt):
        raise Unreadable("not a word for every sound")
    by_sound = {tuple(heard.split(_BETWEEN)): word for heard, word in zip(sounds, spelt, strict=True)}
    return Respelling(by_sound, frozenset(strings(parts, "words")), frozenset(strings(parts, "known")))
