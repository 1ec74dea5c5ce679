"""Whether two Chinese questions are the same but for how they are put: 如何开发票 and 请问怎么开发票呢.

Nothing is learned of this: a release with six phrasings an entry has few pairs of it, and leaving one out shows none.
Words of negation, of wishing (我要退货 asks for the deed, 退货 about it) and everything else that can turn a question into
another one are left as they stand.
"""

import re

from yizhan.dialogue.knowledge.normalise import CJK
from yizhan.dialogue.knowledge.synonyms import QUESTION_OF, QUESTION_WORDS
from yizhan.dialogue.knowledge.tokens import segmented

_MANNERS = """
请问 麻烦 你好 您好 一下 我 你们 你家 咱们 我们 咱 你 您 想问 咨询 问 问下 想知道 知道
的 了 吗 呢 啊 呀 吧 嘛 么 哦 啦 请 就 那 那个 这个 那么 能 可以 会 是 该 应该 得 到底 呗 哈 诶 哎 亲 亲亲 现在 目前
"""
_SAID_FOR_MANNERS = frozenset(_MANNERS.split())
_RUNS = re.compile(rf"[{CJK}]+|[^\s{CJK}]+")
_IS_CHINESE = re.compile(rf"[{CJK}]")
_MAY = ("may",)
_STANDS = {"不可以": "不可以", "有没有": "有"}
"""Of the words that ask whether one may: those that say something besides, and what."""


def said(text: str) -> tuple[str, ...]:
    """What a normalised text says, in order: its words, and for a question word the kind of answer that it wants.

    Empty where it says nothing, or nothing in Chinese: other languages put a question by their grammar.
    """
    if not _IS_CHINESE.search(text):
        return ()
    return tuple(word for run in _RUNS.findall(text) for word in (_chinese(run) if _IS_CHINESE.match(run) else [run]))


def _chinese(run: str) -> list[str]:
    words: list[str] = []
    at = 0
    for found in QUESTION_WORDS.finditer(run):
        words += _full(run[at : found.start()])
        kinds = QUESTION_OF[found.group()]
        # Whether one may is asked in as many ways as by saying nothing of it: 能退货吗, 可不可以退货, 退货.
        words += _STANDS.get(found.group(), "").split() if kinds == _MAY else ["?" + kinds[0]]
        at = found.end()
    return words + _full(run[at:])


def _full(part: str) -> list[str]:
    return [word for word in segmented(part) if word not in _SAID_FOR_MANNERS] if part else []
