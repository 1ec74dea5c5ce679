"""What a customer says in the middle of a form. Pure; the words that it does not understand are the caller's again."""

import re
from dataclasses import replace

from yizhan.core.messages.content import Content, Text
from yizhan.dialogue.tasks import ask
from yizhan.dialogue.tasks.advance import NEEDS_PERSON, advance, missed, start_call
from yizhan.dialogue.tasks.ask import question
from yizhan.dialogue.tasks.cues import Cue, asks, cues
from yizhan.dialogue.tasks.definition import Form, Slot, SlotKind, Task
from yizhan.dialogue.tasks.readers import context_of, reader_of
from yizhan.dialogue.tasks.reasons import why
from yizhan.dialogue.tasks.slots.reading import Found, Unclear
from yizhan.dialogue.tasks.state import Phase, TaskState, Value
from yizhan.dialogue.tasks.step import Intent, Moment, Said, Step
from yizhan.dialogue.tasks.understand import (
    CHOSEN,
    Heard,
    free_text,
    named,
    options_of,
    own_words,
    understand,
    value_of,
)
from yizhan.dialogue.tasks.wording import wording

_STOPS = re.compile("取消|算了|不办|不弄|不申请|退出|停止|终止|放弃|cancel|stop|quit|exit|never ?mind|forget")
"""What stops a task even where a reason is asked for: 不想要了 is one."""

_ORDER = re.compile("确认|确定|提交|confirm|submit|book it|do it")


def begin(task: Task, form: Form, state: TaskState, said: Said, moment: Moment) -> Step:
    """A new task: what is known and what the first sentence says is filled in, then it asks for what is missing."""
    state = replace(state, labels={slot.name: slot.title.of(state.language) for slot in form.slots})
    for slot in form.slots:
        known = moment.known.get(slot.known, "") if slot.known else ""
        reading = reader_of(slot)(known, context_of(moment, state.language, asked=True)) if known else None
        if isinstance(reading, Found):
            state = state.with_value(slot.name, value_of(slot, reading))
    heard = understand(form, state, said.text, moment) if said.text else Heard()
    step = advance(task, form, _with_values(state, heard), moment)
    return replace(step, intent=Intent.STARTED if step.intent is Intent.ASKED else step.intent, rest=heard.rest)


def hear(task: Task, form: Form, state: TaskState, said: Said, moment: Moment) -> Step | None:
    """The step that the words make; None when the task makes nothing of them."""
    if said.menu_id:
        return _pressed(task, form, state, said, moment)
    if said.picture:
        return _picture(task, form, state, said.picture, moment)
    found = cues(said.text, task.makes)
    if Cue.PAUSE in found and state.phase in (Phase.ASKING, Phase.CONFIRMING, Phase.MENDING):
        return take_your_time(state, moment)
    match state.phase:
        case Phase.WORKING:
            return _while_working(task, form, state, said.text, found, moment)
        case Phase.DONE:
            return _after_the_end(form, state, said.text, found)
        case Phase.ASIDE:
            return _aside(task, form, state, found, moment)
        case Phase.CONFIRMING | Phase.MENDING:
            return _confirming(task, form, state, said.text, found, moment)
        case Phase.ASKING:
            return _asking(task, form, state, said.text, found, moment)


def cancel(form: Form, state: TaskState) -> Step:
    """Stop, honestly: what has been submitted is not taken back by it."""
    words = wording(state.language)
    spec = form.call_named(state.open) if state.phase is Phase.WORKING else None
    if spec is not None and spec.changes:
        return Step(state, (Text(words.too_late_to_cancel.format(title=state.title)),), Intent.WAITING)
    text = words.cancelled if form.call.changes else words.cancelled_search
    return Step(None, (Text(text.format(title=state.title)),), Intent.CANCELLED)


def resume(task: Task, form: Form, state: TaskState, moment: Moment) -> Step:
    """Take a task up again that was put away."""
    lead = wording(state.language).resumed.format(title=state.title)
    step = advance(task, form, replace(state, calls=0), moment, lead)
    return replace(step, intent=Intent.RESUMED) if step.job is None else step


def take_your_time(state: TaskState, moment: Moment) -> Step:
    """The customer needs a while: the question stays open, and is not asked again."""
    return Step(replace(state, asked_at=moment.at), (Text(wording(state.language).no_hurry),), Intent.ASKED)


def _while_working(
    task: Task, form: Form, state: TaskState, text: str, found: frozenset[Cue], moment: Moment
) -> Step | None:
    """A look-up is begun anew with the right value, its first result is nobody's; what is submitted is not changed."""
    if Cue.STOP in found:
        return cancel(form, state)
    heard = understand(form, state, text, moment)
    changed = {name for name, value in heard.values.items() if state.values.get(name) != value}
    if not changed:
        return None
    spec = form.call_named(state.open)
    if spec is not None and spec.changes:
        late = wording(state.language).too_late_to_change.format(title=state.title)
        return Step(state, (Text(late),), Intent.WAITING) if heard.corrects else None
    return advance(task, form, _with_values(state, heard), moment)


