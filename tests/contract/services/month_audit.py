"""What the service has kept of a month's clocks, row by row, beside what the books say."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tests.contract.services.metrics_board import Board
from tests.contract.services.month_books import FIRST, NEXT, Books, Line
from tests.contract.services.month_promises import ALWAYS, BEGINS, DESK
from tests.contract.services.month_world import World
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP
from tests.contract.services.ticket_desk import tickets_on
from tests.unit.contract.calendars.oracle import Oracle
from yizhan.contract.calendar import calendar_of
from yizhan.core.store.database import Database
from yizhan.metrics.answers import answer_mark
from yizhan.pb.v1 import event_pb2, reports_pb2
from yizhan.routing.store.answer_tables import answers
from yizhan.routing.store.callback_tables import ticket_contacts
from yizhan.routing.store.contract_tables import calendars
from yizhan.routing.store.tables import cases, metadata, timers
from yizhan.routing.store.tickets_tables import tickets

Row = Mapping[str, Any]
Snapshot = dict[str, list[str]]
"""Every row of every table, as text, in an order of its own."""

LOOKS_AGAIN = timedelta(minutes=5)


async def snapshot(database: Database) -> Snapshot:
    found: Snapshot = {}
    async with database.read() as tx:
        for table in metadata.sorted_tables:
            found[table.name] = sorted(repr(tuple(row)) for row in await tx.execute(sa.select(table)))
    return found


async def audit(world: World) -> None:
    """Every clock that is kept says what it must; none is missing, and none is there besides."""
    database = world.desk.database
    names = {"cases": cases, "answers": answers, "tickets": tickets, "contacts": ticket_contacts}
    rows = {name: await _rows(database, table) for name, table in names.items()}
    _learn(world.books, rows)
    assert not world.books.overdue(world.now), "they wait beyond what they were promised"
    _cases(world, rows["cases"])
    _answers(world, rows["answers"])
    _tickets(world, rows["tickets"])
    _calls(world, rows["contacts"])
    _timers(world, rows, await _rows(database, timers))
    await _boards(world)


async def _rows(database: Database, table: sa.Table) -> list[Row]:
    async with database.read() as tx:
        return [dict(row) for row in (await tx.execute(sa.select(table))).mappings()]


def _learn(books: Books, rows: Mapping[str, list[Row]]) -> None:
    """What the calendar of a phase is called is what the first clock under it says; all others must say the same."""
    for row in rows["cases"]:
        wait = books.waits.get((row["conversation_id"], row["requested_at"]))
        if wait is not None and row["reason"] not in {"callback", "ticket"} and not wait.phase.calendar:
            wait.phase.calendar = row["calendar"]
    for row in rows["tickets"]:
        slip = books.tickets[row["id"]]
        if slip.priority != "urgent" and not slip.phase.calendar:
            slip.phase.calendar = row["calendar_version"]
        if slip.priority == "urgent" and not books.always:
            books.always = row["calendar_version"]


def _cases(world: World, rows: list[Row]) -> None:
    found = 0
    for row in rows:
        if row["reason"] in {"callback", "ticket"}:
            continue
        found += 1
        wait = world.books.waits[row["conversation_id"], row["requested_at"]]
        taken = wait.outcome in {"met", "escalated"}
        until = wait.taken_at or wait.ticketed_at or world.now
        expected = {
            "contract": wait.phase.contract,
            "calendar": wait.phase.calendar,
            "deadline": wait.deadline,
            "assigned_at": wait.taken_at,
            "ended_at": wait.over_at,
            "level": wait.level(until),
        }
        assert {name: row[name] for name in expected} == expected, f"the case of {wait.conversation}"
        states = {"ticketed"} if wait.outcome == "ticketed" else {"waiting", "offered"}
        states = {"done" if wait.over_at else "assigned"} if taken else states
        assert row["state"] in states, f"the case of {wait.conversation} is {row['state']}"
    assert found == len(world.books.waits), "a case is missing"
    world.books.compared["cases"] = found


def _answers(world: World, rows: list[Row]) -> None:
    expected = {}
    for owed in world.books.owed.values():
        run = owed.running
        expected[owed.case_id] = (
            owed.phase.contract,
            owed.phase.calendar,
            owed.number,
            (run.clock, run.since, run.risk_at, run.due_at) if run else ("", None, None, None),
        )
    kept = {
        row["case_id"]: (
            row["contract"],
            row["calendar"],
            row["number"],
            (row["clock"], row["since"], row["risk_at"], row["due_at"]),
        )
        for row in rows
    }
    assert kept == expected, "what agents owe their customers"
    lines = {(one.case_id, one.number, one.mark != "start"): one for one in _heard(world)}
    by_name = {(one.contract, one.calendar): one for one in world.books.phases}
    told = {}
    for event in world.heard:
        mark = answer_mark(event)
        assert mark is not None
        told[mark.key] = Line(
            clock=mark.clock.value,
            mark=mark.mark.value,
            at=mark.at,
            due_at=mark.due_at,
            phase=by_name[mark.contract, mark.calendar],
            open_ms=mark.open_ms,
            reason=mark.reason,
            outcome=mark.outcome.value if mark.outcome else "",
        )
    assert len(lines) == len(world.heard), "a clock was told of twice"
    assert told == world.books.lines, _difference(told, world.books.lines)
    world.books.compared["answers"] = len(told)


def _heard(world: World) -> list[event_pb2.AnswerTimed]:
    return [event.answer_timed for event in world.heard]


def _difference(told: Mapping[Any, Any], expected: Mapping[Any, Any]) -> str:
    for key in sorted({*told, *expected}, key=str):
        if told.get(key) != expected.get(key):
            return f"answer clock {key}: told {told.get(key)}, and it is {expected.get(key)}"
    return ""


def _tickets(world: World, rows: list[Row]) -> None:
    for row in rows:
        slip = world.books.tickets[row["id"]]
        closes = slip.closes_at()
        if closes is not None and closes <= world.now:
            slip.move("closed", closes)
        calendar = world.books.always if slip.priority == "urgent" else slip.phase.calendar
        expected = {
            "contract_version": slip.phase.contract,
            "calendar_version": calendar,
            "created_at": slip.created_at,
            "response_due": slip.response_due,
            "promised_by": slip.promised_by,
            "solution_due": slip.solution_due,
            "status": slip.status,
            "paused_at": slip.paused_at,
            "solved_at": slip.solved_at,
            "closed_at": slip.closed_at,
            "first_response_at": slip.first_response_at,
        }
        assert {name: row[name] for name in expected} == expected, f"the ticket of {slip.conversation}"
    assert len(rows) == len(world.books.tickets), "a ticket is missing"
    world.books.compared["tickets"] = len(rows)


def _calls(world: World, rows: list[Row]) -> None:
    kept = {row["ticket_id"]: row for row in rows if row["state"]}
    assert kept.keys() == world.books.calls.keys(), "a promised call is missing"
    for ticket_id, call in world.books.calls.items():
        row = kept[ticket_id]
        expected = (call.at, call.state, call.late, call.tries)
        assert (row["callback_at"], row["state"], row["late"], row["tries"]) == expected, f"the call for {ticket_id}"
        assert call.state != "promised" or call.asks_at > world.now, "nobody was asked to call"
        assert call.state != "due" or call.at > world.now, "a call is late, and nobody owns up to it"


def _timers(world: World, rows: Mapping[str, list[Row]], kept: list[Row]) -> None:
    expected: dict[tuple[str, str], datetime] = {}
    for row in rows["cases"]:
        if row["state"] == "offered":
            expected[row["id"], "offer"] = row["offer_expires_at"]
        if row["state"] in {"waiting", "offered"} and row["reason"] != "callback":
            wait = world.books.waits[row["conversation_id"], row["requested_at"]]
            expected[row["id"], "deadline"] = wait.deadline
            widens = wait.widens(world.now)
            if widens is not None:
                expected[row["id"], "widen"] = widens
    for slip in world.books.tickets.values():
        closes = slip.closes_at()
        if closes is not None:
            expected[slip.id, "ticket_close"] = closes
    calls = world.books.calls
    for row in kept:
        if row["purpose"] == "callback" and calls[row["case_id"]].state == "missed":
            assert world.now < row["due_at"] <= world.now + LOOKS_AGAIN
        elif row["purpose"] == "widen" and (row["case_id"], "widen") not in expected:
            assert row["case_id"] in {one["id"] for one in rows["cases"] if one["reason"] == "callback"}
        else:
            key = row["case_id"], row["purpose"]
            if row["purpose"] == "callback":
                call = calls[row["case_id"]]
                expected[key] = call.asks_at if call.state == "promised" else call.at
            assert row["due_at"] == expected.pop(key, None), f"the timer {key}"
    assert not expected, f"timers are missing: {expected}"
    looked_at = {row["case_id"] for row in kept if row["purpose"] == "callback"}
    assert looked_at == {one.ticket_id for one in calls.values() if one.state in {"promised", "due", "missed"}}
    world.books.compared["timers"] += len(kept)


async def _boards(world: World) -> None:
    """What screens count is what the rows say."""
    queue = await world.desk.queue()
    assert (queue.answers_due, queue.answers_at_risk, queue.answers_overdue) == world.books.board(world.now)
    overdue = sum(slip.overdue(world.now) for slip in world.books.tickets.values())
    assert await tickets_on(world.desk).count(overdue=True) == overdue


async def check_calendars(world: World) -> None:
    """A version stands for the hours of its phase: each minute of the month, and of the weeks after, opens or not as it must."""
    names = {phase.number: phase.calendar for phase in world.books.phases}
    assert all(names.values()), f"a phase without a clock: {names}"
    assert len(set(names.values())) == len(names), f"phases that go by the same hours: {names}"
    async with world.desk.database.read() as tx:
        bodies = {row.version: row.body for row in await tx.execute(sa.select(calendars))}
    named = {phase.calendar: phase.desk for phase in world.books.phases}
    for version, hours in named.items():
        calendar = calendar_of(bodies[version])
        assert calendar.name == DESK
        assert Oracle(calendar, BEGINS, len(hours.open)).open == hours.open, f"the hours of {version}"
    if world.books.always:
        assert calendar_of(bodies[world.books.always]).name == ALWAYS


async def check_figures(world: World, board: Board) -> dict[str, int]:
    """What the ledger of answers makes of the events is what the books say: in time, late, missed, excluded."""
    for start in range(0, len(world.heard), 500):
        await board.happen(*world.heard[start : start + 500])
    asked = reports_pb2.GetLiveNumbersRequest(workspace=SHOP, window_seconds=100 * 86_400)
    found = {one.clock: one for one in (await board.api.GetLiveNumbers(asked, NO_CONTEXT)).agent_answers}
    total = dict.fromkeys(("in_time", "late", "missed", "excluded"), 0)
    for clock in (FIRST, NEXT):
        for outcome in total:
            expected = sum((line.clock, line.outcome) == (clock, outcome) for line in world.books.lines.values())
            assert getattr(found[clock], outcome) == expected, f"{clock} {outcome}"
            total[outcome] += expected
    return total
