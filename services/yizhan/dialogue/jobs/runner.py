"""Carries out jobs beside the writer: claimed with a lease, told as a command on the conversation's partition, deleted.

A job that was committed is told to its conversation at least once, whoever dies when: only after its ``JobFinished`` is on
the bus is its row deleted. The command's id follows from the job's, so the conversation's inbox takes the first one only.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, BusUnavailable
from yizhan.core.messages.command import Command, JobFinished
from yizhan.core.messages.ids import NewId, derived_id
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue import store
from yizhan.dialogue.jobs.attempt import Attempts, PutOff
from yizhan.dialogue.jobs.figures import Figures
from yizhan.dialogue.jobs.job import Job, JobHandler

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=6)
POLL_SECONDS = 0.5
COUNT_SECONDS = 5.0
LATE = timedelta(seconds=15)
"""After its deadline a job's end has been told by then, even where its process died and another had to take it."""
BACKOFF = (0.1, 2.0)
"""Seconds between tries to tell of an end while the bus is away, at first and at most."""


class JobRunner:
    """The jobs of this process. ``wake`` after a commit that started some; ``run`` as long as the service runs."""

    def __init__(  # noqa: PLR0913 - what the runner stands on, given by name
        self,
        *,
        database: Database,
        bus: Bus,
        handlers: Mapping[str, JobHandler],
        partitions: int,
        clock: Clock,
        new_id: NewId,
        metrics: Metrics,
        lease: timedelta = LEASE,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._bus = bus
        self._handlers = dict(handlers)
        self._partitions = partitions
        self._clock = clock
        self._claim = new_id()
        self._lease = lease
        self._attempts = Attempts(self._handlers, clock, jitter)
        self._figures = Figures(metrics, self._handlers)
        self._work: dict[str, tuple[Job, asyncio.Task[None]]] = {}
        self._awake = asyncio.Event()
        self._draining = False
        self._claiming = asyncio.Lock()

    def wake(self) -> None:
        """There may be new jobs. Costs nothing and waits for nothing."""
        self._awake.set()

    async def run(self) -> None:
        """Claim and carry out until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep())
            group.create_task(self._count())
            away = False
            while True:
                self._awake.clear()
                try:
                    async with self._claiming:
                        if not self._draining:
                            await self._begin(group)
                    if away:
                        away = False
                        log.info("jobs_store_back")
                except StoreUnavailable as error:
                    if not away:  # said once, however often the store is asked
                        away = True
                        log.warning("jobs_wait_for_store", reason=error.reason)
                await self._rested()

    async def drain(self, within: float) -> None:
        """Begin nothing new, let what is on its way end, and give up the rest: others claim it at once."""
        self._draining = True
        async with self._claiming:  # what is being claimed just now is on its way, too
            pass
        tasks = {task for _, task in self._work.values()}
        if tasks:
            await asyncio.wait(tasks, timeout=within)
        cut = {job.id: task for job, task in self._work.values()}
        for task in cut.values():
            task.cancel()
        if cut:
            await asyncio.wait(set(cut.values()))
            async with self._database.begin() as tx:
                await store.release_jobs(tx, cut, self._claim)
            log.info("jobs_handed_back", count=len(cut))

    async def _rested(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        """Claim as much as there is room for. Raises StoreUnavailable."""
        busy = Counter(job.kind for job, _ in self._work.values())
        free = {kind: room for kind, one in self._handlers.items() if (room := one.at_once - busy[kind]) > 0}
        async with self._database.read() as tx:
            if not await store.any_job_due(tx, free):
                return
        async with self._database.begin() as tx:
            claimed = await store.claim_jobs(tx, free, not_these=self._work, claim=self._claim, lease=self._lease)
        for job in claimed:
            task = group.create_task(self._carry_out(job))
            self._work[job.id] = (job, task)
            task.add_done_callback(partial(self._ended, job.id))
        self._figures.running(len(self._work))

    def _ended(self, job_id: str, _: asyncio.Task[None]) -> None:
        del self._work[job_id]
        self._figures.running(len(self._work))
        self._awake.set()  # there is room for another

    async def _carry_out(self, job: Job) -> None:
        end = await self._attempts.make(job)
        try:
            if isinstance(end, PutOff):
                await self._put_off(job, end)
                return
            await self._tell(job, end)
            async with self._database.begin() as tx:
                await store.delete_job(tx, job.id)
        except StoreUnavailable as error:
            # The row stays and its lease runs out; whoever claims it then does it again with the same id.
            log.warning("job_not_put_away", job_id=job.id, kind=job.kind, reason=error.reason)
        except Exception as error:  # one row that cannot be told must not end the work on all others
            log.exception("job_not_told", job_id=job.id, kind=job.kind, error=type(error).__name__)

    async def _put_off(self, job: Job, end: PutOff) -> None:
        async with self._database.begin() as tx:
            await store.put_off_job(tx, job.id, self._claim, end.until, unsure=end.unsure)
        pause = (end.until - self._clock()).total_seconds()
        asyncio.get_running_loop().call_later(max(0.0, pause), self.wake)
        self._figures.put_off(job)
        log.info("job_put_off", job_id=job.id, kind=job.kind, tries=job.tries, reason=end.reason)

    async def _tell(self, job: Job, end: JobFinished) -> None:
        """Returns when the command is on the bus; waits as long as that is away."""
        now = self._clock()
        command = Command(
            id=derived_id("job", job.id), address=job.address, at=now, kind=end, conversation_id=job.conversation_id
        )
        publication = envelopes.inbound(command, self._partitions)
        delay, most = BACKOFF
        while True:
            try:
                await self._bus.publish([publication])
                break
            except BusUnavailable:
                log.warning("job_waits_for_bus", job_id=job.id, kind=job.kind)
            await asyncio.sleep(delay)
            delay = min(delay * 2, most)
        self._figures.finished(job, end, now)
        log.info(
            "job_finished",
            job_id=job.id,
            kind=job.kind,
            outcome=end.outcome.name.lower(),
            reason=end.reason,
            tries=job.tries,
            conversation_id=job.conversation_id,
        )

    async def _keep(self) -> None:
        """Go on having what is on its way, so that nobody else begins it."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                if self._work:
                    kept: dict[str, datetime] = {job.id: job.deadline for job, _ in self._work.values()}
                    async with self._database.begin() as tx:
                        await store.keep_jobs(tx, kept, self._claim, self._lease)
            except StoreUnavailable as error:
                log.warning("jobs_not_kept", reason=error.reason, count=len(self._work))

    async def _count(self) -> None:
        while True:
            try:
                async with self._database.read() as tx:
                    self._figures.waiting(await store.count_jobs(tx), await store.count_overdue_jobs(tx, LATE))
            except StoreUnavailable as error:
                log.debug("jobs_not_counted", reason=error.reason)
            await asyncio.sleep(COUNT_SECONDS)
