"""Queries on groups, routes and transfers."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.routing.groups import Group, Route, Routes, Transfer
from yizhan.routing.store.group_tables import group_members, groups, routes, transfers

_TRANSFER = tuple(column.name for column in transfers.columns)


async def put_group(tx: AsyncConnection, group: Group) -> None:
    """Insert a group or change all of it; the desk must be locked."""
    await remove_group(tx, group.workspace, group.id)
    await tx.execute(
        groups.insert(),
        [{"id": group.id, "workspace": group.workspace, "name": group.name, "wider": json.dumps(group.wider)}],
    )
    if group.agents:
        await tx.execute(group_members.insert(), [{"group_id": group.id, "agent_id": agent} for agent in group.agents])


async def remove_group(tx: AsyncConnection, workspace: str, group_id: str) -> bool:
    """False: there was none."""
    gone = await tx.execute(groups.delete().where(groups.c.id == group_id, groups.c.workspace == workspace))
    if not gone.rowcount:
        return False
    await tx.execute(group_members.delete().where(group_members.c.group_id == group_id))
    return True


async def load_groups(tx: AsyncConnection, workspace: str) -> Sequence[Group]:
    members: dict[str, list[str]] = {}
    query = (
        sa.select(group_members)
        .join(groups, groups.c.id == group_members.c.group_id)
        .where(groups.c.workspace == workspace)
        .order_by(group_members.c.agent_id)
    )
    for row in await tx.execute(query):
        members.setdefault(row.group_id, []).append(row.agent_id)
    found = sa.select(groups).where(groups.c.workspace == workspace).order_by(groups.c.name, groups.c.id)
    return [
        Group(row.id, row.workspace, row.name, tuple(members.get(row.id, ())), tuple(json.loads(row.wider)))
        for row in await tx.execute(found)
    ]


async def load_routes(tx: AsyncConnection, workspace: str) -> Routes:
    row = (await tx.execute(sa.select(routes).where(routes.c.workspace == workspace))).first()
    if row is None:
        return Routes()
    rules = tuple(Route(**{**rule, "skills": tuple(rule["skills"])}) for rule in json.loads(row.body))
    return Routes(rules, row.revision)


async def save_routes(tx: AsyncConnection, workspace: str, rules: Sequence[Route], revision: int) -> bool:
    """Keep the rules as the revision after this one; False: it is not the last. The desk must be locked."""
    before = await load_routes(tx, workspace)
    if before.revision != revision:
        return False
    body = json.dumps([asdict(rule) for rule in rules], ensure_ascii=False)
    if not revision:
        await tx.execute(routes.insert(), [{"workspace": workspace, "revision": 1, "body": body}])
        return True
    change = routes.update().where(routes.c.workspace == workspace).values(revision=revision + 1, body=body)
    await tx.execute(change)
    return True


async def put_transfer(tx: AsyncConnection, transfer: Transfer) -> None:
    """Note where a conversation is to go. Decided twice under one epoch, the last counts."""
    await take_transfer(tx, transfer.conversation_id, transfer.epoch)
    await tx.execute(transfers.insert(), [{name: getattr(transfer, name) for name in _TRANSFER}])


async def take_transfer(tx: AsyncConnection, conversation_id: str, epoch: int) -> Transfer | None:
    """What was decided under this epoch, once."""
    here = (transfers.c.conversation_id == conversation_id) & (transfers.c.epoch == epoch)
    row = (await tx.execute(sa.select(transfers).where(here))).mappings().first()
    if row is None:
        return None
    await tx.execute(transfers.delete().where(here))
    return Transfer(**{name: row[name] for name in _TRANSFER})
