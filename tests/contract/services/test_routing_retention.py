"""What routing has kept long enough goes, in small portions, and nothing that somebody still needs."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, desk_on, swept
from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import Uuid7
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.desk import Case, CaseState
from yizhan.routing.retention import Keep
from yizhan.routing.store.agent_history_tables import agent_history
from yizhan.routing.store.attend_tables import attend_events, attend_requests, attend_systems
from yizhan.routing.store.callback_tables import ticket_contacts
from yizhan.routing.store.decisions import StoredDecision, keep_decision
from yizhan.routing.store.group_tables import decisions, transfers
from yizhan.routing.store.system_tables import attend_readable, system_tokens
from yizhan.routing.store.tables import cases
from yizhan.routing.store.tickets_tables import tickets
from yizhan.routing.store.webhook_tables import webhook_reading

OTHER = "other"
SHORT = "contract: short\nzone: Asia/Shanghai\nretention: {responses: 100d, tickets: 100d}\n"


def ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def made(at: datetime) -> str:
    """An id as it was given out then."""
    return Uuid7(lambda: int(at.timestamp() * 1000))()


async def decided(database: Database, *ages: float, case_made: float | None = None) -> None:
    """Decisions of so many days ago, each of a case of its own."""
    for number, age in enumerate(ages):
        case_id = made(ago(age if case_made is None else case_made))
        async with database.begin() as tx:
            await keep_decision(tx, StoredDecision(case_id, 1, SHOP, f"c{number}", ago(age), "ann", "{}"))


def case(requested: float, state: CaseState, ended: float | None = None, *, workspace: str = SHOP) -> Case:
    """A hand-off that was asked for, and ended, so many days ago."""
    return Case(
        id=made(ago(requested)),
        workspace=workspace,
        conversation_id=f"{state.value} {requested} {ended}",
        address=Address(workspace, "website", "demo", "v:1"),
        epoch=2,
        state=state,
        reason="requested",
        customer_name="",
        last_text="",
        requested_at=ago(requested),
        deadline=ago(requested),
        ended_at=None if ended is None else ago(ended),
    )


async def kept(database: Database, table: sa.Table, column: sa.ColumnElement[str]) -> list[str]:
    async with database.read() as tx:
        return sorted((await tx.execute(sa.select(column).select_from(table))).scalars())


async def test_why_an_agent_was_chosen_goes_with_its_time(database: Database, clock: SteppedClock) -> None:
    await decided(database, 400, 91, 90.5, 89, 0.1)
    metrics = Metrics("test")
    assert await swept(database, clock, batch=1, metrics=metrics) == {"routing_decisions": 3}
    assert await kept(database, decisions, decisions.c.conversation_id) == ["c3", "c4"]
    gone = metrics.registry.get_sample_value("yizhan_retention_removed_total", {"what": "routing_decisions"})
    assert gone == 3.0
    assert await swept(database, clock) == {}


async def test_what_agents_were_goes_but_for_what_they_still_were(database: Database, clock: SteppedClock) -> None:
    """Whoever was last noted online 100 days ago was online when the 90 days began: a day's recording has to know."""
    ages = {"ann": (300, 200, 100), "bob": (95, 10), "cai": (400,), "dan": (91, 91)}
    rows = [
        {"id": made(ago(age)), "agent_id": agent, "at": ago(age), "presence": "online"}
        for agent, each in ages.items()
        for age in each
    ]
    common = {"workspace": SHOP, "enabled": True, "capacity": 2, "supervisor": False, "abilities": "{}"}
    async with database.begin() as tx:
        await tx.execute(agent_history.insert(), [row | common for row in rows])
    assert await swept(database, clock, batch=1) == {"agent_history": 3}
    async with database.read() as tx:
        left = await tx.execute(sa.select(agent_history.c.agent_id, agent_history.c.at))
    assert sorted((row.agent_id, (NOON - row.at).days) for row in left) == [
        ("ann", 100),
        ("bob", 10),
        ("bob", 95),
        ("cai", 400),
        ("dan", 91),
    ]
    assert await swept(database, clock) == {}


async def test_a_late_decision_about_an_old_case_stays(database: Database, clock: SteppedClock) -> None:
    await decided(database, 20, case_made=200)
    assert await swept(database, clock) == {}


