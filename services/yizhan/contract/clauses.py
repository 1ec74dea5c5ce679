"""The clauses of a contract: what customers, and those who pay for the service, were promised.

The defaults are those of the standard contract (`standard.yaml`, which says them with comments). Shares are from 0 to 1;
satisfaction is out of 100. A calendar is named: one of the contract's, or `ALWAYS`.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

ALWAYS = "always"
"""The calendar that is never closed; every contract has it."""

THREE_MONTHS = timedelta(days=92)
"""The longest that three months in a row are."""

WINDOW = timedelta(seconds=60)
OFFER = timedelta(seconds=15)
NOBODY = timedelta(seconds=10)
RESPONSE = timedelta(hours=2)
SOLUTION = timedelta(hours=24)


class ChannelClass(StrEnum):
    """Channels that are promised alike."""

    REALTIME = "realtime"
    EMAIL = "email"


class To(StrEnum):
    """How far a case that nobody took is offered, each farther than the one before."""

    GROUP = "group"
    """The groups that stand in for the case's own."""
    EVERYONE = "everyone"
    SUPERVISORS = "supervisors"
    """Everyone, and supervisors too."""
    TICKET = "ticket"
    """Nobody any more: the customer gets a ticket."""


class Priority(StrEnum):
    """Of tickets, the most pressing first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Pause(StrEnum):
    """Statuses of a ticket in which its clocks may stand still."""

    PENDING = "pending"
    """The customer was asked something."""
    ON_HOLD = "on_hold"
    """Somebody else has to do something first."""


class AutoCount(StrEnum):
    """What share `auto_resolution` is."""

    UNASSISTED = "unassisted"
    """Sessions that ended without a person and without a ticket, of all sessions in which the customer asked something."""
    ANSWERED = "answered"
    """Questions that the assistant answered from the knowledge, of all questions but those that it must not answer."""


class Exclusion(StrEnum):
    """What does not count for or against a figure."""

    OFF_HOURS = "off_hours"
    """What was asked while the clause's calendar was closed."""
    CUSTOMER_SILENCE = "customer_silence"
    """Time in which the customer owed an answer."""
    CUSTOMER_LEFT = "customer_left"
    """Cases whose customer took the request back, or left, before the promise ran out."""
    CHANNEL_OUTAGE = "channel_outage"
    """Times at which the channel's own platform was not there."""
    PLANNED_MAINTENANCE = "planned_maintenance"
    """Maintenance as `Availability` allows it."""
    FORCE_MAJEURE = "force_majeure"
    """Times that both sides recorded as such."""
    ABUSE = "abuse"
    """Sessions that a guard ended for abuse."""
    TRIALS = "trials"
    """The business's own tries, and synthetic conversations."""


class Figure(StrEnum):
    """What has a target, and may have compensation."""

    FIRST_RESPONSE = "first_response"
    TRANSFER_SUCCESS = "transfer_success"
    AUTO_RESOLUTION = "auto_resolution"
    SATISFACTION = "satisfaction"
    AVAILABILITY = "availability"
    TICKET_RESPONSE = "ticket_response"
    TICKET_SOLUTION = "ticket_solution"


@dataclass(frozen=True, slots=True)
class Promise:
    """A time that runs while a calendar is open."""

    within: timedelta
    calendar: str = ALWAYS


@dataclass(frozen=True, slots=True)
class FirstResponse:
    """From the customer's message to the first answer to it, whoever gives it."""

    realtime: Promise = Promise(timedelta(seconds=10))
    email: Promise = Promise(timedelta(minutes=30))

    def of(self, kind: ChannelClass) -> Promise:
        """The promise to customers of such channels."""
        match kind:
            case ChannelClass.REALTIME:
                return self.realtime
            case ChannelClass.EMAIL:
                return self.email


@dataclass(frozen=True, slots=True)
class Step:
    """From so long after the request on, the case is offered so far."""

    after: timedelta
    to: To


STEPS = (
    Step(timedelta(seconds=20), To.GROUP),
    Step(timedelta(seconds=40), To.SUPERVISORS),
    Step(WINDOW, To.TICKET),
)


@dataclass(frozen=True, slots=True)
class Handoff:
    """From the request for a person to the person.

    ``window`` is how long it may take; ``offer`` how long an agent has to accept; ``nobody`` how long somebody is
    waited for who comes online, when nobody is. ``calendar`` has the hours in which there are people: the times run in
    them, and outside customers are told so at once. ``escalation`` ascends, widens, and ends with the ticket.
    ``agent_first_response`` runs from the acceptance, ``agent_next_response`` from each message of the customer after.
    """

    window: timedelta = WINDOW
    offer: timedelta = OFFER
    nobody: timedelta = NOBODY
    calendar: str = ALWAYS
    agent_first_response: timedelta = timedelta(seconds=60)
    agent_next_response: timedelta = timedelta(minutes=5)
    escalation: tuple[Step, ...] = STEPS


