"""A form moves on: the next check, question, confirmation or call. Nothing that changes anything is called from here."""

from dataclasses import replace

from yizhan.core.messages.content import Content, Text
from yizhan.dialogue.tasks.ask import lost_menu, question
from yizhan.dialogue.tasks.definition import CallSpec, Form, Task
from yizhan.dialogue.tasks.flow import call_of, due_check, missing
from yizhan.dialogue.tasks.state import Phase, TaskState
from yizhan.dialogue.tasks.step import Intent, JobRequest, Moment, Step
from yizhan.dialogue.tasks.wording import wording

MOST_CALLS = 6
"""After so many calls in one task a person goes on: the customer and the business's system do not find each other."""

MOST_MISSES = 3
"""Answers in a row that were not understood, until a person is offered."""

HOPELESS = 2 * MOST_MISSES
"""And until a person is got without being asked for: nobody is asked the same for ever."""

NEEDS_PERSON = "task"
"""The reason of a hand-off that a task asks for."""


def advance(task: Task, form: Form, state: TaskState, moment: Moment, lead: str = "") -> Step:
    """What follows now that something was said or found out. ``lead`` is said first."""
    check = due_check(form, state)
    if check is not None:
        return start_call(form, check, state, moment, lead)
    slot = missing(form, state)
    if slot is not None:
        part = state.part if slot.name == state.open else ""
        asking = replace(state, phase=Phase.ASKING, open=slot.name, asked_at=moment.at, misses=0, part=part)
        return Step(asking, (question(task, asking, lead),), Intent.ASKED)
    if form.confirm is not None:
        asking = replace(state, phase=Phase.CONFIRMING, open="", asked_at=moment.at, misses=0)
        return Step(asking, (question(task, asking, lead),), Intent.CONFIRMING)
    if form.call.changes:
        raise AssertionError("checked: what changes something is confirmed")
    return start_call(form, form.call, state, moment, lead)


def start_call(form: Form, spec: CallSpec, state: TaskState, moment: Moment, lead: str = "") -> Step:
    """One call, under way from now on. What is only looked up needs no announcement; what changes something gets one."""
    if state.calls >= MOST_CALLS:
        return Step(replace(state, phase=Phase.ASIDE, asked_at=moment.at), (), Intent.HUMAN, human=NEEDS_PERSON)
    call = call_of(form, spec, state)
    under_way = replace(
        state,
        phase=Phase.WORKING,
        open=spec.name,
        asked_at=moment.at,
        misses=0,
        calls=state.calls + 1,
        job_id="",
        awaited=False,
        part="",
    )
    said = [lead] if lead else []
    if spec.changes:
        said.append(wording(state.language).submitting)
    contents: tuple[Content, ...] = tuple(map(Text, said))
    return Step(under_way, contents, Intent.WORKING, JobRequest(call, spec.seconds))


def missed(task: Task, state: TaskState, moment: Moment, reason: str = "") -> Step:
    """The words were no answer. ``reason``: what is wrong with them, where that is known."""
    words = wording(state.language)
    again = replace(state, misses=state.misses + 1, asked_at=moment.at)
    if again.misses >= HOPELESS:
        given_up: tuple[Content, ...] = (Text(words.lost_for_good),)
        return Step(replace(again, misses=0), given_up, Intent.HUMAN, human=NEEDS_PERSON)
    if again.misses == MOST_MISSES:
        return Step(again, (lost_menu(again, reason),), Intent.LOST)
    return Step(again, (question(task, again, reason or words.lost),), Intent.LOST)


def partly(task: Task, state: TaskState, part: str, moment: Moment) -> Step:
    """A part of the open slot's value was said: it is kept, and only the rest is asked for."""
    kept = replace(state, part=part, asked_at=moment.at, misses=0)
    return Step(kept, (question(task, kept, wording(state.language).noted),), Intent.ASKED)
