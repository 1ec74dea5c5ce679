"""One try of a job, and what follows from how it went."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from yizhan.core.messages.command import JobFinished, JobOutcome
from yizhan.core.runtime.clock import Clock
from yizhan.dialogue.jobs.job import Job, JobFailed, JobHandler, OutcomeUnknown, TryAgain

log = structlog.get_logger(__name__)

MOST_TRIES = 5
MOST_BYTES = 256 * 1024
"""What a result may weigh: it travels on the bus like a message."""

FIRST_BACKOFF = timedelta(milliseconds=400)
LONGEST_BACKOFF = timedelta(seconds=10)

DEADLINE = "deadline"
NO_HANDLER = "no_handler"
OUTCOME_UNKNOWN = "outcome_unknown"
TOO_MANY_TRIES = "too_many_tries"
TOO_BIG = "result_too_big"
BROKEN = "job_error"


@dataclass(frozen=True, slots=True)
class PutOff:
    """Another try may begin then."""

    until: datetime
    reason: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class Attempts:
    """Makes tries. ``jitter`` gives a share from 0 to 1, so that what failed together does not come back together."""

    handlers: Mapping[str, JobHandler]
    clock: Clock
    jitter: Callable[[], float]

    async def make(self, job: Job) -> JobFinished | PutOff:
        """Try a job until its deadline at most. Never raises; only cancellation passes."""
        refused = self._refused(job)
        if refused is not None:
            return refused
        left = (job.deadline - self.clock()).total_seconds()
        limit = asyncio.timeout(left)
        try:
            async with limit:
                body = await self.handlers[job.kind].carry_out(job)
        except JobFailed as failed:
            return _failed(job, failed.reason)
        except OutcomeUnknown as unknown:
            return _ended(job, JobOutcome.TIMED_OUT, unknown.reason)
        except TryAgain as again:
            return self._put_off(job, again)
        except Exception as error:
            if isinstance(error, TimeoutError) and limit.expired():
                return _ended(job, JobOutcome.TIMED_OUT, DEADLINE)
            log.exception("job_broke", job_id=job.id, kind=job.kind, tries=job.tries, error=type(error).__name__)
            return _failed(job, BROKEN)
        if len(body) > MOST_BYTES:
            return _failed(job, TOO_BIG)
        return JobFinished(job.id, job.kind, JobOutcome.DONE, body)

    def _refused(self, job: Job) -> JobFinished | None:
        """The end of a job that must not be tried (again)."""
        handler = self.handlers.get(job.kind)
        if job.deadline <= self.clock():
            return _ended(job, JobOutcome.TIMED_OUT, DEADLINE if handler else NO_HANDLER)
        if handler is None:
            return _failed(job, NO_HANDLER)
        if job.interrupted and not handler.repeatable(job):
            return _ended(job, JobOutcome.TIMED_OUT, OUTCOME_UNKNOWN)
        if job.tries > MOST_TRIES:
            return _given_up(job, TOO_MANY_TRIES, unsure=job.unsure)
        return None

    def _put_off(self, job: Job, again: TryAgain) -> JobFinished | PutOff:
        """Waiting for a try that cannot be in time would only tell the customer later."""
        pause = min(FIRST_BACKOFF * 2 ** (job.tries - 1), LONGEST_BACKOFF)
        until = self.clock() + max(pause * (0.5 + self.jitter() / 2), again.after or timedelta())
        unsure = again.unsure or job.unsure
        if job.tries >= MOST_TRIES or until >= job.deadline:
            return _given_up(job, again.reason, unsure=unsure)
        return PutOff(until, again.reason, unsure)


def _given_up(job: Job, reason: str, *, unsure: bool) -> JobFinished:
    return _ended(job, JobOutcome.TIMED_OUT if unsure else JobOutcome.FAILED, reason)


def _failed(job: Job, reason: str) -> JobFinished:
    return _ended(job, JobOutcome.FAILED, reason)


def _ended(job: Job, outcome: JobOutcome, reason: str) -> JobFinished:
    return JobFinished(job.id, job.kind, outcome, reason=reason)
