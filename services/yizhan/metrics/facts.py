"""What an event says, as rows to store: ledger entries, counts and latencies. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from yizhan.core.messages.codec import moment
from yizhan.core.messages.ids import handled_id
from yizhan.metrics.answers import AnswerMark, answer_mark
from yizhan.metrics.buckets import bucket_of
from yizhan.metrics.satisfaction import TicketRating, TicketSurvey, ticket_rating, ticket_survey
from yizhan.pb.v1 import event_pb2, message_pb2, receipt_pb2
from yizhan.pb.v1.event_pb2 import Event

D = event_pb2.Disposition

DISPOSITIONS: dict[int, str] = {
    D.DISPOSITION_ANSWERED: "answered",
    D.DISPOSITION_HELD: "held",
    D.DISPOSITION_QUEUED: "queued",
    D.DISPOSITION_REFUSED: "refused",
    D.DISPOSITION_DUPLICATE: "duplicate",
    D.DISPOSITION_DEAD: "dead",
}

FIRST_RESPONSE = "first_response"
HANDOFF = "handoff"
AGENT_FIRST_RESPONSE = "agent_first_response"
SESSION = "session"
CALLBACK = "callback"

ELSEWHERE = "elsewhere"
"""The intent of a message that an agent wrote in the platform's own client: an answer, not a question."""

AUTOMATIC = "automatic"
"""The intent of a message that a program of the customer's wrote: nobody owes it an answer."""

START = "start"
STOP = "stop"
CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. ``case`` names what the clock runs for: equal clock, case and mark are one line."""

    workspace: str
    channel: str
    conversation_id: str
    case: str
    clock: str
    mark: str
    at: datetime
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Rating:
    workspace: str
    channel: str
    conversation_id: str
    session: int
    score: int
    agent_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Minute:
    """Messages of one channel and minute by disposition."""

    workspace: str
    channel: str
    minute: datetime
    disposition: str


@dataclass(frozen=True, slots=True)
class Producer:
    """A channel process and what became of the messages that it accepted."""

    workspace: str
    channel: str
    producer: str
    disposition: str


@dataclass(frozen=True, slots=True)
class Parked:
    """A customer's message that nobody could handle. ``handled_id``: the event that tells when somebody can."""

    handled_id: str
    envelope_id: str
    workspace: str
    channel: str
    producer: str

    @property
    def dead(self) -> Producer:
        return Producer(self.workspace, self.channel, self.producer, DISPOSITIONS[D.DISPOSITION_DEAD])


@dataclass(frozen=True, slots=True)
class Latency:
    """Latencies of one step and minute in one bucket."""

    workspace: str
    channel: str
    step: str
    minute: datetime
    bucket: int


@dataclass(frozen=True, slots=True)
class Observation:
    """A single latency, for Prometheus."""

    channel: str
    step: str
    seconds: float


