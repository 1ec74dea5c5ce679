"""What other services ask of a conversation's single writer, on the conversation's partition."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content
from yizhan.core.messages.message import ReplyWindow


@dataclass(frozen=True, slots=True)
class SuggestionUse:
    """What an agent made of the answers suggested beside the reply box: ``shown`` are their entries.

    ``entry_id`` is the one that was taken, empty for none; ``edited``: it was sent in other words; ``searched``: it was not
    suggested, the agent found it by searching.
    """

    entry_id: str = ""
    edited: bool = False
    shown: tuple[str, ...] = ()
    searched: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """An agent speaks. The command's id becomes the message's id. ``suggestion`` is None where none were shown."""

    agent_id: str
    agent_name: str
    content: Content
    client_id: str = ""
    suggestion: SuggestionUse | None = None


@dataclass(frozen=True, slots=True)
class MarkOffered:
    agent_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class Assign:
    agent_id: str
    agent_name: str
    assignment_id: str


@dataclass(frozen=True, slots=True)
class ReturnToBot:
    agent_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """``by`` is an agent's id, ``customer`` or ``system``."""

    by: str
    reason: str = ""
    ask_rating: bool = True


@dataclass(frozen=True, slots=True)
class MarkTicketed:
    ticket_id: str
    ticket_number: str
    promised_by: datetime


@dataclass(frozen=True, slots=True)
class TellProgress:
    """``position`` 0: a human is being looked for; n: the customer is n-th in the queue."""

    position: int = 0


@dataclass(frozen=True, slots=True)
class TimerFired:
    purpose: str
    session: int


@dataclass(frozen=True, slots=True)
class Visit:
    """The customer opened the channel without writing yet."""

    locale: str = ""
    page_url: str = ""
    page_title: str = ""
    customer_name: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class NoteWindow:
    """What the platform allows to send changed, by something that is no message: the customer left, or scanned a code."""

    reply_window: ReplyWindow


class JobOutcome(IntEnum):
    """The numbers are those of ``yizhan.v1.JobFinished.Outcome``."""

    DONE = 1
    FAILED = 2
    TIMED_OUT = 3
    """Nobody knows whether it had an effect: its deadline passed, or its tries were cut off."""


@dataclass(frozen=True, slots=True)
class JobFinished:
    """A job that ``Turn.start_job`` began has ended. ``body`` is the job's own result, empty unless DONE.

    ``reason`` is a static name that says why it did not end well, empty when DONE. There is no epoch: the conversation
    may be with a human by now, and who asked for the job decides what its result is still good for.
    """

    job_id: str
    kind: str
    outcome: JobOutcome
    body: bytes = b""
    reason: str = ""


CommandKind = (
    Say
    | MarkOffered
    | Assign
    | ReturnToBot
    | Close
    | MarkTicketed
    | TellProgress
    | TimerFired
    | Visit
    | NoteWindow
    | JobFinished
)


@dataclass(frozen=True, slots=True)
class Command:
    """``epoch`` is the ownership that the sender believes in; 0 where none is needed (timers, visits, jobs)."""

    id: str
    address: Address
    at: datetime
    kind: CommandKind
    conversation_id: str = ""
    epoch: int = 0
