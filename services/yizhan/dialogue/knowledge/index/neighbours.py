"""The likeness between the rows of a release: whole where it fits into memory, else the nearest rows of each.

Needs scipy; only where a release is built.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yizhan.dialogue.knowledge.index.meaning import Meanings, mixed
from yizhan.dialogue.knowledge.index.space import VIEW_WEIGHTS, Floats, Numbers, Space

Rows = NDArray[np.int64]
Gram = NDArray[np.float32]

_BLOCK = 512
_FEW = 200
_TELLING_SHARE = 0.005
"""A feature that more rows than this have is not looked up when looking for neighbours, unless they are ``_FEW``."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """``rows[i]``: the rows most like row i, the row itself among them, -1 where there are fewer; ``likeness``: how much."""

    rows: Numbers
    likeness: Floats

    def among(self, kept: Rows) -> "Neighbours":
        """The same between these rows only, numbered by their places."""
        place = np.full(len(self.rows) + 1, -1, np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        rows = place[self.rows[kept]]  # the last place answers for -1
        return Neighbours(rows, np.where(rows >= 0, self.likeness[kept], np.float32(0.0)))


def gram(space: Space, meaning: Meanings | None = None) -> Gram:
    """The likeness of every row to every row: 4 bytes for each pair, so a thousand rows take 4 MB."""
    rows = _side_by_side(space)
    columns = rows.T.tocsr()
    whole = np.empty((space.size, space.size), np.float32)
    for start in range(0, space.size, _BLOCK):
        block = (rows[start : start + _BLOCK] @ columns).toarray()
        if meaning is not None:
            block = mixed(block, meaning.rows[start : start + _BLOCK] @ meaning.rows.T)
        whole[start : start + _BLOCK] = block
    return whole


def neighbours(space: Space, most: int, meaning: Meanings | None = None) -> Neighbours:
    """The nearest ``most`` rows of every row, as far as they share something that not everybody shares.

    What a great part of all rows has in common makes no two of them neighbours, but finding all those pairs is nearly
    all of the work: they are looked for without it, and then compared with it. With ``meaning`` they are
    compared by that too, but rows that share no word are not found by it.
    """
    rows = _side_by_side(space)
    telling = _telling(rows)
    columns = telling.T.tocsr()
    near = np.full((space.size, most), -1, np.int32)
    likeness = np.zeros((space.size, most), np.float32)
    for start in range(0, space.size, _BLOCK):
        end = min(start + _BLOCK, space.size)
        near[start:end] = _nearest(telling[start:end] @ columns, start, most)
        for place in range(most):
            others = near[start:end, place]
            shared = rows[start:end].multiply(rows[np.maximum(others, 0)])
            words = np.asarray(shared.sum(axis=1), np.float32).ravel()
            if meaning is not None:
                felt = np.einsum("rd,rd->r", meaning.rows[start:end], meaning.rows[np.maximum(others, 0)])
                words = mixed(words, felt)
            likeness[start:end, place] = np.where(others >= 0, words, 0.0)
    near[likeness <= 0.0] = -1
    return Neighbours(near, np.maximum(likeness, np.float32(0.0)))


def _side_by_side(space: Space) -> Any:
    """All views of all rows as one sparse matrix, whose rows have length 1."""
    views = [
        sparse.csc_matrix(
            (view.weights * np.float32(np.sqrt(weight)), view.rows, view.starts), shape=(space.size, len(view.rarity))
        )
        for weight, view in zip(VIEW_WEIGHTS, space.views, strict=True)
    ]
    return sparse.diags(space.scale).astype(np.float32) @ sparse.hstack(views, format="csr", dtype=np.float32)


def _telling(rows: Any) -> Any:
    """The same rows without the features that too many of them have."""
    having = np.diff(rows.tocsc().indptr)
    return rows[:, having <= max(_FEW, rows.shape[0] * _TELLING_SHARE)].tocsr()


def _nearest(shared: Any, start: int, most: int) -> Numbers:
    """The columns with the most in each row of a sparse matrix, the row itself first, -1 where there are fewer."""
    near = np.full((shared.shape[0], most), -1, np.int32)
    near[:, 0] = np.arange(start, start + shared.shape[0])
    for row in range(shared.shape[0]):
        own = slice(shared.indptr[row], shared.indptr[row + 1])
        columns, values = shared.indices[own], shared.data[own]
        others = columns != start + row
        columns, values = columns[others], values[others]
        if len(columns) > most - 1:
            best = np.argpartition(-values, most - 2)[: most - 1]
            columns = columns[best]
        near[row, 1 : 1 + len(columns)] = np.sort(columns)
    return near
