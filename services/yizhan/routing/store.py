"""The routing service's tables (schema ``routing``) and every query on them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.address import Address
from yizhan.core.store.inbox import inbox_table
from yizhan.core.store.outbox import outbox_table
from yizhan.core.store.tables import UtcDateTime, metadata_for
from yizhan.core.store.timers import timers_table
from yizhan.routing.desk import BUSY, UNSERVED, Agent, Case, CaseState, Presence, Ticket

SERVICE = "routing"
metadata = metadata_for(SERVICE)

inbox = inbox_table(metadata, SERVICE)
outbox = outbox_table(metadata, SERVICE)
timers = timers_table(metadata, SERVICE)

desks = sa.Table(
    "desks",
    metadata,
    sa.Column("workspace", sa.String(64), primary_key=True),
    sa.Column("tickets", sa.BigInteger, nullable=False),
)
"""One row per workspace. Whoever changes who serves whom holds its lock; ``tickets`` counts ticket numbers."""

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("presence", sa.String(10), nullable=False),
    sa.Column("heard_at", UtcDateTime),
    sa.Column("offered_at", UtcDateTime),
    sa.Column("enabled", sa.Boolean, nullable=False),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False, index=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("customer_name", sa.String(200), nullable=False),
    sa.Column("last_text", sa.String(400), nullable=False),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Column("deadline", UtcDateTime, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.Column("offer_id", sa.String(36), nullable=False),
    sa.Column("offer_expires_at", UtcDateTime),
    sa.Column("offered_at", UtcDateTime),
    sa.Column("assigned_at", UtcDateTime),
    sa.Column("told_position", sa.Integer, nullable=False),
    sa.Column("passed", sa.Text, nullable=False),
    sa.Column("reply_until", UtcDateTime),
    sa.Column("reply_left", sa.Integer),
    sa.Index("cases_by_state", "workspace", "state"),
    sa.Index("cases_by_agent", "agent_id", "state"),
)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("workspace", sa.String(64), nullable=False),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("conversation_id", sa.String(36), nullable=False, index=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("customer_name", sa.String(200), nullable=False),
    sa.Column("last_text", sa.String(400), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("promised_by", UtcDateTime, nullable=False),
    sa.Column("agent_id", sa.String(36), nullable=False),
    sa.UniqueConstraint("workspace", "number", name="tickets_number"),
    sa.Index("tickets_by_status", "workspace", "status", "created_at"),
)

_CASE = tuple(column.name for column in cases.columns)
_TICKET = tuple(column.name for column in tickets.columns)
_AGENT = tuple(column.name for column in agents.columns)


async def lock_desk(tx: AsyncConnection, workspace: str) -> None:
    """Let nobody else change who serves whom in this workspace until the transaction ends."""
    query = sa.select(desks.c.workspace).where(desks.c.workspace == workspace).with_for_update()
    if (await tx.execute(query)).first() is None:
        await tx.execute(desks.insert(), [{"workspace": workspace, "tickets": 0}])


async def next_ticket_number(tx: AsyncConnection, workspace: str) -> int:
    """The next number; the desk must be locked."""
    await tx.execute(desks.update().where(desks.c.workspace == workspace).values(tickets=desks.c.tickets + 1))
    number: int = (await tx.execute(sa.select(desks.c.tickets).where(desks.c.workspace == workspace))).scalar_one()
    return number


async def workspaces(tx: AsyncConnection) -> Sequence[str]:
    return list((await tx.execute(sa.select(desks.c.workspace))).scalars())


async def put_agent(tx: AsyncConnection, agent: Agent) -> None:
    """Insert an agent or change name, capacity and whether they are enabled."""
    if await load_agent(tx, agent.workspace, agent.id) is None:
        await tx.execute(agents.insert(), [{name: getattr(agent, name) for name in _AGENT}])
        return
    await tx.execute(
        agents.update()
        .where(agents.c.id == agent.id, agents.c.workspace == agent.workspace)
        .values(name=agent.name, capacity=agent.capacity, enabled=agent.enabled)
    )


async def load_agent(tx: AsyncConnection, workspace: str, agent_id: str) -> Agent | None:
    query = sa.select(agents).where(agents.c.id == agent_id, agents.c.workspace == workspace)
    row = (await tx.execute(query)).mappings().first()
    return _agent(row) if row else None


async def load_agents(tx: AsyncConnection, workspace: str) -> Sequence[Agent]:
    query = sa.select(agents).where(agents.c.workspace == workspace).order_by(agents.c.name, agents.c.id)
    return [_agent(row) for row in (await tx.execute(query)).mappings()]


async def hear(tx: AsyncConnection, agent_id: str, at: datetime, presence: Presence | None) -> None:
    """Note that an agent's screen is there, and the presence they chose if they did."""
    values: dict[str, object] = {"heard_at": at}
    if presence is not None:
        values["presence"] = presence.value
    await tx.execute(agents.update().where(agents.c.id == agent_id).values(values))


async def note_offer(tx: AsyncConnection, agent_id: str, at: datetime) -> None:
    await tx.execute(agents.update().where(agents.c.id == agent_id).values(offered_at=at))


async def silent_agents(tx: AsyncConnection, heard_before: datetime) -> Sequence[Agent]:
    """Agents who count as present but have not been heard of since."""
    query = sa.select(agents).where(
        agents.c.presence != Presence.OFFLINE.value,
        sa.or_(agents.c.heard_at.is_(None), agents.c.heard_at < heard_before),
    )
    return [_agent(row) for row in (await tx.execute(query)).mappings()]


