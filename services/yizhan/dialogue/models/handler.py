"""Carries out the jobs of the kind ``model``: asks, checks, and comes back in time with something or with nothing.

Whatever a model does, the job is done: its result is then ``NotDone``, and the customer gets the approved text.
"""

import structlog
from pydantic import ValidationError

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.jobs.job import Job, JobFailed
from yizhan.dialogue.models import choose, grounding, rephrase
from yizhan.dialogue.models.client import ModelClient
from yizhan.dialogue.models.documents import (
    ChooseEntry,
    Chosen,
    EmbedQuestion,
    ModelRequest,
    ModelResult,
    NotDone,
    QuestionVector,
    RephraseAnswer,
    Reworded,
    encoded,
    read_request,
    vector_of,
)
from yizhan.dialogue.models.errors import ModelError
from yizhan.dialogue.models.masking import Mask

log = structlog.get_logger(__name__)

AT_ONCE = 64
"""More than wait in a busy minute, so that no answer is late for want of room; the breaker ends the rush at a slow model."""

MARGIN_SECONDS = 0.1
"""Kept of a job's time to come to an end by itself, rather than being cut off."""


class ModelJobs:
    """The handler of model jobs. A try that was cut off may be repeated: nothing is changed by it, at most paid twice."""

    at_once = AT_ONCE

    def __init__(self, client: ModelClient, metrics: Metrics, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._verdicts = metrics.counter(
            "yizhan_model_verdicts_total", "What came of comparing models' wordings with their entries.", ("verdict",)
        )
        self._results = metrics.counter(
            "yizhan_model_results_total", "What came of jobs for models.", ("task", "result")
        )

    def repeatable(self, job: Job) -> bool:  # noqa: ARG002 - the same for every job
        return True

    async def carry_out(self, job: Job) -> bytes:
        """A ``ModelResult``, before the job's deadline. Raises JobFailed for a request that is none."""
        try:
            request = read_request(job.body)
        except ValidationError:
            raise JobFailed("unreadable_request") from None
        left = (job.deadline - self._clock()).total_seconds() - MARGIN_SECONDS
        result = await self._within(request, min(left, self._client.endpoint.timeout_seconds))
        outcome = result.reason if isinstance(result, NotDone) else result.result
        self._results.labels(request.task, outcome).inc()
        log.info("model_job_done", job_id=job.id, task=request.task, outcome=outcome)
        return encoded(result)

    async def _within(self, request: ModelRequest, seconds: float) -> ModelResult:
        if seconds <= 0:
            return NotDone(reason="no_time")
        try:
            return await self._done(request, seconds)
        except ModelError as error:
            return NotDone(reason=error.reason)
        except StoreUnavailable:
            return NotDone(reason="budget_unknown")

    async def _done(self, request: ModelRequest, seconds: float) -> ModelResult:
        match request:
            case EmbedQuestion():
                return await self._embedded(request, seconds)
            case ChooseEntry():
                return await self._chosen(request, seconds)
            case RephraseAnswer():
                return await self._reworded(request, seconds)

    async def _embedded(self, request: EmbedQuestion, seconds: float) -> QuestionVector:
        words = Mask().hide(request.words)
        vectors = await self._client.embed([words], within=seconds, dimension=request.dimension)
        return vector_of(vectors[0])

    async def _chosen(self, request: ChooseEntry, seconds: float) -> Chosen:
        said = await self._client.chat(choose.asked(request, Mask()), within=seconds)
        return choose.read(said, request)

    async def _reworded(self, request: RephraseAnswer, seconds: float) -> Reworded | NotDone:
        mask = Mask()
        said = await self._client.chat(rephrase.asked(request, mask), within=seconds)
        text = rephrase.read(said, mask)
        verdict = grounding.check(text, request.entry.answer)
        match verdict:
            case grounding.Supported():
                self._verdicts.labels("supported").inc()
                return Reworded(entry_id=request.entry.entry_id, text=text)
            case grounding.Unsupported(reason=reason):
                self._verdicts.labels(reason).inc()
                return NotDone(reason=reason)
