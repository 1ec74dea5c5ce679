"""The text of a task's document to a ``Task``, or to everything that is wrong with it."""

import hashlib
import json
from functools import lru_cache

from pydantic import ValidationError

from yizhan.dialogue.tasks.check import check
from yizhan.dialogue.tasks.definition import (
    Branch,
    CallSpec,
    Condition,
    Form,
    Guide,
    GuideChoice,
    GuideStep,
    Next,
    Option,
    Slot,
    Task,
    Words,
)
from yizhan.dialogue.tasks.document import BranchDoc, CallDoc, SlotDoc, StepDoc, TaskDoc, TextDoc, TitleDoc
from yizhan.dialogue.tasks.problems import Said, TaskInvalid, TaskProblem, of_validation
from yizhan.dialogue.tasks.yaml_text import Place, Read, place_text, read

REMEMBERED = 64
"""Documents whose tasks are kept: they are immutable."""


@lru_cache(maxsize=REMEMBERED)
def parse_task(text: str) -> Task:
    """Raises TaskInvalid with every problem found. A build and the release made of it read each document several times."""
    found = read(text)
    doc = _document(found)
    problems: list[TaskProblem] = []

    def report(place: Place, said: Said) -> None:
        problems.append(_problem(found, place, said))

    check(doc, report)
    if problems:
        raise TaskInvalid(problems)
    return _task(doc, version_of(doc))


def version_of(doc: TaskDoc) -> str:
    """Sixteen hexadecimal characters: the same for the same content, however it is laid out.

    What came later into the form of documents counts only where it is used: documents of before keep their version.
    """
    written = doc.model_dump(mode="json")
    for slot in written["slots"]:
        if not slot["begins"]:
            del slot["begins"]
    content = json.dumps(written, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _document(found: Read) -> TaskDoc:
    try:
        return TaskDoc.model_validate(found.value)
    except ValidationError as error:
        raise TaskInvalid(
            _problem(found, item["loc"], of_validation(item["type"], item["msg"])) for item in error.errors()
        ) from error


def _problem(found: Read, place: Place, said: Said) -> TaskProblem:
    return TaskProblem(found.line(place), place_text(place), said.zh, said.en)


def _task(doc: TaskDoc, version: str) -> Task:
    does = _guide(doc) if doc.steps else _form(doc)
    return Task(
        name=doc.task,
        title=_words(doc.title),
        triggers=tuple(doc.triggers),
        wishes=tuple(doc.wishes),
        makes=tuple(doc.makes),
        minutes=doc.minutes,
        version=version,
        does=does,
    )


def _form(doc: TaskDoc) -> Form:
    if doc.call is None:
        raise AssertionError("checked: a form has a call")
    return Form(
        slots=tuple(map(_slot, doc.slots)),
        checks=tuple(map(_call, doc.checks)),
        confirm=_words(doc.confirm) if doc.confirm else None,
        call=_call(doc.call),
    )


def _slot(doc: SlotDoc) -> Slot:
    return Slot(
        name=doc.name,
        kind=doc.kind,
        title=_words(doc.title),
        prompt=_words(doc.prompt),
        options=tuple(
            Option(option.id, _words(option.label), _spoken(option.label, option.words)) for option in doc.options
        ),
        optional=doc.optional,
        asked=doc.asked,
        masked=doc.masked,
        instead_of=doc.instead_of,
        begins=doc.begins,
        when=tuple(
            Condition(name, (wanted,) if isinstance(wanted, str) else tuple(wanted))
            for name, wanted in doc.when.items()
        ),
        known=doc.known,
        words=tuple(doc.words),
        settings=doc.settings,
    )


def _call(doc: CallDoc) -> CallSpec:
    return CallSpec(
        name=doc.name,
        connector=doc.connector,
        operation=doc.operation,
        arguments=tuple(doc.arguments.items()),
        results={name: _branch(branch) for name, branch in doc.results.items()},
        changes=doc.changes,
        seconds=doc.seconds,
    )


def _branch(doc: BranchDoc) -> Branch:
    if doc.ask:
        following = Next.ASK
    elif doc.choose:
        following = Next.CHOOSE
    else:
        following = Next(doc.next or "end")
    return Branch(_words(doc.say) if doc.say else None, doc.cards, following, doc.ask or doc.choose)


def _guide(doc: TaskDoc) -> Guide:
    if doc.close is None:
        raise AssertionError("checked: a guide has a close")
    return Guide(tuple(map(_step, doc.steps)), _words(doc.close))


def _step(doc: StepDoc) -> GuideStep:
    choices = tuple(
        GuideChoice(_words(choice.label), _spoken(choice.label, choice.words), choice.to) for choice in doc.choices
    )
    return GuideStep(doc.name, _words(doc.say), choices)


def _words(doc: TextDoc | TitleDoc) -> Words:
    return Words(doc.zh, doc.en)


def _spoken(label: TitleDoc, words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((label.zh, label.en, *words)))
