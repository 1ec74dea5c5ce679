"""A trained index as bytes: what was learned. What can be had again from the entries themselves is not in it."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray
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


_DIGEST = 32
"""Bytes of SHA-256 before the archive: what is damaged is refused before anything reads it."""

_NO_INDEX = (
    ValueError,
    TypeError,
    OSError,
    EOFError,
    KeyError,
    RuntimeError,
    MemoryError,
    zlib.error,
    struct.error,
    TokenError,
    zipfile.BadZipFile,
    ValidationError,
)
"""What reading an archive raises that is whole and yet no index."""


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
    archive = file.getvalue()
    return hashlib.sha256(archive).digest() + archive


def unpack(data: bytes, entries: Sequence[Entry]) -> Learned:
    """Raises Unreadable."""
    archive = data[_DIGEST:]
    if hashlib.sha256(archive).digest() != data[:_DIGEST]:
        raise Unreadable("damaged")
    try:
        with np.load(io.BytesIO(archive), allow_pickle=False) as file:
            head = _Head.model_validate_json(_part(file, "head").tobytes())
            weights = _part(file, "votes").astype(np.float32)
            voted = _part(file, "voted")
    except _NO_INDEX as error:
        raise Unreadable(type(error).__name__) from error
    rows = sum(len(entry.phrasings) for entry in entries)
    if head.phrasings != _digest(entries) or weights.ndim != 2 or len(weights) != rows:
        raise Unreadable("made from other phrasings")
    if (head.signs, head.doubts) != (SIGNS, DOUBTS) or not np.isfinite(weights).all():
        raise Unreadable("made from other signs")
    if (len(head.order), len(head.belief)) != (len(SIGNS), len(DOUBTS)):
        raise Unreadable("not a weight for every sign")
    return Learned(_votes(weights, voted, len(entries)), Weights(head.order, head.belief))


def _part(file: Mapping[str, object], name: str) -> NDArray[Any]:
    part = file[name]
    # What stands in an archive without a header of its own comes as bytes.
    if not isinstance(part, np.ndarray):
        raise Unreadable(f"{name} is no array")
    return part


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
