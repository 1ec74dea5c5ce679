"""The slots of a form as ``slots`` reads them: which reader, with which settings, and what can be chosen."""

from dataclasses import replace
from functools import lru_cache

from yizhan.dialogue.tasks import platform_numbers
from yizhan.dialogue.tasks.definition import Slot, SlotKind
from yizhan.dialogue.tasks.slots import choice, kinds
from yizhan.dialogue.tasks.slots.filling import Wanted
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option, Reading
from yizhan.dialogue.tasks.state import TaskState
from yizhan.dialogue.tasks.step import Moment

READ_AS = {SlotKind.OFFERED: kinds.CHOICE, SlotKind.PICTURE: kinds.TEXT}
"""Kinds that are the form's own, and what they are for a reader."""


def reader_of(slot: Slot) -> kinds.Reader:
    """Raises SettingsRefused, which the check of a document rules out."""
    return _reader(slot.kind, tuple(sorted(slot.settings.items())))


def context_of(moment: Moment, language: str, *, asked: bool = False, options: tuple[Option, ...] = ()) -> Context:
    """What a reader must know besides the text."""
    return Context(moment.at, asked, "en" if language == "en" else "zh", options)


def wanted(slot: Slot, state: TaskState) -> Wanted:
    """The slot as ``filling`` reads it. What was offered is chosen from first, whatever the kind."""
    read = reader_of(slot)
    kind = READ_AS.get(slot.kind, str(slot.kind))
    options = options_for(slot, state)
    if state.shop and slot.kind is SlotKind.ORDER_NUMBER:
        read = platform_numbers.reader(read)
    if state.offers.get(slot.name) and kind != kinds.CHOICE:
        read = _offered_first(read)
    return Wanted(slot.name, kind, read, options)


def options_for(slot: Slot, state: TaskState) -> tuple[Option, ...]:
    """What can be chosen now: what a connector offers, else the document's options."""
    offered = state.offers.get(slot.name)
    if offered:
        return tuple(Option(option.id, option.label) for option in offered)
    return tuple(Option(option.id, option.label.of(state.language), option.words) for option in slot.options)


def read_choice(text: str, options: tuple[Option, ...], language: str, moment: Moment) -> str | None:
    """The id of the option that the text chooses, after all of them were offered."""
    reading = choice.read(text, context_of(moment, language, asked=True, options=options))
    return reading.value if isinstance(reading, Found) else None


@lru_cache(maxsize=1024)
def _reader(kind: SlotKind, settings: tuple[tuple[str, str | int | bool], ...]) -> kinds.Reader:
    return kinds.reader(READ_AS.get(kind, str(kind)), dict(settings))


def _offered_first(read: kinds.Reader) -> kinds.Reader:
    def read_it(text: str, context: Context) -> Reading:
        chosen = choice.read(text, context)
        return chosen if isinstance(chosen, Found) else read(text, replace(context, options=()))

    return read_it
