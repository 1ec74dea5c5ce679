"""Queries on contracts, calendars and the special days of calendars."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.contract.calendar import Span
from yizhan.contract.calendar_plan import Override
from yizhan.routing.store.contract_tables import calendar_overrides, calendars, contract_publications, contracts


@dataclass(frozen=True, slots=True)
class Publication:
    """A contract as a person put it in force. ``text`` is as they wrote it."""

    workspace: str
    number: int
    version: str
    text: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class KeptOverride:
    """A special day of a calendar, with who entered it."""

    calendar: str
    override: Override
    by: str
    at: datetime


_PUBLICATION = tuple(Publication.__dataclass_fields__)


async def keep_contract(tx: AsyncConnection, version: str, body: str) -> None:
    """Keep what a version stands for. A version that is known is left as it is."""
    if await contract_body(tx, version) is None:
        await tx.execute(contracts.insert(), [{"version": version, "body": body}])


async def contract_body(tx: AsyncConnection, version: str) -> str | None:
    return (await tx.execute(sa.select(contracts.c.body).where(contracts.c.version == version))).scalar()


async def publish_contract(tx: AsyncConnection, publication: Publication) -> None:
    """The desk must be locked, and ``number`` be the last one's and one more."""
    await tx.execute(contract_publications.insert(), [{name: getattr(publication, name) for name in _PUBLICATION}])


async def published_contract(tx: AsyncConnection, workspace: str) -> Publication | None:
    """The one in force; None: the workspace has published none."""
    query = (
        sa.select(contract_publications)
        .where(contract_publications.c.workspace == workspace)
        .order_by(contract_publications.c.number.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).mappings().first()
    return Publication(**{name: row[name] for name in _PUBLICATION}) if row else None


async def keep_calendar(tx: AsyncConnection, version: str, body: str) -> None:
    if await calendar_body(tx, version) is None:
        await tx.execute(calendars.insert(), [{"version": version, "body": body}])


async def calendar_body(tx: AsyncConnection, version: str) -> str | None:
    return (await tx.execute(sa.select(calendars.c.body).where(calendars.c.version == version))).scalar()


async def put_override(tx: AsyncConnection, workspace: str, kept: KeptOverride) -> None:
    """Insert a special day or replace it; the desk must be locked."""
    day = kept.override.day.isoformat()
    await remove_override(tx, workspace, kept.calendar, day)
    row = {
        "workspace": workspace,
        "calendar": kept.calendar,
        "day": day,
        "hours": json.dumps([[span.start, span.end] for span in kept.override.spans]),
        "reason": kept.override.reason,
        "by": kept.by,
        "at": kept.at,
    }
    await tx.execute(calendar_overrides.insert(), [row])


async def remove_override(tx: AsyncConnection, workspace: str, calendar: str, day: str) -> bool:
    """False: there was none."""
    table = calendar_overrides
    here = (table.c.workspace == workspace) & (table.c.calendar == calendar) & (table.c.day == day)
    return (await tx.execute(table.delete().where(here))).rowcount > 0


async def load_overrides(tx: AsyncConnection, workspace: str) -> Sequence[KeptOverride]:
    """In the order of their days."""
    table = calendar_overrides
    query = sa.select(table).where(table.c.workspace == workspace).order_by(table.c.day, table.c.calendar)
    return [_override(row) for row in (await tx.execute(query)).mappings()]


def _override(row: sa.RowMapping) -> KeptOverride:
    spans = tuple(Span(start, end) for start, end in json.loads(row["hours"]))
    return KeptOverride(
        row["calendar"], Override(date.fromisoformat(row["day"]), spans, row["reason"]), row["by"], row["at"]
    )
