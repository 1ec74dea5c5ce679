"""A recorded day: who asked for a human when and what it took, who was there to serve them. One JSON object per line.

    {"at": 0, "agent": "li", "capacity": 3, "skills": {"refund": 4}, "languages": ["zh"], "groups": ["sales"]}
    {"at": 61.5, "case": "c1", "handling": 240, "promise": 60, "language": "zh-CN", "group": "sales"}
    {"at": 28800, "agent": "li", "online": false}

``at`` is in seconds from the beginning of the day. A line about an agent says what changes; the rest stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from yizhan.routing.matching.facts import Level, Presence, Priority, Seat, Wanted

MOST_PROBLEMS = 20
PROMISE = 60.0


class DayInvalid(Exception):
    """The lines are no recorded day. ``problems``: which line and why, the first twenty."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Staffed:
    """From ``at`` on an agent is as ``seat`` says; its load and times mean nothing."""

    at: float
    seat: Seat


@dataclass(frozen=True, slots=True)
class Asked:
    """A case, with what the day would bring it. ``promise``: seconds until a human, or else a ticket.

    ``handling``: seconds from the acceptance to the end. ``answers``: seconds until each agent asked reacts, in the
    order of offers, drawn where not recorded; the first ``declines`` of them decline.
    """

    at: float
    wanted: Wanted
    promise: float
    handling: float
    answers: tuple[float, ...] = ()
    declines: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """Events in order of time; at the same second as in the file."""

    staffed: tuple[Staffed, ...] = ()
    asked: tuple[Asked, ...] = ()


Name = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    at: Seconds


class _AgentRow(_Row):
    agent: Name
    online: bool | None = None
    presence: Presence | None = None
    capacity: Annotated[int, Field(ge=0, le=1000)] | None = None
    skills: dict[Name, Annotated[int, Field(ge=1, le=5)]] | None = None
    languages: tuple[Name, ...] | None = None
    groups: tuple[Name, ...] | None = None
    supervisor: bool | None = None


class _CaseRow(_Row):
    case: Name
    handling: Seconds
    promise: Annotated[float, Field(gt=0, allow_inf_nan=False)] = PROMISE
    priority: Annotated[int, Field(ge=Priority.LOW, le=Priority.URGENT)] = Priority.NORMAL
    language: str = ""
    skills: tuple[Name, ...] = ()
    group: str = ""
    channel: str = ""
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    last_agent: str = ""
    level: Annotated[int, Field(ge=Level.OWN_GROUP, le=Level.SUPERVISORS)] = Level.OWN_GROUP
    only: str = ""
    answers: tuple[Seconds, ...] = ()
    declines: Annotated[int, Field(ge=0, le=100)] = 0


@dataclass(slots=True)
class _Reading:
    staffed: list[Staffed] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    cases: dict[str, int] = field(default_factory=dict)


_AGENT = TypeAdapter(_AgentRow)
_CASE = TypeAdapter(_CaseRow)
_ANYTHING: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def read_day(lines: Iterable[str]) -> Day:
    """The day that lines tell. Empty lines are skipped. Raises DayInvalid."""
    reading = _Reading()
    agents: list[tuple[int, _AgentRow]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if "agent" in _ANYTHING.validate_json(line):
                agents.append((number, _AGENT.validate_json(line)))
            else:
                _case(reading, number, _CASE.validate_json(line))
        except ValidationError as error:
            reading.problems += [f"line {number}: {_told(problem)}" for problem in error.errors()]
    if not reading.asked and not reading.problems:
        reading.problems.append("no line is about a case")
    if reading.problems:
        raise DayInvalid(reading.problems[:MOST_PROBLEMS])
    return Day(_staffed(agents), tuple(sorted(reading.asked, key=lambda each: each.at)))


def written_day(day: Day) -> Iterator[str]:
    """The lines that ``read_day`` reads as this day, in order of time."""
    seats: dict[str, Seat] = {}
    lines: list[tuple[float, str]] = []
    for staffed in day.staffed:
        row = _agent_row(staffed, seats.get(staffed.seat.agent_id))
        seats[staffed.seat.agent_id] = staffed.seat
        lines.append((staffed.at, _AGENT.dump_json(row, exclude_none=True).decode()))
    for asked in day.asked:
        row_of_case = _case_row(asked)
        lines.append((asked.at, _CASE.dump_json(row_of_case, exclude_defaults=True).decode()))
    yield from (line for _, line in sorted(lines, key=lambda each: each[0]))


def _agent_row(staffed: Staffed, before: Seat | None) -> _AgentRow:
    """What is other than before; at first everything."""
    seat = staffed.seat
    values: dict[str, Any] = {
        "online": seat.online,
        "presence": Presence(seat.presence),
        "capacity": seat.capacity,
        "skills": dict(seat.skills),
        "languages": seat.languages,
        "groups": seat.groups,
        "supervisor": seat.supervisor,
    }
    if before is not None:
        was = _agent_row(Staffed(0.0, before), None)
        values = {name: value for name, value in values.items() if getattr(was, name) != value}
    return _AgentRow(at=staffed.at, agent=seat.agent_id, **values)


def _case_row(asked: Asked) -> _CaseRow:
    wanted = asked.wanted
    return _CaseRow(
        at=asked.at,
        case=wanted.case_id,
        handling=asked.handling,
        promise=asked.promise,
        priority=wanted.priority,
        language=wanted.language,
        skills=wanted.skills,
        group=wanted.group,
        channel=wanted.channel,
        weight=wanted.weight,
        last_agent=wanted.last_agent,
        level=Level(wanted.level),
        only=wanted.only,
        answers=asked.answers,
        declines=asked.declines,
    )


def _told(problem: Any) -> str:
    where = ".".join(map(str, problem["loc"]))
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])


def _case(reading: _Reading, number: int, row: _CaseRow) -> None:
    if row.case in reading.cases:
        reading.problems.append(f"line {number}: case {row.case} is in line {reading.cases[row.case]} already")
        return
    reading.cases[row.case] = number
    wanted = Wanted(
        case_id=row.case,
        priority=row.priority,
        language=row.language,
        skills=tuple(sorted(row.skills)),
        group=row.group,
        channel=row.channel,
        weight=row.weight,
        last_agent=row.last_agent,
        level=row.level,
        only=row.only,
    )
    reading.asked.append(Asked(row.at, wanted, row.promise, row.handling, row.answers, row.declines))


def _staffed(rows: list[tuple[int, _AgentRow]]) -> tuple[Staffed, ...]:
    """Changes added up to whole seats, in order of time and then of lines."""
    seats: dict[str, Seat] = {}
    staffed = []
    for _, row in sorted(rows, key=lambda each: (each[1].at, each[0])):
        before = seats.get(row.agent) or Seat(row.agent, True, Presence.ONLINE.value, 0.0, capacity=1, load=0)
        skills = before.skills if row.skills is None else tuple(sorted(row.skills.items()))
        seats[row.agent] = Seat(
            agent_id=row.agent,
            online=before.online if row.online is None else row.online,
            presence=before.presence if row.presence is None else row.presence.value,
            heard_ago=0.0,
            capacity=before.capacity if row.capacity is None else row.capacity,
            load=0,
            skills=skills,
            languages=before.languages if row.languages is None else row.languages,
            groups=before.groups if row.groups is None else row.groups,
            supervisor=before.supervisor if row.supervisor is None else row.supervisor,
        )
        staffed.append(Staffed(row.at, seats[row.agent]))
    return tuple(staffed)
