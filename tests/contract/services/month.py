"""A month of a desk on a simulated clock, from its first customer to the last clock that ends, and what it came to.

Who is at work is known from what they say of themselves alone: nobody's screen is lost, so that a month needs no heartbeats.
"""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import perf_counter, process_time

import sqlalchemy as sa

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.metrics_board import Board
from tests.contract.services.month_agenda import Agenda
from tests.contract.services.month_audit import Snapshot, audit, check_calendars, check_figures, snapshot
from tests.contract.services.month_books import Books
from tests.contract.services.month_people import BUSY_DAYS, customers
from tests.contract.services.month_promises import (
    BEGINS,
    CHANGES,
    ENDS,
    NEW,
    OLD,
    ON_DUTY,
    SHANGHAI,
    SPECIAL_DAYS_CHANGE,
    STOCKTAKING,
    Phase,
    phases,
)
from tests.contract.services.month_staff import Staff
from tests.contract.services.month_world import World
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from tests.contract.services.test_routing_hours import override, publish
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.store.contract_tables import calendar_overrides, calendars, contract_publications, contracts
from yizhan.routing.store.group_tables import decisions
from yizhan.routing.store.tables import cases
from yizhan.routing.store.tickets_tables import ticket_events, tickets

OVER = ENDS + timedelta(days=14)
DAY = timedelta(days=1)
NEXT_DAYS = tuple(date(2026, 11, day) for day in (2, 3, 4, 5, 6))
LETTERS = 12
"""One ticket by hand for so many customers."""


@dataclass(frozen=True, slots=True)
class Size:
    customers: int
    staff: int
    audits: timedelta
    """How often everything that is kept is looked through."""
    lively: float
    """The share of tickets that somebody works on."""
    short: bool


SHORT = Size(customers=60, staff=3, audits=timedelta(days=9, hours=3, minutes=59, seconds=31), lively=0.6, short=True)


@dataclass(frozen=True, slots=True)
class Result:
    """``compared``: how many clocks of each kind were held against the oracle; ``outcomes``: of cases, ``answers`` of answers."""

    outcomes: Counter[str]
    answers: dict[str, int]
    compared: Counter[str]
    happened: Counter[str]
    under: Counter[int]
    """Cases by the phase that they began in."""
    wall: float
    cpu: float

    def __str__(self) -> str:
        met, escalated, ticketed = (self.outcomes[name] for name in ("met", "escalated", "ticketed"))
        answers = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in self.answers.items())
        return (
            f"{self.outcomes.total()} cases = {met} met + {escalated} escalated + {ticketed} ticketed;"
            f" answers: {answers}; {self.compared.total()} clocks compared ({dict(self.compared)});"
            f" {dict(self.happened)}; {self.wall:.1f} s, {self.cpu:.1f} s of CPU"
        )


