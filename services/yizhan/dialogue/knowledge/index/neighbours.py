"""The likeness between the rows of a release: whole where it fits into memory, else the nearest rows of each.

Needs scipy; only where a release is built.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yizhan.dialogue.knowledge.index.space import VIEW_WEIGHTS, Floats, Numbers, Space

Rows = NDArray[np.int64]
Gram = NDArray[np.float32]

NEAREST = 64

_BLOCK = 256


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


def gram(space: Space) -> Gram:
    """The likeness of every row to every row: 4 bytes for each pair, so a thousand rows take 4 MB."""
    whole = np.zeros((space.size, space.size), np.float32)
    for start, block in _blocks(space):
        whole[start : start + len(block)] = block
    return whole


def neighbours(space: Space, most: int = NEAREST) -> Neighbours:
    """The nearest ``most`` rows of every row. Of equals those that come first."""
    rows = np.full((space.size, most), -1, np.int32)
    likeness = np.zeros((space.size, most), np.float32)
    count = min(most, space.size)
    for start, block in _blocks(space):
        near = np.argpartition(-block, count - 1, axis=1)[:, :count]
        near.sort(axis=1)
        rows[start : start + len(block), :count] = near
        likeness[start : start + len(block), :count] = np.take_along_axis(block, near, axis=1)
    rows[likeness <= 0.0] = -1
    return Neighbours(rows, likeness)


def _blocks(space: Space) -> Iterator[tuple[int, Gram]]:
    """Some rows after the other, each against all."""
    views = [
        sparse.csc_matrix((view.weights, view.rows, view.starts), shape=(space.size, len(view.rarity)))
        for view in space.views
    ]
    rows = [view.tocsr() for view in views]
    columns = [view.T.tocsr() for view in views]
    for start in range(0, space.size, _BLOCK):
        end = min(start + _BLOCK, space.size)
        block = np.zeros((end - start, space.size), np.float32)
        for weight, own, all_columns in zip(VIEW_WEIGHTS, rows, columns, strict=True):
            if all_columns.nnz:
                block += np.float32(weight) * (own[start:end] @ all_columns).toarray()
        block *= space.scale[start:end, None]
        block *= space.scale[None, :]
        yield start, block
