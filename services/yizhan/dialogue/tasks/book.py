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
_MOST_CHARS = 200
_CODE = re.compile(r"(?=[A-Za-z0-9-]*[0-9])[A-Za-z0-9-]{6,}")
_CLAUSES = re.compile(r"[，。；！？、,.;!?\n\r\t]+")


@dataclass(frozen=True, slots=True)
class Started:
    """The task that was asked for. ``whole``: the words say that and nothing else, numbers left out of account."""

    task: Task
    whole: bool


@dataclass(frozen=True, slots=True)
class TaskBook:
    """Immutable, made once for a release."""

    tasks: Mapping[str, Task]
    _phrasings: Mapping[str, str]

    def named(self, name: str) -> Task | None:
        """By its name, or by its id among the targets of the knowledge index."""
        return self.tasks.get(name.removeprefix(TARGET))

    def started_by(self, words: str) -> Started | None:
        """The task whose phrasing this is: as a whole, nearly, or in one clause; or as its beginning, beside a number."""
        words = words[:_MOST_CHARS]
        text, bare = normalise(words), normalise(_CODE.sub(" ", words))
        for whole in (text, bare):
            if whole in self._phrasings:
                return Started(self.tasks[self._phrasings[whole]], whole=True)
        for clause in map(normalise, _CLAUSES.split(words)):
            if clause in self._phrasings:
                return Started(self.tasks[self._phrasings[clause]], whole=False)
        near = self._nearest(bare) or (self._beginning(bare) if bare != text else "")
        return Started(self.tasks[self._phrasings[near]], whole=False) if near else None

    def _nearest(self, bare: str) -> str:
        """The phrasing that is spelt nearly so; empty when none is."""
        if not _SHORTEST_NEAR <= len(bare) <= _LONGEST_NEAR or not self._phrasings:
            return ""
        nearest = process.extractOne(bare, list(self._phrasings), scorer=fuzz.ratio, score_cutoff=NEAR)
        return nearest[0] if nearest else ""

    def _beginning(self, bare: str) -> str:
        begins = (phrasing for phrasing in self._phrasings if bare.startswith(phrasing))
        return max((found for found in begins if len(found) >= _SHORTEST_NEAR), key=len, default="")


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
