"""Draft to release, and release to what customers are answered from; back again by the same way.

Publishing changes one row. A release that is worse than the published one is refused, unless somebody forces it and says why.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict
from yizhan.dialogue.builder import BuildFailed, Built
from yizhan.dialogue.drafts import ABANDONED_MS, Draft, Drafts, made_ms
from yizhan.dialogue.knowledge.checks import ask
from yizhan.dialogue.knowledge.comparison import Comparison, compare
from yizhan.dialogue.knowledge.contents import TESTS, Contents
from yizhan.dialogue.knowledge.documents import questions_of
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.own_questions import TestQuestion
from yizhan.dialogue.knowledge.release import Release
from yizhan.dialogue.knowledge.report import QuestionResult, ReleaseReport
from yizhan.dialogue.knowledge.stored import packed_for_the_version_before
from yizhan.dialogue.knowledge.variables import UnknownVariable, fill
from yizhan.dialogue.library import Library
from yizhan.dialogue.release_vectors import Embedded, ReleaseVectors
from yizhan.dialogue.served import Served
from yizhan.dialogue.shelf import DOCUMENTS, ENTRIES, INDEX, REPORT, VECTORS, ReleaseUnusable, order_of
from yizhan.dialogue.store import parts as store_parts, publications as store, releases as store_releases
from yizhan.dialogue.store.publications import Publication
from yizhan.dialogue.store.releases import StoredRelease

log = structlog.get_logger(__name__)

TRIES = 5
MOST_NUMBER = (1 << 31) - 1

SAMPLE = "demo"
"""By whom the demo's knowledge is written: a business that brings its own keeps none of it."""


class PublishRefused(Exception):
    """The release is worse than what is published; ``comparison.falls`` say in what. Nothing was changed."""

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(", ".join(dict.fromkeys(fall.kind.value for fall in comparison.falls)))
        self.comparison = comparison


class NeverPublished(Exception):
    """Only what was published before can be rolled back to: its checks were passed or forced then."""


class NothingToBuild(Exception):
    """The draft has no entries."""


class PublishedMeanwhile(Exception):
    """Others publish all the time; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of loading and publishing a file: the release, and why it is not published where it is not."""

    release: StoredRelease
    refused: PublishRefused | None


