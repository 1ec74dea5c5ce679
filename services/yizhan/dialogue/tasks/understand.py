"""What a customer's sentence says about the slots of a form: values, corrections, and what is left of the sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from yizhan.core.messages.content import MenuOption
from yizhan.dialogue.tasks.definition import Form, Slot, SlotKind
from yizhan.dialogue.tasks.readers import context_of, options_for, reader_of, wanted
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.correction import Correction, correction
from yizhan.dialogue.tasks.slots.filling import Wanted, completed, fill
from yizhan.dialogue.tasks.slots.reading import Found, Reason, Span, Unclear
from yizhan.dialogue.tasks.slots.spelling import spell
from yizhan.dialogue.tasks.state import TaskState, Value
from yizhan.dialogue.tasks.step import Moment

_MOST_CHARS = 600
_MARKS = " ,，.。;；、!！?？~"
_CLAUSE = re.compile(r"[,，.。;；、!！?？\n]+")

CHOSEN = (SlotKind.CHOICE, SlotKind.OFFERED)
"""Kinds that are read from words which may also stand in a question: 退货运费谁出 chooses nothing."""

_UNFINISHED = frozenset(
    {Reason.INCOMPLETE, Reason.NO_DAY, Reason.NO_TIME, Reason.NO_AREA_CODE, Reason.WHICH_DAY, Reason.MORNING_OR_EVENING}
)
_INSISTING = (SlotKind.PHONE, SlotKind.ID_CARD, SlotKind.EMAIL)


@dataclass(frozen=True, slots=True)
class Heard:
    """``values`` by slot; ``unclear`` by slot: meant, but not to be taken. ``wrong``: called wrong, no value given.

    ``corrects``: the sentence takes something back. ``rest``: what no value was read from. ``part``: what of the open
    slot's value was said so far, where that is not all of it.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    unclear: Mapping[str, Unclear] = field(default_factory=dict)
    wrong: str = ""
    corrects: bool = False
    rest: str = ""
    part: str = ""


def understand(form: Form, state: TaskState, text: str, moment: Moment) -> Heard:
    """Everything that can be read for certain. A text in the customer's own words is not: see ``free_text``."""
    text = text[:_MOST_CHARS]
    taken_back = correction(text, hints(form, state))
    if taken_back is not None and taken_back.slot is not None and not taken_back.new:
        return Heard(wrong=taken_back.slot, corrects=True)
    source, asked = (text, state.open) if taken_back is None else (taken_back.new, taken_back.slot or state.open)
    found, unclear = _read(form, state, source, asked, moment, taken_back)
    values = {name: value_of(_slot(form, name), each) for name, each in found.items()}
    values = {name: value for name, value in values.items() if not _contradicted(_slot(form, name), values)}
    if taken_back is None:
        said = {name: text[each.span.start : each.span.end].strip() for name, each in found.items()}
        values = {
            name: each
            for name, each in values.items()
            if name == state.open or _news(_slot(form, name), state, each, alone=said[name] == text.strip(_MARKS))
        }
    wrong = taken_back.slot if taken_back and taken_back.slot and not values and not unclear else ""
    spans = [each.span for name, each in found.items() if _slot(form, name).kind not in CHOSEN]
    part = _part(source, unclear.get(state.open))
    return Heard(values, unclear, wrong or "", taken_back is not None, _rest(source, spans), part)


def _news(slot: Slot, state: TaskState, value: Value, *, alone: bool) -> bool:
    """Whether a value that nobody asked for, and that is called no correction, counts.

    想换一个颜色 is a reason to return something, and not the wish to exchange it instead.
    """
    known = state.values.get(slot.name)
    if known is None or known == value:
        return known is None
    return alone or slot.kind not in CHOSEN


def value_of(slot: Slot, found: Found) -> Value:
    """What a slot holds after a reading."""
    return Value(found.value, found.shown, found.private or slot.masked)


def free_text(slot: Slot, text: str, moment: Moment, language: str) -> Found | Unclear | None:
    """A sentence in the customer's own words."""
    reading = reader_of(slot)(text, context_of(moment, language, asked=True))
    if not isinstance(reading, Found):
        return reading
    line = " ".join(reading.value.split())
    return Found(line, line, reading.span)


