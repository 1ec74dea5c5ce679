"""A contract file read and checked: a contract, or everything that is wrong with the file."""

from collections.abc import Iterable

from pydantic import ValidationError

from yizhan.contract.agreement import check
from yizhan.contract.building import build
from yizhan.contract.contract import Contract
from yizhan.contract.shape import ContractFile
from yizhan.core.documents.reasons import Problem, Reason, too_large
from yizhan.core.documents.shapes import problem_at, shape_problems
from yizhan.core.documents.tree import Path, Tree, Unreadable, read

MOST_BYTES = 64_000


class ContractInvalid(ValueError):
    """The file is no contract; ``problems`` are all that were found, at least one, in the order of their lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_line))
        super().__init__(f"{len(self.problems)} problems, the first in line {self.problems[0].line}")


def parse_contract(text: str) -> Contract:
    """Raises ContractInvalid. Takes tens of milliseconds, and seconds for a file that is made to: in a thread."""
    tree = readable(text, MOST_BYTES)
    try:
        file = ContractFile.model_validate(tree.values)
    except ValidationError as invalid:
        raise ContractInvalid(shape_problems(invalid, ContractFile, tree)) from invalid
    found: list[Problem] = []

    def report(place: Path, reason: Reason) -> None:
        found.append(problem_at(tree, place, reason))

    contract = build(file, report)
    if not found:
        check(file, contract, report)
    if found:
        raise ContractInvalid(found)
    return contract


def readable(text: str, most: int) -> Tree:
    """The file's values with their lines. Raises ContractInvalid, also for more than so many bytes."""
    if len(text.encode("utf-8", "replace")) > most:
        reason = too_large(most)
        raise ContractInvalid([Problem(0, "", reason.zh, reason.en)])
    try:
        return read(text)
    except Unreadable as unreadable:
        raise ContractInvalid([unreadable.problem]) from unreadable


def _line(problem: Problem) -> tuple[bool, int]:
    """What is about the file as a whole comes last."""
    return problem.line == 0, problem.line
