"""Votes as arrays and back, in half precision: a release has up to millions of them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from yizhan.dialogue.knowledge.index.archive import Array, Parts, Unreadable
from yizhan.dialogue.knowledge.index.votes import FewVotes, FullVotes

Halves = NDArray[np.float16]


def halved(votes: FullVotes | FewVotes) -> FullVotes | FewVotes:
    """The votes as they are when they were packed and opened."""
    weights = votes.weights.astype(np.float16).astype(np.float32)
    return FullVotes(weights) if isinstance(votes, FullVotes) else FewVotes(votes.voted, weights, votes.entries)


def packed_votes(votes: FullVotes | FewVotes, prefix: str = "") -> Mapping[str, Array]:
    return {
        f"{prefix}votes": votes.weights.astype(np.float16),
        f"{prefix}voted": votes.voted if isinstance(votes, FewVotes) else np.zeros((0, 0), np.int32),
    }


def unpacked_votes(parts: Parts, rows: int, entries: int, prefix: str = "") -> FullVotes | FewVotes:
    """Raises Unreadable."""
    weights = parts.table(f"{prefix}votes", np.float16).astype(np.float32)
    voted = parts.table(f"{prefix}voted", np.int32)
    if len(weights) != rows:
        raise Unreadable("made from other phrasings")
    if voted.size:
        if voted.shape != weights.shape or voted.min() < -1 or voted.max() >= entries:
            raise Unreadable("votes on entries that there are not")
        return FewVotes(voted, weights, entries)
    if weights.shape[1] != entries:
        raise Unreadable("made from other entries")
    return FullVotes(weights)