async def loads(tx: AsyncConnection, workspace: str) -> Mapping[str, int]:
    """Conversations offered or assigned, by agent."""
    query = (
        sa.select(cases.c.agent_id, sa.func.count())
        .where(cases.c.workspace == workspace, cases.c.state.in_([state.value for state in BUSY]))
        .group_by(cases.c.agent_id)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def insert_case(tx: AsyncConnection, case: Case) -> None:
    await tx.execute(cases.insert(), [_case_row(case)])


async def save_case(tx: AsyncConnection, case: Case) -> None:
    await tx.execute(cases.update().where(cases.c.id == case.id).values(_case_row(case)))


async def load_case(tx: AsyncConnection, case_id: str) -> Case | None:
    row = (await tx.execute(sa.select(cases).where(cases.c.id == case_id))).mappings().first()
    return _case(row) if row else None


async def case_by_offer(tx: AsyncConnection, workspace: str, offer_id: str) -> Case | None:
    query = sa.select(cases).where(cases.c.offer_id == offer_id, cases.c.workspace == workspace)
    row = (await tx.execute(query)).mappings().first()
    return _case(row) if row else None


async def open_case(tx: AsyncConnection, workspace: str, conversation_id: str) -> Case | None:
    """The case of a conversation that is waiting, offered or assigned, if there is one."""
    query = (
        sa.select(cases)
        .where(
            cases.c.workspace == workspace,
            cases.c.conversation_id == conversation_id,
            cases.c.state.in_([state.value for state in UNSERVED | BUSY]),
        )
        .order_by(cases.c.requested_at.desc())
    )
    row = (await tx.execute(query)).mappings().first()
    return _case(row) if row else None


async def cases_in(
    tx: AsyncConnection, workspace: str, states: Sequence[CaseState], agent_id: str = ""
) -> Sequence[Case]:
    query = sa.select(cases).where(cases.c.workspace == workspace, cases.c.state.in_([state.value for state in states]))
    if agent_id:
        query = query.where(cases.c.agent_id == agent_id)
    return [_case(row) for row in (await tx.execute(query.order_by(cases.c.requested_at, cases.c.id))).mappings()]


async def cases_of_agents_unheard(tx: AsyncConnection, heard_before: datetime) -> Sequence[Case]:
    """Assigned cases, with a known epoch, of agents who have not been heard of since."""
    query = (
        sa.select(cases)
        .join(agents, agents.c.id == cases.c.agent_id)
        .where(
            cases.c.state == CaseState.ASSIGNED.value,
            cases.c.epoch > 0,
            sa.or_(agents.c.heard_at.is_(None), agents.c.heard_at < heard_before),
        )
    )
    return [_case(row) for row in (await tx.execute(query)).mappings()]


async def insert_ticket(tx: AsyncConnection, ticket: Ticket) -> None:
    await tx.execute(tickets.insert(), [_ticket_row(ticket)])


async def save_ticket(tx: AsyncConnection, ticket: Ticket) -> None:
    await tx.execute(tickets.update().where(tickets.c.id == ticket.id).values(_ticket_row(ticket)))


async def load_ticket(tx: AsyncConnection, workspace: str, ticket_id: str) -> Ticket | None:
    query = sa.select(tickets).where(tickets.c.id == ticket_id, tickets.c.workspace == workspace)
    row = (await tx.execute(query)).mappings().first()
    return _ticket(row) if row else None


async def open_tickets_of(tx: AsyncConnection, workspace: str, conversation_id: str) -> Sequence[Ticket]:
    query = sa.select(tickets).where(
        tickets.c.workspace == workspace,
        tickets.c.conversation_id == conversation_id,
        tickets.c.status.in_(["open", "taken"]),
    )
    return [_ticket(row) for row in (await tx.execute(query)).mappings()]


async def list_tickets(tx: AsyncConnection, workspace: str, status: str, offset: int, size: int) -> Sequence[Ticket]:
    """Open promises by their deadline, others newest first; one more than ``size`` when there are more."""
    query = sa.select(tickets).where(tickets.c.workspace == workspace)
    if status:
        query = query.where(tickets.c.status == status)
    order = tickets.c.promised_by.asc() if status == "open" else tickets.c.created_at.desc()
    query = query.order_by(order, tickets.c.id).offset(offset).limit(size + 1)
    return [_ticket(row) for row in (await tx.execute(query)).mappings()]


async def count_open_tickets(tx: AsyncConnection, workspace: str) -> int:
    query = sa.select(sa.func.count()).where(tickets.c.workspace == workspace, tickets.c.status == "open")
    return (await tx.execute(query)).scalar_one()


def _agent(row: sa.RowMapping) -> Agent:
    return Agent(**{name: row[name] for name in _AGENT if name != "presence"}, presence=Presence(row["presence"]))


def _case(row: sa.RowMapping) -> Case:
    plain = {name: row[name] for name in _CASE if name not in {"address", "state", "passed"}}
    return Case(
        **plain,
        address=Address(*json.loads(row["address"])),
        state=CaseState(row["state"]),
        passed=tuple(json.loads(row["passed"])),
    )


def _case_row(case: Case) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(case, name) for name in _CASE}
    row["address"] = _address_text(case.address)
    row["state"] = case.state.value
    row["passed"] = json.dumps(case.passed)
    return row


def _ticket(row: sa.RowMapping) -> Ticket:
    plain = {name: row[name] for name in _TICKET if name != "address"}
    return Ticket(**plain, address=Address(*json.loads(row["address"])))


def _ticket_row(ticket: Ticket) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(ticket, name) for name in _TICKET}
    row["address"] = _address_text(ticket.address)
    return row


def _address_text(address: Address) -> str:
    return json.dumps([address.workspace, address.channel, address.account, address.customer, address.thread])
