"""Deleting what has been kept long enough, a limited number of rows at a time, the oldest first. Each gives how many went."""

from datetime import datetime

import sqlalchemy as sa

from yizhan.core.messages.ids import least_id
from yizhan.core.store.database import Transaction
from yizhan.routing.callbacks.callback import OWED
from yizhan.routing.desk import CaseState
from yizhan.routing.store.agent_history_tables import agent_history
from yizhan.routing.store.attend_tables import attend_events, attend_requests, attend_systems
from yizhan.routing.store.callback_tables import ticket_contacts
from yizhan.routing.store.group_tables import decisions, transfers
from yizhan.routing.store.system_tables import attend_readable, system_tokens
from yizhan.routing.store.tables import cases
from yizhan.routing.store.tickets_tables import tickets
from yizhan.routing.store.webhook_tables import webhook_reading
from yizhan.routing.tickets.ticket import UNSETTLED

_ENDED = (CaseState.TICKETED.value, CaseState.DONE.value)


async def drop_decisions(tx: Transaction, before: datetime, limit: int) -> int:
    """Why agents were chosen. A case's id tells when it was made, so those that may be old enough are found by the key."""
    d = decisions.c
    old = sa.and_(d.case_id < least_id(before), d.at < before)
    return await _drop(tx, decisions, old, (d.case_id, d.number), limit)


async def drop_agent_history(tx: Transaction, before: datetime, limit: int) -> int:
    """What agents were, but for the last of it: that is what they still were when the time that is kept began."""
    h, newer = agent_history.c, agent_history.alias("newer")
    later = sa.or_(newer.c.at > h.at, sa.and_(newer.c.at == h.at, newer.c.id > h.id))
    followed = sa.exists().where(newer.c.agent_id == h.agent_id, newer.c.at < before, later)
    old = sa.and_(h.id < least_id(before), h.at < before, followed)
    return await _drop(tx, agent_history, old, (h.id,), limit)


async def drop_cases(tx: Transaction, workspace: str, before: datetime, limit: int) -> int:
    """Hand-offs that ended before. One that ended under a version which did not say when counts from its request."""
    c = cases.c
    old = sa.and_(
        c.workspace == workspace,
        c.requested_at < before,
        c.state.in_(_ENDED),
        sa.func.coalesce(c.ended_at, c.requested_at) < before,
    )
    return await _drop(tx, cases, old, (c.requested_at,), limit)


async def drop_contacts(tx: Transaction, workspace: str, before: datetime, limit: int) -> int:
    """How customers of tickets wanted to be reached, and what came of calls: where nothing has happened on the ticket since.

    A call that is still owed stays whatever its age, and so does what an unsettled ticket's customer is to be called by.
    """
    c, t = ticket_contacts.c, tickets.c
    unsettled = t.status.in_([status.value for status in UNSETTLED])
    needed = sa.exists().where(
        t.id == c.ticket_id, sa.or_(unsettled, sa.func.coalesce(t.updated_at, t.created_at) >= before)
    )
    owed = c.state.in_([state.value for state in OWED])
    old = sa.and_(c.workspace == workspace, c.asked_at < before, sa.not_(owed), sa.not_(needed))
    return await _drop(tx, ticket_contacts, old, (c.asked_at,), limit)


async def drop_transfers(tx: Transaction, before: datetime, limit: int) -> int:
    """Where conversations were to go that never came back to the queue."""
    return await _drop(tx, transfers, transfers.c.at < before, (transfers.c.at,), limit)


async def drop_events(tx: Transaction, acknowledged_before: datetime, before: datetime, limit: int) -> int:
    """What own agent systems were told and acknowledged, and whatever is older still."""
    e, s = attend_events.c, attend_systems.c
    acknowledged = sa.exists().where(s.workspace == e.workspace, s.system == e.system, s.acknowledged >= e.cursor)
    latest = max(acknowledged_before, before)
    old = sa.and_(e.at < latest, sa.or_(e.at < before, sa.and_(e.at < acknowledged_before, acknowledged)))
    return await _drop(tx, attend_events, old, (e.at,), limit)


async def drop_requests(tx: Transaction, before: datetime, limit: int) -> int:
    """What own agent systems asked for."""
    return await _drop(tx, attend_requests, attend_requests.c.at < before, (attend_requests.c.at,), limit)


async def drop_readable(tx: Transaction, before: datetime, limit: int) -> int:
    """Conversations that own agent systems may not read any more since then."""
    return await _drop(tx, attend_readable, attend_readable.c.until < before, (attend_readable.c.until,), limit)


async def drop_reading(tx: Transaction, limit: int) -> int:
    """How far systems were told conversations by webhook that they may not read any more."""
    r, a = webhook_reading.c, attend_readable.c
    readable = sa.exists().where(
        a.workspace == r.workspace, a.system == r.system, a.conversation_id == r.conversation_id
    )
    old = sa.and_(r.open.is_(False), sa.not_(readable))
    return await _drop(tx, webhook_reading, old, (r.workspace, r.system, r.conversation_id), limit)


async def drop_tokens(tx: Transaction, before: datetime, limit: int) -> int:
    """Tokens that have been over since then."""
    t = system_tokens.c
    return await _drop(tx, system_tokens, sa.or_(t.ends_at < before, t.expires_at < before), (t.made_at,), limit)


async def _drop(
    tx: Transaction,
    table: sa.Table,
    old: sa.ColumnElement[bool],
    order: tuple[sa.ColumnElement[object], ...],
    limit: int,
) -> int:
    key = tuple(table.primary_key.columns)
    found = sa.select(*key).where(old).order_by(*order).limit(limit)
    mine = key[0] if len(key) == 1 else sa.tuple_(*key)
    return (await tx.execute(table.delete().where(mine.in_(found)))).rowcount
