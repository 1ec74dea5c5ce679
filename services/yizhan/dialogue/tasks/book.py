"""The tasks of a release, and which of them a customer's words begin."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from rapidfuzz import fuzz, process

from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.tasks.definition import TARGET, Form, SlotKind, Task
from yizhan.dialogue.tasks.slots.day_words import day_words
from yizhan.dialogue.tasks.slots.hour_words import BusinessDay, hour_words
from yizhan.dialogue.tasks.slots.spelling import spell
from yizhan.dialogue.tasks.wishes import Wishes

NEAR = 90.0
"""How alike (0 to 100) words and a phrasing must be spelt to be taken for it."""

_SHORTEST_NEAR = 4
_LONGEST_NEAR = 40
_MOST_CHARS = 200
_CODE = re.compile(r"(?:(?<![A-Za-z])[A-Z]{2,4} (?=[0-9]{4}))?(?=[A-Za-z0-9-]*[0-9])[A-Za-z0-9-]{6,}")
_CLAUSES = re.compile(r"[^，。；！？、,.;!?\n\r\t]+[？?]?")
_ANY_DAY = date(2000, 1, 1)
"""Where words for days stand does not depend on what day it is."""


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
    _wishes: Wishes

    def named(self, name: str) -> Task | None:
        """By its name, or by its id among the targets of the knowledge index."""
        return self.tasks.get(name.removeprefix(TARGET))

    def begun_by_order(self) -> Task | None:
        """The look-up that begins with an order's number, where there is just one."""
        found = [task for task in self.tasks.values() if isinstance(task.does, Form) and _begins_with_order(task.does)]
        return found[0] if len(found) == 1 else None

    def started_by(self, words: str) -> Started | None:
        """The task whose phrasing this is, or whose thing it wishes for: as a whole, nearly, or in one clause; or as its
        beginning, beside a number. Numbers and words for days and hours are left out of account.
        """
        words = words[:_MOST_CHARS]
        text, bare = normalise(words), _bare(words)
        for whole in (text, bare):
            if whole in self._phrasings:
                return Started(self.tasks[self._phrasings[whole]], whole=True)
        found = [self._of(clause) for clause in clauses(words)]
        started = next((one for one in found if one is not None), None)
        if started is not None:
            return Started(started.task, whole=started.whole and len(found) == 1)
        near = self._nearest(bare) or (self._beginning(bare) if bare != text else "")
        return Started(self.tasks[self._phrasings[near]], whole=False) if near else None

    def _of(self, clause: str) -> Started | None:
        text, bare = normalise(clause), _bare(clause)
        for phrasing in (text, bare):
            if phrasing in self._phrasings:
                return Started(self.tasks[self._phrasings[phrasing]], whole=True)
        wished = self._wishes.named(clause, bare, beside=_CODE.search(clause) is not None)
        return Started(self.tasks[wished[0]], whole=wished[1]) if wished else None

    def _nearest(self, bare: str) -> str:
        """The phrasing that is spelt nearly so; empty when none is."""
        if not _SHORTEST_NEAR <= len(bare) <= _LONGEST_NEAR or not self._phrasings:
            return ""
        nearest = process.extractOne(bare, list(self._phrasings), scorer=fuzz.ratio, score_cutoff=NEAR)
        return nearest[0] if nearest else ""

    def _beginning(self, bare: str) -> str:
        begins = (phrasing for phrasing in self._phrasings if bare.startswith(phrasing))
        return max((found for found in begins if len(found) >= _SHORTEST_NEAR), key=len, default="")


def _begins_with_order(form: Form) -> bool:
    named = any(slot.begins and slot.kind is SlotKind.ORDER_NUMBER for slot in form.slots)
    return named and not form.call.changes


def clauses(words: str) -> list[str]:
    """The clauses of a message as typed, each with the question mark that ends it."""
    return [clause.strip() for clause in _CLAUSES.findall(words) if clause.strip(" ?？")]


def book_of(tasks: Iterable[Task]) -> TaskBook:
    """Of two tasks with the same name, phrasing or wish the first counts."""
    named: dict[str, Task] = {}
    phrasings: dict[str, str] = {}
    for task in tasks:
        if named.setdefault(task.name, task) is task:
            for trigger in task.triggers:
                phrasings.setdefault(normalise(trigger), task.name)
    phrasings.pop("", None)
    return TaskBook(MappingProxyType(named), MappingProxyType(phrasings), Wishes(_things(named.values())))


def _things(tasks: Iterable[Task]) -> Iterator[tuple[str, str]]:
    for task in tasks:
        for wish in task.wishes:
            words = normalise(wish)
            if words:
                yield words, task.name


def _bare(text: str) -> str:
    """The normalised text without the numbers, days and hours in it: 预约 of 预约明天上午."""
    spelled = spell(text)
    left = list(text)
    said = [(each.start, each.end) for each in day_words(spelled.text, _ANY_DAY, asked=False)]
    said += [(each.start, each.end) for each in hour_words(spelled.text, BusinessDay())]
    for start, end in said:
        span = spelled.span(start, end)
        left[span.start : span.end] = " " * (span.end - span.start)
    return normalise(_CODE.sub(" ", "".join(left)))


NO_TASKS = book_of(())
