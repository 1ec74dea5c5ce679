"""What is wrong with a document of a draft, by line: told to its author before it is kept.

Whatever passes here, a build can read: where the finer checks find nothing, the build's own readers have the last word.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from yizhan.core.documents.reasons import Reason, of_shape
from yizhan.core.documents.tree import Unreadable, read, shown
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import parse_guards
from yizhan.dialogue.knowledge.contents import GUARDS, OUTSIDE, SETTINGS, TASK, TESTS, VARIABLES
from yizhan.dialogue.knowledge.documents import (
    MOST_OUTSIDE_CHARACTERS,
    DocumentInvalid,
    check_settings,
    check_variables,
    outside_of,
    questions_of,
    settings_of,
    variables_of,
)
from yizhan.dialogue.knowledge.own_questions import parse_questions
from yizhan.dialogue.knowledge.variables import is_name
from yizhan.dialogue.tasks.parse import parse_task
from yizhan.dialogue.tasks.problems import TaskInvalid

_PRECISION = Reason("要写大于 0.5、小于 1 的数", "must be a number above 0.5 and below 1")
_NOT_A_VARIABLE = Reason(
    "变量名只能用字母、数字、下划线、点和连字符，以字母或数字开头，最多 64 个字符",
    "a variable's name has up to 64 letters, digits, underscores, dots and hyphens, beginning with a letter or digit",
)
_TOO_LONG = Reason(
    f"一个问题最多 {MOST_OUTSIDE_CHARACTERS} 个字符", f"a question has at most {MOST_OUTSIDE_CHARACTERS} characters"
)


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """``line`` from 1, 0 for the document as a whole; ``place`` as in ``rules[2].match[0]``, empty where none is known."""

    line: int
    place: str
    reason_zh: str
    reason_en: str


def document_problems(name: str, text: str) -> tuple[DocumentProblem, ...]:
    """In the order of their lines. Guards take tens of milliseconds: in a thread."""
    if name.startswith(TASK):
        found = tuple(_task(name.removeprefix(TASK), text))
    else:
        check = _CHECKS.get(name)
        found = tuple(check(text)) if check else ()
    return tuple(sorted(found, key=lambda one: one.line)) or tuple(_as_built(name, text))


def _task(name: str, text: str) -> Iterator[DocumentProblem]:
    try:
        task = parse_task(text)
    except TaskInvalid as error:
        for one in error.problems:
            yield DocumentProblem(one.line, one.place, one.reason_zh, one.reason_en)
        return
    if task.name != name:
        line = next((number for number, row in enumerate(text.splitlines(), 1) if row.startswith("task:")), 0)
        zh, en = f"任务名“{task.name}”与文档名“{name}”不同", f"the task is called {task.name}, its document {name}"
        yield DocumentProblem(line, "task", zh, en)


def _guards(text: str) -> Iterator[DocumentProblem]:
    guards = parse_guards(text)
    if not isinstance(guards, Guards):
        for one in guards.found:
            yield DocumentProblem(one.line, one.place, one.reason_zh, one.reason_en)


def _tests(text: str) -> Iterator[DocumentProblem]:
    for one in parse_questions(f"{TESTS}.csv", text.encode("utf-8")).problems:
        yield DocumentProblem(one.row, one.column, one.reason_zh, one.reason_en)


def _outside(text: str) -> Iterator[DocumentProblem]:
    for number, line in enumerate(text.splitlines(), 1):
        if len(line.strip()) > MOST_OUTSIDE_CHARACTERS:
            yield _said(number, "", _TOO_LONG)


def _variables(text: str) -> Iterator[DocumentProblem]:
    yield from _shaped(text, check_variables, _of_shape)
    try:
        tree = read(text)
    except Unreadable:
        return
    for name in tree.values if isinstance(tree.values, dict) else ():
        if not is_name(name):
            yield _said(tree.line((name,)), name, _NOT_A_VARIABLE)


def _settings(text: str) -> Iterator[DocumentProblem]:
    def reason(place: str, code: str, context: Mapping[str, object]) -> Reason:
        return _PRECISION if place == "precision" else _of_shape(place, code, context)

    yield from _shaped(text, check_settings, reason)


def _shaped(
    text: str, check: Callable[[object], object], reason: Callable[[str, str, Mapping[str, object]], Reason]
) -> Iterator[DocumentProblem]:
    """YAML that pydantic looks at."""
    try:
        tree = read(text)
    except Unreadable as unreadable:
        one = unreadable.problem
        yield DocumentProblem(one.line, one.place, one.reason_zh, one.reason_en)
        return
    try:
        check(tree.values)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False):
            path = tuple(part for part in error["loc"] if part != "[key]")
            place = shown(path)
            yield _said(tree.line(path), place, reason(place, error["type"], error.get("ctx") or {}))


def _of_shape(place: str, code: str, context: Mapping[str, object]) -> Reason:
    del place
    return of_shape(code, context)


def _said(line: int, place: str, reason: Reason) -> DocumentProblem:
    return DocumentProblem(line, place, reason.zh, reason.en)


def _as_built(name: str, text: str) -> Iterator[DocumentProblem]:
    readers = {TESTS: questions_of, VARIABLES: variables_of, SETTINGS: settings_of, OUTSIDE: outside_of}
    try:
        if name in readers:
            readers[name](text)
    except DocumentInvalid as error:
        yield DocumentProblem(0, "", f"无法读取（{error.reason}）", error.reason)


_CHECKS: Mapping[str, Callable[[str], Iterator[DocumentProblem]]] = {
    TESTS: _tests,
    VARIABLES: _variables,
    SETTINGS: _settings,
    GUARDS: _guards,
    OUTSIDE: _outside,
}
