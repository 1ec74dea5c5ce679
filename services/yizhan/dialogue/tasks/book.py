"""The tasks of a release, and which of them a customer's words begin."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rapidfuzz import fuzz, process

from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.tasks.definition import TARGET, Task

NEAR = 90.0
"""How alike (0 to 100) words and a phrasing must be spelt to be taken for it."""

_SHORTEST_NEAR = 4
_LONGEST_NEAR = 40
_CODE = re.compile(r"(?=[A-Za-z0-9-]*[0-9])[A-Za-z0-9-]{6,}")
_CLAUSES = re.compile(r"[，。；！？、,.;!?\n\r\t]+")


@dataclass(frozen=True, slots=True)
class Started:
    """The task that was asked for. ``literal``: in the words of one of its phrasings."""

    task: Task
    literal: bool


@dataclass(frozen=True, slots=True)
class TaskBook:
    """Immutable, made once for a release."""

    tasks: Mapping[str, Task]
    _phrasings: Mapping[str, str]

    def named(self, name: str) -> Task | None:
        """By its name, or by its id among the targets of the knowledge index."""
        return self.tasks.get(name.removeprefix(TARGET))

    def started_by(self, words: str) -> Started | None:
        """The task whose phrasing this is: as a whole, in one clause, or nearly. Numbers in it are left out of account."""
        bare = normalise(_CODE.sub(" ", words[:200]))
        for text in (normalise(words[:200]), bare, *(normalise(part) for part in _CLAUSES.split(words[:200]))):
            if text in self._phrasings:
                return Started(self.tasks[self._phrasings[text]], literal=True)
        if not _SHORTEST_NEAR <= len(bare) <= _LONGEST_NEAR or not self._phrasings:
            return None
        nearest = process.extractOne(bare, list(self._phrasings), scorer=fuzz.ratio, score_cutoff=NEAR)
        return Started(self.tasks[self._phrasings[nearest[0]]], literal=False) if nearest else None


def book_of(tasks: Iterable[Task]) -> TaskBook:
    """Of two tasks with the same name or phrasing the first counts; ``repeated_phrasings`` tells editors of it."""
    named: dict[str, Task] = {}
    phrasings: dict[str, str] = {}
    for task in tasks:
        if named.setdefault(task.name, task) is task:
            for trigger in task.triggers:
                phrasings.setdefault(normalise(trigger), task.name)
    phrasings.pop("", None)
    return TaskBook(MappingProxyType(named), MappingProxyType(phrasings))


NO_TASKS = book_of(())
