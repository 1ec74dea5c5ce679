"""What a normalised text is made of, for counting.

A token's first character says its kind, so that a word of one character and the character itself are not confused,
and so that kinds can weigh differently.
"""

import re
from functools import cache
from typing import Protocol

import rjieba

from yizhan.dialogue.knowledge.normalise import CJK, NORMALISER_VERSION
from yizhan.dialogue.knowledge.synonyms import CONCEPT_OF, CONCEPT_WORDS, QUESTION_OF, QUESTION_WORDS

TOKENIZER_VERSION = f"{NORMALISER_VERSION}.1"
"""Changes whenever the same text would give other tokens: an index built with another version must be rebuilt."""

WORD, MODIFIER, PAIR, CHARACTER, CONCEPT, QUESTION, LATIN = "w", "m", "p", "c", "k", "q", "l"
"""MODIFIER: a word that no question is about by itself: when, how many, how very, or a place."""

_CJK_RUN = re.compile(rf"[{CJK}]+")
_LATIN_WORD = re.compile(rf"[^\s{CJK}]+")

_EMPTY_CHARACTERS = frozenset(
    "的了吗呢啊呀吧嘛么哦我你您他她它们这那有是就都也还在和与及或把被给让得地着过要想会能可以啦呗咱个些下一里儿请帮跟去来到用不没再又很太再之"
)
_EMPTY_WORDS = frozenset(
    [
        "我们",
        "你们",
        "他们",
        "咱们",
        "自己",
        "这个",
        "那个",
        "这样",
        "那样",
        "这些",
        "那些",
        "一下",
        "一个",
        "还是",
        "就是",
        "已经",
        "现在",
        "然后",
        "但是",
        "因为",
        "所以",
        "如果",
        "的话",
        "而且",
        "或者",
        "以及",
        "时候",
        "没有",
        "是不是",
        "不是",
        "需要",
        "想要",
        "知道",
        "觉得",
        "帮忙",
        "一直",
        "真的",
        "目前",
        "这边",
        "那边",
        "你家",
        "我家",
        "不会",
        "不能",
        "可以",
        "以后",
        "之后",
        "之前",
        "时间",
        "大概",
        "一般",
        "请问",
        "麻烦",
        "想问",
        "咨询",
        "出来",
        "起来",
        "下来",
        "过来",
        "一样",
        "一些",
        "一点",
        "有点",
        "问题",
        "情况",
    ]
)
_EMPTY_LATIN = frozenset(
    [
        "a",
        "an",
        "the",
        "i",
        "me",
        "my",
        "mine",
        "we",
        "our",
        "us",
        "you",
        "your",
        "yours",
        "he",
        "she",
        "it",
        "its",
        "they",
        "them",
        "their",
        "this",
        "that",
        "these",
        "those",
        "is",
        "am",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "do",
        "does",
        "did",
        "done",
        "have",
        "has",
        "had",
        "can",
        "could",
        "will",
        "would",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "from",
        "by",
        "with",
        "about",
        "as",
        "into",
        "and",
        "or",
        "but",
        "so",
        "if",
        "then",
        "than",
        "there",
        "here",
        "what",
        "which",
        "who",
        "whom",
        "how",
        "when",
        "where",
        "why",
        "not",
        "no",
        "yes",
        "any",
        "some",
        "just",
        "also",
        "very",
        "really",
        "too",
        "please",
        "hi",
        "hello",
        "hey",
        "ok",
        "okay",
        "dont",
        "doesnt",
        "didnt",
        "cant",
        "im",
        "ive",
        "its",
        "id",
        "s",
        "t",
        "d",
        "ll",
        "ve",
        "re",
        "m",
        "want",
        "need",
        "like",
        "get",
        "got",
        "make",
        "go",
        "know",
        "tell",
        "help",
        "let",
    ]
)
_MODIFIER_TAGS = ("t", "m", "d", "f", "r", "c", "p", "u", "y", "q", "e", "o", "a", "ns", "s", "b", "z")
"""Parts of speech, as the segmenter's dictionary has them."""
_LATIN_QUESTIONS = {
    "when": "when", "how": "how", "where": "where", "which": "which", "what": "which", "why": "why", "can": "may",
    "could": "may", "who": "who", "much": "much", "many": "many", "long": "long",
}  # fmt: skip


_NAMES = ("拼多多", "京东", "淘宝", "天猫", "抖音", "小红书", "唯品会", "支付宝", "花呗", "微信")
"""Names that the segmenter's dictionary lacks or cuts; asked for a shop's things, they often mean another shop."""


class Tokenizer(Protocol):
    """Splits normalised text. The same text always gives the same tokens, in the same order."""

    def __call__(self, text: str) -> tuple[str, ...]: ...


@cache
def _segmenter() -> rjieba.Jieba:
    # An own instance: words added to the module's default one elsewhere must not change what is found here.
    segmenter = rjieba.Jieba()
    for word in (*CONCEPT_OF, *_NAMES):
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
            PAIR + part[i : i + 2] for i in range(len(part) - 1) if not _EMPTY_CHARACTERS.issuperset(part[i : i + 2])
        ]
        tokens += [CHARACTER + character for character in part if character not in _EMPTY_CHARACTERS]
    return tokens


def _word(word: str, tag: str) -> str:
    # Words of a concept count through the concept; as words they only make a match closer.
    return (MODIFIER if word in CONCEPT_OF or tag.startswith(_MODIFIER_TAGS) else WORD) + word


def _full(word: str) -> bool:
    return word not in _EMPTY_WORDS and not _EMPTY_CHARACTERS.issuperset(word)


def _latin(word: str) -> list[str]:
    tokens = [CONCEPT + group for group in CONCEPT_OF.get(word, ())]
    if word in _LATIN_QUESTIONS:
        tokens.append(QUESTION + _LATIN_QUESTIONS[word])
    if word not in _EMPTY_LATIN:
        tokens.append(LATIN + _stem(word))
    return tokens


def _stem(word: str) -> str:
    """The commonest English endings off; too little rather than too much."""
    if not word.isascii() or not word.isalpha() or len(word) < 4:
        return word
    for ending, put in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: len(word) - len(ending)] + put
            break
    return word[:-1] if len(word) > 3 and word[-1] == "e" else word
