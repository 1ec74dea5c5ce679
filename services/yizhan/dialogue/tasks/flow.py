"""What a form still needs: which slots count, which call can be made, what is asked for next. Pure."""

import hashlib
import json
from collections.abc import Mapping

from yizhan.dialogue.tasks.calls import Call
from yizhan.dialogue.tasks.definition import CallSpec, Form, Slot, SlotKind
from yizhan.dialogue.tasks.state import TaskState, Value
from yizhan.dialogue.tasks.templates import argument
from yizhan.dialogue.tasks.wording import wording


def applies(form: Form, slot: Slot, values: Mapping[str, Value]) -> bool:
    """Whether the slot's conditions hold; one on a slot that does not apply itself does not."""
    for condition in slot.when:
        other = form.slot(condition.slot)
        value = values.get(condition.slot)
        if other is None or value is None or not applies(form, other, values):
            return False
        if condition.values and value.value not in condition.values:
            return False
    return True


def live(form: Form, state: TaskState) -> dict[str, Value]:
    """The values that count: those of slots that apply."""
    return {
        slot.name: state.values[slot.name]
        for slot in form.slots
        if slot.name in state.values and applies(form, slot, state.values)
    }


def missing(form: Form, state: TaskState) -> Slot | None:
    """The slot to ask for next, in the order of the document."""
    replaced = {slot.instead_of for slot in form.slots if slot.instead_of and slot.name in state.values}
    for slot in form.slots:
        wanted = slot.asked and slot.name not in state.values and slot.name not in state.skipped
        if not wanted or slot.name in replaced or not applies(form, slot, state.values):
            continue
        if slot.kind is SlotKind.OFFERED and not state.offers.get(slot.name):
            continue
        return slot
    return None


def due_check(form: Form, state: TaskState) -> CallSpec | None:
    """A check that can be made with what is known and has not been made with it."""
    for spec in form.checks:
        arguments = arguments_of(form, spec, state)
        complete = len(arguments) == len(spec.arguments)
        if complete and state.checked.get(spec.name) != digest(arguments):
            return spec
    return None


def arguments_of(form: Form, spec: CallSpec, state: TaskState) -> dict[str, str]:
    """The call's arguments as far as they are known."""
    values = {name: value.value for name, value in live(form, state).items()}
    filled = {name: argument(text, values) for name, text in spec.arguments}
    return {name: value for name, value in filled.items() if value is not None}


def call_of(form: Form, spec: CallSpec, state: TaskState) -> Call:
    """The call as the connector gets it."""
    return Call(spec.connector, spec.operation, arguments_of(form, spec, state), spec.changes, state.language)


def digest(arguments: Mapping[str, str]) -> str:
    """Tells whether a check was made with these very arguments, without keeping them."""
    return hashlib.sha256(json.dumps(dict(arguments), sort_keys=True).encode()).hexdigest()[:16]


def shown(form: Form, state: TaskState) -> dict[str, str]:
    """What stands for each slot in a text: its value as people read it, "none" for a skipped one, else nothing."""
    texts = {slot.name: "" for slot in form.slots}
    texts |= dict.fromkeys(state.skipped, wording(state.language).skipped)
    texts |= {name: value.shown for name, value in live(form, state).items()}
    return {**state.facts, **texts}
