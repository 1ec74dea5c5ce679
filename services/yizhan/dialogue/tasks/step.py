"""What a step of a task takes and gives: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yizhan.core.messages.content import Content
from yizhan.dialogue.tasks.calls import Call
from yizhan.dialogue.tasks.state import TaskState


class Intent(StrEnum):
    """What a step came to: static names, for metrics."""

    STARTED = "task_started"
    ASKED = "task_asked"
    CONFIRMING = "task_confirming"
    WORKING = "task_working"
    WAITING = "task_waiting"
    GUIDED = "task_guided"
    LOST = "task_lost"
    CANCELLED = "task_cancelled"
    DONE = "task_done"
    PUT_AWAY = "task_put_away"
    RESUMED = "task_resumed"
    HUMAN = "task_human"


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer sent: words, or the press of a button, or a stored picture (its media id), or an order's card (its number)."""

    text: str = ""
    menu_id: str = ""
    option_id: str = ""
    picture: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is said, in the business's own zone; and what is known of a verified customer, by fact.

    ``shop``: in a conversation whose channel finds orders by their buyer.
    """

    at: datetime
    known: Mapping[str, str] = field(default_factory=dict)
    shop: bool = False


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A call to make; its result is told to ``ends.finished``. Seconds until it must have ended."""

    call: Call
    seconds: int


@dataclass(frozen=True, slots=True)
class Step:
    """``state`` None: the conversation is in no task any more. ``human``: why the customer needs a person, else empty.

    ``sure`` is False where the words were only taken for an answer because nothing speaks against it (a reason in the
    customer's own words): knowledge that answers them comes first. ``rest`` is what of the words was no answer.
    """

    state: TaskState | None
    say: tuple[Content, ...] = ()
    intent: Intent = Intent.ASKED
    job: JobRequest | None = None
    human: str = ""
    sure: bool = True
    rest: str = ""
