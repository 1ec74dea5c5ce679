"""The language in which a customer is spoken to: the one that they write in, whatever the language of the page is."""

import re
from collections.abc import Sequence
from typing import Final

from yizhan.dialogue.knowledge.function_words import EMPTY_LATIN
from yizhan.dialogue.knowledge.index.sounds import syllables

_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile("[a-z]+(?:['’][a-z]+)?")
_COURTESIES: Final = frozenset(["hi", "hello", "hey", "ok", "okay", "yes", "no", "please", "need", "get", "go"])
"""Chinese sentences have them too, or nothing but them and a product's name."""
_FEWEST_WORDS = 2
_MOST_CHARS = 1000


def followed(locale: str, words: str) -> str:
    """The locale after a customer's words: theirs where they are Chinese or English beyond doubt, else the one before.

    A product's name, a number, ok or pinyin (you ge wenti) leave it as it was. Empty stands for Chinese.
    """
    if _HAN.search(words):
        return "zh-CN" if _is_english(locale) else locale
    return "en" if not _is_english(locale) and _are_english(words) else locale


def language(locale: str) -> str:
    """The language of a locale as agents speak it: ``en`` or ``zh``."""
    return "en" if _is_english(locale) else "zh"


def worded(phrasings: Sequence[str], words: str) -> str:
    """Of phrasings that mean the same, the one to show to who wrote the words: the first in their language, else the first."""
    chinese = _HAN.search(words) is not None
    if not chinese and not _are_english(words):
        return phrasings[0]
    return next((each for each in phrasings if (_HAN.search(each) is not None) == chinese), phrasings[0])


def _is_english(locale: str) -> bool:
    return locale.lower().startswith("en")


def _are_english(words: str) -> bool:
    tokens = (token.strip(".,;:!?'\"()") for token in words[:_MOST_CHARS].lower().split())
    found = [token for token in tokens if _WORD.fullmatch(token)]
    return len(found) >= _FEWEST_WORDS and any(map(_tells, found))


def _tells(word: str) -> bool:
    """Whether only an English sentence has the word."""
    bare = re.split("['’]", word)[0]
    return bare in EMPTY_LATIN and bare not in _COURTESIES and not syllables(bare)
