"""The end of a call: which branch of the task it is, what is said, and what follows."""

from collections.abc import Mapping
from dataclasses import replace

from yizhan.core.messages.content import Content, MenuOption, Text
from yizhan.dialogue.tasks.advance import MOST_CALLS, NEEDS_PERSON, advance
from yizhan.dialogue.tasks.ask import slot_question
from yizhan.dialogue.tasks.calls import Result
from yizhan.dialogue.tasks.check import FAILED, TIMEOUT
from yizhan.dialogue.tasks.definition import Branch, CallSpec, Form, Next, Slot, Task
from yizhan.dialogue.tasks.flow import arguments_of, digest, shown
from yizhan.dialogue.tasks.state import Phase, TaskState, Value
from yizhan.dialogue.tasks.step import Intent, Moment, Step
from yizhan.dialogue.tasks.templates import filled

_PLAINER = {"number_needed": "not_found"}
"""Branches that older documents have no words for, and what they say instead."""
FAILED_RESULT = Result(FAILED)
TIMEOUT_RESULT = Result(TIMEOUT)


def finished(task: Task, state: TaskState, result: Result, moment: Moment) -> Step:
    """The call under way has this result. A branch that the task does not know is a failure."""
    form = task.does
    spec = form.call_named(state.open) if isinstance(form, Form) else None
    if not isinstance(form, Form) or spec is None:  # the task was replaced by one without this call
        return Step(None, (), Intent.HUMAN, human=NEEDS_PERSON)
    result = _known(result, spec.results)
    branch = spec.results[result.branch]
    state = replace(state, facts={**state.facts, **result.facts}, job_id="", asked_at=moment.at)
    say = _said(form, state, branch)
    match branch.next:
        case Next.GO_ON:
            return advance(task, form, _checked(form, spec, state), moment, say)
        case Next.CHOOSE:
            return _choose(task, form, spec, state, branch, result.options, say, moment)
        case Next.ASK:
            return _ask(form, state, branch.slot, say, moment)
        case Next.HUMAN:
            return Step(_over(state), _contents(say, branch, result), Intent.HUMAN, human=NEEDS_PERSON)
        case Next.END:
            done = replace(_over(state), open=spec.name)
            return Step(done, _contents(say, branch, result), Intent.DONE)


def _known(result: Result, results: Mapping[str, Branch]) -> Result:
    """The result as the task has words for it: one of its own, the plainer one that stands for it, or a failure."""
    if result.branch in results:
        return result
    plainer = _PLAINER.get(result.branch, "")
    return replace(result, branch=plainer) if plainer in results else FAILED_RESULT


def _choose(
    task: Task,
    form: Form,
    spec: CallSpec,
    state: TaskState,
    branch: Branch,
    options: tuple[MenuOption, ...],
    say: str,
    moment: Moment,
) -> Step:
    slot = form.slot(branch.slot)
    if slot is None:
        raise AssertionError("checked: the slot to choose is there")
    is_check = spec is not form.call
    if not options:
        return finished(task, state, FAILED_RESULT, moment)
    state = replace(state, offers={**state.offers, slot.name: options})
    if is_check:
        state = _checked(form, spec, _still_offered(state, slot, options))
        if len(options) == 1:
            state = state.with_value(slot.name, Value(options[0].id, options[0].label))
        return advance(task, form, state, moment, say)
    return _ask(form, state, slot.name, say, moment)


def _still_offered(state: TaskState, slot: Slot, options: tuple[MenuOption, ...]) -> TaskState:
    """A value chosen from an earlier offer counts only while it is offered."""
    value = state.values.get(slot.name)
    gone = value is not None and value.value not in {option.id for option in options}
    return state.without(slot.name) if gone else state


def _ask(form: Form, state: TaskState, name: str, say: str, moment: Moment) -> Step:
    """Ask for a slot again; what stands instead of it is forgotten too. Not for ever: a person goes on then."""
    slot = form.slot(name)
    if slot is None:
        raise AssertionError("checked: the slot to ask for is there")
    if state.calls >= MOST_CALLS:
        said = (Text(say),) if say else ()
        return Step(_over(state), said, Intent.HUMAN, human=NEEDS_PERSON)
    kept = state.offers.get(name) or state.shop  # a shop's buyer proves with a telephone number that an order is theirs
    instead = [] if kept else [other.name for other in form.slots if other.instead_of == name]
    asking = replace(state.without(name, *instead), phase=Phase.ASKING, open=name, asked_at=moment.at, misses=0)
    return Step(asking, (slot_question(asking, slot, prompt=say or None),), Intent.ASKED)


def _checked(form: Form, spec: CallSpec, state: TaskState) -> TaskState:
    return replace(state, checked={**state.checked, spec.name: digest(arguments_of(form, spec, state))})


def _over(state: TaskState) -> TaskState:
    return replace(state.hidden(), phase=Phase.DONE, open="", offers={}, checked={})


def _said(form: Form, state: TaskState, branch: Branch) -> str:
    texts: Mapping[str, str] = {**shown(form, state), **state.facts}
    return filled(branch.say.of(state.language), texts) if branch.say else ""


def _contents(say: str, branch: Branch, result: Result) -> tuple[Content, ...]:
    cards = (*result.orders, *result.logistics, *result.refunds) if branch.cards else ()
    return (*((Text(say),) if say else ()), *cards)