def own_words(form: Form, state: TaskState, heard: Heard) -> str:
    """What is left of a sentence besides its values and the words that merely name them."""
    names = {word.lower() for words in hints(form, state, every=True).values() for word in words}
    clauses = (clause.strip() for clause in _CLAUSE.split(heard.rest))
    return "，".join(clause for clause in clauses if clause and clause.lower().rstrip("是为:： ") not in names)


def options_of(slot: Slot, state: TaskState) -> tuple[MenuOption, ...]:
    """What can be chosen for the slot now."""
    return tuple(MenuOption(option.id, option.label) for option in options_for(slot, state))


def hints(form: Form, state: TaskState, *, every: bool = False) -> dict[str, tuple[str, ...]]:
    """For each slot that has or is about to have a value (or ``every`` slot) the words by which customers name it."""
    return {
        slot.name: (slot.title.zh, slot.title.en, *kinds.HINTS.get(slot.kind, ()))
        for slot in form.slots
        if every or slot.name in state.values or slot.name in state.skipped or slot.name == state.open
    }


def named(form: Form, state: TaskState, text: str) -> Slot | None:
    """The slot whose longest naming word stands in the text."""
    folded = spell(text).text
    found = [
        (len(word), name) for name, words in hints(form, state).items() for word in words if word.lower() in folded
    ]
    return form.slot(max(found)[1]) if found else None


def _read(
    form: Form, state: TaskState, text: str, asked: str, moment: Moment, taken_back: Correction | None
) -> tuple[dict[str, Found], dict[str, Unclear]]:
    asked_for = [slot for slot in form.slots if _in_question(slot, state, taken_back, asked)]
    slots = [wanted(slot, state) for slot in asked_for]
    context = context_of(moment, state.language)
    readings = dict(fill(text, slots, asked, context).readings)
    whole = next((slot for slot in slots if slot.name == state.open), None)
    if state.part and whole is not None and taken_back is None and not isinstance(readings.get(state.open), Found):
        together = _completed(whole, state, text, moment)
        if together is not None:
            readings[state.open] = together
    unclear = {name: each for name, each in readings.items() if isinstance(each, Unclear)}
    meant = [each.span for name, each in unclear.items() if name != asked and _slot(form, name).kind in _INSISTING]
    found = {
        name: each
        for name, each in readings.items()
        if isinstance(each, Found) and not any(_overlap(each.span, span) for span in meant)
    }
    taken = [each.span for each in found.values()]
    return found, {
        name: each
        for name, each in unclear.items()
        if not any(_overlap(each.span, span) for span in (taken if name != asked else [*taken, *meant]))
    }


def _completed(slot: Wanted, state: TaskState, text: str, moment: Moment) -> Found | Unclear | None:
    return completed(slot.read, state.part, text, context_of(moment, state.language, asked=True, options=slot.options))


def _in_question(slot: Slot, state: TaskState, taken_back: Correction | None, asked: str) -> bool:
    if slot.kind is SlotKind.PICTURE or _contradicted(slot, state.values):
        return False
    return slot.kind is not SlotKind.TEXT or (taken_back is not None and taken_back.slot == asked == slot.name)


def _contradicted(slot: Slot, values: Mapping[str, Value]) -> bool:
    """Whether the slot cannot apply, as far as is known: the store's town is no store when we come to the customer."""
    known = ((values.get(condition.slot), condition.values) for condition in slot.when)
    return any(value is not None and allowed and value.value not in allowed for value, allowed in known)


def _part(text: str, unclear: Unclear | None) -> str:
    """What is worth keeping of a value that is not complete."""
    kept = unclear is not None and unclear.reason in _UNFINISHED
    return text[unclear.span.start : unclear.span.end][:200] if unclear and kept else ""


def _slot(form: Form, name: str) -> Slot:
    slot = form.slot(name)
    if slot is None:
        raise AssertionError("only slots of the form are read")
    return slot


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _rest(text: str, spans: list[Span]) -> str:
    left = list(text)
    for span in spans:
        left[span.start : span.end] = " " * (span.end - span.start)
    return " ".join("".join(left).split()).strip(_MARKS)
