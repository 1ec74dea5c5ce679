"""Queries on systems that are told by webhook."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.tables import UtcDateTime, database_now
from yizhan.routing.store.attend_tables import attend_events, attend_systems
from yizhan.routing.store.webhook_tables import webhook_reading, webhooks


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a system is told, and how that goes. Secrets are sealed; the older one is good until ``older_until``."""

    workspace: str
    system: str
    url: str
    secret: bytes = field(repr=False)
    older_secret: bytes | None = field(default=None, repr=False)
    older_until: datetime | None = None
    greeted: bool = False
    present: frozenset[str] = frozenset()
    heard_at: datetime | None = None
    tries: int = 0
    failing_since: datetime | None = None
    next_try_at: datetime | None = None
    problem: str = ""
    dead: bool = False
    holder: str = ""
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a system was told a conversation; ``sending``: up to this seq messages are on their way."""

    conversation_id: str
    seq: int = 0
    sending: int = 0
    note: int = 0
    open: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """``mine``: this process tells the system, for as long as was asked for."""

    webhook: Webhook
    mine: bool


async def put_webhook(tx: AsyncConnection, webhook: Webhook) -> None:
    values = _values(webhook)
    if (await tx.execute(webhooks.update().where(_here(webhook.workspace, webhook.system)).values(values))).rowcount:
        return
    await tx.execute(webhooks.insert(), [{"workspace": webhook.workspace, "system": webhook.system, **values}])


async def remove_webhook(tx: AsyncConnection, workspace: str, name: str) -> None:
    await tx.execute(webhooks.delete().where(_here(workspace, name)))
    r = webhook_reading.c
    await tx.execute(webhook_reading.delete().where(r.workspace == workspace, r.system == name))


async def load_webhook(tx: AsyncConnection, workspace: str, name: str, *, lock: bool = False) -> Webhook | None:
    query = sa.select(webhooks).where(_here(workspace, name))
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().first()
    return _webhook(row) if row else None


async def list_webhooks(tx: AsyncConnection, workspace: str | None = None) -> Sequence[tuple[Webhook, int]]:
    """Of this workspace, or of all, each with how many kept events it has not taken yet."""
    w, s = webhooks.c, attend_systems.c
    joined = webhooks.outerjoin(attend_systems, sa.and_(s.workspace == w.workspace, s.system == w.system))
    waiting = sa.func.coalesce(s.last_cursor - s.acknowledged, 0).label("waiting")
    query = sa.select(webhooks, waiting).select_from(joined).order_by(w.workspace, w.system)
    rows = await tx.execute(query if workspace is None else query.where(w.workspace == workspace))
    return [(_webhook(row), row["waiting"]) for row in rows.mappings()]


async def untaken_since(tx: AsyncConnection) -> datetime | None:
    """Since when that has waited which some system, of whatever workspace, is to be told next; None: nothing waits.

    A kept event waits from when it happened; what is said in a conversation that it has, since its posts began to fail.
    """
    w, s, e, r = webhooks.c, attend_systems.c, attend_events.c, webhook_reading.c
    next_one = (
        sa.select(e.at)
        .where(e.workspace == s.workspace, e.system == s.system, e.cursor > s.acknowledged)
        .order_by(e.cursor)
        .limit(1)
        .scalar_subquery()
    )
    told = webhooks.join(attend_systems, sa.and_(s.workspace == w.workspace, s.system == w.system))
    has_customers = sa.exists().where(r.workspace == w.workspace, r.system == w.system, r.open.is_(True))
    events = sa.select(next_one.label("since")).select_from(told)
    words = sa.select(w.failing_since.label("since")).where(has_customers)
    both = sa.union_all(events, words).subquery()
    since: datetime | None = (await tx.execute(sa.select(sa.func.min(both.c.since, type_=UtcDateTime)))).scalar()
    return since


async def claim(
    tx: AsyncConnection, workspace: str, name: str, holder: str, lasts: timedelta, *, alone: bool
) -> Claim | None:
    """Be the one process that tells this system, for so long from now; None: there is no webhook.

    ``alone``: there is no other process, so that whoever held it is dead. In a writing transaction.
    """
    query = sa.select(webhooks, database_now().label("now")).where(_here(workspace, name)).with_for_update()
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    theirs = row["holder"] not in {"", holder} and row["held_until"] is not None and row["held_until"] > row["now"]
    if theirs and not alone:
        return Claim(_webhook(row), False)
    held = {"holder": holder, "held_until": row["now"] + lasts}
    await tx.execute(webhooks.update().where(_here(workspace, name)).values(held))
    return Claim(_webhook(row), True)


async def release(tx: AsyncConnection, workspace: str, name: str, holder: str) -> None:
    """Another process may tell the system at once."""
    mine = _here(workspace, name) & (webhooks.c.holder == holder)
    await tx.execute(webhooks.update().where(mine).values(holder="", held_until=None))


async def note_taken(tx: AsyncConnection, workspace: str, name: str, at: datetime) -> None:
    """It took what was posted, or was heard of otherwise: nothing is wrong any more."""
    well = {"heard_at": at, "tries": 0, "failing_since": None, "next_try_at": None, "problem": ""}
    await tx.execute(webhooks.update().where(_here(workspace, name)).values(well))


async def note_failed(
    tx: AsyncConnection,
    workspace: str,
    name: str,
    *,
    since: datetime,
    tries: int,
    problem: str,
    next_try_at: datetime | None,
) -> None:
    """It did not take it. Without a next try nothing is posted any more."""
    badly = {
        "failing_since": since,
        "tries": tries,
        "problem": problem,
        "next_try_at": next_try_at,
        "dead": next_try_at is None,
    }
    await tx.execute(webhooks.update().where(_here(workspace, name)).values(badly))


async def try_now(tx: AsyncConnection, workspace: str, name: str) -> None:
    """A pause between tries is over: the system was heard of. One that is dead stays so."""
    await tx.execute(webhooks.update().where(_here(workspace, name)).values(next_try_at=None))


async def set_greeted(tx: AsyncConnection, workspace: str, name: str) -> None:
    await tx.execute(webhooks.update().where(_here(workspace, name)).values(greeted=True))


async def set_present(tx: AsyncConnection, workspace: str, name: str, agent_id: str, *, there: bool) -> None:
    """Whose presence this system vouches for."""
    webhook = await load_webhook(tx, workspace, name, lock=True)
    if webhook is None:
        return
    present = webhook.present - {agent_id} | ({agent_id} if there else set())
    await tx.execute(webhooks.update().where(_here(workspace, name)).values(present=json.dumps(sorted(present))))


async def open_readings(tx: AsyncConnection, workspace: str, name: str) -> Sequence[Reading]:
    """Of conversations that its agents have, as far as it was told."""
    r = webhook_reading.c
    query = sa.select(r.conversation_id, r.seq, r.sending, r.note, r.open)
    here = (r.workspace == workspace) & (r.system == name) & r.open.is_(True)
    return [Reading(*row) for row in await tx.execute(query.where(here).order_by(r.conversation_id))]


async def open_reading(tx: AsyncConnection, workspace: str, name: str, conversation_id: str) -> None:
    """It was told that its agents have this conversation: from now on, what is said there, after what it knows."""
    here = _reading(workspace, name, conversation_id)
    if (await tx.execute(webhook_reading.update().where(here).values(open=True))).rowcount:
        return
    first = {"workspace": workspace, "system": name, "conversation_id": conversation_id}
    await tx.execute(webhook_reading.insert(), [first | {"seq": 0, "sending": 0, "note": 0, "open": True}])


async def close_reading(tx: AsyncConnection, workspace: str, name: str, conversation_id: str) -> None:
    await tx.execute(
        webhook_reading.update().where(_reading(workspace, name, conversation_id)).values(open=False, sending=0)
    )


async def close_readings(tx: AsyncConnection, workspace: str, name: str) -> None:
    r = webhook_reading.c
    here = (r.workspace == workspace) & (r.system == name)
    await tx.execute(webhook_reading.update().where(here).values(open=False, sending=0))


async def send_up_to(tx: AsyncConnection, workspace: str, name: str, conversation_id: str, seq: int) -> None:
    """Messages up to this one are on their way now."""
    await tx.execute(webhook_reading.update().where(_reading(workspace, name, conversation_id)).values(sending=seq))


async def note_read(tx: AsyncConnection, workspace: str, name: str, conversation_id: str, seq: int) -> None:
    """It took the messages up to this one."""
    told = {"seq": seq, "sending": 0}
    await tx.execute(webhook_reading.update().where(_reading(workspace, name, conversation_id)).values(told))


async def note_noted(tx: AsyncConnection, workspace: str, name: str, conversation_id: str, number: int) -> None:
    """It took the internal notes up to this one."""
    await tx.execute(webhook_reading.update().where(_reading(workspace, name, conversation_id)).values(note=number))


def _here(workspace: str, name: str) -> sa.ColumnElement[bool]:
    return (webhooks.c.workspace == workspace) & (webhooks.c.system == name)


def _reading(workspace: str, name: str, conversation_id: str) -> sa.ColumnElement[bool]:
    r = webhook_reading.c
    return (r.workspace == workspace) & (r.system == name) & (r.conversation_id == conversation_id)


def _values(webhook: Webhook) -> dict[str, object]:
    return {
        "url": webhook.url,
        "secret": webhook.secret,
        "older_secret": webhook.older_secret,
        "older_until": webhook.older_until,
        "greeted": webhook.greeted,
        "present": json.dumps(sorted(webhook.present)),
        "heard_at": webhook.heard_at,
        "tries": webhook.tries,
        "failing_since": webhook.failing_since,
        "next_try_at": webhook.next_try_at,
        "problem": webhook.problem,
        "dead": webhook.dead,
        "holder": webhook.holder,
        "held_until": webhook.held_until,
    }


def _webhook(row: sa.RowMapping) -> Webhook:
    known = {name: value for name, value in row.items() if name not in {"present", "now", "waiting"}}
    return Webhook(**known, present=frozenset(json.loads(row["present"])))
