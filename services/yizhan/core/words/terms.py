"""The words by which a text is found.

A table of terms of our own, rather than FTS5 or tsvector: the two databases would need two schemas, two query languages
and two rankings that never agree, and neither splits Chinese (SQLite's unicode61 and PostgreSQL's parsers take a whole
sentence as one word; trigrams miss words of two characters, the commonest length). Pairs of characters find every
Chinese word without a dictionary and give the same answer on both.

The terms of a text are its single Chinese characters, their pairs, and Latin words and numbers in small letters, in one
form (so ＡＢＣ is abc, and 發貨 is 发货). A query needs all of its terms: pairs where it has two characters together, the
character where it stands alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yizhan.core.words.forms import form_of

LONGEST_TERM = 40
MOST_ASKED = 24
"""Terms of one query; what comes later does not narrow it any more."""

_CJK = "㐀-䶿一-鿿豈-﫿぀-ヿ가-힯々\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>[^\W_{_CJK}]+)")
_NUMBER = re.compile(r"t0*(\d+)")


def terms_of(*texts: str) -> frozenset[str]:
    """Everything by which these texts are found. A ticket's number T000123 is found by 123, too."""
    return frozenset(term for text in texts for term in _stored(text))


def asked(query: str) -> tuple[str, ...]:
    """The terms that a text must have, each once, in the order of the query. None: it says nothing to look for."""
    return tuple(dict.fromkeys(_asked(query)))[:MOST_ASKED]


@dataclass(frozen=True, slots=True)
class Run:
    """Chinese characters without anything between them, or one Latin word or number; ``at`` is its place in the form."""

    text: str
    at: int
    is_cjk: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What a word that is found whole goes by."""
        number = _NUMBER.fullmatch(self.text)
        return (self.text[:LONGEST_TERM], *([number[1][:LONGEST_TERM]] if number else []))


def runs_in(form: str) -> Iterator[Run]:
    """The runs of a text that has its form already."""
    for found in _RUN.finditer(form):
        yield Run(found[0], found.start(), found["cjk"] is not None)


def _stored(text: str) -> Iterator[str]:
    for run in runs_in(form_of(text)):
        if run.is_cjk:
            yield from run.text
            yield from _pairs(run.text)
        else:
            yield from run.names


def _asked(query: str) -> Iterator[str]:
    for run in runs_in(form_of(query)):
        if run.is_cjk and len(run.text) > 1:
            yield from _pairs(run.text)
        else:
            yield run.text[:LONGEST_TERM]


def _pairs(run: str) -> Iterator[str]:
    for at in range(len(run) - 1):
        yield run[at : at + 2]
