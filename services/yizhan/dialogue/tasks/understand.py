"""What a customer's sentence says about the slots of a form: values, corrections, and what is left of the sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from yizhan.core.messages.content import MenuOption
from yizhan.dialogue.tasks.definition import Form, Slot, SlotKind
from yizhan.dialogue.tasks.readers import context_of, options_for, reader_of, wanted
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.correction import Correction, correction, named_in
from yizhan.dialogue.tasks.slots.digression import asks
from yizhan.dialogue.tasks.slots.filling import Completion, Wanted, completed, fill, worth_keeping
from yizhan.dialogue.tasks.slots.reading import Found, Span, Unclear
from yizhan.dialogue.tasks.slots.spelling import spell
from yizhan.dialogue.tasks.state import TaskState, Value
from yizhan.dialogue.tasks.step import Moment

_MOST_CHARS = 600
_WISHED = re.compile("^(?:我|那就|那|就|还是|想要|想|要|改成|改为|换成|申请|办理){1,5}")
_MARKS = " ,，.。;；、!！?？~"
_CLAUSE = re.compile(r"[,，.。;；、!！?？\n]+")

_DENIAL = re.compile("(?:不是|别用|不用|不要用|别打|不要打|(?<![a-z])not)[ :：]{0,2}(?:我的|这个)?$")
_DENIAL_REACH = 10

CHOSEN = (SlotKind.CHOICE, SlotKind.OFFERED)
"""Kinds that are read from words which may also stand in a question: 退货运费谁出 chooses nothing."""

_INSISTING = (SlotKind.PHONE, SlotKind.ID_CARD, SlotKind.EMAIL)


@dataclass(frozen=True, slots=True)
class Heard:
    """``values`` by slot; ``unclear`` by slot: meant, but not to be taken. ``wrong``: called wrong, no value given.

    ``corrects``: the sentence takes something back. ``rest``: what no value was read from. ``part``: what of the open
    slot's value was said so far, this sentence included, where that is not all of it. ``begun``: the same of other slots.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    unclear: Mapping[str, Unclear] = field(default_factory=dict)
    wrong: str = ""
    corrects: bool = False
    rest: str = ""
    part: str = ""
    begun: Mapping[str, str] = field(default_factory=dict)


def understand(form: Form, state: TaskState, text: str, moment: Moment) -> Heard:
    """Everything that can be read for certain. A text in the customer's own words is not: see ``free_text``."""
    text = text[:_MOST_CHARS]
    corrected = _several_corrections(form, state, text)
    if corrected:
        return _merged([understand(form, state, clause, moment) for clause in corrected])
    taken_back = correction(text, hints(form, state))
    if taken_back is not None and taken_back.slot is not None and not taken_back.new:
        return Heard(wrong=taken_back.slot, corrects=True)
    source, asked = (text, state.open) if taken_back is None else (taken_back.new, taken_back.slot or state.open)
    found, unclear, part = _read(form, state, source, asked, moment, taken_back)
    denied = {name: each for name, each in found.items() if _is_denied(form, name, source, each)}
    found = {name: each for name, each in found.items() if name not in denied}
    values = {name: value_of(_slot(form, name), each) for name, each in found.items()}
    values = {name: value for name, value in values.items() if not _contradicted(_slot(form, name), values)}
    if taken_back is None:
        said = {name: text[each.span.start : each.span.end].strip() for name, each in found.items()}
        values = {
            name: each
            for name, each in values.items()
            if name == state.open or _news(_slot(form, name), state, each, alone=said[name] == _plainly(text))
        }
    values |= _implied(form, state, values)
    wrong = taken_back.slot if taken_back and taken_back.slot and not values and not unclear else ""
    held = (name for name, each in denied.items() if name in state.values and state.values[name].value == each.value)
    wrong = wrong or (next(held, "") if not values else "")
    spans = [each.span for name, each in found.items() if _slot(form, name).kind not in CHOSEN]
    rest = _rest(source, spans)
    if taken_back is None:
        values |= _told_by_the_way(form, state, rest)
    begun = {name: worth_keeping(source, each) for name, each in unclear.items() if name != state.open}
    begun = {name: each for name, each in begun.items() if each}
    return Heard(values, unclear, wrong or "", taken_back is not None or bool(denied), rest, part, begun)


def _is_denied(form: Form, name: str, text: str, found: Found) -> bool:
    """不是13800138000 gives no number; choices know by themselves what is turned down."""
    before = text[max(0, found.span.start - _DENIAL_REACH) : found.span.start]
    return _slot(form, name).kind not in CHOSEN and _DENIAL.search(before.lower()) is not None


def _several_corrections(form: Form, state: TaskState, text: str) -> list[str]:
    """The clauses of 手机号改成…，原因改成…; none where the text takes back one thing at most."""
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause.strip()]
    if len(clauses) < 2:
        return []
    found = [correction(clause, hints(form, state)) for clause in clauses]
    named_slots = {each.slot for each in found if each is not None and each.slot and each.new}
    return clauses if len(named_slots) == len(clauses) else []


