"""A release's own test questions: what a business says its assistant must answer, and what it must not."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """``entry_id`` is the entry that must answer ``text``; empty: none may."""

    __test__: ClassVar[bool] = False
    """Not a test case itself, whatever its name makes a test runner think."""

    text: str
    entry_id: str = ""
