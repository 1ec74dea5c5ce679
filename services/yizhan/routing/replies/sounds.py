"""What Chinese is typed as when nobody switches to Chinese: the first letters (tk for 退款) or whole syllables (tuikuan).

A character that is read in several ways is found by each of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from pypinyin import Style, pinyin

_COMMON_FROM, _COMMON_TO = "㐀", "鿿"


@lru_cache(maxsize=16_384)
def readings(character: str) -> tuple[str, ...]:
    """Without tones; the character itself, in small letters, when it is not Chinese."""
    if not _COMMON_FROM <= character <= _COMMON_TO:
        return (character.casefold(),)
    read = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(read[0])) if read else (character,)


def begins_with_initials(letters: str, characters: Sequence[str]) -> bool:
    """Whether each letter begins a reading of the character at its place."""
    if not letters or len(letters) > len(characters):
        return False
    return all(
        any(reading.startswith(letter) for reading in readings(character))
        for letter, character in zip(letters, characters, strict=False)
    )


def begins_with_syllables(letters: str, characters: Sequence[str]) -> bool:
    """Whether the readings of the characters, written without spaces, begin with the letters; the last may be unfinished."""
    left = {letters}
    for character in characters:
        after: set[str] = set()
        for rest in left:
            for reading in readings(character):
                if reading.startswith(rest):
                    return True
                if rest.startswith(reading):
                    after.add(rest[len(reading) :])
        if not after:
            return False
        left = after
    return False


def starts(characters: str) -> list[int]:
    """Where a word may begin: at each Chinese character, and at the first of a run of others."""
    return [
        place
        for place, character in enumerate(characters)
        if character.isalnum() and (_is_chinese(character) or not _in_word(characters, place))
    ]


def _is_chinese(character: str) -> bool:
    return _COMMON_FROM <= character <= _COMMON_TO


def _in_word(characters: str, place: int) -> bool:
    before = characters[place - 1] if place else " "
    return before.isalnum() and not _is_chinese(before)


def spoken(text: str) -> str:
    """The characters that are typed: letters, digits and Chinese ones."""
    return "".join(character for character in text if character.isalnum())


def is_typed(query: str) -> bool:
    """Whether a query may stand for how Chinese sounds: small Latin letters and nothing else."""
    return bool(query) and len(list(takewhile(lambda one: "a" <= one <= "z", query))) == len(query)
