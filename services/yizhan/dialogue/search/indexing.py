"""Makes transcripts searchable: behind the writer's back, so that no message waits for it.

What is searched is known exactly, for each conversation: up to and with this ``seq`` and this note. Both count without a gap and
are given under the conversation's lock, so whatever is committed late, in whatever order and by whom, is after the mark
or before it, and nothing can be overtaken and left out, as it could be by ids or times of different clocks.

Which conversations to look at is only a hint. The writer of this process says so after each commit; and a walk through all
conversations, when the process starts and every hour, finds what no hint told of: what was there before, what a process that
was killed had not come to, what the version before wrote. A kill therefore leaves nothing but marks, and the next one
goes on from them.

It takes turns with the writer: a little at a time, and then a pause as long as the work was, or longer where it can wait.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from yizhan.core.runtime.clock import Clock, monotonic
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import IntegrityConflict, StoreUnavailable
from yizhan.core.words.terms import terms_of
from yizhan.dialogue.search.place import given_numbers, wanted_number
from yizhan.dialogue.store import search_index as store
from yizhan.dialogue.store.search_index import Behind, Entry, Progress, Words
from yizhan.dialogue.turn import Turn

log = structlog.get_logger(__name__)

WALK_SECONDS = 3600.0
GATHER_SECONDS = 0.2
RETRY_SECONDS = 2.0

MOST_MESSAGES = 100
MOST_CHARS = 6000
"""In one transaction: SQLite's other writers wait for it."""

WALK = 500
MOST_HEARD = 10_000
"""Conversations that are remembered to be looked at; with more, all are walked through."""

REST = 1.0
REST_WALKING = 4.0
"""So many times as long as the work took, the pause after it: new messages are waited for, old ones can wait."""

_FIRST = "~"  # after every id


@dataclass(slots=True)
class _Portion:
    """What one transaction makes searchable."""

    most: int
    seen: dict[str, Progress] = field(default_factory=dict)
    """How far each conversation was when it was read: somebody else may have gone on meanwhile."""
    done: dict[str, Progress] = field(default_factory=dict)
    words: list[tuple[Behind, Words]] = field(default_factory=list)
    characters: int = 0

    @property
    def room(self) -> int:
        return 0 if self.characters >= MOST_CHARS else self.most - len(self.words)


