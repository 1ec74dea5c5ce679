"""Published knowledge: releases in the table, the current one of each workspace in memory with its index.

A release is built off the event loop and swapped in by one assignment, so a switch loses no message.
"""

import asyncio
import gzip
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import structlog
from pydantic import BaseModel, TypeAdapter

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict, StoreUnavailable
from yizhan.dialogue import store
from yizhan.dialogue.answering import AskBack, Decision, Greets, NoAnswer, Say, Suggestion, Thanks, WantsHuman
from yizhan.dialogue.knowledge.decide import Answer, Clarify, Thresholds, decide
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.intents import goodbye, greeting, thanks, wants_human
from yizhan.dialogue.knowledge.matcher import Candidate
from yizhan.dialogue.knowledge.release import Release, build_release

log = structlog.get_logger(__name__)

REMEMBERED = 4096
"""Questions of a release whose decisions are kept: people ask the same things."""

LOOK_AGAIN_SECONDS = 2.0
"""How soon a replica serves a release that another one published."""


class _StoredEntry(BaseModel):
    id: str
    question: str
    paraphrases: list[str]
    answer: str
    category: str


_ENTRIES = TypeAdapter(list[_StoredEntry])


class Library:
    """The published knowledge of every workspace; also the ``Answerer`` of the conversations."""

    def __init__(self, database: Database, *, thresholds: Thresholds, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._thresholds = thresholds
        self._clock = clock
        self._new_id = new_id
        self._releases: dict[str, Release] = {}
        self._deciders: dict[str, Callable[[str], Decision]] = {}

    @property
    def thresholds(self) -> Thresholds:
        return self._thresholds

    def release(self, workspace: str) -> Release | None:
        """What is published for a workspace, as this process serves it."""
        return self._releases.get(workspace)

    def decide(self, workspace: str, words: str) -> Decision:
        """See ``Answerer``. A plain request for a human always wins."""
        if wants_human(words):
            return WantsHuman()
        if greeting(words):
            return Greets()
        if thanks(words) or goodbye(words):
            return Thanks()
        decider = self._deciders.get(workspace)
        return decider(words) if decider else NoAnswer()

    def _serve(self, release: Release) -> None:
        self._releases[release.workspace] = release
        self._deciders[release.workspace] = lru_cache(maxsize=REMEMBERED)(partial(self._decide, release))

    def _decide(self, release: Release, words: str) -> Decision:
        match decide(release.matcher.match(words), self._thresholds):
            case Answer(candidate):
                return _say(release, candidate.entry_id, candidate.score) or NoAnswer()
            case Clarify(candidates):
                return AskBack(tuple(_suggestion(release, candidate) for candidate in candidates))
            case _:
                return NoAnswer()

    def entry(self, workspace: str, entry_id: str) -> Say | None:
        """See ``Answerer``."""
        release = self._releases.get(workspace)
        return _say(release, entry_id, 1.0) if release else None

    def candidates(self, workspace: str, words: str) -> Sequence[Candidate]:
        """What the matcher sees, for editors who try a question out."""
        release = self._releases.get(workspace)
        return release.matcher.match(words) if release else ()

    async def publish(
        self, workspace: str, entries: Sequence[Entry], *, published_by: str, source_name: str
    ) -> Release:
        """Store entries as the workspace's next release and serve it. Raises StoreUnavailable; nothing changed then."""
        data = await asyncio.to_thread(_pack, entries)
        while True:
            async with self._database.read() as tx:
                number = await store.last_release_number(tx, workspace) + 1
            record = store.StoredRelease(
                self._new_id(), workspace, number, len(entries), self._clock(), published_by, source_name
            )
            release = await asyncio.to_thread(_built, record, entries)
            try:
                async with self._database.begin() as tx:
                    await store.add_release(tx, record, data)
            except IntegrityConflict:
                continue  # somebody published in the same moment: the next number is ours
            break
        self._serve(release)
        log.info("release_published", workspace=workspace, release=record.id, number=number, entries=len(entries))
        return release

    async def refresh(self) -> None:
        """Serve what is published now. Raises StoreUnavailable."""
        async with self._database.read() as tx:
            numbers = await store.published_numbers(tx)
        for workspace, number in numbers.items():
            current = self._releases.get(workspace)
            if current is None or current.number < number:
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
        self._serve(await asyncio.to_thread(_built, record, entries))
        log.info("release_opened", workspace=workspace, release=record.id, number=number, entries=len(entries))


def _built(record: store.StoredRelease, entries: Sequence[Entry]) -> Release:
    return build_release(
        id=record.id,
        workspace=record.workspace,
        number=record.number,
        entries=entries,
        published_at=record.published_at,
        published_by=record.published_by,
        source_name=record.source_name,
    )


def _say(release: Release, entry_id: str, score: float) -> Say | None:
    entry = release.entry(entry_id)
    return Say(entry.id, release.id, entry.answer, score) if entry else None


def _suggestion(release: Release, candidate: Candidate) -> Suggestion:
    return Suggestion(candidate.entry_id, release.by_id[candidate.entry_id].question)


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
