"""Where a conversation stands in a task: kept with the conversation, as JSON text at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from yizhan.core.messages.content import MenuOption


class Phase(StrEnum):
    """What is waited for."""

    ASKING = "asking"
    """The answer to the open question: a slot's, or a guide step's."""
    CONFIRMING = "confirming"
    MENDING = "mending"
    """Which of the values is wrong."""
    WORKING = "working"
    """The result of a job."""
    ASIDE = "aside"
    """Nothing: put away after a time without an answer, can be taken up again."""
    DONE = "done"
    """Nothing: over, remembered so that a late yes or no gets an honest answer."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a slot holds. ``value`` goes to the connector; ``shown`` is what people read.

    ``private``: ``value`` is not kept longer than the task runs, and its ``shown`` hides what must be hidden.
    """

    value: str = field(repr=False)
    shown: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class TaskState:
    """``title``: the task's, in the customer's language. ``open``: the slot or step that is asked for, or the call under way. ``version``: the definition's.

    ``skipped``: optional slots that the customer has nothing for. ``offers``: what a connector lets a slot be chosen
    from. ``checked``: a digest of the arguments of each check that went well. ``misses``: answers in a row that were not
    understood. ``part``: what of the open slot's value was said so far. ``labels``: the slots' titles in the customer's
    language. ``calls``: calls made. ``awaited``: whether the customer was told to wait. ``facts``: what checks told.
    ``shop``: the conversation's channel finds orders by their buyer, and knows their numbers. ``under``: the task that was put aside for this one, and is offered again when this one is over.
    """

    task: str
    title: str
    version: str
    language: str
    phase: Phase
    open: str
    opened_at: datetime
    asked_at: datetime
    values: Mapping[str, Value] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    offers: Mapping[str, tuple[MenuOption, ...]] = field(default_factory=dict)
    checked: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    misses: int = 0
    calls: int = 0
    job_id: str = ""
    awaited: bool = False
    part: str = field(default="", repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)
    under: "TaskState | None" = None
    shop: bool = False

    def with_value(self, slot: str, value: Value) -> "TaskState":
        """The slot filled; no longer skipped."""
        return replace(
            self,
            values={**self.values, slot: value},
            skipped=tuple(name for name in self.skipped if name != slot),
        )

    def without(self, *slots: str) -> "TaskState":
        """The slots empty again."""
        return replace(
            self,
            values={name: value for name, value in self.values.items() if name not in slots},
            skipped=tuple(name for name in self.skipped if name not in slots),
        )

    def hidden(self) -> "TaskState":
        """The same without the values that must not be kept longer than they are needed."""
        kept = {
            name: replace(value, value=value.shown) if value.private else value for name, value in self.values.items()
        }
        return replace(self, values=kept)


class StateUnreadable(Exception):
    """The stored text is no state of a task: another version of the program wrote it."""


_STORED = TypeAdapter(TaskState)


def dump(state: TaskState) -> str:
    """The state as JSON text."""
    return _STORED.dump_json(state).decode()


def load(text: str) -> TaskState:
    """Raises StateUnreadable."""
    try:
        return _STORED.validate_json(text, strict=True)
    except ValidationError as error:
        raise StateUnreadable from error
