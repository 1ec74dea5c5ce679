"""What every clock of the month must say, kept by whoever plays the month: from what people did and what was promised alone."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.contract.services.month_promises import ALL_DAY, Phase
from tests.unit.contract.calendars.oracle import Minutes

FIRST, NEXT = "agent_first_response", "agent_next_response"
CLOSES_AFTER = timedelta(days=7)
LATEST_CALL = timedelta(days=14)
GRACE = timedelta(minutes=2)
FIVE_MINUTES = timedelta(minutes=5)


@dataclass(eq=False, slots=True)
class Wait:
    """A case: somebody who asked for a human. ``outcome`` is met, escalated or ticketed once it is known."""

    conversation: str
    requested_at: datetime
    heard_at: datetime
    phase: Phase
    off_hours: bool
    deadline: datetime
    case_id: str = ""
    outcome: str = ""
    taken_at: datetime | None = None
    over_at: datetime | None = None
    ticketed_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When it becomes a ticket if nobody has taken it."""
        return max(self.deadline, self.heard_at)

    def level(self, at: datetime) -> int:
        """How far it has been offered by then."""
        taken = [to for due, to in self.rungs() if due <= at]
        return max(taken, default=0)

    def widens(self, at: datetime) -> datetime | None:
        """When it is offered farther, next."""
        return min((due for due, _ in self.rungs() if due > at), default=None)

    def rungs(self) -> list[tuple[datetime, int]]:
        steps = [(self.phase.after(self.requested_at, after), to) for after, to in self.phase.paper.ladder]
        return [] if self.off_hours else [(due, to) for due, to in steps if due < self.deadline]


@dataclass(frozen=True, slots=True)
class Running:
    clock: str
    number: int
    since: datetime
    risk_at: datetime
    due_at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Line:
    """What is told of a clock's start or end. ``open_ms`` and ``outcome`` of an end only."""

    clock: str
    mark: str
    at: datetime
    due_at: datetime
    phase: Phase
    open_ms: int = 0
    reason: str = ""
    outcome: str = ""


@dataclass(eq=False, slots=True)
class Owed:
    """What the agent of a case owes, one clock at a time."""

    case_id: str
    phase: Phase
    number: int = 0
    answered_seq: int = 0
    running: Running | None = None


@dataclass(eq=False, slots=True)
class Slip:
    """A ticket as it must be. ``taken``: an agent took the conversation because of it."""

    id: str
    conversation: str
    created_at: datetime
    phase: Phase
    priority: str
    response_due: datetime
    promised_by: datetime
    solution_due: datetime
    status: str = "open"
    paused_at: datetime | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    first_response_at: datetime | None = None
    taken: bool = False
    number: str = ""

    @property
    def hours(self) -> Minutes:
        return self.phase.hours(self.priority)

    def move(self, status: str, at: datetime) -> None:
        """Open time that the clock rested moves the solution's due time; what the answer was due stays."""
        if status == "reopened":
            self._rested(self.solved_at or self.closed_at or at, at)
            self.solved_at = self.closed_at = None
            self.taken = False
        elif status in self.phase.paper.rests:
            self.paused_at = self.paused_at or at
        elif self.paused_at is not None:
            self._rested(self.paused_at, at)
            self.paused_at = None
        if status == "solved":
            self.solved_at = at
        if status == "closed":
            self.closed_at = at
        self.status = status

    def closes_at(self) -> datetime | None:
        """What has been solved for a week is closed by itself."""
        return self.solved_at + CLOSES_AFTER if self.status == "solved" and self.solved_at is not None else None

    def overdue(self, at: datetime) -> bool:
        if self.status in {"solved", "closed"}:
            return False
        unanswered = self.first_response_at is None and self.response_due < at
        return unanswered or self.solution_due < (self.paused_at or at)

    def _rested(self, since: datetime, at: datetime) -> None:
        self.solution_due = self.hours.walk_fast(self.solution_due, self.hours.count_fast(since, at))


@dataclass(eq=False, slots=True)
class Call:
    """A promised call. ``asks_at``: when agents are first asked to make it; ``phase`` those of the case that asks."""

    ticket_id: str
    at: datetime
    asks_at: datetime
    state: str = "promised"
    phase: Phase | None = None
    late: bool = False
    tries: int = 0
    case_id: str = ""


