"""Drafts: the working copy of a workspace's knowledge. A workspace without one begins with what is published.

Whoever changes an entry or a document says which revision of it they saw: two editors never overwrite each other silently.
Every change is kept with who made it.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import structlog

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database, Transaction
from yizhan.core.store.errors import IntegrityConflict
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.stored import entry_bytes, entry_from
from yizhan.dialogue.shelf import Shelf
from yizhan.dialogue.store import drafts as store, publications
from yizhan.dialogue.store.drafts import Change, DraftDocument, DraftHead, DraftRow

log = structlog.get_logger(__name__)

PORTION = 500
"""So many rows are written in one transaction."""

READ_AT_ONCE = 2_000

ABANDONED_MS = 3_600_000
"""Rows of an import that began so long ago, and is not the draft, are of none that still runs."""

TRIES = 5

Mode = Literal["replace", "merge"]


class StaleRevision(Exception):
    """Somebody changed it meanwhile: nothing was done. ``current`` is its revision now, 0 when it is gone."""

    def __init__(self, name: str, current: int) -> None:
        super().__init__(f"{name} is at revision {current}")
        self.name = name
        self.current = current


class NotInDraft(Exception):
    """There is no such entry or document."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was at one moment. ``rows`` are its entries as they are kept, by id."""

    head: DraftHead
    contents: Contents
    rows: Mapping[str, DraftRow]
    documents: Mapping[str, DraftDocument]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did to a draft: how many entries of each kind, and the draft's revision after it."""

    added: int
    changed: int
    removed: int
    revision: int


