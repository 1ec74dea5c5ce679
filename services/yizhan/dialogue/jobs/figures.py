"""What a job runner shows of itself."""

from collections.abc import Collection
from datetime import datetime

from yizhan.core.messages.command import JobFinished
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.jobs.job import Job

OTHER = "other"
"""The label of kinds that this version does not know: rows are data, and data must not make labels."""

JOB_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Figures:
    """Counters and gauges of jobs; labels are the kinds with a handler, and the outcomes."""

    def __init__(self, metrics: Metrics, kinds: Collection[str]) -> None:
        self._kinds = frozenset(kinds)
        self._finished = metrics.counter(
            "yizhan_jobs_finished_total", "Jobs whose end was told to their conversation.", ("kind", "outcome")
        )
        self._put_off = metrics.counter(
            "yizhan_jobs_put_off_total", "Tries of jobs that did not succeed and were followed by another.", ("kind",)
        )
        self._seconds = metrics.histogram(
            "yizhan_job_seconds", "From a job's start to its end being told.", ("kind",), JOB_BUCKETS
        )
        self._running = metrics.gauge("yizhan_jobs_running", "Jobs that this process is working on.")
        self._waiting = metrics.gauge(
            "yizhan_jobs_waiting", "Jobs that are not finished; replicas show the same table."
        )
        self._overdue = metrics.gauge(
            "yizhan_jobs_overdue", "Jobs past their deadline whose end nobody has told yet; must be 0."
        )

    def finished(self, job: Job, end: JobFinished, at: datetime) -> None:
        kind = self._label(job)
        self._finished.labels(kind, end.outcome.name.lower()).inc()
        self._seconds.labels(kind).observe(max(0.0, (at - job.created_at).total_seconds()))

    def put_off(self, job: Job) -> None:
        self._put_off.labels(self._label(job)).inc()

    def running(self, count: int) -> None:
        self._running.set(count)

    def waiting(self, count: int, overdue: int) -> None:
        self._waiting.set(count)
        self._overdue.set(overdue)

    def _label(self, job: Job) -> str:
        return job.kind if job.kind in self._kinds else OTHER
