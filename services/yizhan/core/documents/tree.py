"""YAML with the line of every place, so that a problem can say where it is.

Every plain value is text here (``12315``, ``no`` and ``on`` are what was typed); the document's shape gives it a type.
Aliases and repeated keys are refused: the first can blow a small file up, of the second one is silently lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from yizhan.core.documents.reasons import ALIASES, NOT_A_KEY, TOO_DEEP, Problem, Reason, broken_yaml, repeated_key

Path = tuple[str | int, ...]
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Tree:
    """The values, and the line (from 1) of each place in them."""

    values: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of a place, or of the nearest place around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class Unreadable(Exception):
    """The text is no YAML that this module reads; holds the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason_en)
        self.problem = problem


class _Loader(yaml.BaseLoader):
    """Everything is text; what cannot be in a document is refused before anything is built of it."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        coming: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(coming, yaml.AliasEvent):
            raise _refused(coming, (), ALIASES)
        if self.depth > _DEEPEST:
            raise _refused(coming, (), TOO_DEEP)
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read(text: str) -> Tree:
    """Raises Unreadable."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = broken_yaml(str(getattr(error, "problem", None) or "not valid"))
        raise Unreadable(Problem(mark.line + 1 if mark else 0, "", reason.zh, reason.en)) from error
    lines: dict[Path, int] = {}
    return Tree(_values(root, (), lines), lines)


def _values(node: yaml.Node | None, path: Path, lines: dict[Path, int]) -> Any:
    if node is None:
        return {}
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_values(child, (*path, number), lines) for number, child in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key, child in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refused(key, path, NOT_A_KEY)
        if key.value in found:
            raise _refused(key, (*path, key.value), repeated_key(key.value))
        found[key.value] = _values(child, (*path, key.value), lines)
        lines[(*path, key.value)] = key.start_mark.line + 1
    return found


def _refused(node: yaml.Node | yaml.Event, path: Path, reason: Reason) -> Unreadable:
    mark = node.start_mark
    return Unreadable(Problem(mark.line + 1 if mark else 0, shown(path), reason.zh, reason.en))


def shown(path: Path) -> str:
    """A place as people write it: ``rules[2].match[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
