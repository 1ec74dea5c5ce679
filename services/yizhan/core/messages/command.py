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
    """From the queue, or from the agent who has the conversation, under the present epoch; epoch 0: a ticket's conversation."""

    agent_id: str
    agent_name: str
    assignment_id: str


@dataclass(frozen=True, slots=True)
class Note:
    """A person writes what the customer never sees. The command's id becomes the note's id; no epoch is needed.

    ``content`` is text. ``whisper_to`` is the id of the one agent whom it is for, besides supervisors; empty: every agent.
    """

    author_id: str
    author_name: str
    content: Content
    client_id: str = ""
    whisper_to: str = ""


@dataclass(frozen=True, slots=True)
class Requeue:
    """Back to the queue, for another colleague or group, under the present epoch.

    ``by`` is an agent's id or ``system``; ``reason`` is for whoever is offered the conversation; ``note`` becomes an internal
    note. ``group_id`` is empty where any group will do.
    """

    by: str
    reason: str = ""
    group_id: str = ""
    group_name: str = ""
    note: str = ""
    by_name: str = ""


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
    """``how``: what the customer chose instead of waiting, ``left_message`` or ``callback`` (then with ``callback_at``);
    empty: nobody was free.
    """

    ticket_id: str
    ticket_number: str
    promised_by: datetime
    how: str = ""
    callback_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfferInstead:
    """What the customer may do instead of waiting. ``next_open``: when somebody works who could call, the next time.

    ``wished``: what the customer asked for by themselves, ``leave_message`` or ``callback``; empty: they are offered it.
    """

    leave_message: bool
    callback: bool
    next_open: datetime | None = None
    wished: str = ""


@dataclass(frozen=True, slots=True)
class SuggestTimes:
    """Nobody can call at the time that the customer named. ``reason`` is ``closed``, ``too_soon`` or ``too_late``."""

    reason: str
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class TellCallback:
    """What became of a promise to call back: ``missed``, ``not_reached`` (``callback_at`` is the next try), ``done``, ``failed``,
    ``cancelled``, ``settled``, or ``none`` where there is no promise.
    """

    change: str
    ticket_number: str = ""
    callback_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TellProgress:
    """``position`` 0: a human is being looked for; n: the customer is n-th in the queue.

    ``low_seconds`` and ``high_seconds`` are between what the wait will probably be; both 0: nobody can tell.
    """

    position: int = 0
    low_seconds: int = 0
    high_seconds: int = 0


@dataclass(frozen=True, slots=True)
class TellOffHours:
    """Nobody works at this hour. ``can_leave_message``: what the customer writes is kept and answered then."""

    reopens_at: datetime
    can_leave_message: bool = True


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The customer of a mail is told that it is there, and until when somebody answers it."""

    promised_by: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """A ticket follows what the customer writes: dialogue tells of it. What they wrote after ``since`` is told at once.

    ``end``: no ticket does any more; a watch that was asked for later stays.
    """

    since: datetime | None = None
    end: bool = False


@dataclass(frozen=True, slots=True)
class AskTicketRating:
    """A ticket is solved: its customer is asked once about each ``solving``, at a moment of dialogue's choice before ``until``.

    ``at_end``: the end of the session solved it, so that the session's own question stands for this one.
    ``withdraw``: what has not been asked about the ticket is not asked.
    """

    ticket_id: str
    ticket_number: str
    solving: int
    until: datetime
    at_end: bool = False
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An agent speaks on a ticket, and the conversation stays whose it is. The command's id becomes the message's id; no
    epoch is needed.
    """

    agent_id: str
    agent_name: str
    content: Content
    ticket_id: str
    client_id: str = ""


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
    | Note
    | Requeue
    | TellOffHours
    | Acknowledge
    | Watch
    | OfferInstead
    | SuggestTimes
    | TellCallback
    | AskTicketRating
    | Reply
)


@dataclass(frozen=True, slots=True)
class Command:
    """``epoch`` is the ownership that the sender believes in; 0 where none is needed (timers, visits, jobs, notes, replies)."""

    id: str
    address: Address
    at: datetime
    kind: CommandKind
    conversation_id: str = ""
    epoch: int = 0
