"""Jobs: written with what started them, claimed by one runner at a time, gone when their end is on the bus."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.messages.address import Address
from yizhan.core.store.bulk import BulkInsert, BulkUpdate, Write
from yizhan.core.store.tables import among, database_now
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.jobs.job import Job, JobState
from yizhan.dialogue.store.tables import jobs
from yizhan.dialogue.turn import JobStart

GRACE = timedelta(seconds=1)
"""How long after a job's deadline its runner has it alone: time to tell the conversation."""

_insert_jobs = BulkInsert(
    jobs,
    (
        "id",
        "conversation_id",
        "address",
        "kind",
        "body",
        "state",
        "tries",
        "created_at",
        "deadline",
    ),
)
_claim_jobs = BulkUpdate(jobs, ("id", "state", "tries", "claim", "claimed_until"))
_Parts = TypeAdapter(tuple[str, str, str, str, str])


def started(items: Sequence[tuple[Conversation, JobStart]], now: datetime) -> Write:
    """Jobs to write along with what started them."""
    return _insert_jobs.of([_row(conversation, job, now) for conversation, job in items])


async def any_job_due(tx: AsyncConnection, kinds: Collection[str]) -> bool:
    """Whether there is something to claim; a look without a lock."""
    query = sa.select(sa.or_(*(sa.exists().where(_claimable(kind)) for kind in kinds), sa.exists().where(_overdue())))
    return bool((await tx.execute(query)).scalar())


async def claim_jobs(
    tx: AsyncConnection,
    free: Mapping[str, int],
    *,
    not_these: Collection[str],
    claim: str,
    lease: timedelta,
) -> Sequence[Job]:
    """Take at most ``free`` jobs of each kind that nobody has, the oldest first; and those of any kind whose time is over.

    Who claimed them has them for ``lease`` or until ``GRACE`` after their deadline, whichever is sooner.
    """
    now: datetime = (await tx.execute(sa.select(database_now()))).scalar_one()
    found: dict[str, Mapping[Any, Any]] = {}
    for kind in sorted(free):
        found |= await _locked(tx, _claimable(kind), free[kind], not_these)
    found |= await _locked(tx, _overdue(), max(free.values(), default=0) + 1, {*not_these, *found})
    claimed = [
        (row["id"], int(JobState.BEGUN), row["tries"] + 1, claim, _claimed_until(now, row["deadline"], lease))
        for row in found.values()
    ]
    await _claim_jobs.update(tx, claimed)
    return [_job(row) for row in found.values()]


async def keep_jobs(tx: AsyncConnection, claims: Mapping[str, datetime], claim: str, lease: timedelta) -> None:
    """Go on having these (id: deadline). What is past its deadline is left to whoever can tell of it."""
    now: datetime = (await tx.execute(sa.select(database_now()))).scalar_one()
    for job_id in sorted(job_id for job_id, deadline in claims.items() if deadline > now):
        until = _claimed_until(now, claims[job_id], lease)
        await tx.execute(jobs.update().where(jobs.c.id == job_id, jobs.c.claim == claim).values(claimed_until=until))


async def put_off_job(tx: AsyncConnection, job_id: str, claim: str, due_at: datetime, *, unsure: bool) -> None:
    """Its try has ended and another may begin then, anywhere."""
    await tx.execute(
        jobs.update()
        .where(jobs.c.id == job_id, jobs.c.claim == claim)
        .values(
            state=int(JobState.UNSURE if unsure else JobState.WAITING), due_at=due_at, claim=None, claimed_until=None
        )
    )


async def release_jobs(tx: AsyncConnection, ids: Collection[str], claim: str) -> None:
    """Give up jobs whose tries were cut off: whoever claims them next learns that."""
    for job_id in sorted(ids):
        await tx.execute(
            jobs.update().where(jobs.c.id == job_id, jobs.c.claim == claim).values(claim=None, claimed_until=None)
        )


async def delete_job(tx: AsyncConnection, job_id: str) -> None:
    """Its end is on the bus."""
    await tx.execute(jobs.delete().where(jobs.c.id == job_id))


async def count_jobs(tx: AsyncConnection) -> int:
    """How many are not finished."""
    return (await tx.execute(sa.select(sa.func.count()).select_from(jobs))).scalar_one()


async def count_overdue_jobs(tx: AsyncConnection, late: timedelta) -> int:
    """How many are past their deadline by more than this."""
    now: datetime = (await tx.execute(sa.select(database_now()))).scalar_one()
    query = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.deadline < now - late)
    return (await tx.execute(query)).scalar_one()


def _unclaimed() -> sa.ColumnElement[bool]:
    return sa.or_(jobs.c.claimed_until.is_(None), jobs.c.claimed_until <= database_now())


def _claimable(kind: str) -> sa.ColumnElement[bool]:
    may_begin = sa.or_(jobs.c.due_at.is_(None), jobs.c.due_at <= database_now())
    return sa.and_(jobs.c.kind == kind, may_begin, _unclaimed())


def _overdue() -> sa.ColumnElement[bool]:
    """Also of kinds that no process here knows: somebody must say that their time is over."""
    return sa.and_(jobs.c.deadline <= database_now(), _unclaimed())


async def _locked(
    tx: AsyncConnection, which: sa.ColumnElement[bool], limit: int, not_these: Collection[str]
) -> dict[str, Mapping[Any, Any]]:
    """Rows by id, locked; on PostgreSQL without those that another runner is just claiming."""
    if limit < 1:
        return {}
    query = (
        sa.select(jobs)
        .where(which, sa.not_(among(jobs.c.id, not_these)))
        .order_by(jobs.c.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return {row["id"]: row for row in (await tx.execute(query)).mappings()}


def _claimed_until(now: datetime, deadline: datetime, lease: timedelta) -> datetime:
    return now + lease if now > deadline else min(now + lease, deadline + GRACE)


def _row(conversation: Conversation, job: JobStart, now: datetime) -> tuple[object, ...]:
    address = conversation.address
    parts = (address.workspace, address.channel, address.account, address.customer, address.thread)
    return (
        job.id,
        conversation.id,
        _Parts.dump_json(parts).decode(),
        job.kind,
        job.body,
        int(JobState.WAITING),
        0,
        now,
        job.deadline,
    )


def _job(row: Mapping[Any, Any]) -> Job:
    return Job(
        id=row["id"],
        conversation_id=row["conversation_id"],
        address=Address(*_Parts.validate_json(row["address"])),
        kind=row["kind"],
        body=row["body"],
        tries=row["tries"] + 1,
        created_at=row["created_at"],
        deadline=row["deadline"],
        interrupted=row["state"] == JobState.BEGUN,
        unsure=row["state"] != JobState.WAITING,
    )
