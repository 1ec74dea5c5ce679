"""Carries out the jobs of kind ``recognise``: fetches the stored file, has it put into words, and gives what was said.

Whether that is believed is decided in the conversation (``believing``), from what is stored there.
"""

from datetime import timedelta

import structlog

from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.media import MediaMissing, MediaStore
from yizhan.dialogue.jobs.job import Job, JobFailed, TryAgain
from yizhan.dialogue.recognition.client import AT_ONCE, Recogniser, RecogniserFailed
from yizhan.dialogue.recognition.documents import DocumentUnreadable, Heard, Request, decode_request, encode_heard

log = structlog.get_logger(__name__)

TRIES = 2
"""A recogniser that was away is asked once more; then the customer has waited long enough."""

PAUSE = timedelta(milliseconds=200)


class RecognitionJobs:
    """The ``JobHandler``. A try that was cut off may be repeated: nothing is changed by it, at most paid twice."""

    at_once = AT_ONCE

    def __init__(
        self, recogniser: Recogniser, media: MediaStore, metrics: Metrics, *, monotonic: Monotonic = monotonic
    ) -> None:
        self._recogniser = recogniser
        self._media = media
        self._monotonic = monotonic
        self._calls = metrics.counter(
            "yizhan_recogniser_calls_total", "Files given to the recogniser.", ("kind", "outcome")
        )
        self._seconds = metrics.histogram("yizhan_recogniser_call_seconds", "How long it took.", ("kind",))

    def repeatable(self, job: Job) -> bool:  # noqa: ARG002 - the same for every job
        return True

    async def carry_out(self, job: Job) -> bytes:
        """What was said, as JSON. Raises JobFailed and TryAgain."""
        try:
            request = decode_request(job.body)
        except DocumentUnreadable:
            raise JobFailed("request_unreadable") from None
        began, outcome = self._monotonic(), "cut_off"
        try:
            heard = await self._put_into_words(job, request)
            outcome = "answered"
            return encode_heard(heard)
        except (JobFailed, TryAgain) as error:
            outcome = error.reason
            log.info("recogniser_gave_nothing", job_id=job.id, kind=request.kind, reason=error.reason, tries=job.tries)
            raise
        finally:
            self._calls.labels(request.kind, outcome).inc()
            self._seconds.labels(request.kind).observe(self._monotonic() - began)

    async def _put_into_words(self, job: Job, request: Request) -> Heard:
        try:
            data = await self._file(request)
            return await self._recogniser.put_into_words(request, data, job.id)
        except MediaMissing:
            raise JobFailed("file_missing") from None
        except StoreUnavailable:
            raise _failed(job, "store_unavailable", again=True) from None
        except RecogniserFailed as error:
            raise _failed(job, error.reason, again=error.again) from None

    async def _file(self, request: Request) -> bytes:
        """Raises MediaMissing, StoreUnavailable, RecogniserFailed."""
        data = bytearray()
        async for piece in await self._media.get(request.media_id):
            data += piece
            if len(data) > request.most_bytes:
                raise RecogniserFailed("too_large")
        return bytes(data)


def _failed(job: Job, reason: str, *, again: bool) -> JobFailed | TryAgain:
    return TryAgain(reason, PAUSE) if again and job.tries < TRIES else JobFailed(reason)
