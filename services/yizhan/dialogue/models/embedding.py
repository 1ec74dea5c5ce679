"""Gives the texts of a knowledge their vectors, by an endpoint, with the patience that a build has.

Each batch has its own time, so that a slow endpoint gets what a large knowledge needs; all tries at a batch share it, so
that one that never answers is given up after that time.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import structlog

from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.models.budget import Budget
from yizhan.dialogue.models.client import Endpoint, ModelClient, open_models
from yizhan.dialogue.models.errors import ModelError, ModelRateLimited, ModelUnavailable
from yizhan.dialogue.models.masking import Mask
from yizhan.dialogue.models.vector_book import HalfVectors, VectorBook

log = structlog.get_logger(__name__)

BATCH = 128
BATCH_SECONDS = 60.0
"""What an endpoint may take for a batch, all tries together; pauses between them are not counted."""

TRIES = 4
PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""An endpoint that asks to be left alone for longer is not waited for."""

PASSING = frozenset({"connection_lost", "http_5xx"})
"""Why an endpoint fails that may well answer a moment later."""


class EmbeddingSource(Protocol):
    """Where vectors come from."""

    @property
    def model(self) -> str:
        """Its name: vectors of different models cannot be compared."""

    async def embed(self, texts: Sequence[str], *, within: float) -> HalfVectors:
        """Unit vectors in the order of the texts, shape (n, dimension), in so many seconds. Raises a ModelError."""


class EndpointEmbeddings:
    """The configured endpoint, for building: patient where answering is not."""

    def __init__(self, client: ModelClient) -> None:
        self._client = client

    @property
    def model(self) -> str:
        return self._client.endpoint.embedding_model

    async def embed(self, texts: Sequence[str], *, within: float) -> HalfVectors:
        """Masked as questions are, so that a number in a phrasing lies where a number in a question lies."""
        masked = [Mask().hide(text) for text in texts]
        return (await self._client.embed(masked, within=within)).astype(np.float16)


async def fill(
    book: VectorBook, texts: Sequence[str], source: EmbeddingSource, progress: Callable[[int, int], None] | None = None
) -> None:
    """Give every text its vector. ``progress`` is told how many of how many are done.

    Raises a ModelError at the first batch that the endpoint fails for good: again and again, or for a reason that will not
    go away. What was made stays in the book.
    """
    missing = book.missing(texts)
    done = 0
    for batch in [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]:
        book.add(batch, await _patiently(source, batch, answered=done > 0))
        done += len(batch)
        if progress is not None:
            progress(done, len(missing))


async def _patiently(source: EmbeddingSource, texts: Sequence[str], *, answered: bool) -> HalfVectors:
    loop = asyncio.get_running_loop()
    left = BATCH_SECONDS
    retry = 0
    while True:
        began = loop.time()
        try:
            return await source.embed(texts, within=left)
        except ModelError as error:
            left -= loop.time() - began
            pause = _pause(error, retry, answered=answered)
            if pause is None or left <= 0:
                raise
            log.info("embedding_waits", reason=error.reason, seconds=pause, texts=len(texts))
        await asyncio.sleep(pause)
        retry += 1


def _pause(error: ModelError, retry: int, *, answered: bool) -> float | None:
    """For how long to leave the endpoint alone before another try; None where another one would fail like this one.

    Who cannot be reached is tried again only where this build was answered before: that may be a restart.
    """
    usual = min(PAUSE_SECONDS * 2.0**retry, LONGEST_PAUSE_SECONDS)
    match error:
        case _ if retry == TRIES - 1:
            return None
        case ModelRateLimited(after=after):
            asked = after or usual
            return asked if asked <= LONGEST_PAUSE_SECONDS else None
        case ModelUnavailable(reason=reason) if reason in PASSING or (answered and reason == "unreachable"):
            return usual
        case _:
            return None


def fill_now(
    book: VectorBook,
    texts: Sequence[str],
    endpoint: Endpoint,
    budget: Budget,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """``fill`` for a process without an event loop, such as the one in which a release is built. Raises as it does."""

    async def run() -> None:
        async with open_models(endpoint, budget, Metrics("build")) as client:
            await fill(book, texts, EndpointEmbeddings(client), progress)

    asyncio.run(run())
