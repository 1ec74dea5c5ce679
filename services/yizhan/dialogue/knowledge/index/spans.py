"""Lists of numbers side by side: for each of many things the rows, entries or words that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.index.archive import Array, Parts, Unreadable


@dataclass(frozen=True, slots=True)
class Spans:
    """The list of ``i`` is ``members[starts[i]:starts[i + 1]]``."""

    starts: NDArray[np.int64]
    members: NDArray[np.int32]


def packed_spans(name: str, spans: Spans) -> Mapping[str, Array]:
    """As lengths and as steps from member to member: these are small numbers, many of them equal."""
    return {
        f"{name}.counts": np.diff(spans.starts).astype(np.int32),
        f"{name}.steps": np.diff(spans.members, prepend=np.int32(0)),
    }


def spans(parts: Parts, name: str, lists: int, below: int) -> Spans:
    """So many lists, of members from 0 and ``below``. Raises Unreadable."""
    counts = parts.line(f"{name}.counts", np.int32)
    steps = parts.line(f"{name}.steps", np.int32)
    members = np.cumsum(steps, out=steps)
    if len(counts) != lists or counts.min(initial=0) < 0 or int(counts.sum(dtype=np.int64)) != len(members):
        raise Unreadable(f"{name} is cut otherwise")
    if len(members) and not 0 <= members.min() <= members.max() < below:
        raise Unreadable(f"{name} has members that there are not")
    starts = np.zeros(lists + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return Spans(starts, members)