def still_working(state: TaskState) -> Step:
    """The customer is asked for patience once; the result comes by itself."""
    if state.awaited:
        return Step(state, (), Intent.WAITING)
    return Step(replace(state, awaited=True), (Text(wording(state.language).wait),), Intent.WAITING)


def _after_the_end(form: Form, state: TaskState, text: str, found: frozenset[Cue]) -> Step | None:
    """A late order or stop, where something was submitted: it is not done twice, and not undone."""
    ordered = Cue.YES in found and _ORDER.search(text.lower()) is not None  # "ok" and "好的" are thanks by now
    if form.call.changes and state.open == form.call.name and (ordered or Cue.STOP in found):
        submitted = wording(state.language).already_submitted.format(title=state.title)
        return Step(state, (Text(submitted),), Intent.DONE)
    return courtesy(state, found)


def courtesy(state: TaskState, found: frozenset[Cue]) -> Step | None:
    """好的 or 不用了 after the end is no question, and no reason to look for a person."""
    if not found & {Cue.YES, Cue.STOP, Cue.SKIP}:
        return None
    return Step(state, (Text(wording(state.language).anything_else),), Intent.DONE)


def _aside(task: Task, form: Form, state: TaskState, found: frozenset[Cue], moment: Moment) -> Step | None:
    if Cue.CARRY_ON in found:
        return resume(task, form, state, moment)
    return cancel(form, state) if Cue.STOP in found else None


def _confirming(
    task: Task, form: Form, state: TaskState, text: str, found: frozenset[Cue], moment: Moment
) -> Step | None:
    if Cue.STOP in found:
        return cancel(form, state)
    if Cue.YES in found and Cue.NO not in found:
        return _yes(task, form, state, moment)
    heard = understand(form, state, text, moment)
    mistaken = next(iter(heard.unclear), "") if heard.corrects and not heard.values else ""
    if mistaken and (slot := form.slot(mistaken)) is not None:
        return _again(state, slot, moment, why(heard.unclear[mistaken], state.language))
    if heard.values or heard.wrong:
        return _take(task, form, state, heard, moment)
    if Cue.NO in found or heard.corrects:
        mending = replace(state, phase=Phase.MENDING, asked_at=moment.at)
        return Step(mending, (question(task, mending),), Intent.CONFIRMING)
    if state.phase is Phase.MENDING:
        slot = named(form, state, text)
        return _again(state, slot, moment) if slot else None
    return None


def _yes(task: Task, form: Form, state: TaskState, moment: Moment) -> Step:
    """The one way to a call that changes something. While it is asked what is wrong, a yes confirms nothing."""
    if state.phase is Phase.MENDING:
        confirming = replace(state, phase=Phase.CONFIRMING, asked_at=moment.at)
        return Step(confirming, (question(task, confirming),), Intent.CONFIRMING)
    return start_call(form, form.call, state, moment)


def _asking(task: Task, form: Form, state: TaskState, text: str, found: frozenset[Cue], moment: Moment) -> Step | None:
    slot = form.slot(state.open)
    if slot is None:
        return advance(task, form, state, moment)
    if slot.optional and found & {Cue.SKIP, Cue.NO}:
        return _skip(task, form, state, slot, moment)
    if Cue.STOP in found and (slot.kind is not SlotKind.TEXT or _STOPS.search(text.lower())):
        return cancel(form, state)
    step = _answered(task, form, state, slot, text, moment)
    if step is None and found & {Cue.CARRY_ON, Cue.YES, Cue.NO}:
        return Step(replace(state, asked_at=moment.at), (question(task, state),), Intent.ASKED)
    return step or (_in_own_words(task, form, state, slot, text, moment) if slot.kind is SlotKind.TEXT else None)


def _answered(task: Task, form: Form, state: TaskState, slot: Slot, text: str, moment: Moment) -> Step | None:
    """The step of what can be read for certain, or of why it cannot be taken."""
    heard = understand(form, state, text, moment)
    if heard.values or heard.wrong:
        if slot.kind is SlotKind.TEXT and not heard.corrects:
            state = _with_own_words(form, state, slot, heard, moment)
        return _take(task, form, state, heard, moment)
    unclear = heard.unclear.get(slot.name) or next(iter(heard.unclear.values()), None)
    if unclear is None or (slot.name not in heard.unclear and slot.kind is SlotKind.TEXT):
        return None
    return missed(task, replace(state, part=heard.part), moment, why(unclear, state.language))


def _in_own_words(task: Task, form: Form, state: TaskState, slot: Slot, text: str, moment: Moment) -> Step | None:
    """A sentence as it stands. Nothing speaks against it, but a question that the knowledge can answer comes first."""
    reading = free_text(slot, text, moment, state.language)
    if isinstance(reading, Unclear):
        return missed(task, state, moment, why(reading, state.language))
    if reading is None:
        return None
    return replace(advance(task, form, state.with_value(slot.name, value_of(slot, reading)), moment), sure=False)


