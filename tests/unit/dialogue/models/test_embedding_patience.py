"""How long a build waits for an endpoint: as long as it answers, and not for what will not go away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from tests.simulators.openai import Turn, embeds_by, fails, gives, hangs_up, keeps_silent
from tests.unit.dialogue.models.stage import GENEROUS, stage
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.models import embedding
from yizhan.dialogue.models.budget import Unlimited
from yizhan.dialogue.models.client import Endpoint, open_models
from yizhan.dialogue.models.embedding import EndpointEmbeddings, fill
from yizhan.dialogue.models.errors import ModelError, ModelUnavailable
from yizhan.dialogue.models.vector_book import HalfVectors, VectorBook

TEXTS = [f"怎么退第{number}件" for number in range(8)]
NEVER = 3600.0
"""Who pauses for this long comes to no end within the test."""


def vector(text: str) -> list[float]:
    return [float(len(text)), float(sum(map(ord, text)) % 97 + 1), 1.0]


answers = embeds_by(vector)


def answers_slowly(seconds: float) -> Turn:
    async def turn(request: web.Request, asked: dict[str, object]) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await answers(request, asked)

    return turn


@asynccontextmanager
async def in_the_end() -> AsyncIterator[None]:
    async with asyncio.timeout(GENEROUS):
        yield


@pytest.fixture(autouse=True)
def _two_texts_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "BATCH", 2)


@pytest.mark.parametrize(
    ("turns", "asked", "reason"),
    [
        pytest.param([keeps_silent()], 1, "deadline", id="it takes the request and never answers"),
        pytest.param([answers, keeps_silent()], 2, "deadline", id="it stops answering on the way"),
        pytest.param([fails(401)], 1, "key_refused", id="it refuses the key"),
        pytest.param([fails(404)], 1, "not_there", id="there is no such model"),
        pytest.param([fails(400)], 1, "http_4xx", id="it does not take what it is asked"),
        pytest.param([gives("{}")], 1, "not_embeddings", id="what it says are no vectors"),
        pytest.param([fails(429, Retry_After="86400")], 1, "rate_limited", id="its quota is spent until tomorrow"),
    ],
)
async def test_what_will_not_go_away_is_given_up_at_the_first_batch_that_fails(
    monkeypatch: pytest.MonkeyPatch, turns: list[Turn], asked: int, reason: str
) -> None:
    monkeypatch.setattr(embedding, "PAUSE_SECONDS", NEVER)
    monkeypatch.setattr(embedding, "LONGEST_PAUSE_SECONDS", NEVER)
    monkeypatch.setattr(embedding, "BATCH_SECONDS", 2.0 if reason == "deadline" else GENEROUS)
    book = VectorBook("embed-1")
    async with stage() as here, in_the_end():
        here.server.play(*turns, repeat=True)
        with pytest.raises(ModelError) as failed:
            await fill(book, TEXTS, EndpointEmbeddings(here.client))
        assert (failed.value.reason, len(here.server.asked)) == (reason, asked)
    assert len(book.missing(TEXTS)) == len(TEXTS) - 2 * (asked - 1), "what was made is kept"


async def test_an_endpoint_at_which_nobody_listens_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "PAUSE_SECONDS", NEVER)
    monkeypatch.setattr(embedding, "LONGEST_PAUSE_SECONDS", NEVER)
    async with stage() as here:
        gone = here.server.base_url
    async with (
        open_models(Endpoint(gone, embedding_model="embed-1"), Unlimited(), Metrics("t")) as client,
        in_the_end(),
    ):
        with pytest.raises(ModelUnavailable, match="unreachable"):
            await fill(VectorBook("embed-1"), TEXTS, EndpointEmbeddings(client))


@pytest.mark.parametrize(
    "turns",
    [
        pytest.param([fails(500), answers], id="it had an error"),
        pytest.param([hangs_up(), answers], id="it hung up"),
        pytest.param([answers, hangs_up(), fails(502), fails(500), answers], id="it was restarted on the way"),
        pytest.param([fails(429), fails(429), fails(429), answers], id="it was busy"),
    ],
)
async def test_what_goes_away_is_waited_out(monkeypatch: pytest.MonkeyPatch, turns: list[Turn]) -> None:
    monkeypatch.setattr(embedding, "PAUSE_SECONDS", 0.0)
    book = VectorBook("embed-1")
    async with stage() as here, in_the_end():
        here.server.play(*turns, repeat=True)
        await fill(book, TEXTS, EndpointEmbeddings(here.client))
    assert book.missing(TEXTS) == []


async def test_a_slow_endpoint_gets_more_time_than_a_batch_has_when_there_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embedding, "BATCH", 1)
    monkeypatch.setattr(embedding, "BATCH_SECONDS", 4.0)
    book = VectorBook("embed-1")
    began = asyncio.get_running_loop().time()
    async with stage() as here:
        here.server.play(answers_slowly(0.55), repeat=True)
        await fill(book, TEXTS, EndpointEmbeddings(here.client))
    assert book.missing(TEXTS) == []
    assert asyncio.get_running_loop().time() - began > embedding.BATCH_SECONDS


@dataclass
class Source:
    """Fails as it is told, and is told how long it may take; each failure takes a while."""

    errors: list[ModelError | None]
    model: str = "embed-1"
    takes: float = 0.0
    given: list[float] = field(default_factory=list)

    async def embed(self, texts: Sequence[str], *, within: float) -> HalfVectors:
        self.given.append(within)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            await asyncio.sleep(self.takes)
            raise error
        return np.array([vector(text) for text in texts], dtype=np.float16)


@pytest.mark.parametrize(
    ("errors", "done"),
    [
        pytest.param([None, ModelUnavailable("unreachable")], True, id="it answered before: perhaps it is restarted"),
        pytest.param([ModelUnavailable("unreachable")], False, id="it never answered"),
        pytest.param([None, *[ModelUnavailable("unreachable")] * 4], False, id="it does not come back"),
    ],
)
async def test_who_cannot_be_reached_is_tried_again_only_where_they_answered_before(
    monkeypatch: pytest.MonkeyPatch, errors: list[ModelError | None], done: bool
) -> None:
    monkeypatch.setattr(embedding, "PAUSE_SECONDS", 0.0)
    book = VectorBook("embed-1")
    try:
        await fill(book, TEXTS, Source(errors))
    except ModelUnavailable:
        assert not done
    assert (book.missing(TEXTS) == []) is done


async def test_all_tries_at_a_batch_share_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that takes long to fail is not waited for as often as one that fails at once."""
    monkeypatch.setattr(embedding, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(embedding, "BATCH_SECONDS", 0.5)
    source = Source([ModelUnavailable("connection_lost")] * 9, takes=0.3)
    with capture_logs() as logs, pytest.raises(ModelUnavailable):
        await fill(VectorBook("embed-1"), TEXTS, source)
    assert source.given == sorted(source.given, reverse=True)
    assert source.given[0] == 0.5
    assert sum(source.given[1:]) < 0.5
    assert len([one for one in logs if one["event"] == "embedding_waits"]) == len(source.given) - 1