class Indexing:
    """``run`` as long as the service does. Several replicas may do so at once.

    ``keep``: older messages are not made searchable. ``portion``: messages in one transaction.
    """

    def __init__(
        self, database: Database, keep: timedelta, clock: Clock, metrics: Metrics, *, portion: int = MOST_MESSAGES
    ) -> None:
        self._database = database
        self._keep = keep
        self._clock = clock
        self._most = portion
        self._heard: set[str] = set()
        self._behind: list[str] = []
        self._walk_from = _FIRST
        self._wake = asyncio.Event()
        self.complete = False
        """Everything that was there when this process began is searchable."""
        self._added = metrics.counter("yizhan_search_messages_total", "Messages and notes made searchable.")
        self._waiting = metrics.gauge("yizhan_search_waiting_conversations", "Conversations with words to be searched.")

    def hear(self, turns: Iterable[Turn]) -> None:
        """What a committed batch holds."""
        for turn in turns:
            if turn.messages or turn.notes or turn.recognised:
                self._heard.add(turn.conversation.id)
        if len(self._heard) > MOST_HEARD:
            self._heard.clear()
            self._walk_from = _FIRST
        self._wake.set()

    async def run(self, *, walk_every: float = WALK_SECONDS) -> None:
        """Keep up, until cancelled."""
        walk_at = monotonic() + walk_every
        while True:
            began, rest = monotonic(), REST if self._heard else REST_WALKING
            try:
                more = await self.step()
            except (StoreUnavailable, IntegrityConflict) as error:
                log.warning("search_waits", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if more:
                await asyncio.sleep((monotonic() - began) * rest)
                continue
            try:
                async with asyncio.timeout(max(0.0, walk_at - monotonic())):
                    await self._wake.wait()
            except TimeoutError:
                walk_at, self._walk_from = monotonic() + walk_every, _FIRST
            else:
                await asyncio.sleep(GATHER_SECONDS)  # a question and its answer in one go

    async def catch_up(self) -> None:
        """Everything that is there now. Raises StoreUnavailable, IntegrityConflict; what went before that is kept."""
        self._walk_from = _FIRST
        while await self.step():
            pass

    async def step(self) -> bool:
        """A little of what there is to do, new messages first; False: there was nothing.

        Raises StoreUnavailable, IntegrityConflict: a message was deleted in this moment, or another process was faster.
        """
        self._wake.clear()
        self._waiting.set(len(self._heard) + len(self._behind))
        if self._heard:
            await self._take_heard()
        elif self._behind:
            self._behind = [*await self._take(self._behind[:MOST_MESSAGES]), *self._behind[MOST_MESSAGES:]]
        elif self._walk_from:
            await self._walk()
        else:
            return await self._reword()
        return True

    async def _take_heard(self) -> None:
        ids = sorted(self._heard)[:MOST_MESSAGES]
        self._heard.difference_update(ids)
        try:
            unfinished = await self._take(ids)
        except BaseException:
            self._heard.update(ids)
            raise
        self._heard.update(unfinished)

    async def _walk(self) -> None:
        async with self._database.read() as tx:
            behind, last = await store.all_behind(tx, self._walk_from, WALK)
        self._behind = list(behind)
        if last:
            self._walk_from = last
        else:
            self._walk_from, self.complete = "", True

    async def _take(self, ids: Sequence[str]) -> Sequence[str]:
        """Make a portion of these conversations searchable; those of which more is left."""
        portion = _Portion(self._most)
        async with self._database.read() as tx:
            known = await store.behind(tx, ids)
            for one in known:
                if portion.room > 0:
                    await self._read(tx, one, portion)
        done = await self._write(portion) if portion.done else {}
        return [one.id for one in known if done.get(one.id, one.done) != one.end]

    async def _read(self, tx: Transaction, one: Behind, portion: _Portion) -> None:
        room = portion.room
        said = await store.messages_of(tx, one.id, one.done.seq, one.end.seq, room)
        noted = await store.notes_of(tx, one.id, one.done.note, one.end.note, room)
        portion.seen[one.id] = one.done
        # Fewer than asked for: there are no more up to the end, whatever was deleted in between.
        portion.done[one.id] = Progress(
            one.end.seq if len(said) < room else said[-1].after,
            one.end.note if len(noted) < room else noted[-1].note or 0,
        )
        kept = [words for words in (*said, *noted) if self._worth_it(words)]
        portion.words += ((one, words) for words in kept)
        portion.characters += sum(len(words.text) for words in kept)

    def _worth_it(self, words: Words) -> bool:
        return bool(words.text.strip()) and words.at >= self._clock() - self._keep

    async def _write(self, portion: _Portion) -> Mapping[str, Progress]:
        """How far those are now that nobody else has taken further."""
        termed = [(one, words, terms_of(words.text)) for one, words in portion.words]
        async with self._database.begin() as tx:
            now = await store.lock(tx, portion.done)
            mine = {one: done for one, done in portion.done.items() if now.get(one) == portion.seen[one]}
            rows = [(one, words, terms) for one, words, terms in termed if one.id in mine and terms]
            await _add(tx, rows)
            await store.advance(tx, mine)
        self._added.inc(len(rows))
        return mine

    async def _reword(self) -> bool:
        """Files that were put into words after they had been looked at."""
        async with self._database.read() as tx:
            changed = await store.rewordings(tx, MOST_MESSAGES)
        for conversation_id, seq in changed:
            async with self._database.begin() as tx:
                await store.lock(tx, [conversation_id])
                words = await store.message_at(tx, conversation_id, seq)
                known = await store.behind(tx, [conversation_id])
                await store.forget(tx, conversation_id, seq)
                if words is not None and self._worth_it(words):
                    await _add(tx, [(known[0], words, terms_of(words.text))])
        return bool(changed)


async def _add(tx: Transaction, rows: Sequence[tuple[Behind, Words, frozenset[str]]]) -> None:
    numbers = await _numbers(tx, [(one.id, words) for one, words, _ in rows])
    entries = [
        Entry(number, one.workspace, one.id, one.channel, words)
        for number, (one, words, _) in zip(numbers, rows, strict=True)
    ]
    terms = [
        (entry.workspace, term, entry.number)
        for entry, (_, _, terms) in zip(entries, rows, strict=True)
        for term in terms
    ]
    await store.add(tx, entries, terms)


async def _numbers(tx: Transaction, rows: Sequence[tuple[str, Words]]) -> Sequence[int]:
    """One for each, as it wants it or near."""
    wanted = [wanted_number(words.at, conversation_id, words.after) for conversation_id, words in rows]
    taken: set[int] = set()
    asked: set[int] = set()
    while True:
        given = given_numbers(wanted, taken)
        unknown = set(given) - asked
        if not unknown:
            return given
        taken |= await store.numbers_taken(tx, unknown)
        asked |= unknown
