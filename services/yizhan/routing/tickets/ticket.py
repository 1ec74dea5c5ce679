"""Tickets as values: something that a person still owes a customer."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from yizhan.contract.clauses import ChannelClass, channel_class
from yizhan.core.messages.address import Address

WINDOW_CLOSED = "window_closed"
"""The reason of a ticket for words that the platform does not let through."""


class Status(StrEnum):
    """``open`` and ``reopened`` are being worked on; ``pending`` waits for the customer, ``on_hold`` for somebody else."""

    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"
    REOPENED = "reopened"


WORKED = frozenset({Status.OPEN, Status.REOPENED})
PAUSED = frozenset({Status.PENDING, Status.ON_HOLD})
UNSETTLED = WORKED | PAUSED


class Kind(StrEnum):
    QUESTION = "question"
    COMPLAINT = "complaint"
    AFTER_SALES = "after_sales"
    REQUEST = "request"
    FAULT = "fault"
    OTHER = "other"


class Priority(IntEnum):
    """The higher, the sooner."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3

    @property
    def word(self) -> str:
        return self.name.lower()


PRIORITIES = {priority.word: priority for priority in Priority}


class Source(StrEnum):
    """What a ticket came from. ``handoff``: nobody could serve the customer in time. ``left_message``, ``callback``: the customer
    chose so instead of waiting.
    """

    HANDOFF = "handoff"
    OFF_HOURS = "off_hours"
    WINDOW_CLOSED = "window_closed"
    AGENT = "agent"
    EMAIL = "email"
    LEFT_MESSAGE = "left_message"
    CALLBACK = "callback"


def source_on(channel: str, source: Source) -> Source:
    """What a ticket came from: whatever is written by e-mail comes from there, however it became a ticket."""
    return Source.EMAIL if channel_class(channel) is ChannelClass.EMAIL else source


class Survey(StrEnum):
    """What became of the question how satisfied the customer is with the solution.

    ``waiting``: for a moment to ask it. ``with_session``: the session that ended with the solution asked how it was.
    """

    NONE = ""
    WAITING = "waiting"
    WITH_SESSION = "with_session"
    ASKED = "asked"
    NOT_ASKED = "not_asked"


class Role(StrEnum):
    """As what somebody acts on a ticket."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    CUSTOMER = "customer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, as the history will say."""

    id: str
    name: str
    role: Role


SYSTEM = Actor("system", "", Role.SYSTEM)
CUSTOMER = Actor("customer", "", Role.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. It keeps the address of its own conversation for life, whatever it is merged into.

    ``promised_by`` is what the customer was told and never moves; ``solution_due`` is the clock, which a pause moves.
    ``paused_at``: since when that clock rests. ``taken_at``: when an agent took the conversation over because of it.
    ``status_at``: when it got its status, None: the version before gave it. ``customer_waiting_since``: when the customer wrote
    the first message that nobody has seen to; ``attended_at``: when somebody last did, by an answer or by moving the ticket.
    ``watched``: dialogue has been asked to tell what the customer writes.
    ``rating`` is 1 to 5, 0: none; it, its comment and ``survey`` are about the present solution, the ``solvings``-th.
    ``survey_reason``: why it was not asked. ``revision`` grows with each change; 0: written by a version that knew of none.
    """

    id: str
    workspace: str
    number: str
    conversation_id: str
    address: Address
    status: Status
    reason: str
    customer_name: str
    last_text: str
    created_at: datetime
    promised_by: datetime
    agent_id: str = ""
    kind: Kind = Kind.OTHER
    priority: Priority = Priority.NORMAL
    title: str = ""
    source: Source = Source.HANDOFF
    group_id: str = ""
    watchers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    updated_at: datetime | None = None
    response_due: datetime | None = None
    solution_due: datetime | None = None
    first_response_at: datetime | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    paused_at: datetime | None = None
    taken_at: datetime | None = None
    status_at: datetime | None = None
    customer_waiting_since: datetime | None = None
    attended_at: datetime | None = None
    watched: bool = False
    rating: int = 0
    rating_comment: str = ""
    rated_at: datetime | None = None
    solvings: int = 0
    survey: Survey = Survey.NONE
    survey_reason: str = ""
    surveyed_at: datetime | None = None
    contract_version: str = ""
    calendar_version: str = ""
    merged_into: str = ""
    revision: int = 0

    @property
    def since(self) -> datetime:
        """Since when it has its status, as far as that is known."""
        return self.status_at or self.solved_at or self.paused_at or self.created_at

    @property
    def due(self) -> datetime:
        """When the solution is due."""
        return self.solution_due or self.promised_by


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What is known when a ticket is made; times and number are given to it."""

    id: str
    workspace: str
    conversation_id: str
    address: Address
    source: Source
    reason: str
    customer_name: str
    last_text: str
    title: str = ""
    kind: Kind = Kind.OTHER
    priority: Priority = Priority.NORMAL
    agent_id: str = ""
    group_id: str = ""
    tags: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()


def overdue(ticket: Ticket, at: datetime) -> bool:
    """Whether an answer or the solution is late. A resting clock counts up to where it stopped."""
    if ticket.status not in UNSETTLED:
        return False
    unanswered = ticket.first_response_at is None and ticket.response_due is not None and ticket.response_due < at
    return unanswered or ticket.due < (ticket.paused_at or at)
