"""Jobs on a bench: a handler that does what a test says, a bus that can be away, and a runner in a task of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from tests.contract.services.conftest import RecordingBus
from yizhan.core.bus.interface import BusUnavailable, Publication
from yizhan.core.messages import command as k
from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime import clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.bulk import write_together
from yizhan.core.store.database import Database
from yizhan.dialogue import store
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.jobs.job import Job, JobHandler
from yizhan.dialogue.jobs.runner import LEASE, JobRunner
from yizhan.dialogue.turn import JobStart

ADDRESS = Address("shop", "website", "demo", "v:1")
LONG = timedelta(seconds=60)


async def echo(job: Job) -> bytes:
    return b"done " + job.body


async def forever(_job: Job) -> bytes:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


@dataclass
class Scripted:
    """A handler that remembers every try."""

    act: Callable[[Job], Awaitable[bytes]] = echo
    safe: bool = True
    at_once: int = 4
    tried: list[Job] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    def repeatable(self, job: Job) -> bool:
        return self.safe

    async def carry_out(self, job: Job) -> bytes:
        self.tried.append(job)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            return await self.act(job)
        finally:
            self.busy -= 1


@dataclass
class PartTimeBus(RecordingBus):
    """A recording bus that can be away."""

    away: bool = False
    refused: int = 0

    async def publish(self, publications: Sequence[Publication]) -> None:
        if self.away:
            self.refused += 1
            raise BusUnavailable("away")
        await super().publish(publications)

    def ends(self) -> list[k.JobFinished]:
        return [command.kind for command in self.commands() if isinstance(command.kind, k.JobFinished)]


def runner_of(
    database: Database,
    bus: RecordingBus,
    handlers: Mapping[str, JobHandler],
    *,
    lease: timedelta = LEASE,
    metrics: Metrics | None = None,
) -> JobRunner:
    return JobRunner(
        database=database,
        bus=bus,  # type: ignore[arg-type]
        handlers=handlers,
        partitions=16,
        clock=clock.now,
        new_id=new_id,
        metrics=metrics or Metrics("test"),
        lease=lease,
        jitter=lambda: 0.0,
    )


@asynccontextmanager
async def running(runner: JobRunner) -> AsyncIterator[JobRunner]:
    """The runner at work; afterwards its process is gone, with nothing tidied up."""
    task = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is not None:
            raise AssertionError("the runner died") from task.exception()


async def start(
    database: Database, *bodies: bytes, kind: str = "parcel", within: timedelta = LONG, runner: JobRunner | None = None
) -> list[str]:
    """Commit jobs as the writer does; their ids."""
    now = clock.now()
    conversation = Conversation(id="conversation", address=ADDRESS, first_seen_at=now)
    jobs = [JobStart(new_id(), kind, body, now + within) for body in bodies]
    async with database.begin() as tx:
        await write_together(tx, [store.started([(conversation, job) for job in jobs], now)])
    if runner:
        runner.wake()
    return [job.id for job in jobs]


async def left(database: Database) -> int:
    """How many jobs are not put away."""
    async with database.read() as tx:
        return await store.count_jobs(tx)


async def put_away(database: Database, count: int = 0, within: float = 30.0) -> None:
    """Wait until so many jobs are left. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while await left(database) != count:
            await asyncio.sleep(0.02)