@dataclass(frozen=True, slots=True)
class TicketTimes:
    """``response`` until somebody has answered, ``solution`` until it is solved, both from the ticket's creation."""

    response: timedelta = RESPONSE
    solution: timedelta = SOLUTION
    calendar: str = ALWAYS


@dataclass(frozen=True, slots=True)
class Tickets:
    """What a ticket's customer was promised; ``priorities`` has every priority, the most pressing first."""

    priorities: tuple[tuple[Priority, TicketTimes], ...] = tuple((priority, TicketTimes()) for priority in Priority)
    paused_by: tuple[Pause, ...] = tuple(Pause)

    def of(self, priority: Priority) -> TicketTimes:
        """The times of tickets of this priority."""
        return dict(self.priorities)[priority]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Customers who wait are told their place every ``tell_every`` at most, and are offered to be written to later:
    ``callback`` at a time of their choice, ``leave_message`` as a ticket.

    A callback is offered to agents ``callback_lead`` before its time, and promised ``callback_latest`` ahead at most. Who is
    not reached is tried ``callback_tries`` times, ``callback_retry`` apart.
    """

    tell_every: timedelta = timedelta(seconds=20)
    callback: bool = True
    leave_message: bool = True
    callback_lead: timedelta = timedelta(minutes=10)
    callback_latest: timedelta = timedelta(days=14)
    callback_tries: int = 2
    callback_retry: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class AutoResolution:
    """What the assistant settles by itself."""

    at_least: float = 0.95
    counts: AutoCount = AutoCount.UNASSISTED


@dataclass(frozen=True, slots=True)
class Availability:
    """Share of a period in which customers could write and were answered.

    Maintenance counts as planned when it was announced so long before, up to so much in a calendar month.
    """

    at_least: float = 0.999
    maintenance_announced: timedelta = timedelta(hours=24)
    maintenance_at_most: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Targets:
    """What a period's figures must reach. The shares that are plain numbers are of promises kept in time."""

    first_response: float = 0.99
    transfer_success: float = 0.95
    auto_resolution: AutoResolution = AutoResolution()
    satisfaction: float = 85.0
    availability: Availability = Availability()
    ticket_response: float = 0.95
    ticket_solution: float = 0.95

    def of(self, figure: Figure) -> float:
        """What this figure must reach: a share, or satisfaction out of 100."""
        match figure:
            case Figure.FIRST_RESPONSE:
                return self.first_response
            case Figure.TRANSFER_SUCCESS:
                return self.transfer_success
            case Figure.AUTO_RESOLUTION:
                return self.auto_resolution.at_least
            case Figure.SATISFACTION:
                return self.satisfaction
            case Figure.AVAILABILITY:
                return self.availability.at_least
            case Figure.TICKET_RESPONSE:
                return self.ticket_response
            case Figure.TICKET_SOLUTION:
                return self.ticket_solution


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each class of data is kept. ``responses`` are the clocks and what they were reckoned from: they prove
    the figures, and are kept for three months at least.
    """

    responses: timedelta = timedelta(days=365)
    transcripts: timedelta = timedelta(days=365)
    attachments: timedelta = timedelta(days=180)
    tickets: timedelta = timedelta(days=730)
    profiles: timedelta = timedelta(days=730)
    reports: timedelta = timedelta(days=1095)


@dataclass(frozen=True, slots=True)
class Tier:
    """A figure below this is worth so much of the period's fee."""

    below: float
    credit: float


@dataclass(frozen=True, slots=True)
class Compensation:
    """Per figure, tiers from the mildest to the worst: the last one that the figure is below holds. What the figures
    come to together is no more than ``at_most`` of the period's fee.
    """

    at_most: float = 1.0
    tiers: tuple[tuple[Figure, tuple[Tier, ...]], ...] = ()

    def of(self, figure: Figure) -> tuple[Tier, ...]:
        """Nothing where no compensation is agreed for the figure."""
        return dict(self.tiers).get(figure, ())


def channel_class(channel: str) -> ChannelClass:
    """Which promise holds for a channel, by the channel's name."""
    return ChannelClass.EMAIL if channel == "email" else ChannelClass.REALTIME
