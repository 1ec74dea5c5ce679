"""Which column of a file of test questions is what."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.files import problems as p

QUESTION = "测试问题"
ENTRY = "条目编号"
"""The names of the columns as they are written."""

_QUESTION_NAMES = frozenset(["测试问题", "测试问句", "问题", "问句", "客户问题", "question", "testquestion", "text"])
_ENTRY_NAMES = frozenset(["条目编号", "编号", "应答条目", "期望条目", "知识编号", "entry", "entryid", "id", "label"])
_DECORATION = re.compile(r"[\s_\-*:：]+")

_MOST_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Positions:
    question: int
    entry: int


def is_known(name: str) -> bool:
    return _plain(name) in _QUESTION_NAMES | _ENTRY_NAMES


def positions(header: Sequence[str], row: int, problems: p.Problems) -> Positions | None:
    """Where the two columns are; None, and a problem, when the header has not just these two."""
    names = [_plain(name) for name in header]
    questions = [position for position, name in enumerate(names) if name in _QUESTION_NAMES]
    entries = [position for position, name in enumerate(names) if name in _ENTRY_NAMES]
    others = [name for name, plain in zip(header, names, strict=True) if plain and not is_known(name)]
    if len(questions) == len(entries) == 1 and not others:
        return Positions(questions[0], entries[0])
    problems.add(row, others[0].strip() if others else "", p.QUESTION_HEADER)
    return None


def _plain(name: str) -> str:
    return _DECORATION.sub("", unicodedata.normalize("NFKC", name[:_MOST_NAME_CHARS]).casefold())
