"""The words by which a ticket is found.

A table of terms of our own, rather than FTS5 or tsvector: the two databases would need two schemas, two query languages
and two rankings that never agree, and neither splits Chinese (SQLite's unicode61 and PostgreSQL's parsers take a whole
sentence as one word; trigrams miss words of two characters, the commonest length). Pairs of characters find every
Chinese word without a dictionary and give the same answer on both.

Words that appear in a ticket are its single Chinese characters, their pairs, and Latin words and numbers in small
letters, after NFKC (so ＡＢＣ is abc). A query needs all of its terms: pairs where it has two characters together, the
character where it stands alone.
"""

import re
import unicodedata
from collections.abc import Iterator

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
    """The terms that a ticket must have, each once, in the order of the query. None: it says nothing to look for."""
    return tuple(dict.fromkeys(_asked(query)))[:MOST_ASKED]


def _stored(text: str) -> Iterator[str]:
    for run, is_cjk in _runs(text):
        if is_cjk:
            yield from run
            yield from _pairs(run)
        else:
            yield run[:LONGEST_TERM]
            if number := _NUMBER.fullmatch(run):
                yield number[1][:LONGEST_TERM]


def _asked(query: str) -> Iterator[str]:
    for run, is_cjk in _runs(query):
        if is_cjk and len(run) > 1:
            yield from _pairs(run)
        else:
            yield run[:LONGEST_TERM]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for found in _RUN.finditer(unicodedata.normalize("NFKC", text).casefold()):
        yield found[0], found["cjk"] is not None


def _pairs(run: str) -> Iterator[str]:
    for at in range(len(run) - 1):
        yield run[at : at + 2]
