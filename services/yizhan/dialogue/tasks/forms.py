"""What a customer says in the middle of a form. Pure; the words that it does not understand are the caller's again."""

import re
from dataclasses import replace

from yizhan.core.messages.content import Content, Text
from yizhan.dialogue.tasks import ask
from yizhan.dialogue.tasks.advance import MOST_MISSES, NEEDS_PERSON, advance, missed, partly, start_call
from yizhan.dialogue.tasks.ask import question
from yizhan.dialogue.tasks.definition import Form, Slot, SlotKind, Task
from yizhan.dialogue.tasks.readers import context_of, reader_of
from yizhan.dialogue.tasks.reasons import why
from yizhan.dialogue.tasks.slots.cancel import by_name
from yizhan.dialogue.tasks.slots.digression import asks
from yizhan.dialogue.tasks.slots.reading import Found, Reason, Span, Unclear
from yizhan.dialogue.tasks.slots.steering import Cue, cues
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

FINDS_ORDERS = "find_orders"
"""The operation that looks orders up: by a number, or by whatever else is known."""

_OWN_ANSWERS = (SlotKind.TEXT, SlotKind.YES_NO)
"""Kinds to which 不想要了 and 不用了 are answers as well: only a wish to stop that says so stops the task."""

_BESIDE = re.compile(
    "(?:那|那么|还有|再|帮我|查|看|一?下|how about|what about|and|also|,|，| ){0,4}(?:订单号?|单号|手机号?|呢|吧|到哪了|怎么样|order|please| ){0,3}"
)
"""What beside a number makes no other wish of it: SJ100001呢, 再查一下13800138000."""

_ORDER = re.compile("确认|确定|提交|confirm|submit|book it|do it")


def begin(task: Task, form: Form, state: TaskState, said: Said, moment: Moment) -> Step:
    """A new task: what is known and what the first sentence says is filled in, then it asks for what is missing."""
    state = replace(state, labels={slot.name: slot.title.of(state.language) for slot in form.slots})
    for slot in form.slots:
        known = moment.known.get(slot.known, "") if slot.known else ""
        reading = reader_of(slot)(known, context_of(moment, state.language, asked=True)) if known else None
        if isinstance(reading, Found):
            state = state.with_value(slot.name, value_of(slot, reading))
    state = _by_buyer(form, state)
    heard = understand(form, state, said.text, moment) if said.text else Heard()
    filled = _with_order(form, _with_values(state, heard), said.order)
    step = advance(task, form, filled, moment)
    unclear = heard.unclear.get(step.state.open) if step.state is not None and step.job is None else None
    if unclear is not None:
        step = advance(task, form, filled, moment, why(unclear, state.language))
    return replace(step, intent=Intent.STARTED if step.intent is Intent.ASKED else step.intent, rest=heard.rest)


def _by_buyer(form: Form, state: TaskState) -> TaskState:
    """A shop's buyer need not name an order: their channel may find it. Where it does not, its number is asked for then."""
    slot = order_slot(form)
    if not state.shop or slot is None or form.call.operation != FINDS_ORDERS:
        return state
    return replace(state, skipped=(*state.skipped, slot.name))


def _with_order(form: Form, state: TaskState, order_id: str) -> TaskState:
    """A card's number is as the channel has it: no shape is asked of it."""
    slot = order_slot(form)
    return state.with_value(slot.name, Value(order_id, order_id)) if slot is not None and order_id else state


def order_slot(form: Form) -> Slot | None:
    """The first that an order's number fills."""
    return next((slot for slot in form.slots if slot.kind is SlotKind.ORDER_NUMBER), None)


def hear(task: Task, form: Form, state: TaskState, said: Said, moment: Moment) -> Step | None:
    """The step that the words make; None when the task makes nothing of them."""
    if said.menu_id:
        return _pressed(task, form, state, said, moment)
    if said.picture:
        return _picture(task, form, state, said.picture, moment)
    if said.order:
        return _shown_order(task, form, state, said, moment)
    found = cues(said.text, task.makes)
    if Cue.PAUSE in found and state.phase in (Phase.ASKING, Phase.CONFIRMING, Phase.MENDING):
        return take_your_time(state, moment)
    match state.phase:
        case Phase.WORKING:
            return _while_working(task, form, state, said.text, found, moment)
        case Phase.DONE:
            return _after_the_end(task, form, state, said, found, moment)
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


def _after_the_end(
    task: Task, form: Form, state: TaskState, said: Said, found: frozenset[Cue], moment: Moment
) -> Step | None:
    """A late order or stop, where something was submitted: it is not done twice, and not undone. Another number is looked
    up as the one before: SJ100008呢.
    """
    text = said.text
    if not form.call.changes and not found and _another(form, state, text, moment):
        fresh = replace(state, values={}, skipped=(), offers={}, checked={}, facts={}, calls=0, opened_at=moment.at)
        return begin(task, form, replace(fresh, phase=Phase.ASKING, open=""), said, moment)
    ordered = Cue.YES in found and _ORDER.search(text.lower()) is not None  # "ok" and "好的" are thanks by now
    if form.call.changes and state.open == form.call.name and (ordered or Cue.STOP in found):
        submitted = wording(state.language).already_submitted.format(title=state.title)
        return Step(state, (Text(submitted),), Intent.DONE)
    return courtesy(state, found)


