"""Opens releases: from pieces or from the old form, whole and unchanged or not at all. The last ones stay open."""

import asyncio
from collections import OrderedDict
from datetime import date

import structlog

from yizhan.core.messages.ids import NewId
from yizhan.core.store.database import Database
from yizhan.dialogue.builder import Builder, BuildFailed, Built
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.building import Order
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.release import Release, ReleaseFacts, build_release
from yizhan.dialogue.knowledge.report import ReleaseReport, report_from
from yizhan.dialogue.knowledge.stored import unpacked_documents, unpacked_entries
from yizhan.dialogue.store import parts as store_parts, releases as store
from yizhan.dialogue.store.parts import Part, PartDamaged
from yizhan.dialogue.store.releases import StoredRelease

log = structlog.get_logger(__name__)

KEPT = 2
"""Releases that stay open besides those that are served: the one before, and one that somebody tries or replays."""

ENTRIES = "entries"
DOCUMENTS = "documents"
INDEX = f"index:{engine.VERSION}"
REPORT = f"report:{engine.VERSION}"
VECTORS = "vectors"
"""Names of parts. Only a release that was embedded has vectors. The two that depend on the version of the engine are there once for each that opened the release."""


class ReleaseUnusable(Exception):
    """A release cannot be answered from. ``reason`` is ``missing``, ``damaged`` or ``index_outdated``.

    ``index_outdated``: its index is of another version, and making one of ours failed; ``detail`` says how.
    """

    def __init__(self, release_id: str, reason: str, detail: str = "") -> None:
        super().__init__(f"release {release_id}: {reason} {detail}".rstrip())
        self.release_id = release_id
        self.reason = reason
        self.detail = detail


class Shelf:
    """``thresholds`` are the settings', for releases whose training finds none."""

    def __init__(self, database: Database, builder: Builder, *, thresholds: Thresholds, new_id: NewId) -> None:
        self._database = database
        self._builder = builder
        self._thresholds = thresholds
        self._new_id = new_id
        self._opened: OrderedDict[str, Release] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def open(self, release_id: str) -> Release:
        """Raises ReleaseUnusable and StoreUnavailable."""
        async with self._one_at_a_time:
            if release_id not in self._opened:
                self._opened[release_id] = await self._open(release_id)
                while len(self._opened) > KEPT:
                    self._opened.popitem(last=False)
            self._opened.move_to_end(release_id)
            return self._opened[release_id]

    async def contents(self, release_id: str) -> Contents:
        """What a release holds, without its index. Raises ReleaseUnusable and StoreUnavailable."""
        return await self._contents(await self._stored(release_id))

    async def report(self, release_id: str) -> ReleaseReport | None:
        """None for one from before there were reports. Raises ReleaseUnusable and StoreUnavailable."""
        stored = await self._stored(release_id)
        part = _named(stored, REPORT) or _named(stored, "report")
        return await self._report(stored, part) if part else None

    async def vectors(self, stored: StoredRelease) -> bytes:
        """The vectors that were made for a release, as a ``VectorBook``; empty where it has none.

        Raises ReleaseUnusable and StoreUnavailable.
        """
        part = stored.parts.get(VECTORS)
        return await self._bytes(stored, part) if part else b""

    async def _open(self, release_id: str) -> Release:
        stored = await self._stored(release_id)
        contents = await self._contents(stored)
        index, report = await self._index(stored, contents)
        try:
            facts = ReleaseFacts(
                stored.id, stored.workspace, stored.number, stored.built_at, stored.built_by, stored.source_name
            )
            release = await asyncio.to_thread(build_release, facts, contents, index=index, report=report)
        except (ValueError, engine.IndexDamaged) as error:
            raise ReleaseUnusable(release_id, "damaged", str(error)) from error
        log.info("release_opened", workspace=stored.workspace, release=stored.id, entries=stored.entries)
        return release

    async def _stored(self, release_id: str) -> StoredRelease:
        async with self._database.read() as tx:
            stored = await store.release_by_id(tx, release_id)
        if stored is None or stored.removed_at is not None:
            raise ReleaseUnusable(release_id, "missing", "" if stored is None else "removed")
        return stored

    async def _contents(self, stored: StoredRelease) -> Contents:
        try:
            if ENTRIES in stored.parts:
                entries = await self._bytes(stored, stored.parts[ENTRIES])
                documents = await self._bytes(stored, stored.parts[DOCUMENTS])
                return Contents(
                    await asyncio.to_thread(unpacked_entries, entries),
                    await asyncio.to_thread(unpacked_documents, documents),
                )
            async with self._database.read() as tx:
                data = await store.old_form(tx, stored.id)
            if data is None:
                raise ReleaseUnusable(stored.id, "missing", "entries")
            return Contents(await asyncio.to_thread(unpacked_entries, data))
        except (ValueError, OSError, EOFError, KeyError) as error:
            raise ReleaseUnusable(stored.id, "damaged", type(error).__name__) from error

    async def _index(self, stored: StoredRelease, contents: Contents) -> tuple[bytes, ReleaseReport]:
        """The index that this version made; it is made now, and kept, where another version built the release."""
        index, report = _named(stored, INDEX), _named(stored, REPORT)
        if index is not None and report is not None:
            return await self._bytes(stored, index), await self._report(stored, report)
        log.info("release_index_rebuilt", workspace=stored.workspace, release=stored.id, engine=engine.VERSION)
        try:
            order = order_of(stored.built_at.date(), self._thresholds, stored.embedding_failed)
            built = await self._builder.build(contents, order, await self.vectors(stored))
        except (BuildFailed, OSError) as error:
            raise ReleaseUnusable(stored.id, "index_outdated", str(error)) from error
        await self._keep(stored, built)
        return built.index, built.report

    async def _keep(self, stored: StoredRelease, built: Built) -> None:
        made = [
            await store_parts.write_part(self._database, stored.id, f"{name}:{self._new_id()}", data)
            for name, data in ((INDEX, built.index), (REPORT, built.report_data))
        ]
        async with self._database.begin() as tx:
            await store.add_parts(tx, stored, made)

    async def _report(self, stored: StoredRelease, part: Part) -> ReleaseReport:
        try:
            return report_from(await self._bytes(stored, part))
        except ValueError as error:
            raise ReleaseUnusable(stored.id, "damaged", "report") from error

    async def _bytes(self, stored: StoredRelease, part: Part) -> bytes:
        try:
            return await store_parts.read_part(self._database, stored.id, part)
        except PartDamaged as error:
            raise ReleaseUnusable(stored.id, "damaged", part.name) from error


def order_of(day: date, thresholds: Thresholds, embedding_failed: str = "") -> Order:
    return Order(day, thresholds.answer, thresholds.clarify, embedding_failed)


def _named(stored: StoredRelease, name: str) -> Part | None:
    """The part of this name, or of this name and an id: one that was made later."""
    return next((part for own, part in sorted(stored.parts.items()) if f"{own}:".startswith(f"{name}:")), None)
