"""The embedding server of the tests speaks the protocol that the product speaks; here with a small model of noise."""

import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web

from tests.simulators.minilm import Bert, embeddings_app, find_model
from tests.simulators.minilm.server import NAME, ModelMissing
from tests.simulators.minilm.wordpiece import WordPiece
from tests.unit.dialogue.models.stage import GENEROUS
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.models.budget import Unlimited
from yizhan.dialogue.models.client import Endpoint, open_models
from yizhan.dialogue.models.embedding import EndpointEmbeddings, fill
from yizhan.dialogue.models.errors import ModelUnavailable
from yizhan.dialogue.models.vector_book import VectorBook

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "refund", "##s", "##able", "is", "it", "?", "cafe", "退", "货", "'", "t"]
SIZE, INNER, PLACES = 8, 16, 32


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Bert:
    folder = tmp_path_factory.mktemp("minilm") / "deep" / "model"
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", "utf-8")
    (folder / "config.json").write_text(
        json.dumps({"num_attention_heads": 2, "num_hidden_layers": 1, "layer_norm_eps": 1e-12, "hidden_size": SIZE})
    )
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 16}))
    (folder / "model.safetensors").write_bytes(noise())
    return Bert(find_model(folder.parents[1]))


def noise() -> bytes:
    """Random weights of the right shapes, as a safetensors file."""
    random = np.random.default_rng(4)
    layer = "encoder.layer.0"
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), SIZE),
        "embeddings.position_embeddings.weight": (PLACES, SIZE),
        "embeddings.token_type_embeddings.weight": (2, SIZE),
        f"{layer}.intermediate.dense.weight": (INNER, SIZE),
        f"{layer}.intermediate.dense.bias": (INNER,),
        f"{layer}.output.dense.weight": (SIZE, INNER),
        f"{layer}.output.dense.bias": (SIZE,),
    }
    for part in ("self.query", "self.key", "self.value", "output.dense"):
        shapes |= {f"{layer}.attention.{part}.weight": (SIZE, SIZE), f"{layer}.attention.{part}.bias": (SIZE,)}
    for norm in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        shapes |= {f"{norm}.LayerNorm.weight": (SIZE,), f"{norm}.LayerNorm.bias": (SIZE,)}
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, shape in shapes.items():
        values = random.standard_normal(shape).astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    encoded = json.dumps(header).encode()
    return struct.pack("<Q", len(encoded)) + encoded + data


@pytest.fixture
async def base_url(model: Bert) -> AsyncIterator[str]:
    runner = web.AppRunner(embeddings_app(model), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Refunds", ["refund", "##s"]),
        ("Is it refundable?", ["is", "it", "refund", "##able", "?"]),
        ("CAFÉ", ["cafe"]),
        ("退货", ["退", "货"]),
        ("refundx", ["[UNK]"]),
        ("it't", ["it", "'", "t"]),
        ("it\u200b\tis", ["it", "is"]),
        ("", []),
    ],
)
def test_text_is_cut_as_the_model_learned_it(text: str, pieces: list[str], tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    assert WordPiece(tmp_path / "vocab.txt", 16).encode(text) == [2, *map(WORDS.index, pieces), 3]


def test_a_text_has_the_same_vector_alone_and_among_others(model: Bert) -> None:
    texts = ["refund", "is it refundable? " * 9, "退货", "is"]
    together = model.embed(texts)
    assert np.allclose(together, np.concatenate([model.embed([text]) for text in texts]), atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


async def test_the_products_client_reads_it(model: Bert, base_url: str) -> None:
    book = VectorBook(NAME)
    texts = ["refund", "is it?", "退货"]
    async with open_models(Endpoint(base_url, embedding_model=NAME), Unlimited(), Metrics("t")) as client:
        await fill(book, texts, EndpointEmbeddings(client))
    assert np.allclose(book.matrix(texts), model.embed(texts), atol=2e-3)


async def test_another_model_is_not_there(base_url: str) -> None:
    async with open_models(Endpoint(base_url, embedding_model="other"), Unlimited(), Metrics("t")) as client:
        with pytest.raises(ModelUnavailable):
            await client.embed(["refund"], within=GENEROUS)


def test_missing_weights_are_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="make simulate-embeddings"):
        find_model(tmp_path)
