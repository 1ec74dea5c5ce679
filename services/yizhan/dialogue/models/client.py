"""An OpenAI-compatible endpoint: embeddings and chat completions, each within a time and a budget, or a ModelError.

The endpoint is optional and not trusted: it gets no text that was not masked (callers see to that, ``masking``), and what
it says is checked before anyone sees it (``grounding``). Its own failures end here, counted and logged without text.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

import aiohttp
import orjson
import structlog
from pydantic import SecretStr

from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.core.runtime.http.client import open_client
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.models.breaker import Breaker
from yizhan.dialogue.models.budget import Budget
from yizhan.dialogue.models.errors import ModelError, ModelNonsense, ModelRateLimited, ModelTooSlow
from yizhan.dialogue.models.stream import EventStream
from yizhan.dialogue.models.transport import Answer, Transport
from yizhan.dialogue.models.wire import Completion, Said, Vectors, read_embeddings

log = structlog.get_logger(__name__)

SEED = 4
MAX_ANSWER_TOKENS = 800
MAX_ANSWER_CHARACTERS = 4_000
MAX_CHAT_BYTES = 1 << 20
END_SECONDS = 0.05
SETTLE_SECONDS = 0.05
BUDGET_LATE = "budget_late"
BYTES_PER_VECTOR = 128 * 1024
"""What one vector may take as JSON: 4096 numbers of twenty digits, and more."""

ChatPurpose = Literal["chat", "summary"]
"""``chat``: for a customer who waits. ``summary``: for an agent, with more to read and more time."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the settings say of it. A model without a name is not used."""

    base_url: str
    key: SecretStr = field(default=SecretStr(""), repr=False)
    chat_model: str = ""
    embedding_model: str = ""
    timeout_seconds: float = 1.5


def endpoint_of(settings: DialogueSettings) -> Endpoint | None:
    """None where no model is configured, which is the default."""
    if not settings.models_base_url:
        return None
    return Endpoint(
        base_url=settings.models_base_url,
        key=settings.models_key,
        chat_model=settings.models_chat,
        embedding_model=settings.models_embedding,
        timeout_seconds=settings.models_timeout_seconds,
    )


class ModelFigures:
    """Calls by outcome, their time, their tokens."""

    def __init__(self, metrics: Metrics) -> None:
        self._calls = metrics.counter("yizhan_model_calls_total", "Calls of optional models.", ("purpose", "outcome"))
        self._seconds = metrics.histogram("yizhan_model_call_seconds", "How long models took.", ("purpose",))
        self._tokens = metrics.counter("yizhan_model_tokens_total", "Tokens that models were paid for.", ("purpose",))

    def called(self, purpose: str, outcome: str, seconds: float) -> None:
        """``purpose`` and ``outcome`` are static names."""
        self._calls.labels(purpose, outcome).inc()
        self._seconds.labels(purpose).observe(seconds)

    def spent(self, purpose: str, tokens: int) -> None:
        self._tokens.labels(purpose).inc(tokens)