async def test_hand_offs_go_when_the_contract_keeps_them_no_longer(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    """The standard contract keeps what proves its figures for 365 days, another one says 100."""
    asked = pb.PublishContractRequest(workspace=OTHER, text=SHORT, by="sue")
    await desk_on(database, bus, clock).api.PublishContract(asked, NO_CONTEXT)
    staying = [
        case(400, CaseState.DONE, 300),
        case(364, CaseState.DONE, 363.9),
        case(400, CaseState.ASSIGNED),
        case(400, CaseState.WAITING),
        case(400, CaseState.OFFERED),
        case(99, CaseState.DONE, 98, workspace=OTHER),
    ]
    going = [
        case(400, CaseState.DONE, 366),
        case(400, CaseState.DONE),
        case(366, CaseState.TICKETED),
        case(110, CaseState.DONE, 101, workspace=OTHER),
    ]
    async with database.begin() as tx:
        await store.lock_desk(tx, SHOP)
        for one in [*staying, *going]:
            await store.insert_case(tx, one)
    assert await swept(database, clock, batch=2) == {"cases": 4}
    assert await kept(database, cases, cases.c.id) == sorted(one.id for one in staying)


async def reached(
    database: Database,
    name: str,
    asked: float,
    state: str = "done",
    *,
    ticket: tuple[str, float] | None,
    workspace: str = SHOP,
) -> None:
    """How a customer wanted to be reached so many days ago; ``ticket``: how it stands, and when anything last happened to it."""
    contact = {"workspace": workspace, "conversation_id": name, "phone": "13812345678", "case_id": ""}
    async with database.begin() as tx:
        await store.lock_desk(tx, workspace)
        await tx.execute(
            ticket_contacts.insert(), [contact | {"ticket_id": name, "asked_at": ago(asked), "state": state}]
        )
        if ticket is not None:
            words = dict.fromkeys(("address", "reason", "customer_name", "last_text", "agent_id"), "")
            times = {"created_at": ago(asked), "promised_by": ago(asked), "updated_at": ago(ticket[1])}
            which = {"id": name, "number": name, "workspace": workspace, "conversation_id": name, "status": ticket[0]}
            await tx.execute(tickets.insert(), [words | times | which])


async def test_how_customers_were_reached_goes_once_their_ticket_is_settled_for_long(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    """Two years by the standard contract, another one says 100 days; the tickets stay."""
    asked = pb.PublishContractRequest(workspace=OTHER, text=SHORT, by="sue")
    await desk_on(database, bus, clock).api.PublishContract(asked, NO_CONTEXT)
    staying = {
        "settled lately": reached(database, "settled lately", 900, ticket=("closed", 729)),
        "unsettled": reached(database, "unsettled", 900, "", ticket=("pending", 900)),
        "taken up again": reached(database, "taken up again", 900, ticket=("reopened", 800)),
        "owed": reached(database, "owed", 900, "missed", ticket=("closed", 800)),
        "asked lately": reached(database, "asked lately", 99, ticket=("closed", 99), workspace=OTHER),
    }
    going = {
        "called": reached(database, "called", 900, ticket=("closed", 731)),
        "only a number": reached(database, "only a number", 900, "", ticket=("solved", 731)),
        "without a ticket": reached(database, "without a ticket", 731, ticket=None),
        "of a short contract": reached(database, "of a short contract", 300, ticket=("closed", 101), workspace=OTHER),
    }
    for made_so in (*staying.values(), *going.values()):
        await made_so
    assert await swept(database, clock, batch=1) == {"ticket_contacts": len(going)}
    assert await kept(database, ticket_contacts, ticket_contacts.c.ticket_id) == sorted(staying)
    assert len(await kept(database, tickets, tickets.c.id)) == len(staying) + len(going) - 1
    assert await swept(database, clock) == {}


AGES = (31.0, 29.0, 8.0, 6.0)


async def fill(database: Database, *, acknowledged: int) -> None:
    """Of each kind something of every age; the cursor of an event is its place among the ages."""
    own: dict[str, object] = {"workspace": SHOP, "system": "own"}
    hello = own | {"session": "s", "agents": "[]", "all_agents": True, "last_cursor": len(AGES), "said_hello_at": NOON}
    async with database.begin() as tx:
        await tx.execute(attend_systems.insert(), [hello | {"acknowledged": acknowledged}])
        for cursor, age in enumerate(AGES, start=1):
            at, name = ago(age), f"{age:g}"
            await tx.execute(attend_events.insert(), [own | {"cursor": cursor, "at": at, "body": b""}])
            await tx.execute(attend_requests.insert(), [own | {"id": name, "at": at}])
            await tx.execute(attend_readable.insert(), [own | {"conversation_id": name, "until": at}])
            told = own | {"conversation_id": name, "seq": 1, "sending": 0, "note": 0}
            await tx.execute(webhook_reading.insert(), [told | {"open": name == "29"}])
            token = own | {"digest": name.encode(), "made_at": ago(50), "ends_at": at, "ended": "rotated"}
            await tx.execute(system_tokens.insert(), [token])
            going = {"to_agent": "", "to_group": "", "from_agent": "ann", "note": "", "at": at}
            await tx.execute(transfers.insert(), [going | {"conversation_id": name, "epoch": 2}])
        until = own | {"conversation_id": "later", "until": NOON + timedelta(days=1)}
        await tx.execute(attend_readable.insert(), [until])
        lasting = own | {"digest": b"lasting", "made_at": ago(50), "ended": ""}
        await tx.execute(system_tokens.insert(), [lasting])


@pytest.mark.parametrize(
    ("acknowledged", "events"),
    [
        pytest.param(0, 1, id="nothing is acknowledged: what is older than a month goes"),
        pytest.param(2, 2, id="what is acknowledged goes after a week"),
        pytest.param(4, 3, id="but not before"),
    ],
)
@pytest.mark.parametrize("batch", [1, 500])
async def test_what_own_agent_systems_were_told_and_asked_for_goes(
    database: Database, clock: SteppedClock, acknowledged: int, events: int, batch: int
) -> None:
    await fill(database, acknowledged=acknowledged)
    assert await swept(database, clock, batch=batch) == {
        "attend_events": events,
        "attend_requests": 3,
        "attend_readable": 4,
        "webhook_reading": 3,
        "system_tokens": 1,
        "transfers": 1,
    }
    assert await kept(database, attend_readable, attend_readable.c.conversation_id) == ["later"]
    assert await kept(database, webhook_reading, webhook_reading.c.conversation_id) == ["29"], "its agents have it"
    assert await kept(database, transfers, transfers.c.conversation_id) == ["29", "6", "8"]
    assert await kept(database, attend_requests, attend_requests.c.id) == ["6"]
    assert await swept(database, clock, batch=batch) == {}


async def test_a_deployment_chooses_how_long(database: Database, clock: SteppedClock) -> None:
    await decided(database, 40, 10)
    await fill(database, acknowledged=0)
    keep = replace(Keep(), decisions=timedelta(days=30), events=timedelta(days=60))
    gone = await swept(database, clock, keep)
    assert (gone["routing_decisions"], gone["attend_events"], gone["transfers"]) == (1, 0, 0)
