"""Published knowledge: releases in the table, the current one of each workspace in memory with its index.

A release is built off the event loop and swapped in by one assignment, so a switch loses no message.
"""

import asyncio
import gzip
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from pydantic import BaseModel, TypeAdapter

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict, StoreUnavailable
from yizhan.dialogue import store
from yizhan.dialogue.answering import AskBack, Decision, Greets, NoAnswer, Say, Suggestion, Thanks, WantsHuman
from yizhan.dialogue.knowledge import intents
from yizhan.dialogue.knowledge.decide import Answer, Clarify, Thresholds, decide
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.matcher import Candidate, Matcher, build

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 2.0
"""How soon a replica serves a release that another one published."""


class _StoredEntry(BaseModel):
    id: str
    question: str
    paraphrases: list[str]
    answer: str
    category: str


_ENTRIES = TypeAdapter(list[_StoredEntry])


@dataclass(frozen=True, slots=True)
class Edition:
    """A release ready to serve: its record, its entries by id and its index."""

    record: store.StoredRelease
    entries: dict[str, Entry]
    matcher: Matcher


class Library:
    """The published knowledge of every workspace; also the ``Answerer`` of the conversations."""

    def __init__(self, database: Database, *, thresholds: Thresholds, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._thresholds = thresholds
        self._clock = clock
        self._new_id = new_id
        self._editions: dict[str, Edition] = {}

    @property
    def thresholds(self) -> Thresholds:
        return self._thresholds

    def edition(self, workspace: str) -> Edition | None:
        """What is published for a workspace, as this process serves it."""
        return self._editions.get(workspace)

    def decide(self, workspace: str, words: str) -> Decision:
        """See ``Answerer``. A plain request for a human always wins."""
        if intents.wants_human(words):
            return WantsHuman()
        if intents.greeting(words):
            return Greets()
        if intents.thanks(words):
            return Thanks()
        edition = self._editions.get(workspace)
        if edition is None:
            return NoAnswer()
        match decide(edition.matcher.match(words), self._thresholds):
            case Answer(candidate):
                return _say(edition, candidate.entry_id, candidate.score) or NoAnswer()
            case Clarify(candidates):
                return AskBack(tuple(_suggestion(edition, candidate) for candidate in candidates))
            case _:
                return NoAnswer()

    def entry(self, workspace: str, entry_id: str) -> Say | None:
        """See ``Answerer``."""
        edition = self._editions.get(workspace)
        return _say(edition, entry_id, 1.0) if edition else None

    def candidates(self, workspace: str, words: str) -> Sequence[Candidate]:
        """What the matcher sees, for editors who try a question out."""
        edition = self._editions.get(workspace)
        return edition.matcher.match(words) if edition else ()

    async def publish(
        self, workspace: str, entries: Sequence[Entry], *, published_by: str, source_name: str
    ) -> Edition:
        """Store entries as the workspace's next release and serve it. Raises StoreUnavailable; nothing changed then."""
        matcher = await asyncio.to_thread(build, entries)
        data = await asyncio.to_thread(_pack, entries)
        while True:
            async with self._database.read() as tx:
                number = await store.last_release_number(tx, workspace) + 1
            record = store.StoredRelease(
                self._new_id(), workspace, number, len(entries), self._clock(), published_by, source_name
            )
            try:
                async with self._database.begin() as tx:
                    await store.add_release(tx, record, data)
            except IntegrityConflict:
                continue  # somebody published in the same moment: the next number is ours
            break
        edition = Edition(record, {entry.id: entry for entry in entries}, matcher)
        self._editions[workspace] = edition
        log.info("release_published", workspace=workspace, release=record.id, number=number, entries=len(entries))
        return edition

    async def refresh(self) -> None:
        """Serve what is published now. Raises StoreUnavailable."""
        async with self._database.read() as tx:
            numbers = await store.published_numbers(tx)
        for workspace, number in numbers.items():
            current = self._editions.get(workspace)
            if current is None or current.record.number < number:
                await self._open(workspace, number)

    async def follow(self) -> None:
        """Keep up with what other replicas publish; runs as long as the service does."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            try:
                await self.refresh()
            except StoreUnavailable as error:
                log.warning("release_refresh_failed", reason=str(error))

    async def _open(self, workspace: str, number: int) -> None:
        async with self._database.read() as tx:
            found = await store.release_data(tx, workspace, number)
        if found is None:
            return
        record, data = found
        entries = await asyncio.to_thread(_unpack, data)
        matcher = await asyncio.to_thread(build, entries)
        self._editions[workspace] = Edition(record, {entry.id: entry for entry in entries}, matcher)
        log.info("release_opened", workspace=workspace, release=record.id, number=number, entries=len(entries))


def _say(edition: Edition, entry_id: str, score: float) -> Say | None:
    entry = edition.entries.get(entry_id)
    return Say(entry.id, edition.record.id, entry.answer, score) if entry else None


def _suggestion(edition: Edition, candidate: Candidate) -> Suggestion:
    return Suggestion(candidate.entry_id, edition.entries[candidate.entry_id].question)


def _pack(entries: Sequence[Entry]) -> bytes:
    rows = [
        _StoredEntry(
            id=entry.id,
            question=entry.question,
            paraphrases=list(entry.paraphrases),
            answer=entry.answer,
            category=entry.category,
        )
        for entry in entries
    ]
    return gzip.compress(_ENTRIES.dump_json(rows), mtime=0)


def _unpack(data: bytes) -> list[Entry]:
    rows = _ENTRIES.validate_json(gzip.decompress(data))
    return [Entry(row.id, row.question, tuple(row.paraphrases), row.answer, row.category) for row in rows]