@dataclass
class Books:
    phases: list[Phase]
    waits: dict[tuple[str, datetime], Wait] = field(default_factory=dict)
    by_case: dict[str, Wait] = field(default_factory=dict)
    owed: dict[str, Owed] = field(default_factory=dict)
    lines: dict[tuple[str, int, bool], Line] = field(default_factory=dict)
    tickets: dict[str, Slip] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    always: str = ""
    compared: Counter[str] = field(default_factory=Counter)

    def phase(self, at: datetime) -> Phase:
        """In force then."""
        return next(one for one in reversed(self.phases) if one.contract and one.since <= at)

    def asked(self, conversation: str, requested_at: datetime, now: datetime, *, someone: bool) -> Wait:
        phase = self.phase(now)
        paper = phase.paper
        off_hours = not phase.is_open(requested_at) and not phase.is_open(now)
        limit = paper.window if someone else min(paper.nobody, paper.window)
        deadline = requested_at if off_hours else phase.search_ends(requested_at, limit)
        wait = Wait(conversation, requested_at, now, phase, off_hours, deadline)
        self.waits[conversation, requested_at] = wait
        return wait

    def took(self, wait: Wait, case_id: str, now: datetime) -> None:
        assert not wait.outcome, f"{wait.conversation} was taken, and {wait.outcome} before"
        assert not wait.off_hours, f"{wait.conversation} was offered to agents outside of hours"
        assert now < wait.ends_at, f"{wait.conversation} was to be a ticket at {wait.ends_at}, and was taken at {now}"
        wait.outcome = "escalated" if wait.level(now) else "met"
        wait.case_id, wait.taken_at = case_id, now
        self.by_case[case_id] = wait

    def ticketed(self, wait: Wait, now: datetime, *, chosen: bool) -> None:
        assert not wait.outcome, f"{wait.conversation} became a ticket, and was {wait.outcome} before"
        assert now == wait.ends_at or (chosen and now < wait.ends_at), (
            f"{wait.conversation} became a ticket at {now}, not {wait.ends_at}"
        )
        wait.outcome, wait.ticketed_at = "ticketed", now

    def overdue(self, now: datetime) -> list[Wait]:
        """Cases that should have become tickets."""
        return [wait for wait in self.waits.values() if not wait.outcome and wait.ends_at < now]

    # --- answers

    def assigned(self, case_id: str, phase: Phase, at: datetime) -> Owed:
        owed = self.owed[case_id] = Owed(case_id, phase)
        self._start(owed, FIRST, at, 0)
        return owed

    def wrote(self, owed: Owed, seq: int, at: datetime) -> None:
        if owed.running is None and seq > owed.answered_seq:
            owed.number += 1
            self._start(owed, NEXT, at, seq)

    def replied(self, owed: Owed, seq: int, at: datetime) -> None:
        if owed.running is not None and seq > owed.running.seq:
            self._end(owed, "stop", at, "")
        owed.answered_seq = max(owed.answered_seq, seq)

    def over(self, owed: Owed, at: datetime, why: str) -> None:
        if owed.running is not None:
            self._end(owed, "cancel", at, why)
        self.owed.pop(owed.case_id, None)

    def _start(self, owed: Owed, clock: str, at: datetime, seq: int) -> None:
        phase = owed.phase
        length = phase.paper.first if clock == FIRST else phase.paper.following
        warns = max(0.0, length - max(20, length / 3))
        running = Running(clock, owed.number, at, phase.after(at, warns), phase.after(at, length), seq)
        owed.running = running
        self.lines[owed.case_id, owed.number, False] = Line(clock, "start", at, running.due_at, phase)

    def _end(self, owed: Owed, mark: str, at: datetime, why: str) -> None:
        running, phase = owed.running, owed.phase
        assert running is not None
        in_time = at < running.due_at
        outcome = {"stop": ("late", "in_time"), "cancel": ("missed", "excluded")}[mark][in_time]
        open_ms = phase.desk.count_fast(running.since, at) // timedelta(milliseconds=1)
        self.lines[owed.case_id, running.number, True] = Line(
            running.clock, mark, at, running.due_at, phase, open_ms, why, outcome
        )
        owed.running = None

    def board(self, now: datetime) -> tuple[int, int, int]:
        """Answers that are due, at risk, overdue."""
        running = [owed.running for owed in self.owed.values() if owed.running is not None]
        late = sum(one.due_at <= now for one in running)
        return len(running), sum(one.risk_at <= now for one in running) - late, late

    # --- tickets

    def opened(self, ticket_id: str, conversation: str, priority: str, now: datetime) -> Slip:
        phase, urgent = self.phase(now), priority == "urgent"
        paper, hours = phase.paper, ALL_DAY if urgent else phase.desk
        response = timedelta(seconds=paper.urgent_response if urgent else paper.response)
        solution = timedelta(seconds=paper.urgent_solution if urgent else paper.solution)
        due = hours.walk_fast(now, solution)
        ticket = Slip(ticket_id, conversation, now, phase, priority, hours.walk_fast(now, response), due, due)
        self.tickets[ticket_id] = ticket
        return ticket

    # --- calls

    def soonest(self, now: datetime, lead: int) -> datetime:
        """The first time that a call can be promised: people name times by five minutes."""
        earliest = now + timedelta(seconds=lead)
        rounded = datetime.fromtimestamp(-(-earliest.timestamp() // FIVE_MINUTES.total_seconds()) * 300, UTC)
        return self.phase(now).reopens(rounded)

    def callable_at(self, wanted: datetime | None, now: datetime) -> datetime | None:
        """When a call is promised to who wants one then; None: it is not."""
        phase = self.phase(now)
        if wanted is None:
            return self.soonest(now, phase.paper.lead)
        soon = wanted < now + timedelta(seconds=phase.paper.lead) - GRACE
        return None if soon or wanted > now + LATEST_CALL or not phase.is_open(wanted) else wanted

    def promised(self, ticket_id: str, at: datetime, now: datetime) -> Call:
        asks_at = max(now, at - timedelta(seconds=self.phase(now).paper.lead))
        call = self.calls[ticket_id] = Call(ticket_id, at, asks_at)
        return call
