"""Lists that stand side by side in one array: several of them at once."""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


def places_of(lists: Places, starts: Places) -> tuple[Places, Places]:
    """Where the members of these lists stand, one list after the other, and how many each has.

    The list of ``i`` is ``starts[i]`` to ``starts[i + 1]``.
    """
    first = starts[lists]
    counts = starts[lists + 1] - first
    before = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(first - before, counts), counts
