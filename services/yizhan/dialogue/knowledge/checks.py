"""What is wrong or doubtful in the contents of a release, and how its own test questions come out. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from yizhan.core.documents.reasons import Problem
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import parse_guards
from yizhan.dialogue.knowledge.contents import GUARDS, OUTSIDE, SETTINGS, TASK, TESTS, VARIABLES, Contents
from yizhan.dialogue.knowledge.decide import Answer, Thresholds, decide
from yizhan.dialogue.knowledge.documents import DocumentInvalid, outside_of, questions_of, settings_of, variables_of
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.likeness import alike
from yizhan.dialogue.knowledge.matcher import Matcher
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.own_questions import TestQuestion
from yizhan.dialogue.knowledge.report import Finding, FindingKind, Outcome, QuestionResult, Severity
from yizhan.dialogue.knowledge.targets import tasks_of
from yizhan.dialogue.knowledge.variables import names
from yizhan.dialogue.tasks.parse import parse_task
from yizhan.dialogue.tasks.problems import TaskInvalid

_SEVERITY = {
    FindingKind.SAME_PHRASING: Severity.ERROR,
    FindingKind.ALIKE_PHRASINGS: Severity.WARNING,
    FindingKind.DIFFERENT_ANSWERS: Severity.ERROR,
    FindingKind.UNKNOWN_VARIABLE: Severity.ERROR,
    FindingKind.EXPIRED: Severity.WARNING,
    FindingKind.NOT_YET_VALID: Severity.WARNING,
    FindingKind.UNKNOWN_TARGET: Severity.ERROR,
    FindingKind.DOCUMENT_INVALID: Severity.ERROR,
}

MOST_ALIKE = 5_000
"""Pairs that are looked at: in a knowledge of look-alikes the first of them say enough."""

_MOST_LINES = 5


def findings(contents: Contents, day: date) -> Iterator[Finding]:
    """Everything that people should look at, on this day of the business's calendar."""
    yield from _documents(contents)
    yield from _variables(contents)
    yield from _phrasings(contents.entries)
    yield from _validity(contents.entries, day)


def ask(matcher: Matcher, question: TestQuestion, thresholds: Thresholds, valid: frozenset[str]) -> QuestionResult:
    """Put one test question, as a customer would. ``valid``: the targets that answer on that day."""
    candidates = [one for one in matcher.match(question.text) if one.entry_id in valid]
    decision = decide(candidates, thresholds)
    best = candidates[0] if candidates else None
    if isinstance(decision, Answer):
        best = decision.candidate
        outcome = Outcome.RIGHT if best.entry_id == question.entry_id else Outcome.WRONG
    else:
        outcome = Outcome.UNANSWERED if question.entry_id else Outcome.RIGHT
    got = best.entry_id if best else ""
    return QuestionResult(question.text, question.entry_id, got, outcome, best.score if best else 0.0)


def _documents(contents: Contents) -> Iterator[Finding]:
    for name, text in sorted(contents.documents.items()):
        problem = _problem(name, text)
        if problem:
            yield _finding(FindingKind.DOCUMENT_INVALID, (name,), problem)
    known = {entry.id for entry in contents.entries} | {task.target for task in tasks_of(contents)}
    try:
        questions = questions_of(contents.document(TESTS))
    except DocumentInvalid:
        return
    for question in questions:
        if question.entry_id and question.entry_id not in known:
            yield _finding(FindingKind.UNKNOWN_TARGET, (question.entry_id,), question.text)


def _problem(name: str, text: str) -> str:
    """Why a document cannot be used; empty when it can."""
    readers = {TESTS: questions_of, VARIABLES: variables_of, SETTINGS: settings_of, OUTSIDE: outside_of}
    try:
        if name.startswith(TASK):
            task = parse_task(text)
            return "" if task.name == name.removeprefix(TASK) else f"the task is called {task.name}"
        if name == GUARDS:
            guards = parse_guards(text)
            return "" if isinstance(guards, Guards) else "; ".join(map(_guard_problem, guards.found[:_MOST_LINES]))
        if name in readers:
            readers[name](text)
    except DocumentInvalid as error:
        return error.reason
    except TaskInvalid as error:
        return str(error)
    return ""


def _guard_problem(problem: Problem) -> str:
    return f"line {problem.line}, {problem.place}: {problem.reason_en}"


def _variables(contents: Contents) -> Iterator[Finding]:
    try:
        values: Mapping[str, str] = variables_of(contents.document(VARIABLES))
    except DocumentInvalid:
        values = {}
    for entry in contents.entries:
        for name in dict.fromkeys(name for text in entry.texts for name in names(text)):
            if name not in values:
                yield _finding(FindingKind.UNKNOWN_VARIABLE, (entry.id,), name)


def _phrasings(entries: Sequence[Entry]) -> Iterator[Finding]:
    """The same phrasing in two entries, or nearly the same. One question with two answers is a contradiction."""
    owners: dict[str, Entry] = {}
    written: dict[str, str] = {}
    for entry in entries:
        for phrasing in entry.phrasings:
            text = normalise(phrasing)
            owner = owners.setdefault(text, entry)
            written.setdefault(text, phrasing)
            if text and owner.id != entry.id:
                same = owner.answer == entry.answer
                kind = FindingKind.SAME_PHRASING if same else FindingKind.DIFFERENT_ANSWERS
                yield _finding(kind, (owner.id, entry.id), phrasing)
    texts = list(owners)
    for one, other in islice(alike(texts), MOST_ALIKE):
        first, second = owners[texts[one]], owners[texts[other]]
        if first.id != second.id and first.answer != second.answer:
            detail = f"{written[texts[one]]} | {written[texts[other]]}"
            yield _finding(FindingKind.ALIKE_PHRASINGS, (first.id, second.id), detail)


def _validity(entries: Sequence[Entry], day: date) -> Iterator[Finding]:
    for entry in entries:
        if entry.valid_until is not None and entry.valid_until < day:
            yield _finding(FindingKind.EXPIRED, (entry.id,), entry.valid_until.isoformat())
        elif entry.valid_from is not None and entry.valid_from > day:
            yield _finding(FindingKind.NOT_YET_VALID, (entry.id,), entry.valid_from.isoformat())


def _finding(kind: FindingKind, where: tuple[str, ...], detail: str) -> Finding:
    return Finding(kind, _SEVERITY[kind], where, detail)
