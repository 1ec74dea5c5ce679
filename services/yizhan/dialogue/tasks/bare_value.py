"""A message that is nothing but a value: an order's number, as it was copied. Which tasks it may be meant for, and which one
may be meant where such a value stands among other words.

What is polite, or only names the value (订单号：, my order number is), is left out of account; a question never is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from yizhan.dialogue.knowledge.normalise import fold
from yizhan.dialogue.tasks.definition import Form, Slot, SlotKind, Task
from yizhan.dialogue.tasks.readers import reader_of
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.reading import Context, Found, Reason, Unclear

KINDS = frozenset({SlotKind.ORDER_NUMBER, SlotKind.PHONE, SlotKind.ID_CARD, SlotKind.EMAIL})
"""Kinds whose values are hardly mistaken for anything else."""

LONGEST = 100

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_AROUND = """
    你好 您好 在吗 在么 亲 客服 请 请看 麻烦 麻烦您 麻烦你 谢谢 谢谢您 谢谢你 谢谢了 多谢 谢啦 我 我的 我们的 这 这是 这个 那个 给你 给您 发你 发您 是 就是 为 号 号码 的
    了 啊 呀 哦 噢 嗯 好 好的 和 跟 与 还有
    hi hello hey please pls thanks thank_you here_is heres here my the is its it_is this that number no nr and
"""


@dataclass(frozen=True, slots=True)
class Taker:
    """A task that can take the value, and its slot. ``begins``: the document says that the value alone begins the task."""

    task: Task
    slot: Slot
    begins: bool


def takers(tasks: Iterable[Task], words: str, at: datetime) -> tuple[Taker, ...]:
    """Those whose document has the value begin them, or, where there are none, all that have a slot for it."""
    if len(words) > LONGEST or not any(character.isdigit() for character in words):
        return ()
    found = tuple(taker for task in tasks if (taker := _taker(task, words, at)) is not None)
    return tuple(taker for taker in found if taker.begins) or found


def taker_of(task: Task, words: str, at: datetime) -> Taker | None:
    """The slot of this task that the value is meant for."""
    return next(iter(takers((task,), words, at)), None)


def mentioned(tasks: Iterable[Task], words: str, at: datetime) -> tuple[Taker, str] | None:
    """The only task that is begun by a value which stands among these words, and the value."""
    if not any(character.isdigit() for character in words):
        return None
    found = [(Taker(task, slot, begins=True), value) for task in tasks for slot, value in _values(task, words, at)]
    return found[0] if len(found) == 1 else None


def _values(task: Task, words: str, at: datetime) -> Iterator[tuple[Slot, str]]:
    for slot in task.does.slots if isinstance(task.does, Form) else ():
        reading = reader_of(slot)(words, Context(at, asked=False)) if slot.begins else None
        if isinstance(reading, Found):
            yield slot, words[reading.span.start : reading.span.end]


def _taker(task: Task, words: str, at: datetime) -> Taker | None:
    if not isinstance(task.does, Form):
        return None
    slots = (slot for slot in task.does.slots if slot.kind in KINDS and _is_all(slot, words, at))
    return max((Taker(task, slot, slot.begins) for slot in slots), key=lambda taker: taker.begins, default=None)


def _is_all(slot: Slot, words: str, at: datetime) -> bool:
    """Whether the message is a value of the slot and nothing else; several of them where the slot begins its task."""
    if slot.kind is SlotKind.ORDER_NUMBER and "shape" not in slot.settings:
        return False
    reading = reader_of(slot)(words, Context(at, asked=True))
    match reading:
        case Found(span=span):
            rest = f"{words[: span.start]} {words[span.end :]}"
        case Unclear(reason=Reason.SEVERAL, span=span) if slot.begins:  # it asks which of them
            rest = f"{words[: span.start]} {_CODE.sub(' ', words[span.start : span.end])} {words[span.end :]}"
        case _:
            return False
    return _says_nothing(rest, slot)


def _says_nothing(rest: str, slot: Slot) -> bool:
    """Whether nothing but courtesies and names of the value are left. One step per word, whatever the text."""
    names = (slot.title.zh, slot.title.en, *kinds.HINTS.get(slot.kind, ()))
    around = sorted({*map(fold, names), *(word.replace("_", " ") for word in _AROUND.split())}, key=len, reverse=True)
    text, place = fold(rest), 0
    while place < len(text):
        word = next((word for word in around if word and text.startswith(word, place)), " ")
        if not text.startswith(word, place):
            return False
        place += len(word)
    return True
