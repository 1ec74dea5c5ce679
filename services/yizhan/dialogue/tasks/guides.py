"""What a customer says in the middle of a guide: steps with choices, no slots, nothing that is called."""

from dataclasses import replace

from yizhan.core.messages.content import Content, Text
from yizhan.dialogue.tasks import ask
from yizhan.dialogue.tasks.advance import NEEDS_PERSON
from yizhan.dialogue.tasks.ask import question
from yizhan.dialogue.tasks.definition import Guide, GuideChoice, GuideStep, Task
from yizhan.dialogue.tasks.forms import courtesy, take_your_time
from yizhan.dialogue.tasks.readers import read_choice
from yizhan.dialogue.tasks.slots.reading import Option
from yizhan.dialogue.tasks.slots.steering import Cue, cues
from yizhan.dialogue.tasks.state import Phase, TaskState
from yizhan.dialogue.tasks.step import Intent, Moment, Said, Step
from yizhan.dialogue.tasks.wording import wording

END = "end"
PERSON = "human"


def begin(task: Task, guide: Guide, state: TaskState, moment: Moment) -> Step:
    """The first step."""
    return replace(_show(task, state, guide.steps[0].name, moment), intent=Intent.STARTED)


def hear(task: Task, guide: Guide, state: TaskState, said: Said, moment: Moment) -> Step | None:
    """The step that an answer leads to; None when it is no answer."""
    if said.menu_id:
        return _pressed(task, guide, state, said, moment)
    found = cues(said.text, task.makes)
    if state.phase is Phase.DONE:
        return courtesy(state, found)
    if Cue.CARRY_ON in found:
        return resume(task, guide, state, moment)
    if Cue.STOP in found:
        return cancel(state)
    if Cue.PAUSE in found and state.phase is Phase.ASKING:
        return take_your_time(state, moment)
    step = guide.step(state.open)
    if step is None or state.phase is not Phase.ASKING:
        return None
    options = tuple(
        Option(str(number), choice.label.of(state.language), choice.words) for number, choice in enumerate(step.choices)
    )
    chosen = read_choice(said.text, options, state.language, moment)
    return _take(task, guide, state, step.choices[int(chosen)], moment) if chosen is not None else None


def cancel(state: TaskState) -> Step:
    """Nothing to take back."""
    text = wording(state.language).cancelled_guide
    return Step(None, (Text(text),), Intent.CANCELLED)


def resume(task: Task, guide: Guide, state: TaskState, moment: Moment) -> Step:
    """The open step again, or the first one where it is gone."""
    name = state.open if guide.step(state.open) else guide.steps[0].name
    return replace(_show(task, state, name, moment), intent=Intent.RESUMED)


def _pressed(task: Task, guide: Guide, state: TaskState, said: Said, moment: Moment) -> Step | None:
    place = ask.place_of(state, said.menu_id)
    if place is None:
        return None
    match place, said.option_id:
        case (ask.LOST | ask.ASIDE, ask.CANCEL):
            return cancel(state)
        case (ask.LOST, ask.HUMAN):
            return Step(state, (), Intent.HUMAN, human=NEEDS_PERSON)
        case (ask.LOST | ask.ASIDE, ask.GO_ON):
            return resume(task, guide, state, moment)
    chosen = _choice(guide.step(place), said.option_id)
    if chosen is None or state.phase is Phase.DONE:
        return Step(state, (Text(wording(state.language).over),), Intent.LOST)
    return _take(task, guide, state, chosen, moment)


def _choice(step: GuideStep | None, option_id: str) -> GuideChoice | None:
    if step is None or not (option_id.isascii() and option_id.isdigit()) or int(option_id) >= len(step.choices):
        return None
    return step.choices[int(option_id)]


def _take(task: Task, guide: Guide, state: TaskState, choice: GuideChoice, moment: Moment) -> Step:
    if choice.to == PERSON:
        return Step(None, (), Intent.HUMAN, human=NEEDS_PERSON)
    if choice.to == END:
        closing: tuple[Content, ...] = (Text(guide.close.of(state.language)),)
        return Step(replace(state, phase=Phase.DONE, open=""), closing, Intent.DONE)
    return _show(task, state, choice.to, moment)


def _show(task: Task, state: TaskState, name: str, moment: Moment) -> Step:
    shown = replace(state, phase=Phase.ASKING, open=name, asked_at=moment.at, misses=0)
    return Step(shown, (question(task, shown),), Intent.GUIDED)