class ModelClient:
    """Both calls of one endpoint. Make it with ``open_models``, which owns its connections."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: Endpoint,
        budget: Budget,
        figures: ModelFigures,
        *,
        monotonic: Monotonic = monotonic,
    ) -> None:
        self.endpoint = endpoint
        self._transport = Transport(session, endpoint.base_url, endpoint.key)
        self._budget = budget
        self._figures = figures
        self._monotonic = monotonic
        # One for each purpose: an endpoint whose chat is overloaded may well embed, and one that is too slow to sum up
        # a session may well answer a customer in time.
        self._breakers = {purpose: Breaker(monotonic) for purpose in ("embedding", "chat", "summary")}

    async def embed(self, texts: Sequence[str], *, within: float, dimension: int | None = None) -> Vectors:
        """Unit vectors in the order of the texts, shape (n, dimension), float32. Raises a ModelError."""
        body = orjson.dumps({"model": self.endpoint.embedding_model, "input": list(texts), "encoding_format": "base64"})
        estimate = sum(map(tokens_at_most, texts))
        limit = 64 * 1024 + BYTES_PER_VECTOR * len(texts)
        with self._told("embedding"):
            async with self._paid("embedding", estimate, within) as usage:
                async with self._transport.post("embeddings", body, within=usage.left(), limit=limit) as answer:
                    whole = await answer.whole()
                vectors, usage.tokens = read_embeddings(whole, len(texts), dimension)
                return vectors

    async def chat(
        self, messages: Sequence[Said], *, within: float, stream: bool = True, purpose: ChatPurpose = "chat"
    ) -> str:
        """What the model says, in full. Raises a ModelError.

        Asked for JSON, at temperature 0 with a fixed seed, and offered no tool. An endpoint that does not stream although
        asked to is read as well.
        """
        asked = {
            "model": self.endpoint.chat_model,
            "messages": [message.model_dump() for message in messages],
            "temperature": 0,
            "seed": SEED,
            "max_tokens": MAX_ANSWER_TOKENS,
            "response_format": {"type": "json_object"},
            "stream": stream,
        } | ({"stream_options": {"include_usage": True}} if stream else {})
        estimate = sum(tokens_at_most(message.content) for message in messages) + MAX_ANSWER_TOKENS
        with self._told(purpose):
            async with self._paid(purpose, estimate, within) as usage:
                completion = Completion(MAX_ANSWER_CHARACTERS)
                try:
                    async with self._transport.post(
                        "chat/completions", orjson.dumps(asked), within=usage.left(), limit=MAX_CHAT_BYTES
                    ) as answer:
                        await _read(answer, completion)
                finally:
                    usage.tokens = completion.tokens
                return completion.text()

    @contextmanager
    def _told(self, purpose: str) -> Iterator[None]:
        """Ask the breaker, and tell it, the figures and the log how the call ended."""
        breaker = self._breakers[purpose]
        began = self._monotonic()
        outcome = "given_up"
        try:
            breaker.admit()
        except ModelError as error:
            self._figures.called(purpose, error.outcome, 0.0)
            raise
        try:
            yield
            outcome = "done"
            breaker.succeeded()
        except ModelError as error:
            outcome = error.outcome
            _blame(breaker, error)
            log.warning("model_failed", purpose=purpose, outcome=outcome, reason=error.reason)
            raise
        except BaseException:
            breaker.abandoned()
            raise
        finally:
            self._figures.called(purpose, outcome, self._monotonic() - began)

    @asynccontextmanager
    async def _paid(self, purpose: str, estimate: int, within: float) -> AsyncIterator["_Spent"]:
        """Take the estimate from the budget, and give back what was not used where the endpoint says what was.

        The time that the budget takes is the call's time. One limit runs at a moment, so that even where the machine
        stands still beyond both of them it is clear which was passed.
        """
        spent = _Spent(asyncio.get_running_loop().time() + within)
        try:
            async with asyncio.timeout_at(spent.deadline):
                await self._budget.take(estimate)
        except TimeoutError:
            raise ModelTooSlow(BUDGET_LATE) from None
        try:
            yield spent
        finally:
            used = spent.tokens or estimate
            self._figures.spent(purpose, used)
            if used != estimate:
                await self._settle(used - estimate, max(spent.left(), SETTLE_SECONDS))

    async def _settle(self, difference: int, within: float) -> None:
        """An answer is neither lost nor late because its price could not be put right."""
        try:
            async with asyncio.timeout(within):
                await self._budget.settle(difference)
        except StoreUnavailable as error:
            log.warning("model_budget_not_settled", tokens=difference, reason=error.reason)
        except TimeoutError:
            log.warning("model_budget_not_settled", tokens=difference, reason=BUDGET_LATE)


@dataclass(slots=True)
class _Spent:
    """What of a call's time, until ``deadline`` of the loop's clock, and of its tokens."""

    deadline: float
    tokens: int = 0

    def left(self) -> float:
        return self.deadline - asyncio.get_running_loop().time()


def _blame(breaker: Breaker, error: ModelError) -> None:
    """An endpoint that answers is not left alone for what its model says, or for our having no budget."""
    match error:
        case ModelRateLimited(after=after):
            breaker.failed(after)
        case ModelNonsense(reason=reason) if reason in _ANSWERED:
            breaker.succeeded()
        case _ if error.outcome == "budget_spent" or error.reason == BUDGET_LATE:
            breaker.abandoned()
        case _:
            breaker.failed()


_ANSWERED = frozenset(
    {"called_a_tool", "refused", "finish_length", "finish_filter", "finish_other", "nothing_said", "too_long"}
)


async def _read(answer: Answer, completion: Completion) -> None:
    if answer.content_type != "text/event-stream":
        completion.take(await answer.whole())
        return
    events = EventStream()
    async for piece in answer.pieces:
        try:
            data = events.feed(piece)
        except UnicodeDecodeError:
            raise ModelNonsense("not_a_completion") from None
        for datum in data:
            if datum == "[DONE]":
                await _to_its_end(answer)
                return
            completion.take(datum)


async def _to_its_end(answer: Answer) -> None:
    """Read what comes after the last word, so that the connection can be used again; without waiting long for it."""
    with suppress(TimeoutError, aiohttp.ClientError, OSError, ModelNonsense):
        async with asyncio.timeout(END_SECONDS):
            async for _ in answer.pieces:
                pass


def tokens_at_most(text: str) -> int:
    """An upper estimate for any tokeniser in use: a token is a byte or more, and a Chinese character three bytes."""
    return len(text.encode("utf-8", "replace")) * 2 // 3 + 8


@asynccontextmanager
async def open_models(
    endpoint: Endpoint, budget: Budget, metrics: Metrics, *, monotonic: Monotonic = monotonic
) -> AsyncIterator[ModelClient]:
    """A client with connections of its own, closed at the end."""
    async with open_client(total=600.0, connections=64, per_host=64) as session:
        yield ModelClient(session, endpoint, budget, ModelFigures(metrics), monotonic=monotonic)
