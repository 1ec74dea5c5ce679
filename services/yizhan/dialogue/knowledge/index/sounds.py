"""How Chinese sounds: the same word typed with a homophone, or in pinyin, has the same syllables.

Differences that many speakers do not make (zh/z, ch/c, sh/s, -ng/-n) are taken away. Tones are not used.
"""

from functools import lru_cache

from pypinyin import lazy_pinyin

_VOWELS = frozenset("aeiouv")
_LONGEST = 6
_MAY_BE_PINYIN = 24
"""Letters: no longer word is tried; what people type without a space is shorter."""

_COMMON = range(0x4E00, 0x9FA6)
"""The characters of the Unicode block that has all of everyday Chinese."""


def _plain(syllable: str) -> str:
    """The syllable without the differences that are often not heard."""
    for marked, bare in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(marked):
            syllable = bare + syllable[2:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    """Everything that the common characters are read as, as typed."""
    read = {lazy_pinyin(chr(code))[0] for code in _COMMON}
    return frozenset(sound for sound in read if sound.isascii() and not _VOWELS.isdisjoint(sound))


@lru_cache(maxsize=16_384)
def sound(character: str) -> str:
    """The commonest reading of one Chinese character; the character itself when it has none."""
    return _plain(lazy_pinyin(character)[0])


def spoken(run: str) -> list[str]:
    """The syllables of a run of Chinese characters, one each."""
    return [sound(character) for character in run]


@lru_cache(maxsize=16_384)
def syllables(word: str) -> tuple[str, ...]:
    """The syllables of a Latin word that may be pinyin, ``zenme`` as ``ze`` + ``me``; none when it cannot be cut so.

    The cut with the fewest syllables; of equals the one whose first ones are longer.
    """
    if not word.isascii() or not word.isalpha() or len(word) > _MAY_BE_PINYIN:
        return ()
    known = _syllables()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST), end):
            before = best[start]
            if before is None or word[start:end] not in known:
                continue
            found = (*before, word[start:end])
            now = best[end]
            if now is None or len(found) < len(now):
                best[end] = found
    return tuple(map(_plain, best[len(word)] or ()))
