"""What is shown of a message that was found: the words around the first place, and where the places are."""

from dataclasses import dataclass

from yizhan.core.words.places import Span

BEFORE = 30
LENGTH = 140
CUT = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``hits`` are counted in characters (code points) of ``text``."""

    text: str
    hits: tuple[Span, ...]


def excerpt_of(text: str, places: tuple[Span, ...]) -> Excerpt:
    """On one line. What is left out at either end is a ``…``; a place that the end cuts is shown as far as it goes."""
    start = places[0].start - BEFORE if places else 0
    start = 0 if start <= len(CUT) else start
    end = min(len(text), start + LENGTH)
    if len(text) - end <= len(CUT):
        end = len(text)
    shown = "".join(" " if one.isspace() or not one.isprintable() else one for one in text[start:end])
    ahead = CUT if start else ""
    shift = len(ahead) - start
    hits = tuple(
        Span(place.start + shift, min(place.end, end) + shift) for place in places if start <= place.start < end
    )
    return Excerpt(f"{ahead}{shown}{CUT if end < len(text) else ''}", hits)
