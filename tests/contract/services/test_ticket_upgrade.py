"""Tickets that the version before wrote: they are read in today's terms, and that version goes on working beside this one."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import BOTH, NOON, RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, desk_on
from tests.contract.services.ticket_desk import TicketDesk, tickets_on
from yizhan.core.messages.codec import moment
from yizhan.core.store import migrate
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import Migrations
from yizhan.core.store.tables import UtcDateTime
from yizhan.pb.v1 import routing_pb2
from yizhan.routing.tickets.adopting import adopt_tickets

VERSIONS = Path(migrate.__file__).resolve().parents[2] / "routing" / "migrations" / "versions"

OLD = sa.Table(
    "tickets",
    sa.MetaData(schema="routing"),
    *(sa.Column(name, sa.String) for name in ("id", "workspace", "number", "conversation_id", "address")),
    *(sa.Column(name, sa.String) for name in ("status", "reason", "customer_name", "last_text", "agent_id")),
    *(sa.Column(name, UtcDateTime) for name in ("created_at", "promised_by")),
)
"""The table as the version before knows it."""

DESKS = sa.Table(
    "desks", sa.MetaData(schema="routing"), sa.Column("workspace", sa.String), sa.Column("tickets", sa.Integer)
)


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/yizhan.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def before(empty_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A database as the version before left it, with tickets in each of its states."""
    old = tmp_path / "versions"
    old.mkdir()
    for file in sorted(VERSIONS.glob("000[1-2]*.py")):
        (old / file.name).write_text(file.read_text("utf-8"), "utf-8")
    async with Database(empty_url) as database:
        await migrate.upgrade(database, Migrations("routing", old))
        async with database.begin() as tx:
            await tx.execute(DESKS.insert(), [{"workspace": SHOP, "tickets": 4}])
        for number, (status, agent, reason) in enumerate(
            [
                ("open", "", "requested"),
                ("taken", "ann", "requested"),
                ("resolved", "ann", "window_closed"),
                ("cancelled", "", "no_answer"),
            ],
            1,
        ):
            await written_as_before(database, number, status, agent, reason)
        yield database


async def written_as_before(
    database: Database, number: int, status: str, agent: str = "", reason: str = "requested", at: datetime = NOON
) -> None:
    row = {
        "id": f"t{number}",
        "workspace": SHOP,
        "number": f"T{number:06d}",
        "conversation_id": f"c{number}",
        "address": f'["{SHOP}", "website", "demo", "c{number}", ""]',
        "status": status,
        "reason": reason,
        "customer_name": "小雅",
        "last_text": "退款没到账",
        "created_at": at + timedelta(minutes=number),
        "promised_by": at + timedelta(hours=24),
        "agent_id": agent,
    }
    async with database.begin() as tx:
        await tx.execute(OLD.insert(), [row])


@pytest.fixture
async def tickets(before: Database, bus: RecordingBus, clock: SteppedClock) -> TicketDesk:
    await migrate.upgrade(before, "routing")
    desk = desk_on(before, bus, clock)
    await desk.agent("ann", state="offline")
    return tickets_on(desk)


async def test_old_states_are_read_in_todays_terms(tickets: TicketDesk) -> None:
    found = {ticket.id: ticket for ticket in (await tickets.page()).tickets}
    assert {name: (ticket.status, ticket.agent_id, ticket.source) for name, ticket in found.items()} == {
        "t1": ("open", "", "handoff"),
        "t2": ("open", "ann", "handoff"),
        "t3": ("solved", "ann", "window_closed"),
        "t4": ("closed", "", "handoff"),
    }
    first = found["t1"]
    assert (first.type, first.priority, first.title) == ("other", "normal", "")
    assert moment(first.solution_due) == moment(first.promised_by) == NOON + timedelta(hours=24)
    assert not first.HasField("response_due"), "nobody had promised one"
    assert await tickets.count(statuses=["open"]) == 2
    assert await tickets.count(statuses=["solved"], sources=["window_closed"]) == 1


@pytest.mark.parametrize("state", ["open", "taken", "resolved", "cancelled"])
async def test_the_list_in_four_states_shows_each_where_it_was(tickets: TicketDesk, state: str) -> None:
    asked = routing_pb2.ListTicketsRequest(workspace=SHOP, status=state)
    [ticket] = (await tickets.desk.api.ListTickets(asked, NO_CONTEXT)).tickets
    assert ticket.status == state


async def test_old_tickets_are_worked_on_like_new_ones(tickets: TicketDesk) -> None:
    found = {ticket.id: ticket for ticket in (await tickets.page()).tickets}
    edited = await tickets.edit(found["t1"], status="pending", add_tags=["退款"])
    assert (edited.status, edited.revision) == ("pending", 1)
    assert (await tickets.edit(found["t3"], status="reopened")).status == "reopened"
    assert (await tickets.make("c9")).number == "T000005"
    await tickets.desk.closed("c2", 9)
    assert (await tickets.get("t2")).ticket.status == "solved", "an agent had taken its conversation"


async def test_old_tickets_are_found_by_their_words_once_they_are_adopted(tickets: TicketDesk) -> None:
    assert await tickets.count(text="退款") == 0
    assert await adopt_tickets(tickets.desk.database) == 4
    assert await tickets.count(text="小雅 退款") == 4
    assert await adopt_tickets(tickets.desk.database) == 0
    assert (await tickets.get("t2")).ticket.agent_id == "ann"


async def test_the_version_before_writes_beside_this_one(tickets: TicketDesk) -> None:
    database = tickets.desk.database
    await written_as_before(database, 7, "open")
    mine = await tickets.make("c8", title="新的")
    async with database.begin() as tx:
        await tx.execute(OLD.update().where(OLD.c.id == "t7").values(status="taken", agent_id="ann"))
        await tx.execute(OLD.update().where(OLD.c.id == mine.id).values(status="resolved"))
        known = sa.select(OLD).where(OLD.c.workspace == SHOP, OLD.c.status.in_(["open", "taken"]))
        assert {row.id for row in await tx.execute(known)} == {"t1", "t2", "t7"}
    assert (await tickets.get("t7")).ticket.agent_id == "ann"
    shown = (await tickets.get(mine)).ticket
    assert (shown.status, shown.title) == ("solved", "新的")
    assert shown.HasField("solved_at")


async def test_tickets_in_traditional_characters_are_found_by_either_form(empty_url: str, tmp_path: Path) -> None:
    old = tmp_path / "before_simplified"
    old.mkdir()
    for file in sorted(VERSIONS.glob("000[1-6]*.py")):
        (old / file.name).write_text(file.read_text("utf-8"), "utf-8")
    terms = sa.Table("ticket_terms", sa.MetaData(schema="routing"), *map(sa.Column, ("workspace", "term", "ticket_id")))
    stored = ["發", "貨", "發貨", "发", "sf12"]
    async with Database(empty_url) as database:
        await migrate.upgrade(database, Migrations("routing", old))
        async with database.begin() as tx:
            await tx.execute(terms.insert(), [{"workspace": SHOP, "term": term, "ticket_id": "t-1"} for term in stored])
        await migrate.upgrade(database, Migrations("routing", VERSIONS))
        async with database.read() as tx:
            found = (await tx.execute(sa.select(terms.c.term).where(terms.c.ticket_id == "t-1"))).scalars().all()
    assert sorted(found) == sorted([*stored, "货", "发货"])
