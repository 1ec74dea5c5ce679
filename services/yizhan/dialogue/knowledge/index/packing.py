"""A trained index as bytes: everything that answering needs besides the entries themselves."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.index.archive import Array, Parts, Unreadable, sealed, unsealed
from yizhan.dialogue.knowledge.index.evidence import SIGNS
from yizhan.dialogue.knowledge.index.meaning import meanings
from yizhan.dialogue.knowledge.index.packed_respelling import packed_respelling, unpacked_respelling
from yizhan.dialogue.knowledge.index.packed_sources import packed_sources, unpacked_sources
from yizhan.dialogue.knowledge.index.packed_votes import packed_votes, unpacked_votes
from yizhan.dialogue.knowledge.index.trained import Felt, Index
from yizhan.dialogue.knowledge.index.weighing import DOUBTS, Weights

_FELT = "felt_"
"""Before the names of the parts of the comparison by meaning."""


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phrasings: str
    signs: tuple[str, ...]
    doubts: tuple[str, ...]
    order: tuple[float, ...]
    belief: tuple[float, ...]
    felt_order: tuple[float, ...] = ()
    felt_belief: tuple[float, ...] = ()
    """The weights of the comparison by meaning; none where there is none."""


def pack(entries: Sequence[Entry], index: Index) -> bytes:
    """The same bytes for the same index."""
    weights, felt = index.weights, index.felt
    head = _Head(
        phrasings=_digest(entries),
        signs=SIGNS,
        doubts=DOUBTS,
        order=weights.order,
        belief=weights.belief,
        felt_order=felt.weights.order if felt else (),
        felt_belief=felt.weights.belief if felt else (),
    )
    return sealed(
        {
            "head": np.frombuffer(head.model_dump_json().encode(), np.uint8),
            **packed_votes(index.sources.votes),
            **packed_sources(index.sources),
            **packed_respelling(index.respelling),
            **(_packed_felt(felt) if felt else {}),
        }
    )


def unpack(data: bytes, entries: Sequence[Entry]) -> Index:
    """Raises Unreadable."""
    with unsealed(data) as parts:
        head = _head(parts)
        if head.phrasings != _digest(entries):
            raise Unreadable("made from other phrasings")
        if (head.signs, head.doubts) != (SIGNS, DOUBTS):
            raise Unreadable("made from other signs")
        if (len(head.order), len(head.belief)) != (len(SIGNS), len(DOUBTS)):
            raise Unreadable("not a weight for every sign")
        phrasings = [len(entry.phrasings) for entry in entries]
        votes = unpacked_votes(parts, sum(phrasings), len(entries))
        sources = unpacked_sources(parts, phrasings, votes)
        felt = _felt(parts, head, sum(phrasings), len(entries)) if head.felt_order else None
        return Index(sources, unpacked_respelling(parts), Weights(head.order, head.belief), felt)


def _packed_felt(felt: Felt) -> Mapping[str, Array]:
    return {"meanings": felt.meanings.raw, **packed_votes(felt.votes, _FELT)}


def _felt(parts: Parts, head: _Head, rows: int, entries: int) -> Felt:
    if (len(head.felt_order), len(head.felt_belief)) != (len(SIGNS), len(DOUBTS)):
        raise Unreadable("not a weight for every sign")
    raw = parts.table("meanings", np.float16)
    if len(raw) != rows:
        raise Unreadable("made from other phrasings")
    return Felt(meanings(raw), unpacked_votes(parts, rows, entries, _FELT), Weights(head.felt_order, head.felt_belief))


def _head(parts: Parts) -> _Head:
    try:
        return _Head.model_validate_json(parts.line("head", np.uint8).tobytes())
    except ValidationError as error:
        raise Unreadable("no head") from error


def _digest(entries: Sequence[Entry]) -> str:
    """Of everything that the index is about, in its order."""
    digest = hashlib.sha256()
    for entry in entries:
        for text in (entry.id, str(len(entry.phrasings)), *entry.phrasings, entry.answer):
            encoded = text.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
