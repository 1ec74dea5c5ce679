"""What can be wrong with settings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from yizhan.core.runtime.errors import StartupError

PREFIX = "YIZHAN_"


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that is missing or wrong. ``name`` is the variable's; ``reason`` says what is expected, never a secret."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class SettingsInvalid(StartupError):
    """The settings do not work; ``problems`` are all of them at once."""

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def variable(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()