def _merged(heard: Sequence[Heard]) -> Heard:
    values = {name: value for each in heard for name, value in each.values.items()}
    unclear = {name: why for each in heard for name, why in each.unclear.items() if name not in values}
    return Heard(values, unclear, corrects=True)


def _told_by_the_way(form: Form, state: TaskState, rest: str) -> dict[str, Value]:
    """Texts that nobody asked for yet, known by their words: 尺码不对 of 我要退 SJ100011，尺码不对."""
    told = {}
    for slot in form.slots:
        if slot.words and slot.name != state.open and slot.name not in state.values:
            said = [clause for clause in map(str.strip, _CLAUSE.split(rest)) if _speaks_of(slot, clause)]
            if said:
                line = "，".join(said)
                told[slot.name] = Value(line, line, slot.masked)
    return told


def _speaks_of(slot: Slot, clause: str) -> bool:
    folded = spell(clause).text
    return any(word.lower() in folded for word in slot.words) and not asks(clause)


def _news(slot: Slot, state: TaskState, value: Value, *, alone: bool) -> bool:
    """Whether a value that nobody asked for, and that is called no correction, counts.

    想换一个颜色 is a reason to return something, and not the wish to exchange it instead.
    """
    known = state.values.get(slot.name)
    if known is None or known == value:
        return known is None
    return alone or slot.kind not in CHOSEN


def _plainly(text: str) -> str:
    """The words without those that make a wish of them: 换货 of 那我想换货吧."""
    return _WISHED.sub("", text.strip(_MARKS), count=1).rstrip("吧了啊呢").strip(_MARKS)


def _implied(form: Form, state: TaskState, told: Mapping[str, Value]) -> dict[str, Value]:
    """Who names a store comes to a store: the choices that the conditions of what was told leave no doubt about."""
    implied: dict[str, Value] = {}
    for name in told:
        for condition in _slot(form, name).when:
            options = {option.id: option for option in _slot(form, condition.slot).options}
            only = options.get(condition.values[0]) if len(condition.values) == 1 else None
            if only is not None and condition.slot not in {**state.values, **told}:
                implied[condition.slot] = Value(only.id, only.label.of(state.language))
    return implied


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
    """The slot that the text names."""
    name = named_in(text, hints(form, state))
    return form.slot(name) if name else None


def _read(
    form: Form, state: TaskState, text: str, asked: str, moment: Moment, taken_back: Correction | None
) -> tuple[dict[str, Found], dict[str, Unclear], str]:
    asked_for = [slot for slot in form.slots if _in_question(slot, state, taken_back, asked)]
    slots = [wanted(slot, state) for slot in asked_for]
    context = context_of(moment, state.language)
    readings = dict(fill(text, slots, asked, context).readings)
    part = worth_keeping(text, readings.get(state.open))
    if state.part and taken_back is None and not isinstance(readings.get(state.open), Found):
        completion = _completed(slots, state, text, moment)
        if completion.reading is not None:
            readings[state.open], part = completion.reading, completion.part
    unclear = {name: each for name, each in readings.items() if isinstance(each, Unclear)}
    meant = [each.span for name, each in unclear.items() if name != asked and _slot(form, name).kind in _INSISTING]
    found = {
        name: each
        for name, each in readings.items()
        if isinstance(each, Found) and not any(_overlap(each.span, span) for span in meant)
    }
    taken = [each.span for each in found.values()]
    left = {
        name: each
        for name, each in unclear.items()
        if not any(_overlap(each.span, span) for span in (taken if name != asked else [*taken, *meant]))
    }
    return found, left, part if state.open in left else ""


def _completed(slots: Sequence[Wanted], state: TaskState, text: str, moment: Moment) -> Completion:
    """The open slot's value out of this and what was said before. What was said before is read as of then: 明天 is not another
    day because midnight has passed.
    """
    slot = next((slot for slot in slots if slot.name == state.open), None)
    if slot is None:
        return Completion(None)
    then = replace(moment, at=state.asked_at.astimezone(moment.at.tzinfo))
    return completed(slot.read, state.part, text, context_of(then, state.language, asked=True, options=slot.options))


def _in_question(slot: Slot, state: TaskState, taken_back: Correction | None, asked: str) -> bool:
    if slot.kind is SlotKind.PICTURE or _contradicted(slot, state.values):
        return False
    return slot.kind is not SlotKind.TEXT or (taken_back is not None and taken_back.slot == asked == slot.name)


def _contradicted(slot: Slot, values: Mapping[str, Value]) -> bool:
    """Whether the slot cannot apply, as far as is known: the store's town is no store when we come to the customer."""
    known = ((values.get(condition.slot), condition.values) for condition in slot.when)
    return any(value is not None and allowed and value.value not in allowed for value, allowed in known)


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
