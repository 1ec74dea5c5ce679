"""The open question of a task as the customer sees it. Buttons come last, so that a number is an answer to them."""

from yizhan.core.messages.content import Content, Menu, MenuOption, Text
from yizhan.dialogue.tasks.definition import Form, Guide, GuideStep, Next, Slot, Task
from yizhan.dialogue.tasks.flow import shown
from yizhan.dialogue.tasks.partly import still_missing
from yizhan.dialogue.tasks.state import Phase, TaskState
from yizhan.dialogue.tasks.templates import filled
from yizhan.dialogue.tasks.wording import wording

MENU = "task:"
"""Menu ids of tasks are this, the task's name, when it was opened, and what is asked."""

CONFIRM = "confirm"
MEND = "mend"
LOST = "lost"
ASIDE = "aside"

YES = "yes"
CHANGE = "change"
CANCEL = "cancel"
HUMAN = "human"
GO_ON = "go_on"
SKIP = "skip"


def menu_id(state: TaskState, place: str) -> str:
    """At most 100 characters, as channels keep them."""
    return f"{MENU}{state.task}:{int(state.opened_at.timestamp() * 1000):x}:{place}"


def place_of(state: TaskState, given: str) -> str | None:
    """What a pressed menu of this very task asked; None for a menu of another one, or of an earlier time."""
    start = menu_id(state, "")
    return given.removeprefix(start) if given.startswith(start) else None


def question(task: Task, state: TaskState, lead: str = "") -> Content:
    """What is asked now, after ``lead`` if something must be said first."""
    match state.phase, task.does:
        case (Phase.ASKING, Guide() as guide):
            step = guide.step(state.open)
            return step_menu(state, step, lead) if step else Text(lead)
        case (Phase.CONFIRMING, Form() as form):
            return _confirmation(form, state, lead)
        case (Phase.MENDING, Form() as form):
            return _what_to_change(form, state, lead)
        case (Phase.ASIDE, _):
            return aside_menu(state, lead)
        case (_, Form() as form):
            slot = form.slot(state.open)
            return slot_question(state, slot, lead, _which_one(form, state)) if slot else Text(lead)
        case _:
            return Text(lead)


def slot_question(state: TaskState, slot: Slot, lead: str = "", prompt: str | None = None) -> Content:
    """The slot's prompt, with buttons where there is something to choose from. ``prompt`` replaces its own.

    Where a part of the value was said, only the rest is asked for.
    """
    words = wording(state.language)
    if prompt is None:
        prompt = still_missing(slot, state) or slot.prompt.of(state.language)
    text = _after(lead, prompt)
    offered = state.offers.get(slot.name, ())
    options = offered or tuple(MenuOption(o.id, o.label.of(state.language)) for o in slot.options)
    if options and slot.optional:
        options = (*options, MenuOption(SKIP, words.skip))
    return Menu(menu_id(state, slot.name), text, options) if options else Text(text)


def _which_one(form: Form, state: TaskState) -> str | None:
    """The words with which the open slot's choice was offered by the call at the end; None where there was no such offer."""
    if not state.offers.get(state.open):
        return None
    branches = (
        branch for branch in form.call.results.values() if (branch.next, branch.slot) == (Next.CHOOSE, state.open)
    )
    say = next((branch.say for branch in branches if branch.say), None)
    return filled(say.of(state.language), shown(form, state)) if say else None


def step_menu(state: TaskState, step: GuideStep, lead: str = "") -> Content:
    """A guide's step: option ids are the places of its choices, counted from 0."""
    options = tuple(
        MenuOption(str(number), choice.label.of(state.language)) for number, choice in enumerate(step.choices)
    )
    return Menu(menu_id(state, step.name), _after(lead, step.say.of(state.language)), options)


def lost_menu(state: TaskState, reason: str = "") -> Content:
    """After several answers that were not understood. ``reason``: what is wrong with the last one, where that is known."""
    words = wording(state.language)
    options = (
        MenuOption(HUMAN, words.human),
        MenuOption(GO_ON, words.carry_on),
        MenuOption(CANCEL, words.cancel),
    )
    return Menu(menu_id(state, LOST), _after(reason, words.person) if reason else words.lost_often, options)


def aside_menu(state: TaskState, text: str) -> Content:
    """For a task that was put away."""
    words = wording(state.language)
    options = (MenuOption(GO_ON, words.carry_on), MenuOption(CANCEL, words.cancel))
    return Menu(menu_id(state, ASIDE), text, options)


def _confirmation(form: Form, state: TaskState, lead: str) -> Content:
    words = wording(state.language)
    text = filled(form.confirm.of(state.language), shown(form, state)) if form.confirm else ""
    options = (MenuOption(YES, words.yes), MenuOption(CHANGE, words.change), MenuOption(CANCEL, words.cancel))
    return Menu(menu_id(state, CONFIRM), _after(lead, text), options)


def _what_to_change(form: Form, state: TaskState, lead: str) -> Content:
    words = wording(state.language)
    named = [slot for slot in form.slots if slot.name in state.values or slot.name in state.skipped]
    options = tuple(MenuOption(slot.name, slot.title.of(state.language)) for slot in named)
    return Menu(menu_id(state, MEND), _after(lead, words.what_to_change), options)


def _after(lead: str, text: str) -> str:
    return f"{lead}\n{text}" if lead and text else lead or text