async def play(database: Database, seed: int, size: Size) -> Result:
    """Raises AssertionError at the first clock that is not what the oracle says."""
    wall, cpu = perf_counter(), process_time()
    promised = phases()
    clock = SteppedClock(BEGINS)
    desk = desk_on(database, RecordingBus(), clock, heard_within=OVER - BEGINS)
    names = [f"agent{number}" for number in range(size.staff)]
    agenda = Agenda(desk)
    staff = Staff(desk, agenda, seed, names)
    world = World(desk, Books(promised), seed, agenda, staff, size.lively)
    promised[0].contract = await publish(desk, OLD.text)
    for day, hours in ON_DUTY.items():
        await override(desk, day.isoformat(), *hours)
    await staff.hire(supervisor=names[-1], asked_for=names[: max(1, size.staff // 4)])
    _plan(world, seed, size, promised)
    past: Snapshot = {}

    async def change_contract() -> None:
        past.update(await _publish_anew(world))

    world.agenda.at(CHANGES, change_contract)
    world.agenda.at(SPECIAL_DAYS_CHANGE, lambda: _change_special_days(world))
    while clock() < OVER:
        await world.run(min(clock() + size.audits, OVER))
        await audit(world)
    await check_calendars(world)
    await _check_past(database, past)
    answers = await check_figures(world, Board(database, clock))
    _check_ended(world)
    waits = world.books.waits.values()
    return Result(
        outcomes=Counter(wait.outcome for wait in waits),
        answers=answers,
        compared=world.books.compared,
        happened=world.happened,
        under=Counter(wait.phase.number for wait in waits),
        wall=perf_counter() - wall,
        cpu=process_time() - cpu,
    )


def _plan(world: World, seed: int, size: Size, promised: list[Phase]) -> None:
    for customer in customers(seed, size.customers, promised, short=size.short):
        world.expect(customer)
    days = [date(2026, 10, day) for day in (BUSY_DAYS if size.short else range(1, 32))]
    for day in (*days, *(NEXT_DAYS[:1] if size.short else NEXT_DAYS)):
        begins = BEGINS + (day - (BEGINS + SHANGHAI).date())
        world.staff.roster(next(one for one in reversed(promised) if one.since <= begins), day)
    chance = random.Random(f"{seed}/letters")
    for number in range(size.customers // LETTERS):
        priority = chance.choice(("urgent", "high", "normal", "low"))
        at = BEGINS + timedelta(seconds=chance.uniform(0, (ENDS - BEGINS).total_seconds()))
        _write(world, at, f"letter{number}", priority)


def _write(world: World, at: datetime, name: str, priority: str) -> None:
    world.agenda.at(at, lambda: world.write_by_hand(name, priority))


async def _publish_anew(world: World) -> Snapshot:
    """Half a minute before lunch, with clocks running: a publication adds itself to what is kept, and changes nothing else."""
    await audit(world)
    assert world.now == CHANGES
    before = await snapshot(world.desk.database)
    past = await _ended(world.desk)
    world.books.phases[1].contract = await publish(world.desk, NEW.text)
    after = await snapshot(world.desk.database)
    _only_changed(before, after, contracts, contract_publications)
    assert not world.bus.published, "a publication is told to nobody's conversation"
    await audit(world)
    return past


async def _change_special_days(world: World) -> None:
    await audit(world)
    before = await snapshot(world.desk.database)
    for day in ON_DUTY.keys() - STOCKTAKING.keys():
        asked = pb.RemoveOverrideRequest(workspace=SHOP, calendar="desk", day=day.isoformat())
        await world.desk.api.RemoveOverride(asked, NO_CONTEXT)
    for day, hours in STOCKTAKING.items():
        if ON_DUTY.get(day) != hours:
            await override(world.desk, day.isoformat(), *hours)
    world.books.phases[2].contract = world.books.phases[1].contract
    _only_changed(before, await snapshot(world.desk.database), calendar_overrides)
    assert not world.bus.published, "special days are told to nobody's conversation"
    await audit(world)


def _only_changed(before: Snapshot, after: Snapshot, *tables: sa.Table) -> None:
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {table.name for table in tables}, f"rows of {sorted(changed)} are other than before"
    for name in changed - {calendar_overrides.name}:
        assert set(before[name]) < set(after[name]), f"a row of {name} was changed"


async def _ended(desk: Desk) -> Snapshot:
    """What is over and done with: its rows, byte for byte."""
    kept = await snapshot(desk.database)
    ended = (
        (cases, sa.select(cases).where(cases.c.state.in_(["done", "ticketed"]))),
        (tickets, sa.select(tickets).where(tickets.c.status == "closed")),
    )
    found = {table.name: kept[table.name] for table in (ticket_events, decisions, contracts, calendars)}
    async with desk.database.read() as tx:
        for table, query in ended:
            found[table.name] = [repr(tuple(row)) for row in await tx.execute(query)]
    return found


async def _check_past(database: Database, past: Snapshot) -> None:
    """What had ended before the change is, at the end of it all, as it was."""
    now = await snapshot(database)
    for name, rows in past.items():
        assert rows, f"nothing of {name} had ended before the change"
        assert set(rows) <= set(now[name]), f"a row of {name} from before the change was altered after it"


def _check_ended(world: World) -> None:
    books = world.books
    assert not [wait for wait in books.waits.values() if not wait.outcome], "somebody is still waiting"
    open_calls = [call for call in books.calls.values() if call.state not in {"done", "failed"}]
    assert not open_calls, f"calls that nobody has ended: {open_calls}"
    assert not books.owed, "an agent still has a conversation"
