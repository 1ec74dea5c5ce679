"""Vectors of a release's phrasings: made when it is built, kept with it, and taken over into the next one.

A text that was embedded by the same model is not embedded again, so the second build of a large knowledge costs what was
changed, and a build that was interrupted goes on where it was.
"""

import hashlib
import io
from collections.abc import Sequence

import numpy as np
from numpy.lib.format import read_array, write_array
from numpy.typing import NDArray

from yizhan.dialogue.models.errors import ModelNonsense

HalfVectors = NDArray[np.float16]
_KEY_BYTES = 16


class VectorsUnreadable(Exception):
    """The bytes are no book of vectors."""


class VectorBook:
    """The vectors of one model by text. ``dumps`` is for the release, ``loads`` for the next build."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._rows: dict[bytes, HalfVectors] = {}

    @property
    def dimension(self) -> int:
        """Numbers of a vector; 0 while there is none."""
        return next((len(row) for row in self._rows.values()), 0)

    def missing(self, texts: Sequence[str]) -> list[str]:
        """What has no vector yet, each text once."""
        return [text for text in dict.fromkeys(texts) if _key(text) not in self._rows]

    def add(self, texts: Sequence[str], vectors: HalfVectors) -> None:
        """Raises ModelNonsense when these vectors are of another dimension."""
        if self._rows and vectors.shape[1] != self.dimension:
            raise ModelNonsense("wrong_dimension")
        self._rows.update(zip(map(_key, texts), vectors, strict=True))

    def matrix(self, texts: Sequence[str]) -> HalfVectors:
        """One row for each text, shape (n, dimension). Raises KeyError for a text without a vector."""
        if not texts:
            return np.zeros((0, self.dimension), np.float16)
        return np.stack([self._rows[_key(text)] for text in texts])

    def dumps(self, texts: Sequence[str]) -> bytes:
        """The vectors of these texts and of no others, the same bytes for the same vectors."""
        keys = sorted(set(map(_key, texts)))
        rows = np.stack([self._rows[key] for key in keys]) if keys else np.zeros((0, 0), np.float16)
        file = io.BytesIO()
        for array in (np.frombuffer(self.model.encode(), np.uint8), np.frombuffer(b"".join(keys), np.uint8), rows):
            write_array(file, array, allow_pickle=False)
        return file.getvalue()

    @classmethod
    def loads(cls, data: bytes) -> "VectorBook":
        """What ``dumps`` wrote. Raises VectorsUnreadable for anything else."""
        file = io.BytesIO(data)
        try:
            model, keys, rows = (read_array(file, allow_pickle=False) for _ in range(3))
            name = model.tobytes().decode()
        except (ValueError, OSError):
            raise VectorsUnreadable from None
        if len(keys) != len(rows) * _KEY_BYTES or rows.dtype != np.float16:
            raise VectorsUnreadable
        book = cls(name)
        whole = keys.tobytes()
        book._rows = {whole[at * _KEY_BYTES : (at + 1) * _KEY_BYTES]: row for at, row in enumerate(rows)}
        return book


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()
