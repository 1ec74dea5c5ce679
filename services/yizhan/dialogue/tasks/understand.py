"""What a customer's sentence says about the slots of a form: values, corrections, and what is left of the sentence."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from yizhan.core.messages.content import MenuOption
from yizhan.dialogue.knowledge.normalise import fold
from yizhan.dialogue.tasks.definition import Form, Slot, SlotKind
from yizhan.dialogue.tasks.flow import applies
from yizhan.dialogue.tasks.readers import TextReader
from yizhan.dialogue.tasks.slots.reading import Found, Span, Unclear
from yizhan.dialogue.tasks.state import TaskState, Value
from yizhan.dialogue.tasks.step import Moment

_CORRECTION = re.compile(
    r"不对|不是|错了|有误|说错|写错|填错|输错|打错|发错|弄错|改成|改为|换成|更正|纠正|应该是|改一?下|修改|要改|重新填|重填|不正确"
    r"|\b(?:wrong|incorrect|actually|i meant|i mean|change|correct it|correction|should be|instead|mistake|not right|typo)\b"
)
_MOST_CHARS = 2000

CHOSEN = (SlotKind.CHOICE, SlotKind.OFFERED)
"""Kinds that are read from words which may also stand in a question: 退货运费谁出 chooses nothing."""


@dataclass(frozen=True, slots=True)
class Heard:
    """``values`` by slot; ``unclear`` by slot: meant, but not to be taken. ``wrong``: named as wrong, no value given.

    ``corrects``: the sentence says that something was not right. ``rest``: what no value was read from.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    unclear: Mapping[str, Unclear] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()
    corrects: bool = False
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    slot: Slot
    found: Found
    rank: tuple[int, ...]


def understand(form: Form, state: TaskState, text: str, moment: Moment, read: TextReader) -> Heard:
    """Everything that can be read for certain. A text in the customer's own words is not: see ``free_text``."""
    text = text[:_MOST_CHARS]
    corrects = _CORRECTION.search(fold(text)) is not None
    found: list[_Read] = []
    unclear: dict[str, Unclear] = {}
    chosen = dict(state.values)
    for slot in form.slots:
        if slot.kind in (SlotKind.TEXT, SlotKind.PICTURE) or _contradicted(slot, chosen):
            continue
        reading = read(slot, state, text, moment)
        if isinstance(reading, Unclear):
            unclear[slot.name] = reading
        elif isinstance(reading, Found):
            if slot.kind in CHOSEN:
                chosen[slot.name] = value_of(slot, reading)
            found.append(_Read(slot, reading, _rank(form, state, slot, reading, corrects=corrects)))
    meant = [unclear[slot.name].span for slot in form.slots if slot.name in unclear and _insists(slot, state)]
    kept = _without_overlaps(each for each in found if not any(_overlap(each.found.span, span) for span in meant))
    values = {each.slot.name: value_of(each.slot, each.found) for each in kept}
    if not corrects:
        values = {
            name: value for name, value in values.items() if name == state.open or state.values.get(name) != value
        }
    named = _named(form, state, text) if corrects else ()
    wrong = tuple(name for name in named if name not in values) if not values else ()
    spans = [each.found.span for each in kept]
    plain = [each.found.span for each in kept if each.slot.kind not in CHOSEN]
    return Heard(values, _remaining(unclear, values, spans), wrong, corrects, _rest(text, plain))


def value_of(slot: Slot, found: Found) -> Value:
    """What a slot holds after a reading."""
    return Value(found.value, found.shown, found.private or slot.masked)


def free_text(text: str) -> Value | None:
    """A sentence in the customer's own words as a value: one line, no control characters, at most 500 characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:500]
    return Value(line, line) if line and any(c.isalnum() for c in line) else None


def options_of(slot: Slot, state: TaskState) -> tuple[MenuOption, ...]:
    """What can be chosen for the slot now."""
    return state.offers.get(slot.name) or tuple(MenuOption(o.id, o.label.of(state.language)) for o in slot.options)


def _contradicted(slot: Slot, values: Mapping[str, Value]) -> bool:
    """Whether the slot cannot apply, as far as is known: the store's town is no store when we come to the customer."""
    known = ((values.get(condition.slot), condition.values) for condition in slot.when)
    return any(value is not None and wanted and value.value not in wanted for value, wanted in known)


def _rank(form: Form, state: TaskState, slot: Slot, found: Found, *, corrects: bool) -> tuple[int, ...]:
    """Lower wins where two slots were read from the same characters."""
    filled = slot.name in state.values
    return (
        0 if slot.name == state.open else 1,
        0 if applies(form, slot, state.values) else 1,
        0 if filled == corrects else 1,
        -(found.span.end - found.span.start),
        form.slots.index(slot),
    )


def _insists(slot: Slot, state: TaskState) -> bool:
    """Whether a number that cannot be taken for this slot is no other slot's either: it was called by its name."""
    return slot.name != state.open and slot.kind in (SlotKind.PHONE, SlotKind.ID_CARD, SlotKind.EMAIL)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _without_overlaps(found: Iterable[_Read]) -> list[_Read]:
    kept: list[_Read] = []
    for each in sorted(found, key=lambda item: item.rank):
        if not any(_overlap(each.found.span, other.found.span) for other in kept):
            kept.append(each)
    return kept


def _remaining(
    unclear: Mapping[str, Unclear], values: Mapping[str, Value], spans: Iterable[Span]
) -> dict[str, Unclear]:
    """What is unclear for a slot does not count where another slot was read from the same characters."""
    taken = list(spans)
    return {
        name: each
        for name, each in unclear.items()
        if name not in values and not any(_overlap(each.span, span) for span in taken)
    }


def _named(form: Form, state: TaskState, text: str) -> tuple[str, ...]:
    """The slots whose title stands in the text, of those that were filled."""
    folded = fold(text)
    return tuple(
        slot.name
        for slot in form.slots
        if (slot.name in state.values or slot.name in state.skipped or slot.name == state.open)
        and any(_mentions(folded, fold(title)) for title in (slot.title.zh, slot.title.en))
    )


def _mentions(folded: str, title: str) -> bool:
    if title.isascii():
        return re.search(rf"\b{re.escape(title)}\b", folded) is not None
    # 联系电话 is also called 电话
    return title in folded or (len(title) > 2 and title[-2:] in folded)


def _rest(text: str, spans: Iterable[Span]) -> str:
    left = list(text)
    for span in spans:
        left[span.start : span.end] = " " * (span.end - span.start)
    return " ".join("".join(left).split()).strip(" ,，.。;；、")
