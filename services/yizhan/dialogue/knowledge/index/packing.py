"""A trained index as bytes: what was learned. What can be had again from the entries themselves is not in it."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.evidence import SIGNS
from yizhan.dialogue.knowledge.index.votes import FewVotes, Floats, FullVotes, Numbers, Votes
from yizhan.dialogue.knowledge.index.weighing import DOUBTS, Weights


class Unreadable(Exception):
    """The bytes are no index over these entries."""


@dataclass(frozen=True, slots=True)
class Learned:
    votes: Votes
    weights: Weights


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phrasings: str
    signs: tuple[str, ...]
    doubts: tuple[str, ...]
    order: tuple[float, ...]
    belief: tuple[float, ...]


def pack(entries: Sequence[Entry], votes: FullVotes | FewVotes, weights: Weights) -> bytes:
    """The same bytes for the same index."""
    head = _Head(phrasings=_digest(entries), signs=SIGNS, doubts=DOUBTS, order=weights.order, belief=weights.belief)
    file = io.BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        head=np.frombuffer(head.model_dump_json().encode(), np.uint8),
        votes=votes.weights.astype(np.float16),
        voted=votes.voted if isinstance(votes, FewVotes) else np.zeros((0, 0), np.int32),
    )
    return file.getvalue()


def unpack(data: bytes, entries: Sequence[Entry]) -> Learned:
    """Raises Unreadable."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            head = _Head.model_validate_json(file["head"].tobytes())
            weights = file["votes"].astype(np.float32)
            voted = file["voted"]
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, ValidationError) as error:
        raise Unreadable(type(error).__name__) from error
    rows = sum(len(entry.phrasings) for entry in entries)
    if head.phrasings != _digest(entries) or len(weights) != rows or weights.ndim != 2:
        raise Unreadable("made from other phrasings")
    if (head.signs, head.doubts) != (SIGNS, DOUBTS) or not np.isfinite(weights).all():
        raise Unreadable("made from other signs")
    return Learned(_votes(weights, voted, len(entries)), Weights(head.order, head.belief))


def _votes(weights: Floats, voted: Numbers, entries: int) -> Votes:
    if voted.size:
        if voted.shape != weights.shape or voted.dtype != np.int32 or voted.min() < -1 or voted.max() >= entries:
            raise Unreadable("votes on entries that there are not")
        return FewVotes(voted, weights, entries)
    if weights.shape[1] != entries:
        raise Unreadable("made from other entries")
    return FullVotes(weights)


def _digest(entries: Sequence[Entry]) -> str:
    """Of everything that the index is about, in its order."""
    digest = hashlib.sha256()
    for entry in entries:
        for text in (entry.id, str(len(entry.phrasings)), *entry.phrasings, entry.answer):
            encoded = text.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
