"""Vectors for a release that is about to be built: what changed is embedded, everything else is taken over.

An endpoint that fails costs the release its vectors and nothing else: it is built with words alone, and its report says so.
What was embedded until then is kept with it, and is not paid for again.
"""

import asyncio
from dataclasses import dataclass

import structlog

from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.knowledge.building import embedded_texts
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.models.budget import Budget
from yizhan.dialogue.models.client import Endpoint, open_models
from yizhan.dialogue.models.embedding import EndpointEmbeddings, fill
from yizhan.dialogue.models.errors import ModelError
from yizhan.dialogue.models.vector_book import VectorBook, VectorsUnreadable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Embedded:
    """``data``: a ``VectorBook``, empty where there is none. ``failed``: why texts have no vector, as a static name."""

    data: bytes = b""
    failed: str = ""


class ReleaseVectors:
    """The configured embedding model, as builds use it: opened for each, so that its failures are none of the customers'."""

    def __init__(self, endpoint: Endpoint, budget: Budget, metrics: Metrics) -> None:
        self._endpoint = endpoint
        self._budget = budget
        self._metrics = metrics

    async def of(self, contents: Contents, known: bytes) -> Embedded:
        """Every text of these contents gets its vector. ``known``: the book of an earlier release, or nothing."""
        phrasings, outside = await asyncio.to_thread(embedded_texts, contents)
        texts = [*phrasings, *outside]
        book = await asyncio.to_thread(_taken_over, self._endpoint.embedding_model, known)
        failed = await self._filled(book, texts)
        if failed == "wrong_dimension" and known:  # another model of the same name: none of its vectors is of any use
            book = VectorBook(self._endpoint.embedding_model)
            failed = await self._filled(book, texts)
        return Embedded(await asyncio.to_thread(_dumped, book, texts), failed)

    async def _filled(self, book: VectorBook, texts: list[str]) -> str:
        """Why texts are still without a vector; empty where none is."""
        missing = len(book.missing(texts))
        try:
            async with open_models(self._endpoint, self._budget, self._metrics) as client:
                await fill(book, texts, EndpointEmbeddings(client))
        except ModelError as error:
            log.warning("release_not_embedded", reason=error.reason, texts=missing)
            return error.reason
        except StoreUnavailable as error:
            log.warning("release_not_embedded", reason=error.reason, texts=missing)
            return "budget_unknown"
        log.info("release_embedded", texts=missing, taken_over=len(texts) - missing)
        return ""


def _taken_over(model: str, known: bytes) -> VectorBook:
    try:
        book = VectorBook.loads(known)
    except VectorsUnreadable:
        return VectorBook(model)
    return book if book.model == model else VectorBook(model)


def _dumped(book: VectorBook, texts: list[str]) -> bytes:
    missing = frozenset(book.missing(texts))
    return book.dumps([text for text in texts if text not in missing])
