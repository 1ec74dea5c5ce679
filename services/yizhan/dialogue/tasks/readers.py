"""Which reader reads a slot, with the business's settings for it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Literal

from yizhan.dialogue.tasks.definition import Slot, SlotKind
from yizhan.dialogue.tasks.slots import (
    address,
    amount,
    choice,
    date,
    email,
    id_card,
    order_number,
    person_name,
    phone,
    quantity,
    yes_no,
)
from yizhan.dialogue.tasks.slots.number_shape import shape
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option, Reading
from yizhan.dialogue.tasks.state import TaskState
from yizhan.dialogue.tasks.step import Moment

TextReader = Callable[[Slot, TaskState, str, Moment], Reading]
"""Reads one slot out of a text."""

Settings = Mapping[str, str | int | bool]


def read(slot: Slot, state: TaskState, text: str, moment: Moment) -> Reading:
    """What the text says for the slot; None for kinds that are not read from text. What was offered comes first."""
    reader = _READERS.get(slot.kind)
    if reader is None or not text:
        return None
    language: Literal["zh", "en"] = "en" if state.language == "en" else "zh"
    context = Context(moment.at, slot.name == state.open, language, _options(slot, state, language))
    if state.offers.get(slot.name) and slot.kind not in (SlotKind.CHOICE, SlotKind.OFFERED):
        chosen = choice.read(text, context)
        if isinstance(chosen, Found):
            return chosen
    return reader(text, slot.settings, context)


def read_choice(text: str, options: tuple[Option, ...], language: str, moment: Moment) -> str | None:
    """The id of the option that the text chooses, after all of them were offered."""
    context = Context(moment.at, True, "en" if language == "en" else "zh", options)
    reading = choice.read(text, context)
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


def _date(text: str, settings: Settings, context: Context) -> Reading:
    rules = date.DateRules(past=settings.get("past") is True, time=date.LEFT, most_days=_days(settings))
    return date.read(text, rules, context)


def _appointment(text: str, settings: Settings, context: Context) -> Reading:
    return date.read(text, date.DateRules(time=date.WANTED, most_days=_days(settings)), context)


def _days(settings: Settings) -> int:
    most = settings.get("most_days")
    return most if isinstance(most, int) else 365


def _address(text: str, settings: Settings, context: Context) -> Reading:
    least = settings.get("least")
    return address.read(text, address.AddressRules(least if isinstance(least, str) else "door"), context)


def _number(text: str, settings: Settings, context: Context) -> Reading:
    least, most = settings.get("least"), settings.get("most")
    rules = quantity.QuantityRules(least if isinstance(least, int) else 1, most if isinstance(most, int) else 9999)
    return quantity.read(text, rules, context)


def _amount(text: str, settings: Settings, context: Context) -> Reading:
    most = settings.get("most")
    rules = amount.AmountRules(most=Decimal(most)) if isinstance(most, int) else amount.AmountRules()
    return amount.read(text, rules, context)


def _unruled(reader: Callable[[str, Context], Reading]) -> Callable[[str, Settings, Context], Reading]:
    """A reader that has nothing to choose."""

    def read_it(text: str, _settings: Settings, context: Context) -> Reading:
        return reader(text, context)

    return read_it


_READERS: Mapping[SlotKind, Callable[[str, Settings, Context], Reading]] = {
    SlotKind.PHONE: _phone,
    SlotKind.ORDER_NUMBER: _order_number,
    SlotKind.EMAIL: _unruled(email.read),
    SlotKind.ID_CARD: _unruled(id_card.read),
    SlotKind.DATE: _date,
    SlotKind.APPOINTMENT: _appointment,
    SlotKind.ADDRESS: _address,
    SlotKind.NAME: _unruled(person_name.read),
    SlotKind.NUMBER: _number,
    SlotKind.AMOUNT: _amount,
    SlotKind.YES_NO: _unruled(yes_no.read),
    SlotKind.CHOICE: _unruled(choice.read),
    SlotKind.OFFERED: _unruled(choice.read),
}
