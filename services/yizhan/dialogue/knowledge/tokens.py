"""What a normalised text is made of, for counting.

A token's first character says its kind, so that a word of one character and the character itself are not confused,
and so that kinds can weigh differently.
"""

import re
from functools import cache
from typing import Protocol

import rjieba

from yizhan.dialogue.knowledge.function_words import EMPTY_CHARACTERS, EMPTY_LATIN, EMPTY_WORDS, LATIN_QUESTIONS
from yizhan.dialogue.knowledge.normalise import CJK, NORMALISER_VERSION
from yizhan.dialogue.knowledge.synonyms import CONCEPT_OF, CONCEPT_WORDS, QUESTION_OF, QUESTION_WORDS

TOKENIZER_VERSION = f"{NORMALISER_VERSION}.2"
"""Changes whenever the same text would give other tokens: an index built with another version must be rebuilt."""

WORD, MODIFIER, PAIR, CHARACTER, CONCEPT, QUESTION, LATIN = "w", "m", "p", "c", "k", "q", "l"
"""MODIFIER: a word that no question is about by itself: when, how many, how very, or a place."""

_CJK_RUN = re.compile(rf"[{CJK}]+")
_LATIN_WORD = re.compile(rf"[^\s{CJK}]+")

_MODIFIER_TAGS = ("t", "m", "d", "f", "r", "c", "p", "u", "y", "q", "e", "o", "a", "ns", "s", "b", "z")
"""Parts of speech, as the segmenter's dictionary has them."""
_MISSING_WORDS = """
拼多多 京东 淘宝 天猫 抖音 小红书 唯品会 支付宝 花呗 微信 顺丰 中通 圆通 申通 韵达 极兔
到账 包邮 驿站 取件码 运费险 价保 补发 揽收 派送 预售 尾款 定金 秒杀 拼团 满减 专票 普票 税号 四件套 空气炸锅 养生壶 加湿器
"""
"""What shops and their customers say and the segmenter's dictionary lacks or cuts."""


class Tokenizer(Protocol):
    """Splits normalised text. The same text always gives the same tokens, in the same order."""

    def __call__(self, text: str) -> tuple[str, ...]: ...


@cache
def _segmenter() -> rjieba.Jieba:
    # An own instance: words added to the module's default one elsewhere must not change what is found here.
    segmenter = rjieba.Jieba()
    for word in (*CONCEPT_OF, *_MISSING_WORDS.split()):
        if len(word) > 1 and not word.isascii():
            segmenter.add_word(word, None, "n")
    return segmenter


def tokenize(text: str) -> tuple[str, ...]:
    """Tokens of a normalised text. Question words count only as the kind of question; function words do not count."""
    tokens: list[str] = []
    for run in _CJK_RUN.findall(text):
        tokens.extend(_chinese(run))
    for word in _LATIN_WORD.findall(text):
        tokens.extend(_latin(word))
    return tuple(tokens)


def _chinese(run: str) -> list[str]:
    tokens = [QUESTION + kind for found in QUESTION_WORDS.findall(run) for kind in QUESTION_OF[found]]
    tokens += [CONCEPT + group for found in CONCEPT_WORDS.findall(run) for group in CONCEPT_OF[found]]
    for part in QUESTION_WORDS.split(run):
        tokens += [_word(word, tag) for word, tag in _segmenter().tag(part, False) if _full(word)]
        tokens += [
            PAIR + part[i : i + 2] for i in range(len(part) - 1) if not EMPTY_CHARACTERS.issuperset(part[i : i + 2])
        ]
        tokens += [CHARACTER + character for character in part if character not in EMPTY_CHARACTERS]
    return tokens


def _word(word: str, tag: str) -> str:
    # Words of a concept count through the concept; as words they only make a match closer.
    return (MODIFIER if word in CONCEPT_OF or tag.startswith(_MODIFIER_TAGS) else WORD) + word


def segmented(run: str) -> list[str]:
    """The words of a run of Chinese characters, in order and with nothing left out."""
    return [word for word, _ in _segmenter().tag(run, False)]


def _full(word: str) -> bool:
    return word not in EMPTY_WORDS and not EMPTY_CHARACTERS.issuperset(word)


def _latin(word: str) -> list[str]:
    tokens = [CONCEPT + group for group in CONCEPT_OF.get(word, ())]
    if word in LATIN_QUESTIONS:
        tokens.append(QUESTION + LATIN_QUESTIONS[word])
    if word not in EMPTY_LATIN:
        tokens.append(LATIN + stem(word))
    return tokens


def stem(word: str) -> str:
    """The commonest English endings off; too little rather than too much."""
    if not word.isascii() or not word.isalpha() or len(word) < 4:
        return word
    for ending, put in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: len(word) - len(ending)] + put
            break
    return word[:-1] if len(word) > 3 and word[-1] == "e" else word
