"""Builds that editors ask for: one after the other, by whichever replica is free, and every one comes to an end."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.dialogue.builder import BuildFailed
from yizhan.dialogue.drafts import StaleRevision
from yizhan.dialogue.publishing import NothingToBuild, PublishedMeanwhile, Publisher
from yizhan.dialogue.shelf import ReleaseUnusable
from yizhan.dialogue.store import builds as store
from yizhan.dialogue.store.builds import Build

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 1.0
SEEN_SECONDS = 5.0
LOST = timedelta(seconds=60)
"""A build at which nobody has been for so long was somebody's who is no more."""

LISTED = 20


class BuildUnderway(Exception):
    """The workspace has a build that is asked for or running."""

    def __init__(self, build_id: str) -> None:
        super().__init__(build_id)
        self.build_id = build_id


class Builds:
    """All but ``run`` raise StoreUnavailable."""

    def __init__(self, database: Database, publisher: Publisher, *, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._publisher = publisher
        self._clock = clock
        self._new_id = new_id

    async def ask(self, workspace: str, *, by: str, note: str = "") -> Build:
        """Raises BuildUnderway."""
        at = self._clock()
        build = Build(self._new_id(), workspace, store.ASKED, at, by, at, note)
        async with self._database.begin() as tx:
            for known in await store.list_builds(tx, workspace, LISTED):
                if known.state in (store.ASKED, store.RUNNING):
                    raise BuildUnderway(known.id)
            await store.add_build(tx, build)
        return build

    async def get(self, workspace: str, build_id: str) -> Build | None:
        async with self._database.read() as tx:
            found = await store.build_by_id(tx, build_id)
        return found if found and found.workspace == workspace else None

    async def list(self, workspace: str) -> Sequence[Build]:
        """The last ones, newest first."""
        async with self._database.read() as tx:
            return await store.list_builds(tx, workspace, LISTED)

    async def run(self) -> None:
        """Build what is asked for; runs as long as the service does."""
        while True:
            try:
                worked = await self.work()
            except StoreUnavailable as error:
                log.warning("builds_wait", reason=error.reason)
                worked = False
            if not worked:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def work(self) -> bool:
        """Do one build that was asked for; false when there was none."""
        async with self._database.read() as tx:
            build = await store.oldest_asked(tx)
        if build is None:
            await self._lose()
            return False
        async with self._database.begin() as tx:
            if not await store.claim_build(tx, build.id, self._clock()):
                return True
        seeing = asyncio.create_task(self._keep_seeing(build.id))
        try:
            await self._build(build)
        finally:
            seeing.cancel()
            await asyncio.wait({seeing})
        return True

    async def _build(self, build: Build) -> None:
        release_id = reason = detail = ""
        try:
            release_id = (await self._publisher.build(build.workspace, by=build.started_by, note=build.note)).id
        except BuildFailed as error:
            reason, detail = error.reason, error.detail
        except NothingToBuild:
            reason = "empty"
        except ReleaseUnusable as error:
            reason, detail = "release_unusable", str(error)
        except (StaleRevision, PublishedMeanwhile):
            reason = "overtaken"
        except StoreUnavailable as error:
            reason, detail = "store_unavailable", error.reason
        state = store.DONE if release_id else store.FAILED
        if reason:
            log.warning("build_failed", workspace=build.workspace, build=build.id, reason=reason)
        async with self._database.begin() as tx:
            await store.end_build(tx, build.id, state, release_id=release_id, reason=reason, detail=detail)

    async def _keep_seeing(self, build_id: str) -> None:
        while True:
            await asyncio.sleep(SEEN_SECONDS)
            try:
                async with self._database.begin() as tx:
                    await store.seen_build(tx, build_id, self._clock())
            except StoreUnavailable as error:
                log.warning("build_unseen", build=build_id, reason=error.reason)

    async def _lose(self) -> None:
        async with self._database.read() as tx:
            unseen = await store.running_unseen(tx, self._clock() - LOST)
        if unseen:
            async with self._database.begin() as tx:
                await store.lose_builds(tx, self._clock() - LOST)
            log.warning("builds_lost", count=unseen)
