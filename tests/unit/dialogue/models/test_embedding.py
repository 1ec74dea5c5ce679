"""Vectors of a release: made once for each text, whatever interrupts it, and the same bytes for the same knowledge."""

import numpy as np
import pytest

from tests.simulators.openai import embeds_by, fails, hangs_up
from tests.unit.dialogue.models.stage import stage
from yizhan.dialogue.models import embedding
from yizhan.dialogue.models.embedding import EndpointEmbeddings, fill
from yizhan.dialogue.models.errors import ModelNonsense, ModelUnavailable
from yizhan.dialogue.models.vector_book import VectorBook, VectorsUnreadable

TEXTS = [f"怎么退第{number}件" for number in range(300)]


def vector(text: str) -> list[float]:
    return [float(len(text)), float(sum(map(ord, text)) % 97 + 1), 1.0]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "PAUSE_SECONDS", 0.0)


async def filled(texts: list[str]) -> VectorBook:
    async with stage() as here:
        here.server.play(embeds_by(vector), repeat=True)
        book = VectorBook("embed-1")
        await fill(book, texts, EndpointEmbeddings(here.client))
        return book


async def test_every_text_has_its_unit_vector() -> None:
    book = await filled(TEXTS)
    rows = book.matrix(TEXTS)
    wanted = np.array([vector(text) for text in TEXTS])
    assert rows.dtype == np.float16
    assert np.allclose(rows, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=2e-3)


async def test_only_what_is_new_is_asked_for() -> None:
    book = VectorBook.loads((await filled(TEXTS)).dumps(TEXTS))
    async with stage() as here:
        here.server.play(embeds_by(vector), repeat=True)
        await fill(book, [*TEXTS[5:], "新的问法", "新的问法"], EndpointEmbeddings(here.client))
        assert [asked["input"] for asked in here.server.asked] == [["新的问法"]]


async def test_a_build_that_was_interrupted_goes_on() -> None:
    book = VectorBook("embed-1")
    async with stage() as here:
        here.server.play(embeds_by(vector), *[fails(500)] * 4, embeds_by(vector), embeds_by(vector))
        source = EndpointEmbeddings(here.client)
        with pytest.raises(ModelUnavailable):
            await fill(book, TEXTS, source)
        assert len(book.missing(TEXTS)) == 300 - embedding.BATCH
        await fill(book, TEXTS, source)
    assert book.missing(TEXTS) == []


async def test_a_hiccup_is_waited_out() -> None:
    async with stage() as here:
        here.server.play(hangs_up(), fails(429), fails(429), fails(429), embeds_by(vector))
        book = VectorBook("embed-1")
        told: list[tuple[int, int]] = []
        await fill(book, TEXTS[:3], EndpointEmbeddings(here.client), lambda done, of: told.append((done, of)))
    assert told == [(3, 3)]


async def test_a_model_that_was_exchanged_is_noticed() -> None:
    book = await filled(TEXTS[:2])
    async with stage() as here:
        here.server.play(embeds_by(lambda text: [1.0, 2.0]))
        with pytest.raises(ModelNonsense):
            await fill(book, TEXTS[:3], EndpointEmbeddings(here.client))


async def test_a_book_is_the_same_bytes_in_any_order_and_holds_what_is_asked() -> None:
    book = await filled(TEXTS)
    data = book.dumps(TEXTS)
    assert data == (await filled(TEXTS[::-1])).dumps(TEXTS[::-1])
    again = VectorBook.loads(book.dumps(TEXTS[:10]))
    assert (again.model, again.dimension) == ("embed-1", 3)
    assert again.missing(TEXTS) == TEXTS[10:]
    assert np.array_equal(again.matrix(TEXTS[:10]), book.matrix(TEXTS[:10]))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x93NUMPY" + bytes(40)])
def test_what_is_no_book_is_refused(data: bytes) -> None:
    with pytest.raises(VectorsUnreadable):
        VectorBook.loads(data)


def test_an_empty_book_is_kept_too() -> None:
    book = VectorBook.loads(VectorBook("embed-1").dumps([]))
    assert (book.model, book.dimension, book.matrix([]).shape) == ("embed-1", 0, (0, 0))


async def test_personal_numbers_in_phrasings_do_not_leave() -> None:
    async with stage() as here:
        here.server.play(embeds_by(vector))
        await fill(VectorBook("embed-1"), ["13800138000是你们的吗"], EndpointEmbeddings(here.client))
        assert here.server.asked[0]["input"] == ["[PHONE_1]是你们的吗"]
