"""What phrasings and answers were read as, as arrays and back: opening an index reads no text again.

Everything is kept as it is added up, to the last bit: a question gets the same answer from what was just built, from
what was opened, and on another machine.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from yizhan.dialogue.knowledge.bm25 import Bm25, opened
from yizhan.dialogue.knowledge.index.archive import Array, Parts, Unreadable
from yizhan.dialogue.knowledge.index.sources import Sources, counted
from yizhan.dialogue.knowledge.index.space import VIEW_WEIGHTS, Space, View
from yizhan.dialogue.knowledge.index.spans import Spans, packed_spans, spans
from yizhan.dialogue.knowledge.index.strings import numbered, packed_strings, strings
from yizhan.dialogue.knowledge.index.telling import Telling
from yizhan.dialogue.knowledge.index.votes import FewVotes, FullVotes
from yizhan.dialogue.knowledge.postings import KIND_WEIGHTS, Postings, Vocabulary


def packed_sources(sources: Sources) -> Mapping[str, Array]:
    """All but the votes."""
    return {
        **packed_strings("texts", sources.texts),
        **packed_strings("telling", sources.telling.words),
        **packed_spans("telling", sources.telling.rows),
        **_packed_space(sources.space),
        **_packed_postings(sources.postings),
        **packed_spans("bm25", Spans(sources.bm25.starts, sources.bm25.documents)),
        "bm25.data": sources.bm25.data,
    }


def unpacked_sources(parts: Parts, phrasings: Sequence[int], votes: FullVotes | FewVotes) -> Sources:
    """``phrasings``: how many each entry has. Raises Unreadable."""
    starts, labels = counted(phrasings)
    texts = tuple(strings(parts, "texts"))
    if len(texts) != len(labels):
        raise Unreadable("made from other phrasings")
    words = tuple(strings(parts, "telling"))
    postings = _postings(parts, len(phrasings))
    return Sources(
        texts=texts,
        telling=Telling(words, spans(parts, "telling", len(texts), len(words))),
        starts=starts,
        labels=labels,
        space=_space(parts, len(texts)),
        votes=votes,
        postings=postings,
        bm25=_bm25(parts, len(phrasings), len(postings.vocabulary)),
    )


def _packed_space(space: Space) -> Mapping[str, Array]:
    arrays: dict[str, Array] = {"scale": space.scale, "unseen": np.array([view.unseen for view in space.views])}
    for place, view in enumerate(space.views):
        arrays |= packed_strings(f"view{place}", view.numbers)
        arrays |= packed_spans(f"view{place}", Spans(view.starts, view.rows))
        arrays |= {f"view{place}.rarity": view.rarity, f"view{place}.weights": view.weights}
    return arrays


def _space(parts: Parts, rows: int) -> Space:
    scale, unseen = parts.line("scale", np.float32), parts.line("unseen", np.float64)
    if (len(scale), len(unseen)) != (rows, len(VIEW_WEIGHTS)):
        raise Unreadable("not the views of every row")
    views = tuple(_view(parts, f"view{place}", rows, rarity) for place, rarity in enumerate(unseen.tolist()))
    return Space(views, scale)


def _view(parts: Parts, name: str, rows: int, unseen: float) -> View:
    numbers = numbered(parts, name)
    having = spans(parts, name, len(numbers), rows)
    rarity, weights = parts.line(f"{name}.rarity", np.float32), parts.line(f"{name}.weights", np.float32)
    if (len(rarity), len(weights)) != (len(numbers), len(having.members)):
        raise Unreadable(f"{name} has other weights")
    return View(numbers, rarity, having.starts, having.members, weights, unseen)


def _packed_postings(postings: Postings) -> Mapping[str, Array]:
    return {
        **packed_strings("postings", postings.vocabulary.tokens),
        **packed_spans("postings", Spans(postings.starts, postings.positions)),
        "postings.weights": np.array(postings.weights, np.float64),
        "postings.about": postings.about,
        "postings.asked": postings.asked,
    }


def _postings(parts: Parts, entries: int) -> Postings:
    tokens = numbered(parts, "postings")
    if not all(token and token[0] in KIND_WEIGHTS for token in tokens):
        raise Unreadable("tokens of other kinds")
    having = spans(parts, "postings", len(tokens), entries)
    weights = parts.line("postings.weights", np.float64)
    about, asked = parts.line("postings.about", np.float64), parts.line("postings.asked", np.bool_)
    if (len(weights), len(about), len(asked)) != (len(tokens), len(having.members), len(having.members)):
        raise Unreadable("postings have other weights")
    return Postings(entries, Vocabulary(tokens), weights.tolist(), having.starts, having.members, about, asked)


def _bm25(parts: Parts, entries: int, tokens: int) -> Bm25:
    having = spans(parts, "bm25", tokens, entries)
    data = parts.line("bm25.data", np.float32)
    if len(data) != len(having.members):
        raise Unreadable("bm25 has other scores")
    return opened(entries, having.starts, having.members, data)