def _with_own_words(form: Form, state: TaskState, slot: Slot, heard: Heard, moment: Moment) -> TaskState:
    """灯罩裂了，电话13800138000 answers the question for a reason too."""
    words = own_words(form, state, heard)
    reading = free_text(slot, words, moment, state.language) if len(words) > 1 and not asks(words) else None
    return state.with_value(slot.name, value_of(slot, reading)) if isinstance(reading, Found) else state


def _take(task: Task, form: Form, state: TaskState, heard: Heard, moment: Moment) -> Step:
    """Fill in what was read; ask again for what was called wrong."""
    wrong = form.slot(heard.wrong) if heard.wrong else None
    if wrong is not None:
        return _again(state, wrong, moment)
    filled = _with_values(state, heard)
    step = advance(task, form, filled, moment)
    if state.phase is Phase.ASKING and step.state is not None and step.state.open == state.open and step.job is None:
        words = wording(state.language)
        reason = heard.unclear.get(state.open)
        step = advance(task, form, filled, moment, why(reason, state.language) if reason else words.noted)
    return replace(step, rest=heard.rest, sure=not _by_the_way(form, state, heard))


def _by_the_way(form: Form, state: TaskState, heard: Heard) -> bool:
    """Whether the words look like a question that merely holds an option's word: the knowledge is asked first."""
    kinds = {slot.name: slot.kind for slot in form.slots}
    chosen = all(name != state.open and kinds[name] in CHOSEN for name in heard.values)
    return chosen and not heard.corrects and asks(heard.rest)


def _again(state: TaskState, slot: Slot, moment: Moment, lead: str = "") -> Step:
    """Forget a slot's value and ask for it. What is asked in between stays open."""
    asking = replace(state.without(slot.name), phase=Phase.ASKING, open=slot.name, asked_at=moment.at, misses=0)
    lead = lead or wording(state.language).ask_again.format(title=slot.title.of(state.language))
    return Step(asking, (ask.slot_question(asking, slot, lead=lead, prompt=""),), Intent.ASKED)


def _skip(task: Task, form: Form, state: TaskState, slot: Slot, moment: Moment) -> Step:
    skipped = replace(state.without(slot.name), skipped=(*state.skipped, slot.name))
    return advance(task, form, skipped, moment)


def _with_values(state: TaskState, heard: Heard) -> TaskState:
    for name, value in heard.values.items():
        state = state.with_value(name, value)
    return state


def _picture(task: Task, form: Form, state: TaskState, media_id: str, moment: Moment) -> Step | None:
    """A picture answers the slot that wants one, whenever it comes."""
    slot = next((slot for slot in form.slots if slot.kind is SlotKind.PICTURE), None)
    if slot is None or state.phase not in (Phase.ASKING, Phase.CONFIRMING, Phase.MENDING):
        return None
    filled = state.with_value(slot.name, Value(media_id, wording(state.language).picture))
    return advance(task, form, filled, moment)


def _pressed(task: Task, form: Form, state: TaskState, said: Said, moment: Moment) -> Step | None:  # noqa: C901 - one arm per menu
    """A button of this task. One of an earlier question of it corrects the answer."""
    place = ask.place_of(state, said.menu_id)
    if place is None:
        return None
    open_for_answers = state.phase in (Phase.ASKING, Phase.CONFIRMING, Phase.MENDING)
    match place, said.option_id:
        case (ask.CONFIRM, ask.YES) if state.phase is Phase.CONFIRMING:
            return start_call(form, form.call, state, moment)
        case (ask.CONFIRM, ask.CHANGE) if state.phase is Phase.CONFIRMING:
            mending = replace(state, phase=Phase.MENDING, asked_at=moment.at)
            return Step(mending, (question(task, mending),), Intent.CONFIRMING)
        case (ask.CONFIRM | ask.LOST | ask.ASIDE, ask.CANCEL) if state.phase is not Phase.DONE:
            return cancel(form, state)
        case (ask.LOST, ask.HUMAN):
            return Step(state, (), Intent.HUMAN, human=NEEDS_PERSON)
        case (ask.LOST | ask.ASIDE, ask.GO_ON) if open_for_answers or state.phase is Phase.ASIDE:
            return resume(task, form, state, moment)
        case (ask.MEND, name) if open_for_answers and (slot := form.slot(name)) is not None:
            return _again(state, slot, moment)
    slot = form.slot(place)
    if slot is None or not open_for_answers:
        return stale(form, state)
    if said.option_id == ask.SKIP and slot.optional:
        return _skip(task, form, state, slot, moment)
    chosen = next((option for option in options_of(slot, state) if option.id == said.option_id), None)
    if chosen is None:
        return stale(form, state)
    return advance(task, form, state.with_value(slot.name, Value(chosen.id, chosen.label)), moment)


def stale(form: Form, state: TaskState) -> Step:
    """A button whose time is over."""
    words = wording(state.language)
    if state.phase is Phase.WORKING:
        return still_working(state)
    submitted = state.phase is Phase.DONE and form.call.changes and state.open == form.call.name
    text = words.already_submitted.format(title=state.title) if submitted else words.over
    contents: tuple[Content, ...] = (Text(text),)
    return Step(state, contents, Intent.DONE if submitted else Intent.LOST)