@dataclass(slots=True)
class Facts:
    """Everything that a batch of events says."""

    entries: list[Entry] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    minutes: Counter[Minute] = field(default_factory=Counter)
    producers: Counter[Producer] = field(default_factory=Counter)
    """What became of messages, except for those that are parked."""
    parked: dict[str, Parked] = field(default_factory=dict)
    """By ``handled_id``."""
    handled_ids: set[str] = field(default_factory=set)
    latencies: Counter[Latency] = field(default_factory=Counter)
    observations: list[Observation] = field(default_factory=list)
    handled: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    delivered: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    callbacks: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Channel and what became of a promise to call."""
    accepted: dict[str, event_pb2.ChannelAccepted] = field(default_factory=dict)
    answers: list[AnswerMark] = field(default_factory=list)
    ticket_ratings: list[TicketRating] = field(default_factory=list)
    ticket_surveys: list[TicketSurvey] = field(default_factory=list)
    unknown_answers: int = 0
    """News of clocks that only a later version knows."""


def gather(events: Iterable[Event], default_workspace: str) -> Facts:
    """Read events that were not seen before."""
    facts = Facts()
    for event in events:
        _read(event, facts, default_workspace)
    return facts


def _read(event: Event, facts: Facts, default_workspace: str) -> None:  # noqa: C901 - one arm per kind of event
    match event.WhichOneof("kind"):
        case "message_handled":
            _handled(event, facts)
        case "message_delivered":
            _delivered(event, facts)
        case "message_held":
            _count_out(event, facts, event.message_held.author, "held")
        case "message_dead":
            _dead(event, facts, default_workspace)
        case "channel_accepted":
            facts.accepted[event.channel_accepted.producer] = event.channel_accepted
        case "conversation_opened":
            _enter(event, facts, SESSION, START, _session(event), event.conversation_opened.at)
        case "handoff_requested":
            request = event.handoff_requested
            if request.from_agent_id:
                _handed_on(event, facts, request.at)
            _enter(event, facts, HANDOFF, START, _epoch(event, 0), request.at, request.reason)
        case "conversation_assigned":
            at = event.conversation_assigned.at
            if event.conversation_assigned.from_agent_id:
                _handed_on(event, facts, at)
            else:
                _enter(event, facts, HANDOFF, STOP, _epoch(event, -1), at)
            _enter(event, facts, AGENT_FIRST_RESPONSE, START, _epoch(event, 0), at)
        case "agent_replied":
            replied = event.agent_replied
            if not replied.awaits_channel:
                _spoken(event, facts, replied.at, by_agent=True, first=replied.first)
        case "conversation_ticketed":
            ticketed = event.conversation_ticketed
            _enter(event, facts, HANDOFF, CANCEL, _epoch(event, -1), ticketed.at, ticketed.how or "ticketed")
        case "callback_changed":
            _called(event, facts)
        case "conversation_returned":
            _left(event, facts, event.conversation_returned.at, "returned")
        case "conversation_closed":
            _left(event, facts, event.conversation_closed.at, "closed")
            _enter(event, facts, SESSION, STOP, _session(event), event.conversation_closed.at)
        case "answer_timed":
            _timed(event, facts)
        case "ticket_rated":
            facts.ticket_ratings.append(ticket_rating(event))
        case "ticket_surveyed":
            _surveyed(event, facts)
        case "conversation_rated":
            rated = event.conversation_rated
            address = event.address
            rating = Rating(
                address.workspace,
                address.channel,
                event.conversation_id,
                event.session,
                rated.score,
                rated.agent_id,
                moment(rated.at),
            )
            facts.ratings.append(rating)


def _called(event: Event, facts: Facts) -> None:
    """A promise to call runs from when it was made to the person, or to what became of it otherwise."""
    changed = event.callback_changed
    facts.callbacks[(event.address.channel, changed.change)] += 1
    case = f"{event.conversation_id}:c{changed.ticket_id}"
    if changed.change == "promised":
        _enter(event, facts, CALLBACK, START, case, changed.at)
    elif changed.late and changed.change != "missed":
        return  # its clock has ended, and no later call mends that
    elif changed.change == "taken" and not changed.tries:
        _enter(event, facts, CALLBACK, STOP, case, changed.at)
    elif changed.change == "missed" and not changed.tries:
        _enter(event, facts, CALLBACK, CANCEL, case, changed.at, changed.change)
    elif changed.change in {"done", "cancelled", "settled"} and not (changed.had or changed.tries):
        _enter(event, facts, CALLBACK, STOP if changed.change == "done" else CANCEL, case, changed.at, changed.change)


def _handled(event: Event, facts: Facts) -> None:
    kind, address = event.message_handled, event.address
    disposition = DISPOSITIONS.get(kind.disposition, "refused")
    decided = moment(kind.decided_at)
    facts.handled[(address.channel, disposition, kind.intent or "none")] += 1
    facts.minutes[Minute(address.workspace, address.channel, _minute(decided), disposition)] += 1
    facts.producers[Producer(address.workspace, address.channel, kind.producer, disposition)] += 1
    facts.handled_ids.add(event.id)
    if disposition in {"duplicate", "refused"}:
        return
    _latency(event, facts, "received_published", moment(kind.received_at), moment(kind.published_at))
    _latency(event, facts, "published_decided", moment(kind.published_at), decided)
    if kind.intent in {"rating", AUTOMATIC}:
        return
    if kind.intent == ELSEWHERE:
        _spoken(event, facts, kind.received_at)
        return
    _enter(event, facts, FIRST_RESPONSE, START, _session(event), kind.received_at)
    if kind.reply_id and not kind.awaits_channel:
        _spoken(event, facts, kind.decided_at)


def _spoken(event: Event, facts: Facts, at: Timestamp, *, by_agent: bool = False, first: bool = True) -> None:
    """The customer has got an answer, as far as can be known.

    Where a channel may hold messages back, that is when it took one; elsewhere when it was said.
    """
    if by_agent and first:
        _enter(event, facts, AGENT_FIRST_RESPONSE, STOP, _epoch(event, 0), at)
    _enter(event, facts, FIRST_RESPONSE, STOP, _session(event), at)


def _delivered(event: Event, facts: Facts) -> None:
    kind = event.message_delivered
    state = receipt_pb2.ReceiptState.Name(kind.state).removeprefix("RECEIPT_STATE_").lower()
    _count_out(event, facts, kind.author, state)
    if state == "accepted" and kind.answers:
        _spoken(event, facts, kind.at, by_agent=kind.author == message_pb2.AUTHOR_KIND_AGENT)
    if state in {"accepted", "delivered", "read"} and not kind.was_held:
        _latency(event, facts, "decided_delivered", moment(kind.decided_at), moment(kind.at))


def _surveyed(event: Event, facts: Facts) -> None:
    survey = ticket_survey(event)
    if survey is not None:
        facts.ticket_surveys.append(survey)


def _timed(event: Event, facts: Facts) -> None:
    mark = answer_mark(event)
    if mark is None:
        facts.unknown_answers += 1
    else:
        facts.answers.append(mark)


def _count_out(event: Event, facts: Facts, author: message_pb2.AuthorKind.ValueType, state: str) -> None:
    name = message_pb2.AuthorKind.Name(author).removeprefix("AUTHOR_KIND_").lower()
    facts.delivered[(event.address.channel, name, state)] += 1


def _dead(event: Event, facts: Facts, default_workspace: str) -> None:
    if event.message_dead.customer_message:
        workspace = event.address.workspace or default_workspace
        channel = event.address.channel or "unknown"
        envelope_id = event.message_dead.envelope_id
        parked = Parked(handled_id(envelope_id), envelope_id, workspace, channel, event.message_dead.producer)
        facts.parked[parked.handled_id] = parked
    facts.handled[(event.address.channel or "unknown", "dead", "none")] += 1


def _left(event: Event, facts: Facts, at: Timestamp, reason: str) -> None:
    """The conversation left the queue without an agent, or an agent without a reply; the ledger keeps what was open."""
    _enter(event, facts, HANDOFF, CANCEL, _epoch(event, -1), at, reason)
    _enter(event, facts, AGENT_FIRST_RESPONSE, CANCEL, _epoch(event, -1), at, reason)


def _handed_on(event: Event, facts: Facts, at: Timestamp) -> None:
    """An agent gave the conversation away, or it was taken from them, before they had said anything."""
    _enter(event, facts, AGENT_FIRST_RESPONSE, CANCEL, _epoch(event, -1), at, "handed_on")


def _enter(
    event: Event,
    facts: Facts,
    clock: str,
    mark: str,
    case: str,
    at: Timestamp,
    reason: str = "",
) -> None:
    address = event.address
    entry = Entry(
        address.workspace, address.channel, event.conversation_id, case, clock, mark, moment(at), reason, event.id
    )
    facts.entries.append(entry)


def _latency(event: Event, facts: Facts, step: str, begin: datetime, end: datetime) -> None:
    seconds = max(0.0, (end - begin).total_seconds())
    address = event.address
    row = Latency(address.workspace, address.channel, step, _minute(end), bucket_of(seconds * 1000))
    facts.latencies[row] += 1
    facts.observations.append(Observation(address.channel, step, seconds))


def _session(event: Event) -> str:
    return f"{event.conversation_id}:s{event.session}"


def _epoch(event: Event, offset: int) -> str:
    """A hand-off is named by the epoch under which the queue had the conversation; what ends it comes one later."""
    return f"{event.conversation_id}:e{event.epoch + offset}"


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)
