"""One step of a task: what the customer said, or how a call ended, to what is said, asked for and remembered. Pure.

Nothing here waits, draws a number or reads a clock: the same definition, state, words and moment give the same step.
"""

from dataclasses import replace
from datetime import timedelta

from yizhan.core.messages.content import Content, Text
from yizhan.dialogue.tasks import ends, forms, guides
from yizhan.dialogue.tasks.advance import advance, missed
from yizhan.dialogue.tasks.ask import aside_menu, question
from yizhan.dialogue.tasks.calls import Result
from yizhan.dialogue.tasks.definition import Form, Guide, SlotKind, Task
from yizhan.dialogue.tasks.state import Phase, TaskState, Value
from yizhan.dialogue.tasks.step import Intent, Moment, Said, Step
from yizhan.dialogue.tasks.understand import CHOSEN
from yizhan.dialogue.tasks.wording import wording

OPEN = frozenset({Phase.ASKING, Phase.CONFIRMING, Phase.MENDING})
"""An answer is waited for."""

__all__ = ["missed"]

_GRACE = timedelta(minutes=1)


def begin(task: Task, said: Said, moment: Moment, language: str, *, asked: str = "") -> Step:
    """Start a task with the words that asked for it. ``asked``: the slot that they are read as the answer for, if any."""
    state = TaskState(
        task=task.name,
        title=task.title.of(language),
        version=task.version,
        language=language,
        phase=Phase.ASKING,
        open=asked,
        opened_at=moment.at,
        asked_at=moment.at,
        shop=moment.shop,
    )
    match task.does:
        case Form() as form:
            return forms.begin(task, form, state, said, moment)
        case Guide() as guide:
            return guides.begin(task, guide, state, moment)


def hear(task: Task, state: TaskState, said: Said, moment: Moment) -> Step | None:
    """The step that the customer's words make; None when the task makes nothing of them."""
    match task.does:
        case Form() as form:
            return forms.hear(task, form, state, said, moment)
        case Guide() as guide:
            return guides.hear(task, guide, state, said, moment)


def finished(task: Task, state: TaskState, result: Result, moment: Moment) -> Step:
    """The call under way ended."""
    return ends.finished(task, state, result, moment)


def still_working(state: TaskState) -> Step:
    """Something was said while a call is under way."""
    return forms.still_working(state)


def repeat(task: Task, state: TaskState, moment: Moment) -> Step:
    """The open question again, after something else was answered."""
    return Step(replace(state, asked_at=moment.at), (question(task, state),), Intent.ASKED)


def late(task: Task, state: TaskState, moment: Moment) -> bool:
    """Whether the customer was silent for longer than the task allows."""
    return state.phase in OPEN and moment.at - state.asked_at > timedelta(minutes=task.minutes)


def overdue(task: Task, state: TaskState, moment: Moment) -> bool:
    """Whether the result of the call under way should have come long ago."""
    spec = task.does.call_named(state.open) if isinstance(task.does, Form) else None
    seconds = spec.seconds if spec else 0
    return state.phase is Phase.WORKING and moment.at - state.asked_at > timedelta(seconds=seconds) + _GRACE


def put_away(state: TaskState, moment: Moment, *, ask_to_resume: bool) -> Step:
    """Set a task aside that got no answer for long; with buttons where the words that came late were an answer to it."""
    aside = replace(state, phase=Phase.ASIDE, asked_at=moment.at, misses=0)
    text = wording(state.language).put_away.format(title=state.title)
    content: Content = aside_menu(aside, text) if ask_to_resume else Text(text)
    return Step(aside, (content,), Intent.PUT_AWAY)


def submits(task: Task, state: TaskState) -> bool:
    """Whether a call that changes something is under way: its result must be heard before anything else begins."""
    spec = task.does.call_named(state.open) if isinstance(task.does, Form) else None
    return state.phase is Phase.WORKING and spec is not None and spec.changes


def beneath(task: Task, state: TaskState) -> TaskState | None:
    """What is put under a task that begins in the midst of this one, so that it is not lost; None for nothing.

    Where nothing was filled in yet, and nothing would have been changed, nothing is lost.
    """
    form = task.does
    if state.phase is Phase.DONE or not isinstance(form, Form) or not (state.values or form.call.changes):
        return state.under
    return replace(state, phase=Phase.ASIDE, job_id="", misses=0, under=None)


def begun_above(step: Step, under: TaskState) -> Step:
    """The first step of a task with another one under it. The customer is told, where the new one takes a while."""
    if step.state is None:
        return step
    told = Text(wording(step.state.language).put_under.format(title=under.title))
    say = step.say if step.job is not None else (told, *step.say)
    return replace(step, state=replace(step.state, under=under), say=say)


def returned(state: TaskState, moment: Moment) -> Step | None:
    """The task may be taken up again: a human gave the conversation back, or the task above it is over.

    None when there is nothing to take up.
    """
    if state.phase is Phase.DONE and state.under is not None:
        return returned(state.under, moment)
    if state.phase in (Phase.DONE, Phase.WORKING):
        return None
    aside = replace(state, phase=Phase.ASIDE, asked_at=moment.at, misses=0)
    return Step(aside, (aside_menu(aside, wording(state.language).returned.format(title=state.title)),), Intent.RESUMED)


def chooses(task: Task, state: TaskState, step: Step | None) -> bool:
    """Whether the step is a choice that answers the open question: the same words may begin another task elsewhere."""
    match task.does:
        case Guide():
            return step is not None
        case Form() as form:
            slot = form.slot(state.open)
            filled = step is not None and step.state is not None and state.open in step.state.values
            return slot is not None and slot.kind in CHOSEN and filled


def fits(task: Task, state: TaskState) -> bool:
    """Whether a task that was begun with another version of its definition can simply go on with this one."""
    if task.version == state.version or state.phase in (Phase.WORKING, Phase.DONE):
        return True
    match task.does:
        case Guide() as guide:
            return guide.step(state.open) is not None
        case Form() as form:
            open_is_there = state.phase is not Phase.ASKING or form.slot(state.open) is not None
            return open_is_there and set(_kept(form, state)) == set(state.values)


def renewed(task: Task, state: TaskState, moment: Moment) -> Step:
    """Begin again with a new version of the definition, and say so; what was filled in stays where it still fits."""
    lead = Text(wording(state.language).updated.format(title=state.title))
    step = begin(task, Said(), moment, state.language)
    if step.state is not None:
        step = replace(step, state=replace(step.state, under=state.under))
    if isinstance(task.does, Form) and step.state is not None:
        kept = replace(step.state, values={**step.state.values, **_kept(task.does, state)}, phase=Phase.ASKING)
        step = advance(task, task.does, kept, moment)
    return replace(step, say=(lead, *step.say))


def gone(state: TaskState) -> Step:
    """The task is in no release any more."""
    text = wording(state.language).gone.format(title=state.title)
    return Step(None, (Text(text),), Intent.CANCELLED)


def _kept(form: Form, state: TaskState) -> dict[str, Value]:
    """The values whose slots are still there, and still offer them."""
    kept = {}
    for name, value in state.values.items():
        slot = form.slot(name)
        offers = {option.id for option in slot.options} if slot else set()
        if slot is not None and (slot.kind is not SlotKind.CHOICE or value.value in offers):
            kept[name] = value
    return kept