class Publisher:
    """Everything here raises StoreUnavailable; the published release then is what it was, or the new one."""

    def __init__(
        self,
        database: Database,
        library: Library,
        drafts: Drafts,
        *,
        clock: Clock,
        new_id: NewId,
        embedding: ReleaseVectors | None = None,
    ) -> None:
        """``embedding``: where an embedding model is set."""
        self._database = database
        self._library = library
        self._drafts = drafts
        self._clock = clock
        self._new_id = new_id
        self._embedding = embedding

    async def build(self, workspace: str, *, by: str, note: str = "") -> StoredRelease:
        """A release of the draft as it is now. Raises BuildFailed, NothingToBuild, ReleaseUnusable; nothing changed then."""
        draft = await self._drafts.read(workspace)
        if not draft.contents.entries:
            raise NothingToBuild
        day = self._clock().astimezone(self._library.zone).date()
        try:
            embedded = await self._embedded(workspace, draft.contents)
            order = order_of(day, self._library.thresholds, embedded.failed)
            built = await self._library.builder.build(draft.contents, order, embedded.data)
        except OSError as error:
            raise BuildFailed("crashed", type(error).__name__) from error
        release = await self._store(draft, built, embedded.data, by, note)
        log.info("release_built", workspace=workspace, release=release.id, number=release.number)
        return release

    async def release(self, workspace: str, release_id: str) -> StoredRelease:
        """Raises ReleaseUnusable for one that the workspace does not have."""
        async with self._database.read() as tx:
            found = await store_releases.release_by_id(tx, release_id)
        if found is None or found.workspace != workspace:
            raise ReleaseUnusable(release_id, "missing")
        return found

    async def numbered(self, workspace: str, number: int) -> StoredRelease | None:
        async with self._database.read() as tx:
            return await store_releases.release_by_number(tx, workspace, number)

    async def releases(self, workspace: str, below: int = 0, limit: int = 50) -> Sequence[StoredRelease]:
        """Newest first, with numbers below this one; 0: all."""
        async with self._database.read() as tx:
            return await store_releases.list_releases(tx, workspace, below or MOST_NUMBER, limit)

    async def publications(self, workspace: str, limit: int = 50) -> Sequence[Publication]:
        """Newest first."""
        async with self._database.read() as tx:
            return await store.list_publications(tx, workspace, limit)

    async def published(self, workspace: str) -> Publication | None:
        """What is published now, and since when; None when nothing is."""
        async with self._database.read() as tx:
            return await store.current(tx, workspace)

    async def compared(self, workspace: str, release_id: str) -> Comparison:
        """Against what is published now. Raises ReleaseUnusable."""
        async with self._database.read() as tx:
            published = await store.published_id(tx, workspace)
        report = await self._library.shelf.report(release_id)
        if report is None or not published or published == release_id:
            return compare(report or _NOTHING, published, None, None)
        served = await self._library.shelf.open(published)
        then = await asyncio.to_thread(self._asked, served, report)
        return compare(report, published, then, served.report)

    async def publish(self, workspace: str, release_id: str, *, by: str, forced_reason: str = "") -> Publication:
        """Raises PublishRefused (never where a reason is given), ReleaseUnusable and PublishedMeanwhile."""
        for _ in range(TRIES):
            comparison = await self.compared(workspace, release_id)
            if comparison.falls and not forced_reason:
                raise PublishRefused(comparison)
            reason = forced_reason if comparison.falls else ""
            done = await self._flip(workspace, release_id, by, reason, rolled_back=False, against=comparison.against)
            if done is not None:
                return done
        raise PublishedMeanwhile

    async def roll_back(self, workspace: str, release_id: str, *, by: str, reason: str) -> Publication:
        """Answer from an earlier release again. Raises NeverPublished, ReleaseUnusable and PublishedMeanwhile."""
        async with self._database.read() as tx:
            known = await store.was_published(tx, workspace, release_id)
        if not known:
            raise NeverPublished(release_id)
        for _ in range(TRIES):
            done = await self._flip(workspace, release_id, by, reason, rolled_back=True)
            if done is not None:
                return done
        raise PublishedMeanwhile

    async def take(
        self, workspace: str, entries: Sequence[Entry], *, by: str, source_name: str, forced_reason: str = ""
    ) -> Outcome:
        """A file in one step: instead of the draft's entries, built, published. A refusal leaves the release built.

        Test questions of the demo go with its entries. Raises what the steps raise, but for PublishRefused.
        """
        documents = {TESTS: ""} if await self._tests_another(workspace, entries) else {}
        contents = Contents(tuple(entries), documents)
        await self._drafts.load(workspace, contents, mode="replace", by=by, source_name=source_name)
        release = await self.build(workspace, by=by)
        try:
            await self.publish(workspace, release.id, by=by, forced_reason=forced_reason)
        except PublishRefused as refused:
            return Outcome(release, refused)
        return Outcome(release, None)

    async def _embedded(self, workspace: str, contents: Contents) -> Embedded:
        """The vectors of the last release that has some are taken over where their text and model are the same."""
        if self._embedding is None:
            return Embedded()
        last = next((one for one in await self.releases(workspace) if VECTORS in one.parts), None)
        try:
            known = await self._library.shelf.vectors(last) if last else b""
        except ReleaseUnusable as error:
            log.warning("release_vectors_lost", workspace=workspace, release=error.release_id, reason=error.reason)
            known = b""
        return await self._embedding.of(contents, known)

    async def _tests_another(self, workspace: str, entries: Sequence[Entry]) -> bool:
        """Whether the draft's test questions are the demo's, untouched, and about none of these entries."""
        document = (await self._drafts.read(workspace)).documents.get(TESTS)
        if document is None or document.changed_by != SAMPLE:
            return False
        wanted = {question.entry_id for question in questions_of(document.text)}
        return wanted.isdisjoint(entry.id for entry in entries)

    async def _store(self, draft: Draft, built: Built, vectors: bytes, by: str, note: str) -> StoredRelease:
        """Pieces first, then the row that points to them."""
        await self._clean()
        release_id = self._new_id()
        named = (
            (ENTRIES, built.entries),
            (DOCUMENTS, built.documents),
            (INDEX, built.index),
            (REPORT, built.report_data),
            *(((VECTORS, vectors),) if vectors else ()),
        )
        made = [await store_parts.write_part(self._database, release_id, name, data) for name, data in named]
        workspace = draft.head.workspace
        for _ in range(TRIES):
            async with self._database.read() as tx:
                number = await store_releases.last_release_number(tx, workspace) + 1
            release = StoredRelease(
                id=release_id,
                workspace=workspace,
                number=number,
                entries=len(draft.contents.entries),
                built_at=self._clock(),
                built_by=by,
                source_name=draft.head.source_name,
                note=note,
                parts={part.name: part for part in made},
                embedding_model=built.report.embedding_model,
                embedding_failed=built.report.embedding_failed,
            )
            try:
                async with self._database.begin() as tx:
                    await store_releases.add_release(tx, release)
            except IntegrityConflict:
                continue  # somebody built in the same moment: the next number is ours
            return release
        raise PublishedMeanwhile

    async def _flip(
        self,
        workspace: str,
        release_id: str,
        by: str,
        reason: str,
        *,
        rolled_back: bool,
        against: str | None = None,
    ) -> Publication | None:
        """None when something else was published meanwhile. The release is open before anybody is told to serve it."""
        release = await self._library.shelf.open(release_id)
        if release.workspace != workspace:
            raise ReleaseUnusable(release_id, "missing")
        async with self._database.read() as tx:
            current = await store.current(tx, workspace)
            stored = await store_releases.release_by_id(tx, release_id)
        replaced = current.release_id if current else ""
        if current is not None and replaced == release_id:
            return current
        if (against is not None and against != replaced) or stored is None:
            return None
        publication = Publication(
            self._new_id(), workspace, release_id, replaced, self._clock(), by, rolled_back, reason
        )
        data = await asyncio.to_thread(lambda: packed_for_the_version_before(_as_text(release)))
        async with self._database.begin() as tx:
            await store.stage_for_the_version_before(tx, stored, data, publication.published_at)
        async with self._library.switching:
            try:
                async with self._database.begin() as tx:
                    if not await store.flip(tx, publication):
                        return None
                    await store.show_to_the_version_before(tx, publication)
            except IntegrityConflict:
                return None
            self._library.serve(release)
        log.info("release_published", workspace=workspace, release=release_id, rolled_back=rolled_back)
        return publication

    def _asked(self, release: Release, report: ReleaseReport) -> tuple[QuestionResult, ...]:
        """What a release makes of the test questions of another. Takes a moment: in a thread."""
        day = self._clock().astimezone(self._library.zone).date()
        thresholds = Served(release, self._library.thresholds, self._library.zone).thresholds
        valid = frozenset(target.id for target in release.targets.values() if target.valid_on(day))
        questions = [TestQuestion(result.text, result.expected) for result in report.results]
        return tuple(ask(release.matcher, question, thresholds, valid) for question in questions)

    async def _clean(self) -> None:
        """Delete the pieces of builds that ended before they were a release."""
        async with self._database.read() as tx:
            found = await store_parts.pointless_parts(tx)
        oldest = self._clock().timestamp() * 1000 - ABANDONED_MS
        for release_id, name, place in found:
            if made_ms(release_id) < oldest:
                async with self._database.begin() as tx:
                    await store_parts.delete_piece(tx, release_id, name, place)


_NOTHING = ReleaseReport(0, 0, "", None, (), (), 0, 0.0, 0)


def _as_text(release: Release) -> list[Entry]:
    """The entries as the version before can say them: with their variables filled, and none that has an end."""
    plain = []
    for entry in release.entries:
        try:
            text = fill(entry.answer, release.variables)
        except UnknownVariable:
            continue
        if entry.valid_from is None and entry.valid_until is None:
            plain.append(Entry(entry.id, entry.question, entry.paraphrases, text, entry.category))
    return plain