class Drafts:
    """``shelf`` gives what is published, for drafts that begin."""

    def __init__(self, database: Database, shelf: Shelf, *, clock: Clock, new_id: NewId) -> None:
        self._database = database
        self._shelf = shelf
        self._clock = clock
        self._new_id = new_id
        self._last: Draft | None = None
        """What was read last: editors turn pages of it."""

    async def head(self, workspace: str) -> DraftHead:
        """Raises ReleaseUnusable (a draft that begins) and StoreUnavailable; so does all that follows."""
        async with self._database.read() as tx:
            found = await store.draft_head(tx, workspace)
        return found or await self._begin(workspace)

    async def read(self, workspace: str) -> Draft:
        """The whole draft, as it was at one moment."""
        head = await self.head(workspace)
        if self._last is not None and self._last.head == head:
            return self._last
        for _ in range(TRIES):
            rows = await self._rows(head)
            async with self._database.read() as tx:
                documents = await store.draft_documents_of(tx, workspace)
            seen, head = head, await self.head(workspace)
            if seen == head:
                entries = await asyncio.to_thread(_entries, rows)
                texts = {name: document.text for name, document in documents.items()}
                self._last = Draft(head, Contents(entries, texts), {row.entry_id: row for row in rows}, documents)
                return self._last
        raise StaleRevision("draft", head.revision)

    async def entry(self, workspace: str, entry_id: str) -> tuple[Entry, DraftRow] | None:
        head = await self.head(workspace)
        async with self._database.read() as tx:
            row = await store.draft_row(tx, head, entry_id)
        return (entry_from(row.body), row) if row else None

    async def put_entry(self, workspace: str, entry: Entry, *, seen: int, by: str) -> DraftRow:
        """Add (``seen`` 0) or change an entry. Raises StaleRevision."""
        await self.head(workspace)
        async with self._database.begin() as tx:
            head, row, at = await self._locked(tx, workspace, entry.id, seen)
            place = row.place if row else await store.last_place(tx, head) + 1
            body = entry_bytes(entry)
            changed = DraftRow(entry.id, place, body, head.revision, at, by)
            await store.replace_draft_row(tx, head, changed)
            before = row.body if row else None
            await store.add_changes(tx, [self._change(workspace, store.ENTRY, entry.id, by, before, body)])
        return changed

    async def delete_entry(self, workspace: str, entry_id: str, *, seen: int, by: str) -> None:
        """Raises StaleRevision and NotInDraft."""
        await self.head(workspace)
        async with self._database.begin() as tx:
            head, row, _ = await self._locked(tx, workspace, entry_id, seen)
            if row is None:
                raise NotInDraft(entry_id)
            await store.delete_draft_row(tx, head, entry_id)
            await store.add_changes(tx, [self._change(workspace, store.ENTRY, entry_id, by, row.body, None)])

    async def put_document(self, workspace: str, name: str, text: str, *, seen: int, by: str) -> DraftDocument | None:
        """Write a document, or delete it where there is no text. ``seen`` 0: there was none. Raises StaleRevision."""
        await self.head(workspace)
        async with self._database.begin() as tx:
            at = self._clock()
            head = await store.lock_draft(tx, workspace, at)
            if head is None:
                raise StaleRevision(name, 0)
            known = (await store.draft_documents_of(tx, workspace)).get(name)
            if (known.revision if known else 0) != seen:
                raise StaleRevision(name, known.revision if known else 0)
            document = DraftDocument(name, text, head.revision, at, by) if text else None
            await self._write_document(tx, workspace, name, known, document, by)
        return document

    async def load(self, workspace: str, contents: Contents, *, mode: Mode, by: str, source_name: str) -> Imported:
        """Take over entries, all or none: instead of the draft's, or (``merge``) added to them, replacing those with the
        same id. Documents that are given replace the draft's; others stay. Raises StaleRevision when editors never rest.
        """
        revision = 0
        for _ in range(TRIES):
            draft = await self.read(workspace)
            revision = draft.head.revision
            done = await self._load(draft, contents, mode, by, source_name)
            if done is not None:
                log.info("draft_imported", workspace=workspace, entries=len(contents.entries), mode=mode)
                return done
        raise StaleRevision("draft", revision)

    async def changes(
        self, workspace: str, *, name: str = "", before_id: str = "", limit: int = 50
    ) -> Sequence[Change]:
        """Who changed what, newest first: of one entry or document, or of the draft (an import is one change there)."""
        async with self._database.read() as tx:
            return await store.list_changes(tx, workspace, name=name, before_id=before_id, limit=limit)

    async def _rows(self, head: DraftHead) -> Sequence[DraftRow]:
        """In portions, between which customers are answered. Whether they are of one moment, the caller finds out."""
        rows: list[DraftRow] = []
        while True:
            async with self._database.read() as tx:
                portion = await store.draft_rows(tx, head, rows[-1].place if rows else 0, READ_AT_ONCE)
            rows += portion
            if len(portion) < READ_AT_ONCE:
                return rows

    async def _locked(
        self, tx: Transaction, workspace: str, entry_id: str, seen: int
    ) -> tuple[DraftHead, DraftRow | None, datetime]:
        at = self._clock()
        head = await store.lock_draft(tx, workspace, at)
        row = await store.draft_row(tx, head, entry_id) if head else None
        if head is None or (row.revision if row else 0) != seen:
            raise StaleRevision(entry_id, row.revision if row else 0)
        return head, row, at

    async def _begin(self, workspace: str) -> DraftHead:
        """The first draft is what is published, or empty."""
        async with self._database.read() as tx:
            release_id = await publications.published_id(tx, workspace)
        contents = await self._shelf.contents(release_id) if release_id else Contents(())
        at = self._clock()
        head = DraftHead(workspace, self._new_id(), 1, at, "")
        await self._write_rows(head, _rows(contents.entries, {}, 1, at, ""))
        try:
            async with self._database.begin() as tx:
                await store.begin_draft(tx, head)
                for name, text in contents.documents.items():
                    await store.put_document(tx, workspace, DraftDocument(name, text, 1, at, ""))
        except IntegrityConflict:  # somebody began it in the same moment
            return await self.head(workspace)
        return head

    async def _load(self, draft: Draft, contents: Contents, mode: Mode, by: str, source_name: str) -> Imported | None:
        """None when the draft was changed meanwhile."""
        workspace, at, import_id = draft.head.workspace, self._clock(), self._new_id()
        head = DraftHead(workspace, import_id, draft.head.revision + 1, at, source_name)
        known = {entry.id: entry for entry in draft.contents.entries}
        entries = contents.entries if mode == "replace" else _merged(known, contents.entries)
        kept = {entry.id: draft.rows[entry.id] for entry in entries if known.get(entry.id) == entry}
        await self._write_rows(head, _rows(entries, kept, head.revision, at, by))
        changes = list(self._changes(workspace, known, entries, by, import_id))
        for start in range(0, len(changes), PORTION):
            async with self._database.begin() as tx:
                await store.add_changes(tx, changes[start : start + PORTION])
        async with self._database.begin() as tx:
            if not await store.advance(tx, draft.head, head):
                return None
            for name, text in contents.documents.items():
                document = DraftDocument(name, text, head.revision, at, by) if text else None
                await self._write_document(tx, workspace, name, draft.documents.get(name), document, by)
            done = Change(import_id, workspace, store.IMPORT, mode, at, by, None, None, "", source_name)
            await store.add_changes(tx, [done])
        await self._clean(workspace, head.generation, replaced=draft.head.generation)
        added = sum(change.before is None for change in changes)
        removed = sum(change.after is None for change in changes)
        return Imported(added, len(changes) - added - removed, removed, head.revision)

    async def _write_rows(self, head: DraftHead, rows: Iterator[DraftRow]) -> None:
        listed = await asyncio.to_thread(list, rows)
        for start in range(0, len(listed), PORTION):
            async with self._database.begin() as tx:
                await store.add_draft_rows(tx, head, listed[start : start + PORTION])

    async def _write_document(
        self,
        tx: Transaction,
        workspace: str,
        name: str,
        known: DraftDocument | None,
        document: DraftDocument | None,
        by: str,
    ) -> None:
        before = known.text if known else None
        after = document.text if document else None
        if before == after:
            return
        if document:
            await store.put_document(tx, workspace, document)
        else:
            await store.delete_document(tx, workspace, name)
        encoded = [text.encode() if text is not None else None for text in (before, after)]
        await store.add_changes(tx, [self._change(workspace, store.DOCUMENT, name, by, encoded[0], encoded[1])])

    async def _clean(self, workspace: str, generation: str, *, replaced: str) -> None:
        """Delete the rows that no draft points to: of the one replaced, and of imports that never ended."""
        async with self._database.read() as tx:
            others = await store.other_generations(tx, workspace, generation)
        oldest = made_ms(generation) - ABANDONED_MS
        for other in [other for other in others if other == replaced or made_ms(other) < oldest]:
            deleted = PORTION
            while deleted == PORTION:
                async with self._database.begin() as tx:
                    deleted = await store.delete_some_rows(tx, workspace, other, PORTION)

    def _changes(
        self, workspace: str, known: Mapping[str, Entry], entries: Sequence[Entry], by: str, import_id: str
    ) -> Iterator[Change]:
        after = {entry.id: entry for entry in entries}
        for entry_id in dict.fromkeys((*known, *after)):
            old, new = known.get(entry_id), after.get(entry_id)
            if old != new:
                before = entry_bytes(old) if old else None
                now = entry_bytes(new) if new else None
                yield self._change(workspace, store.ENTRY, entry_id, by, before, now, import_id)

    def _change(
        self,
        workspace: str,
        kind: str,
        name: str,
        by: str,
        before: bytes | None,
        after: bytes | None,
        import_id: str = "",
    ) -> Change:
        return Change(self._new_id(), workspace, kind, name, self._clock(), by, before, after, import_id)


def made_ms(id: str) -> int:
    """When an id was made, in milliseconds since 1970."""
    return int(id.replace("-", "")[:12], 16)


def _entries(rows: Sequence[DraftRow]) -> tuple[Entry, ...]:
    return tuple(entry_from(row.body) for row in rows)


def _merged(known: Mapping[str, Entry], given: Sequence[Entry]) -> tuple[Entry, ...]:
    """The known ones in their places, changed where they are given; new ones after them."""
    return tuple({**known, **{entry.id: entry for entry in given}}.values())


def _rows(
    entries: Sequence[Entry], kept: Mapping[str, DraftRow], revision: int, at: datetime, by: str
) -> Iterator[DraftRow]:
    for place, entry in enumerate(entries, start=1):
        if entry.id in kept:
            yield replace(kept[entry.id], place=place)
        else:
            yield DraftRow(entry.id, place, entry_bytes(entry), revision, at, by)
