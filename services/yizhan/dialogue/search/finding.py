"""Goes through what has the rarest word, newest first, until a page is full or enough was looked at."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from yizhan.core.store.database import Database, Transaction
from yizhan.core.words.places import Span, places_of, words_of
from yizhan.core.words.terms import asked
from yizhan.dialogue.search.limits import MOST_LOOKED
from yizhan.dialogue.search.wanted import Wanted
from yizhan.dialogue.store import search_finds as store
from yizhan.dialogue.store.search_finds import Candidate

_FIRST_LOOK = 200
_LOOK = 2000
_READ = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A message with all words, and where they stand in it."""

    message: Candidate
    places: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """``next_before``: the number before which to go on; 0: that was all. A page may be short, or empty, and not the last."""

    hits: Sequence[Hit]
    next_before: int


@dataclass(slots=True)
class _Walk:
    """How far one has come, and whether there is more."""

    before: int
    over: bool = False


async def find(database: Database, wanted: Wanted, before: int, size: int, *, most_looked: int = MOST_LOOKED) -> Page:
    """The next ``size`` messages. Raises StoreUnavailable."""
    words, terms = words_of(wanted.query), asked(wanted.query)
    if not terms or wanted.conversation_ids == ():
        return Page((), 0)
    hits: list[Hit] = []
    walk = _Walk(before)
    async with database.read() as tx, aclosing(_candidates(tx, wanted, terms, walk, most_looked)) as candidates:
        async for one in candidates:
            places = places_of(words, one.text)
            if places is None:
                continue
            if len(hits) == size:
                return Page(hits, hits[-1].message.number)
            hits.append(Hit(one, places))
    return Page(hits, 0 if walk.over else walk.before)


async def _candidates(
    tx: Transaction, wanted: Wanted, terms: Sequence[str], walk: _Walk, most_looked: int
) -> AsyncGenerator[Candidate, None]:
    rarest = await store.rarest(tx, wanted.workspace, terms) if wanted.conversation_ids is None else terms[0]
    looked, look = 0, min(_FIRST_LOOK, most_looked)
    walk.over = not rarest
    while not walk.over and looked < most_looked:
        numbers = await store.numbers_with(tx, wanted, rarest, walk.before, look)
        looked += len(numbers)
        over, before = len(numbers) < look, numbers[-1] if numbers else walk.before
        for term in terms:
            numbers = await store.having(tx, wanted.workspace, term, numbers) if numbers else ()
        for start in range(0, len(numbers), _READ):
            for one in await store.candidates(tx, wanted, numbers[start : start + _READ]):
                yield one
        walk.over, walk.before = over, before
        look = min(_LOOK, most_looked)
