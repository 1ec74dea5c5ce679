"""Which canned replies fit what an agent has typed, best first. Pure, and the same words always give the same order.

1. the shortcut, whole or its beginning 2. the title: whole, its beginning, anywhere in it 3. how the title or the shortcut
sounds: first letters, then syllables 4. the folder 5. the text 6. a part of the words, as pairs of Chinese characters. Of
equals those in the customer's language come first, then one's own, then those that are used most, then by title and id.

A query of several words needs all of them; what fits worst counts. ``/`` asks for shortcuts alone.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from yizhan.core.words.terms import asked, terms_of
from yizhan.routing.replies.reply import CannedReply
from yizhan.routing.replies.sounds import (
    begins_with_initials,
    begins_with_syllables,
    is_typed,
    readings,
    spoken,
    starts,
)

LONGEST_QUERY = 100
MOST_WORDS = 6
ENOUGH = 0.2
"""So much of a word's terms must be in a reply that does not have it as it was typed: in 申请退款多久到账 two pairs of seven are its title's. What has more of them comes before."""


class Fit(IntEnum):
    """How well a word fits: the lower, the better."""

    SHORTCUT = 0
    SHORTCUT_BEGINS = 1
    TITLE = 2
    TITLE_BEGINS = 3
    TITLE_HAS = 4
    INITIALS_BEGIN = 5
    SOUND_BEGINS = 6
    INITIALS_INSIDE = 7
    SOUND_INSIDE = 8
    FOLDER_HAS = 9
    TEXT_HAS = 10
    TERMS = 11
    NOT = 99


@dataclass(frozen=True, slots=True)
class _Form:
    """A reply as it is searched."""

    shortcut: str
    title: str
    folder: str
    text: str
    sounds: tuple[tuple[int, str, str], ...]
    """Where a word may begin in the title or the shortcut: the place, the letters it may begin with, the rest from there."""
    terms: frozenset[str]


def search(replies: Iterable[CannedReply], query: str, *, language: str = "", limit: int = 10) -> Sequence[CannedReply]:
    """At most ``limit``, best first. An empty query gives those that are used most."""
    words = _plain(query[:LONGEST_QUERY]).split()[:MOST_WORDS]
    ranked = []
    for reply in replies:
        fits = [_fit(_form(reply), word) for word in words]
        worst = max(fits, default=0.0)
        if worst < Fit.NOT:
            ranked.append((worst, sum(fits), _standing(reply, language), reply))
    ranked.sort(key=lambda one: one[:3])
    return [reply for *_, reply in ranked[:limit]]


def _standing(reply: CannedReply, language: str) -> tuple[bool, bool, int, str, str]:
    """The order among equals."""
    other = bool(language and reply.language and reply.language != language)
    return (other, reply.shared, -reply.uses, reply.title, reply.id)


def _fit(form: _Form, word: str) -> float:
    """A ``Fit``; with terms a fraction more, the less of them there are."""
    if word.startswith("/"):
        return _shortcut_fit(form, word)
    if form.shortcut and form.shortcut[1:] == word:
        return Fit.SHORTCUT
    if form.shortcut and form.shortcut[1:].startswith(word):
        return Fit.SHORTCUT_BEGINS
    if word in form.title:
        return Fit.TITLE if word == form.title else Fit.TITLE_BEGINS if form.title.startswith(word) else Fit.TITLE_HAS
    sounds = _sound_fit(form, word)
    if sounds is not Fit.NOT:
        return sounds
    if word in form.folder:
        return Fit.FOLDER_HAS
    if word in form.text:
        return Fit.TEXT_HAS
    terms = asked(word)
    share = sum(term in form.terms for term in terms) / len(terms) if terms else 0.0
    return Fit.TERMS + (1 - share) if share >= ENOUGH else Fit.NOT


def _shortcut_fit(form: _Form, word: str) -> Fit:
    if not form.shortcut:
        return Fit.NOT
    if form.shortcut == word:
        return Fit.SHORTCUT
    if form.shortcut.startswith(word):
        return Fit.SHORTCUT_BEGINS
    name, letters = spoken(form.shortcut), word[1:]
    if is_typed(letters) and begins_with_initials(letters, name):
        return Fit.INITIALS_BEGIN
    return Fit.SOUND_BEGINS if is_typed(letters) and begins_with_syllables(letters, name) else Fit.NOT


def _sound_fit(form: _Form, word: str) -> Fit:
    if not is_typed(word) or len(word) < 2:  # one letter begins a word in nearly everything
        return Fit.NOT
    found = Fit.NOT
    for place, letters, rest in form.sounds:
        if word[0] not in letters:
            continue
        if begins_with_initials(word, rest):
            found = min(found, Fit.INITIALS_INSIDE if place else Fit.INITIALS_BEGIN)
        elif begins_with_syllables(word, rest):
            found = min(found, Fit.SOUND_INSIDE if place else Fit.SOUND_BEGINS)
    return found


@lru_cache(maxsize=8192)
def _form(reply: CannedReply) -> _Form:
    shortcut, title = _plain(reply.shortcut), _plain(reply.title)
    return _Form(
        shortcut=shortcut,
        title=title,
        folder=_plain(reply.folder),
        text=_plain(reply.text),
        sounds=tuple(
            (place, "".join(reading[0] for reading in readings(name[place])), name[place:])
            for name in (spoken(title), spoken(shortcut))
            for place in starts(name)
        ),
        terms=terms_of(reply.title, reply.text),
    )


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
