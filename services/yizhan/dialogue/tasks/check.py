"""Whether the parts of a task's document fit together: every name that is used is there, nothing leads nowhere."""

from collections.abc import Callable, Iterable, Sequence

from yizhan.dialogue.tasks import problems as p
from yizhan.dialogue.tasks.bare_value import KINDS
from yizhan.dialogue.tasks.definition import SlotKind
from yizhan.dialogue.tasks.document import BranchDoc, CallDoc, SlotDoc, TaskDoc, TextDoc
from yizhan.dialogue.tasks.readers import READ_AS
from yizhan.dialogue.tasks.slots.kinds import SettingsRefused, reader
from yizhan.dialogue.tasks.templates import names
from yizhan.dialogue.tasks.yaml_text import Place

Report = Callable[[Place, p.Said], None]

ENDS = frozenset({"end", "human"})
FAILED = "failed"
TIMEOUT = "timeout"


def check(doc: TaskDoc, report: Report) -> None:
    """Report every problem with its place."""
    if doc.steps:
        _guide(doc, report)
        return
    _slots(doc.slots, report)
    calls = [*doc.checks, *([doc.call] if doc.call else [])]
    _unique([call.name for call in calls], ("checks",), report)
    for number, call in enumerate(doc.checks):
        _call(call, ("checks", number), doc, report, last=False)
        if call.changes:
            report(("checks", number, "changes"), p.CHECK_CHANGES)
    if doc.call is not None:
        _call(doc.call, ("call",), doc, report, last=True)
        if doc.call.changes and doc.confirm is None:
            report(("call",), p.NEEDS_CONFIRM)
    _placeholders(doc.confirm, ("confirm",), {slot.name for slot in doc.slots} | _facts(doc.checks), report)
    offered = {branch.choose for call in doc.checks for branch in call.results.values()}
    for number, slot in enumerate(doc.slots):
        if slot.kind is SlotKind.OFFERED and slot.name not in offered:
            report(("slots", number, "kind"), p.NOT_OFFERED)


def _slots(slots: Sequence[SlotDoc], report: Report) -> None:
    _unique([slot.name for slot in slots], ("slots",), report)
    before: dict[str, SlotDoc] = {}
    for number, slot in enumerate(slots):
        place: Place = ("slots", number)
        choice = slot.kind is SlotKind.CHOICE
        if choice and len(slot.options) < 2:
            report((*place, "options"), p.NEEDS_OPTIONS)
        if slot.options and not choice:
            report((*place, "options"), p.NO_OPTIONS_HERE)
        if slot.words and slot.kind is not SlotKind.TEXT:
            report((*place, "words"), p.NO_WORDS_HERE)
        _unique([option.id for option in slot.options], (*place, "options"), report)
        if slot.instead_of and slot.instead_of not in {other.name for other in slots} - {slot.name}:
            report((*place, "instead_of"), p.unknown_slot(slot.instead_of))
        if slot.begins and slot.kind not in KINDS:
            report((*place, "begins"), p.BEGINS_NOTHING)
        if slot.begins and slot.kind is SlotKind.ORDER_NUMBER and "shape" not in slot.settings:
            report((*place, "begins"), p.BEGINS_WITHOUT_SHAPE)
        _settings(slot, place, report)
        for name, wanted in slot.when.items():
            _condition(before.get(name), wanted, (*place, "when", name), report)
        before[slot.name] = slot


def _settings(slot: SlotDoc, place: Place, report: Report) -> None:
    try:
        reader(READ_AS.get(slot.kind, str(slot.kind)), slot.settings)
    except SettingsRefused as refused:
        report((*place, "settings"), p.refused_settings(str(refused)))


def _condition(slot: SlotDoc | None, wanted: list[str] | str, place: Place, report: Report) -> None:
    if slot is None:
        report(place, p.LATER_SLOT)
        return
    ids = {option.id for option in slot.options}
    values = [wanted] if isinstance(wanted, str) else wanted
    if ids and not ids.issuperset(values):
        report(place, p.UNKNOWN_OPTION)


def _call(call: CallDoc, place: Place, doc: TaskDoc, report: Report, *, last: bool) -> None:
    slots = {slot.name for slot in doc.slots}
    for name, text in call.arguments.items():
        for used in names(text):
            if used not in slots:
                report((*place, "arguments", name), p.unknown_slot(used))
    for branch in (FAILED, TIMEOUT):
        if branch not in call.results:
            report((*place, "results"), p.missing_result(branch))
    known = slots | _facts(doc.checks) | set(call.facts)
    for name, result in call.results.items():
        if name in (FAILED, TIMEOUT) and (result.choose or result.next == "go_on"):
            report((*place, "results", name), p.CANNOT_GO_ON)
        _branch(result, (*place, "results", name), slots, known, report, last=last)


def _branch(result: BranchDoc, place: Place, slots: set[str], known: set[str], report: Report, *, last: bool) -> None:
    _placeholders(result.say, (*place, "say"), known, report)
    for name in filter(None, (result.ask, result.choose)):
        if name not in slots:
            report(place, p.unknown_slot(name))
    if last and result.next == "go_on":
        report((*place, "next"), p.GOES_ON_AFTER_END)
    silent = result.say is None and not result.cards
    goes_on = result.next == "go_on" or (result.choose and not last)
    if silent and not goes_on:
        report(place, p.SAYS_NOTHING)


def _guide(doc: TaskDoc, report: Report) -> None:
    steps = [step.name for step in doc.steps]
    _unique(steps, ("steps",), report)
    for number, step in enumerate(doc.steps):
        for index, choice in enumerate(step.choices):
            if choice.to not in ENDS and choice.to not in steps:
                report(("steps", number, "choices", index, "to"), p.unknown_step(choice.to))


def _placeholders(text: TextDoc | None, place: Place, known: set[str], report: Report) -> None:
    if text is None:
        return
    for language in ("zh", "en"):
        for name in names(getattr(text, language)):
            if name not in known:
                report((*place, language), p.unknown_placeholder(name))


def _facts(calls: Iterable[CallDoc]) -> set[str]:
    return {fact for call in calls for fact in call.facts}


def _unique(found: Sequence[str], place: Place, report: Report) -> None:
    for number, name in enumerate(found):
        if name in found[:number]:
            report((*place, number), p.repeated(name))
