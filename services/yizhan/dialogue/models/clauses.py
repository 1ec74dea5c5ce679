"""A text read clause by clause, as far as that goes without understanding it.

Of each clause: the words of a meaning, which figures, days and placeholders stand in it and beside which words, what it
denies, and whether it depends on something or is only likely.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.tokens import CHARACTER, CONCEPT, LATIN, MODIFIER, WORD, tokenize
from yizhan.dialogue.models.claims import denied, same_words, without_links
from yizhan.dialogue.models.figures import figures
from yizhan.dialogue.models.masking import PLACEHOLDER

SCOPE = 4
"""So many characters or words after a denial are what is denied."""

SCOPE_CHARACTERS = 60
"""They are looked for in, so that a text of nothing but denials is not read over and over."""

WEIGHTS = {WORD: 1.0, CONCEPT: 1.5, LATIN: 1.0, MODIFIER: 0.25}
"""How much the kinds of words of a meaning count."""

_CLAUSE_END = re.compile(
    r"[，,；;。！？!?：:、\n]+|\.(?=\s|$)|(?<![不非])但是?|可是|(?<![a-z])(?:but|and|because|so)(?![a-z])"
)
_ENGLISH_NOT = re.compile(r"(?<=[a-z])n't(?![a-z])")
_WHETHER = re.compile(r"(\w)[不没]\1|有没(?=有)|是否|能否|可否|whether or not")
"""Asks, and denies nothing: 能不能, 有没有."""

_MORE_DENIALS = re.compile(r"(?<![a-z])(?:nothing|nobody|none|failed|refused|missing)(?![a-z])")
_DAYS = re.compile(
    r"今[天日早晚]|昨[天日晚]|前[天日]|明[天日早晚]|后天|上[个]?(?:周|月|星期)|下[个]?(?:周|月|星期)|(?:周|星期|礼拜)[一二三四五六日天]|去年|今年|明年"
    r"|(?<![a-z])(?:today|yesterday|tomorrow|tonight|(?:last|next|this) (?:week|month|year)"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?![a-z])"
)
_CONDITION = re.compile(
    r"如果|要是|假如|倘若|万一|若|除非|只要|的话|再不|如需|(?<![a-z])(?:if|unless|until|once|otherwise|in case)(?![a-z])"
)
_LIKELY = re.compile(
    r"一般|通常|大多|可能|或许|也许|预计|估计|大概|大约|部分|尽快|尽量|而定|为准|除外"
    r"|(?<![a-z])(?:usually|generally|may|might|maybe|probably|likely|except|depending|estimated|expected|about|around)(?![a-z])"
)
_SENTENCE_END = re.compile(r"[。！？!?；;\n.]")
_REPORTING = frozenset(
    """
金额 客户 顾客 用户 买家 助手 客服 人工 人工客服 机器人 要求 希望 询问 咨询 表示 反映 反馈 称 说 提到 提出 提供 需要 请求 回复 答复 告知 说明 描述 申诉
想要 想 问 要 并 其 该 因 由于 因此 仍 仍然 以及 目前 曾 之前 先后 再次 多次 均 将 为 对 关于 进行 相关 本次 会话
customer client user caller assistant agent bot ask report want say state mention request inquire enquire explain tell reply answer
describe claim complain wish provid require hop would because since regard also wonder
""".strip().split()
)
"""Words with which one tells what others said; they say nothing of the matter."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure, a day or a placeholder. Its ``family`` are those that it could be mistaken for."""

    claim: tuple[object, ...]
    family: str
    left: frozenset[str]
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class Clause:
    """``words`` are those of a meaning, ``letters`` what clauses are compared by; ``denials`` the letters that follow each denial."""

    words: frozenset[str]
    letters: frozenset[str]
    denials: tuple[tuple[str, ...], ...]
    marks: tuple[Mark, ...]
    depends: bool
    likely: bool


@dataclass(frozen=True, slots=True)
class Reading:
    folded: str
    clauses: tuple[Clause, ...]

    @property
    def marks(self) -> list[Mark]:
        return [mark for clause in self.clauses for mark in clause.marks]

    @property
    def denials(self) -> list[tuple[str, ...]]:
        return [denial for clause in self.clauses for denial in clause.denials]


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return same_words(_WHETHER.sub(lambda found: found.group(1) or " ", _ENGLISH_NOT.sub(" not", plain)))


def read(texts: Sequence[str]) -> Reading:
    folded = [without_links(fold(text)) for text in texts]
    return Reading("\n".join(folded), tuple(clause for text in folded for clause in _clauses(text)))


def _clauses(text: str) -> Iterator[Clause]:
    """Between two signs of punctuation; figures, days and placeholders are taken out first, for they have such signs in them."""
    found = _found(text)
    plain = text
    for start, stop, _, _ in found:
        plain = plain[:start] + " " * (stop - start) + plain[stop:]
    start = 0
    depends = False
    for stop, following in [*((end.start(), end.end()) for end in _CLAUSE_END.finditer(plain)), (len(plain), 0)]:
        piece = plain[start:stop]
        within = [one for one in found if start <= one[0] < stop]
        depends = depends or bool(_CONDITION.search(piece))
        if piece.strip() or within:
            tokens = [token for token in tokenize(normalise(piece)) if token[1:] not in _REPORTING]
            yield Clause(
                frozenset(token for token in tokens if token[0] in WEIGHTS),
                _letters(piece),
                tuple(
                    _in_order(rest[:SCOPE_CHARACTERS])[:SCOPE]
                    for rest in (*denied(piece), *_MORE_DENIALS.split(piece)[1:])
                ),
                tuple(_mark(plain, start, stop, within, one) for one in within),
                depends,
                bool(_LIKELY.search(piece)),
            )
        # A condition is of the whole sentence.
        depends = depends and not _SENTENCE_END.search(plain[stop:following])
        start = following


_Found = tuple[int, int, tuple[object, ...], str]


def _found(text: str) -> list[_Found]:
    """Where figures, days and placeholders stand, what each claims, and its family; in order."""
    hidden = [(one.start(), one.end(), (one.group(),), one.group().split("_")[0]) for one in _FOLDED.finditer(text)]
    plain = _FOLDED.sub(lambda one: " " * len(one.group()), text)
    days = [(one.start(), one.end(), (one.group(),), "day") for one in _DAYS.finditer(plain)]
    plain = _DAYS.sub(lambda one: " " * len(one.group()), plain)
    numbers = [(one.start, one.stop, one.claim, f"figure {one.unit}") for one in figures(plain)]
    return sorted([*hidden, *days, *numbers], key=lambda one: one[0])


_FOLDED = re.compile(PLACEHOLDER.pattern, re.IGNORECASE)


def _mark(plain: str, start: int, stop: int, within: Sequence[_Found], one: _Found) -> Mark:
    """With the words from the last of its family in the clause to the next one."""
    begin, end, claim, family = one
    kin = [other for other in within if other[3] == family and other is not one]
    left = max((other[1] for other in kin if other[1] <= begin), default=start)
    right = min((other[0] for other in kin if other[0] >= end), default=stop)
    return Mark(claim, family, _letters(plain[left:begin]), _letters(plain[end:right]))


def _letters(text: str) -> frozenset[str]:
    return frozenset(_in_order(text))


def _in_order(text: str) -> tuple[str, ...]:
    found = tokenize(normalise(text))
    return tuple(token for token in found if token[0] in (CHARACTER, LATIN) and token[1:] not in _REPORTING)
