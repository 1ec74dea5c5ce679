"""Which reader reads a slot, with the business's settings for it."""

from collections.abc import Callable, Mapping
from typing import Literal

from yizhan.dialogue.tasks.definition import Slot, SlotKind
from yizhan.dialogue.tasks.slots import email, id_card, order_number, phone
from yizhan.dialogue.tasks.slots.number_shape import shape
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option, Reading, Span
from yizhan.dialogue.tasks.state import TaskState
from yizhan.dialogue.tasks.step import Moment

TextReader = Callable[[Slot, TaskState, str, Moment], Reading]
"""Reads one slot out of a text."""

Settings = Mapping[str, str | int | bool]


def read(slot: Slot, state: TaskState, text: str, moment: Moment) -> Reading:
    """What the text says for the slot; None for kinds that are not read from text."""
    reader = _READERS.get(slot.kind)
    if reader is None or not text:
        return None
    language: Literal["zh", "en"] = "en" if state.language == "en" else "zh"
    context = Context(moment.at, slot.name == state.open, language, _options(slot, state, language))
    return reader(text, slot.settings, context)


def read_choice(text: str, options: tuple[Option, ...], language: str, moment: Moment) -> str | None:
    """The id of the option that the text chooses, after all of them were offered."""
    context = Context(moment.at, True, "en" if language == "en" else "zh", options)
    reading = _choice(text, {}, context)
    return reading.value if isinstance(reading, Found) else None


def _options(slot: Slot, state: TaskState, language: str) -> tuple[Option, ...]:
    offered = state.offers.get(slot.name)
    if offered:
        return tuple(Option(option.id, option.label) for option in offered)
    return tuple(Option(option.id, option.label.of(language), option.words) for option in slot.options)


def _phone(text: str, settings: Settings, context: Context) -> Reading:
    return phone.read(text, phone.PhoneRules(foreign=settings.get("foreign") is True), context)


def _order_number(text: str, settings: Settings, context: Context) -> Reading:
    pattern = settings.get("shape")
    rules = order_number.OrderNumberRules(shape(pattern) if isinstance(pattern, str) else None)
    return order_number.read(text, rules, context)


def _email(text: str, _settings: Settings, context: Context) -> Reading:
    return email.read(text, context)


def _id_card(text: str, _settings: Settings, context: Context) -> Reading:
    return id_card.read(text, context)


def _choice(text: str, _settings: Settings, context: Context) -> Reading:
    """The option whose label or word stands in the text, the longest one; None when two different ones do."""
    folded = text.casefold()
    places: list[tuple[int, int, Option]] = []
    for option in context.options:
        for word in (option.label, *option.aliases):
            at = folded.find(word.casefold())
            if at >= 0 and word:
                places.append((len(word), at, option))
    if not places:
        return None
    length, at, chosen = max(places, key=lambda place: place[0])
    if any(own[2].id != chosen.id and own[0] == length for own in places):
        return None
    return Found(chosen.id, chosen.label, Span(at, at + length))


_READERS: Mapping[SlotKind, Callable[[str, Settings, Context], Reading]] = {
    SlotKind.PHONE: _phone,
    SlotKind.ORDER_NUMBER: _order_number,
    SlotKind.EMAIL: _email,
    SlotKind.ID_CARD: _id_card,
    SlotKind.CHOICE: _choice,
    SlotKind.OFFERED: _choice,
}
