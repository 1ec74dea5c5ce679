"""The published release of each workspace, as this process serves it; also the ``Answerer`` of the conversations.

A release is opened whole, off the event loop, before the one reference changes that answers are taken from: a switch loses
no message, and no answer is made of two releases.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict, StoreUnavailable
from yizhan.dialogue.answering import Considered, Decision, Meant, NoAnswer, Say, Source
from yizhan.dialogue.builder import Builder
from yizhan.dialogue.consulting import meaning_of
from yizhan.dialogue.foreseeing import Foreseen
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import default_guards
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.matcher import Meaning
from yizhan.dialogue.knowledge.release import Release
from yizhan.dialogue.served import Served, plain_intent
from yizhan.dialogue.shelf import ReleaseUnusable, Shelf
from yizhan.dialogue.store import publications as store, releases as store_releases
from yizhan.dialogue.store.publications import Publication
from yizhan.dialogue.store.releases import StoredRelease
from yizhan.dialogue.tasks.book import NO_TASKS, TaskBook

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 2.0
"""How soon a replica serves a release that another one published."""

TRY_AGAIN_SECONDS = 60.0
"""How soon a release that could not be opened is tried again."""


class Library:
    """``thresholds`` hold for releases whose training finds none; ``zone`` is where the business's days begin."""

    def __init__(
        self,
        database: Database,
        *,
        thresholds: Thresholds,
        zone: ZoneInfo,
        clock: Clock,
        new_id: NewId,
        builder: Builder | None = None,
        on_unusable: Callable[[int], None] | None = None,
    ) -> None:
        """``on_unusable`` is told how many workspaces are not answered from what is published, whenever that was looked at."""
        self.builder = builder or Builder()
        self.shelf = Shelf(database, self.builder, thresholds=thresholds, new_id=new_id)
        self.thresholds = thresholds
        self.zone = zone
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._served: dict[str, Served] = {}
        self._problems: dict[str, tuple[ReleaseUnusable, datetime]] = {}
        self._on_unusable = on_unusable
        self.switching = asyncio.Lock()
        """Held from knowing what is published to serving it: of two who switch, the later one knew more."""

    def served(self, workspace: str) -> Served | None:
        """What a workspace is answered from; whoever needs several answers of one release takes them from here."""
        return self._served.get(workspace)

    def release(self, workspace: str) -> Release | None:
        """What is published for a workspace, as this process serves it."""
        served = self._served.get(workspace)
        return served.release if served else None

    def problem(self, workspace: str) -> ReleaseUnusable | None:
        """Why what is published is not what this process serves, where it is not."""
        found = self._problems.get(workspace)
        return found[0] if found else None

    def decide(
        self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
    ) -> Decision:
        """See ``Answerer``."""
        served = self._served.get(workspace)
        if served is None:
            return plain_intent(words) or NoAnswer()
        return served.decide(words, channel=channel, at=at, meaning=meaning)

    async def foresee(self, asked: Sequence[Foreseen]) -> None:
        """See ``foreseeing``."""
        if asked:
            await asyncio.to_thread(self._foresee, asked)

    def _foresee(self, asked: Sequence[Foreseen]) -> None:
        for one in asked:
            served = self._served.get(one.workspace)
            if served is not None:
                served.foresee(
                    one.words, meaning_of(one.meant, served.meant.dimension) if one.meant and served.meant else None
                )

    def entry(self, workspace: str, entry_id: str, *, channel: str, at: datetime) -> Say | None:
        """See ``Answerer``."""
        served = self._served.get(workspace)
        return served.entry(entry_id, channel=channel, at=at) if served else None

    def considered(self, workspace: str, words: str, *, at: datetime, meaning: Meaning | None = None) -> Considered:
        """See ``Answerer``."""
        served = self._served.get(workspace)
        return served.considered(words, at, meaning) if served else Considered()

    def meant(self, workspace: str) -> Meant | None:
        """See ``Answerer``."""
        served = self._served.get(workspace)
        return served.meant if served else None

    def answering(self, release: Release) -> Served:
        """Answers from a release that need not be published."""
        return Served(release, self.thresholds, self.zone)

    def tasks(self, workspace: str) -> TaskBook:
        """See ``Answerer``."""
        served = self._served.get(workspace)
        return served.tasks if served else NO_TASKS

    def guards(self, workspace: str) -> Guards:
        """The guards of the published release; a workspace without a release has those that every business has."""
        served = self._served.get(workspace)
        return served.release.guards if served else default_guards()

    def source(self, workspace: str) -> Source:
        """See ``Answerer``."""
        served = self._served.get(workspace)
        return Source(served.release.id, served.thresholds) if served else Source("", self.thresholds)

    def serve(self, release: Release) -> None:
        """Answer from this release from now on."""
        self._served[release.workspace] = self.answering(release)
        self._problems.pop(release.workspace, None)
        log.info("release_served", workspace=release.workspace, release=release.id, number=release.number)

    async def refresh(self) -> None:
        """Serve what is published now. One that cannot be opened leaves what is served. Raises StoreUnavailable."""
        await self._take_over()
        async with self._database.read() as tx:
            published: Mapping[str, str] = await store.published_ids(tx)
        for workspace, release_id in published.items():
            served = self._served.get(workspace)
            if served is not None and served.release.id == release_id:
                self._problems.pop(workspace, None)
            elif self._worth_trying(workspace, release_id):
                await self._open(workspace, release_id)
        if self._on_unusable is not None:
            self._on_unusable(len(self._problems))

    async def follow(self) -> None:
        """Keep up with what other replicas publish; runs as long as the service does."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            try:
                await self.refresh()
            except StoreUnavailable as error:
                log.warning("release_refresh_failed", reason=str(error))

    async def _open(self, workspace: str, release_id: str) -> None:
        try:
            release = await self.shelf.open(release_id)
            async with self.switching:
                async with self._database.read() as tx:
                    published = await store.published_id(tx, workspace)
                if published == release_id:
                    self.serve(release)
        except ReleaseUnusable as error:
            self._problems[workspace] = (error, self._clock())
            log.warning("release_unusable", workspace=workspace, release=release_id, reason=error.reason)

    def _worth_trying(self, workspace: str, release_id: str) -> bool:
        known = self._problems.get(workspace)
        if known is None or known[0].release_id != release_id:
            return True
        return (self._clock() - known[1]).total_seconds() >= TRY_AGAIN_SECONDS

    async def _take_over(self) -> None:
        """Know what a process of the version before has published."""
        async with self._database.read() as tx:
            found = await store.published_by_the_version_before(tx)
        for release in found:
            await self._adopt(release)

    async def _adopt(self, release: StoredRelease) -> None:
        try:
            async with self._database.begin() as tx:
                number = await store_releases.last_release_number(tx, release.workspace) + 1
                replaced = await store.published_id(tx, release.workspace)
                await store_releases.add_release(tx, store_releases.renumbered(release, number))
                publication = Publication(
                    self._new_id(), release.workspace, release.id, replaced, release.built_at, release.built_by
                )
                await store.flip(tx, publication)
        except IntegrityConflict:
            return  # another replica did it in the same moment
        log.info("release_taken_over", workspace=release.workspace, release=release.id, number=number)
