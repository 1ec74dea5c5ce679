"""A guard document read, checked and tried on its own test sentences: guards, or everything that is wrong with it."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import ValidationError

from yizhan.core.documents.reasons import Problem, Reason, more_problems, too_large
from yizhan.core.documents.tree import Path, Tree, Unreadable, read, shown
from yizhan.dialogue.guards.compiling import compile_document
from yizhan.dialogue.guards.document import MOST_BYTES, Document
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.reasons import of_shape, should_fire, should_pass

MOST_PROBLEMS = 200
_LOCALE = "zh-CN"


@dataclass(frozen=True, slots=True)
class Problems:
    """Why a document is refused, by line; at least one."""

    found: tuple[Problem, ...]


def parse_guards(text: str) -> Guards | Problems:
    """Guards whose every test sentence holds, or what is wrong. Takes tens of milliseconds: call it where that is fine."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        reason = too_large(MOST_BYTES)
        return Problems((Problem(0, "", reason.zh, reason.en),))
    try:
        tree = read(text)
        document = Document.model_validate(tree.values)
    except Unreadable as unreadable:
        return Problems((unreadable.problem,))
    except ValidationError as invalid:
        return _listed(
            [
                _problem(
                    tree,
                    tuple(part for part in error["loc"] if part != "[key]"),
                    of_shape(error["type"], error.get("ctx") or {}),
                )
                for error in invalid.errors(include_url=False, include_input=False)
            ]
        )
    found: list[Problem] = []

    def report(place: Path, reason: Reason) -> None:
        found.append(_problem(tree, place, reason))

    guards = compile_document(document, report)
    if not found:
        found += (_problem(tree, place, reason) for place, reason in _failing(guards))
    return _listed(found) if found else guards


@cache
def default_document() -> str:
    """The guards that are in force where a workspace has none of its own."""
    return (files("yizhan.dialogue.guards") / "default.yaml").read_text("utf-8")


@cache
def default_guards() -> Guards:
    """Compiled from ``default_document``, which is tested to be right. Raises ValueError otherwise."""
    match parse_guards(default_document()):
        case Problems((first, *_)):
            raise ValueError(f"the shipped guards are wrong: line {first.line}, {first.place}: {first.reason_en}")
        case Problems():
            raise ValueError("the shipped guards are wrong")
        case guards:
            return guards


def _failing(guards: Guards) -> list[tuple[Path, Reason]]:
    """The document's own test sentences that do not come out as it says."""
    failing: list[tuple[Path, Reason]] = []
    for number, name in enumerate(guards.names):
        rule = guards.rules[number].rule
        for at, sentence in enumerate(rule.fires):
            verdict = guards.judge(sentence, _LOCALE)
            if verdict is None or verdict.rule != name:
                failing.append(
                    (("rules", number, "fires", at), should_fire(name, sentence, verdict.rule if verdict else ""))
                )
        for at, sentence in enumerate(rule.passes):
            verdict = guards.judge(sentence, _LOCALE)
            if verdict is not None and verdict.rule == name:
                failing.append((("rules", number, "passes", at), should_pass(name, sentence)))
    return failing


def _problem(tree: Tree, place: Path, reason: Reason) -> Problem:
    named = shown(place)
    if len(place) > 1 and place[0] in ("rules", "urgency") and isinstance(place[1], int):
        name = _name(tree, place)
        named += f" ({name})" if name else ""
    return Problem(tree.line(place), named, reason.zh, reason.en)


def _name(tree: Tree, place: Path) -> str:
    try:
        name = tree.values[place[0]][place[1]]["name"]
    except (KeyError, IndexError, TypeError):
        return ""
    return name if isinstance(name, str) else ""


def _listed(found: list[Problem]) -> Problems:
    found = sorted(found, key=lambda problem: problem.line)
    if len(found) > MOST_PROBLEMS:
        more = more_problems(len(found) - MOST_PROBLEMS)
        found = [*found[:MOST_PROBLEMS], Problem(0, "", more.zh, more.en)]
    return Problems(tuple(found))
