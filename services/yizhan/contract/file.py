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

MOST_BYTES = 200_000


class ContractInvalid(ValueError):
    """The file is no contract; ``problems`` are all that were found, at least one, in the order of their lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda one: one.line))
        super().__init__(f"{len(self.problems)} problems, the first in line {self.problems[0].line}")


def parse_contract(text: str) -> Contract:
    """Raises ContractInvalid."""
    tree = readable(text)
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


def readable(text: str) -> Tree:
    """The file's values with their lines. Raises ContractInvalid."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        reason = too_large(MOST_BYTES)
        raise ContractInvalid([Problem(0, "", reason.zh, reason.en)])
    try:
        return read(text)
    except Unreadable as unreadable:
        raise ContractInvalid([unreadable.problem]) from unreadable
