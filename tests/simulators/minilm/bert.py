"""The forward pass of a small BERT with mean pooling, in numpy.

Source of facts: Devlin et al. 2019 and the package's ``config.json``, ``1_Pooling/config.json``, ``modules.json``
(mean over tokens, then unit length). Checked against the similarities that sentence-transformers publishes for this model.
"""

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.simulators.minilm.wordpiece import WordPiece

Floats = NDArray[np.float32]
BATCH = 32
_FAR_BELOW = np.float32(-1e9)


class Bert:
    """``embed`` gives one unit vector per text. Not safe in two threads at a time for speed, safe for results."""

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        limit = json.loads((folder / "sentence_bert_config.json").read_text("utf-8"))["max_seq_length"]
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = np.float32(config["layer_norm_eps"])
        self._weights = _tensors(folder / "model.safetensors")
        self._tokens = WordPiece(folder / "vocab.txt", int(limit))
        self.dimension = int(config["hidden_size"])

    def embed(self, texts: Sequence[str]) -> Floats:
        """Rows in the order of ``texts``, shape (n, dimension)."""
        ids = [self._tokens.encode(text) for text in texts]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        found = np.empty((len(ids), self.dimension), np.float32)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            found[rows] = self._batch([ids[row] for row in rows])
        return found

    def count(self, text: str) -> int:
        """Tokens that a text costs."""
        return len(self._tokens.encode(text))

    def _batch(self, ids: Sequence[Sequence[int]]) -> Floats:
        width = max(map(len, ids))
        padded = np.zeros((len(ids), width), np.int64)
        mask = np.zeros((len(ids), width), np.float32)
        for row, line in enumerate(ids):
            padded[row, : len(line)] = line
            mask[row, : len(line)] = 1
        weights = self._weights
        state = weights["embeddings.word_embeddings.weight"][padded]
        state = state + weights["embeddings.position_embeddings.weight"][:width]
        state = state + weights["embeddings.token_type_embeddings.weight"][0]
        state = self._normed(state, "embeddings.LayerNorm")
        for layer in range(self._layers):
            state = self._layer(state, mask, f"encoder.layer.{layer}")
        pooled = (state * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), np.float32)

    def _layer(self, state: Floats, mask: Floats, name: str) -> Floats:
        attended = self._linear(
            self._attention(state, mask, f"{name}.attention.self"), f"{name}.attention.output.dense"
        )
        state = self._normed(state + attended, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(state, f"{name}.intermediate.dense"))
        return self._normed(state + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, state: Floats, mask: Floats, name: str) -> Floats:
        rows, width, size = state.shape
        part = size // self._heads

        def heads(kind: str) -> Floats:
            whole = self._linear(state, f"{name}.{kind}")
            return whole.reshape(rows, width, self._heads, part).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.float32(part**0.5)
        scores = scores + (1 - mask[:, None, None, :]) * _FAR_BELOW
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        shares = scores / scores.sum(-1, keepdims=True)
        return np.asarray((shares @ heads("value")).transpose(0, 2, 1, 3).reshape(rows, width, size), np.float32)

    def _linear(self, state: Floats, name: str) -> Floats:
        flat = state.reshape(-1, state.shape[-1]) @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return np.asarray(flat.reshape(*state.shape[:-1], -1), np.float32)

    def _normed(self, state: Floats, name: str) -> Floats:
        centred = state - state.mean(-1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(-1, keepdims=True) + self._epsilon)
        return np.asarray(centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"], np.float32)


def _gelu(x: Floats) -> Floats:
    """x·Φ(x), with the error function of Abramowitz and Stegun 7.1.26 (wrong by at most 1.5e-7)."""
    z = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    error = 1 - series * np.exp(-z * z)
    return np.asarray(x * np.float32(0.5) * (1 + np.sign(x) * error), np.float32)


def _tensors(path: Path) -> dict[str, Floats]:
    """The float32 arrays of a safetensors file: a length, a JSON header, then the bytes."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    found: dict[str, Floats] = {}
    for name, about in header.items():
        if name != "__metadata__" and about["dtype"] == "F32":
            start, end = about["data_offsets"]
            values = np.frombuffer(raw, np.float32, (end - start) // 4, 8 + length + start)
            found[name] = values.reshape(about["shape"])
    return found
