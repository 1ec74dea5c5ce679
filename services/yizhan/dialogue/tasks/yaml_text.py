"""YAML as text to plain values, with the line of each; only what a document needs, so that no text can be a bomb."""

from dataclasses import dataclass
from typing import Any

import yaml

from yizhan.dialogue.tasks.problems import (
    ALIAS,
    NOT_A_NAME,
    REPEATED_KEY,
    TOO_DEEP,
    TOO_LARGE,
    Said,
    TaskInvalid,
    TaskProblem,
    not_yaml,
)

MOST_CHARS = 100_000
MOST_DEPTH = 20

_EVENTS = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where there is one, ten times as fast; what it stumbles over is told by it."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """The values of a document, and the lines on which they stand."""

    value: Any
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 0)


def read(text: str) -> Read:
    """Raises TaskInvalid."""
    if len(text) > MOST_CHARS:
        raise TaskInvalid([_problem(0, (), TOO_LARGE)])
    try:
        _refuse_bombs(text)
        value, lines, problems = _loaded(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        detail = str(getattr(error, "problem", "") or "")
        raise TaskInvalid([_problem(mark.line + 1 if mark else 0, (), not_yaml(detail))]) from error
    if problems:
        raise TaskInvalid(problems)
    return Read(value, lines)


def _loaded(text: str) -> tuple[Any, dict[Place, int], list[TaskProblem]]:
    """The values, their lines, and which names are wrong. Raises YAMLError."""
    loader = yaml.SafeLoader(text)
    lines: dict[Place, int] = {}
    problems: list[TaskProblem] = []
    try:
        node = loader.get_single_node()
        if node is None:
            return None, lines, problems
        _walk(node, (), lines, problems)  # before it is constructed, which resolves merges
        return loader.construct_document(node), lines, problems
    finally:
        loader.dispose()


def _refuse_bombs(text: str) -> None:
    """Neither aliases, which multiply, nor depth, which costs its square. Raises TaskInvalid and YAMLError."""
    depth = 0
    for event in yaml.parse(text, Loader=_EVENTS):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise TaskInvalid([_problem(line, (), ALIAS)])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise TaskInvalid([_problem(line, (), TOO_DEEP)])


def place_text(place: Place) -> str:
    """``slots[2].prompt.zh``; empty for the whole document."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], problems: list[TaskProblem]) -> None:
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _walk(item, (*place, number), lines, problems)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                problems.append(_problem(line, place, NOT_A_NAME))
                continue
            if key.value in seen:
                problems.append(_problem(line, (*place, key.value), REPEATED_KEY))
            seen.add(key.value)
            _walk(item, (*place, key.value), lines, problems)


def _problem(line: int, place: Place, said: Said) -> TaskProblem:
    return TaskProblem(line, place_text(place), said.zh, said.en)
