"""Where the words of a query stand in a text: exactly, after the terms have said where it may be worth looking.

Terms are pairs of characters and say nothing of their order; here a word must stand as it was asked, Chinese characters
one after the other and a Latin word or number as a whole.
"""

from collections.abc import Iterator
from typing import NamedTuple

from yizhan.core.words.forms import form_of, formed
from yizhan.core.words.terms import LONGEST_TERM, Run, runs_in


class Span(NamedTuple):
    """Characters from ``start`` up to, and without, ``end``."""

    start: int
    end: int


def words_of(query: str) -> tuple[Run, ...]:
    """The words that a query needs, each once."""
    return tuple({run.text: run for run in runs_in(form_of(query))}.values())


def places_of(words: tuple[Run, ...], text: str) -> tuple[Span, ...] | None:
    """Every place of every word, in order, without overlap. None: a word is missing, or there is none to look for."""
    form = formed(text)
    runs = tuple(runs_in(form.text))
    found: list[Span] = []
    for word in words:
        places = list(_chinese(word, runs) if word.is_cjk else _whole(word, runs))
        if not places:
            return None
        found += (Span(form.starts[place.start], form.ends[place.end - 1]) for place in places)
    return tuple(_joined(sorted(found))) if words else None


def _chinese(word: Run, runs: tuple[Run, ...]) -> Iterator[Span]:
    for run in runs:
        at = run.text.find(word.text) if run.is_cjk else -1
        while at >= 0:
            yield Span(run.at + at, run.at + at + len(word.text))
            at = run.text.find(word.text, at + len(word.text))


def _whole(word: Run, runs: tuple[Run, ...]) -> Iterator[Span]:
    name = word.text[:LONGEST_TERM]
    for run in runs:
        if not run.is_cjk and name in run.names:
            yield Span(run.at, run.at + len(run.text))


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Those that overlap or touch as one."""
    last: Span | None = None
    for span in spans:
        if last is None:
            last = span
        elif span.start <= last.end:
            last = Span(last.start, max(last.end, span.end))
        else:
            yield last
            last = span
    if last is not None:
        yield last