def _another(form: Form, state: TaskState, text: str, moment: Moment) -> bool:
    """Whether the words are hardly more than a number or the like for the look-up."""
    heard = understand(form, replace(state, values={}, open=""), text, moment)
    kinds = {slot.name: slot.kind for slot in form.slots}
    told = [name for name in heard.values if kinds[name] not in CHOSEN]
    return bool(told) and _BESIDE.fullmatch(heard.rest.lower()) is not None


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
    if state.phase is Phase.MENDING and found & {Cue.SKIP, Cue.NO, Cue.STOP} and not by_name(text):
        return advance(task, form, state, moment)  # nothing has to be changed after all
    if Cue.STOP in found:
        return cancel(form, state)
    if Cue.YES in found:
        return _yes(task, form, state, moment)
    heard = understand(form, state, text, moment)
    mistaken = next(iter(heard.unclear), "") if heard.corrects and not heard.values else ""
    if mistaken and (slot := form.slot(mistaken)) is not None:
        return _again(state, slot, moment, why(heard.unclear[mistaken], state.language))
    if heard.values or heard.wrong:
        return _take(task, form, state, heard, moment)
    if found & {Cue.NO, Cue.CHANGE} or heard.corrects:
        return _mend(task, state, moment)
    if Cue.UNSURE in found:
        return missed(task, state, moment, why(Unclear(Reason.MIXED, Span(0, len(text))), state.language))
    if state.phase is Phase.MENDING:
        slot = named(form, state, text)
        return _again(state, slot, moment) if slot else None
    return None


def _yes(task: Task, form: Form, state: TaskState, moment: Moment) -> Step:
    """The one way to a call that changes something. While it is asked what is wrong, a yes confirms nothing."""
    if state.phase is Phase.MENDING:
        return advance(task, form, state, moment)
    return start_call(form, form.call, state, moment)


def _mend(task: Task, state: TaskState, moment: Moment) -> Step:
    """Ask what is wrong."""
    mending = replace(state, phase=Phase.MENDING, asked_at=moment.at)
    return Step(mending, (question(task, mending),), Intent.CONFIRMING)


def _asking(task: Task, form: Form, state: TaskState, text: str, found: frozenset[Cue], moment: Moment) -> Step | None:
    slot = form.slot(state.open)
    if slot is None:
        return advance(task, form, state, moment)
    if slot.optional and Cue.SKIP in found:
        return _skip(task, form, state, slot, moment)
    if Cue.STOP in found and (slot.kind not in _OWN_ANSWERS or by_name(text)):
        return cancel(form, state)
    if slot.optional and Cue.NO in found:
        return _skip(task, form, state, slot, moment)
    if Cue.CHANGE in found and state.values and slot.kind is not SlotKind.TEXT:
        return _mend(task, state, moment)
    if Cue.UNKNOWN in found and slot.kind is not SlotKind.TEXT:
        return _skip(task, form, state, slot, moment) if slot.optional else _cannot_tell(task, state, moment)
    step = _answered(task, form, state, slot, text, moment)
    if step is None and found & {Cue.CARRY_ON, Cue.YES, Cue.NO}:
        return _reminded(task, state, moment)
    return step or (_in_own_words(task, form, state, slot, text, moment) if slot.kind is SlotKind.TEXT else None)


def _reminded(task: Task, state: TaskState, moment: Moment) -> Step:
    """好的 is no answer to a question for a value, and not yet a misunderstanding."""
    if state.misses + 1 >= MOST_MISSES:
        return missed(task, state, moment)
    again = replace(state, asked_at=moment.at, misses=state.misses + 1)
    return Step(again, (question(task, again),), Intent.ASKED)


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
    if heard.part and heard.part != state.part:
        return partly(task, state, heard.part, moment)
    begun = next(((name, part) for name, part in heard.begun.items() if name not in state.values), None)
    if begun is not None and slot.name not in heard.unclear:  # another slot was begun: its rest is asked for first
        return partly(task, replace(state, open=begun[0]), begun[1], moment)
    return missed(task, state, moment, "" if state.part else why(unclear, state.language))


def _cannot_tell(task: Task, state: TaskState, moment: Moment) -> Step:
    return missed(task, state, moment, wording(state.language).cannot_tell)


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
    asking = replace(
        state.without(slot.name), phase=Phase.ASKING, open=slot.name, asked_at=moment.at, misses=0, part=""
    )
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


def _shown_order(task: Task, form: Form, state: TaskState, said: Said, moment: Moment) -> Step | None:
    """The card of an order answers the question for its number; after a look-up it asks for the next one."""
    if order_slot(form) is None or state.phase in (Phase.WORKING, Phase.ASIDE):
        return None
    if state.phase is not Phase.DONE:
        return advance(task, form, _with_order(form, state, said.order), moment)
    if form.call.changes:
        return None
    fresh = replace(state, values={}, skipped=(), offers={}, checked={}, facts={}, calls=0, opened_at=moment.at)
    return begin(task, form, replace(fresh, phase=Phase.ASKING, open=""), said, moment)


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
            return _mend(task, state, moment)
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
