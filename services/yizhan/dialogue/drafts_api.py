"""gRPC DraftsService: editing the working copy of the knowledge."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import grpc

from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.knowledge.contents import MOST_DOCUMENT_CHARACTERS, Contents, document_name_problem
from yizhan.dialogue.knowledge.document_check import DocumentProblem, document_problems
from yizhan.dialogue.knowledge.entry import Entry, id_of
from yizhan.dialogue.knowledge.export import export, to_jsonl
from yizhan.dialogue.knowledge.parse import ParsedFile, parse
from yizhan.dialogue.knowledge.stored import entry_from
from yizhan.dialogue.knowledge.validity import Validity, fits
from yizhan.dialogue.knowledge_codec import entry_from_proto, entry_to_proto, problem_to_proto
from yizhan.dialogue.knowledge_desk import KnowledgeDesk
from yizhan.dialogue.knowledge_problems import refusals
from yizhan.dialogue.paging import MOST_ROWS, offset_of, searched
from yizhan.dialogue.store.drafts import DOCUMENT, ENTRY, Change, DraftDocument, DraftRow
from yizhan.pb.v1 import knowledge_pb2 as pb, knowledge_pb2_grpc

MOST_PROBLEM_BYTES = 3_600
"""What a status can carry is limited (``core.runtime.grpc.problem``)."""

Context = grpc.aio.ServicerContext[Any, Any]


class DraftsApi(knowledge_pb2_grpc.DraftsServiceServicer):
    def __init__(self, desk: KnowledgeDesk, clock: Clock) -> None:
        self._clock = clock
        self._zone = desk.library.zone
        self._drafts = desk.drafts
        self._publisher = desk.publisher
        self._shelf = desk.library.shelf

    async def GetDraft(self, request: pb.GetDraftRequest, context: Context) -> pb.GetDraftResponse:
        with refusals():
            draft = await self._drafts.read(_workspace(request.workspace))
        return pb.GetDraftResponse(
            revision=draft.head.revision,
            entries=len(draft.contents.entries),
            changed_at=timestamp(draft.head.changed_at),
            source_name=draft.head.source_name,
            documents=[_document(replace(one, text="")) for _, one in sorted(draft.documents.items())],
            categories=sorted({entry.category for entry in draft.contents.entries if entry.category}),
        )

    async def ListDraftEntries(
        self, request: pb.ListDraftEntriesRequest, context: Context
    ) -> pb.ListDraftEntriesResponse:
        with refusals():
            draft = await self._drafts.read(_workspace(request.workspace))
        found = searched(draft.contents.entries, request.search.strip().lower(), request.category)
        if request.validity:
            validity, day = _validity(request.validity), self._clock().astimezone(self._zone).date()
            found = [entry for entry in found if fits(entry, validity, day)]
        start = offset_of(request.page_token)
        page = found[start : start + min(request.page_size or 50, MOST_ROWS)]
        end = start + len(page)
        return pb.ListDraftEntriesResponse(
            entries=[_row(entry, draft.rows[entry.id]) for entry in page],
            next_page_token=str(end) if end < len(found) else "",
            total=len(found),
            categories=sorted({entry.category for entry in draft.contents.entries if entry.category}),
            revision=draft.head.revision,
        )

    async def GetDraftEntry(self, request: pb.GetDraftEntryRequest, context: Context) -> pb.DraftEntry:
        with refusals():
            found = await self._drafts.entry(_workspace(request.workspace), request.id)
        if found is None:
            raise RpcProblem("not_in_draft", grpc.StatusCode.NOT_FOUND)
        return _row(*found)

    async def PutDraftEntry(self, request: pb.PutDraftEntryRequest, context: Context) -> pb.PutDraftEntryResponse:
        """What files may hold is what editors may write: the same checks, the same words for what is wrong."""
        with refusals():
            written = entry_from_proto(request.entry)
            entry = written if written.id else replace(written, id=id_of(written.question))
            parsed = await asyncio.to_thread(parse, "entry.jsonl", to_jsonl([entry]))
            if parsed.problems:
                return pb.PutDraftEntryResponse(problems=list(map(problem_to_proto, parsed.problems)))
            (checked,) = parsed.entries
            row = await self._drafts.put_entry(
                _workspace(request.workspace), checked, seen=request.seen_revision, by=request.changed_by
            )
        return pb.PutDraftEntryResponse(entry=_row(checked, row))

    async def DeleteDraftEntry(
        self, request: pb.DeleteDraftEntryRequest, context: Context
    ) -> pb.DeleteDraftEntryResponse:
        with refusals():
            await self._drafts.delete_entry(
                _workspace(request.workspace), request.id, seen=request.seen_revision, by=request.changed_by
            )
        return pb.DeleteDraftEntryResponse()

    async def GetDraftDocument(self, request: pb.GetDraftDocumentRequest, context: Context) -> pb.DraftDocument:
        """One that is not there has no text and revision 0."""
        with refusals():
            draft = await self._drafts.read(_workspace(request.workspace))
        found = draft.documents.get(request.name)
        return _document(found) if found else pb.DraftDocument(document=pb.Document(name=request.name))

    async def PutDraftDocument(self, request: pb.PutDraftDocumentRequest, context: Context) -> pb.DraftDocument:
        """What cannot be read is refused with every place that is wrong: nobody has to build to learn of it."""
        name, text = request.document.name, request.document.text
        problem = document_name_problem(name)
        if problem:
            raise RpcProblem("document_unknown", grpc.StatusCode.INVALID_ARGUMENT, problem)
        if len(text) > MOST_DOCUMENT_CHARACTERS:
            raise RpcProblem("document_too_long", grpc.StatusCode.INVALID_ARGUMENT)
        wrong = await asyncio.to_thread(document_problems, name, text) if text else ()
        if wrong:
            raise _invalid(wrong)
        with refusals():
            made = await self._drafts.put_document(
                _workspace(request.workspace), name, text, seen=request.seen_revision, by=request.changed_by
            )
        return _document(made) if made else pb.DraftDocument(document=pb.Document(name=name))

    async def ImportDraft(self, request: pb.ImportDraftRequest, context: Context) -> pb.ImportDraftResponse:
        workspace = _workspace(request.workspace)
        parsed: ParsedFile = await asyncio.to_thread(parse, request.file_name, request.data)
        if parsed.problems:
            return pb.ImportDraftResponse(problems=list(map(problem_to_proto, parsed.problems)))
        if request.check_only:
            return pb.ImportDraftResponse(entries=len(parsed.entries))
        with refusals():
            done = await self._drafts.load(
                workspace,
                Contents(parsed.entries),
                mode="merge" if request.merge else "replace",
                by=request.changed_by,
                source_name=request.file_name[:200],
            )
        return pb.ImportDraftResponse(
            entries=len(parsed.entries),
            added=done.added,
            changed=done.changed,
            removed=done.removed,
            revision=done.revision,
        )

    async def ExportEntries(self, request: pb.ExportEntriesRequest, context: Context) -> pb.ExportEntriesResponse:
        with refusals():
            if request.release_id:
                release = await self._publisher.release(_workspace(request.workspace), request.release_id)
                entries = (await self._shelf.contents(release.id)).entries
            else:
                entries = (await self._drafts.read(_workspace(request.workspace))).contents.entries
        try:
            data = await asyncio.to_thread(export, request.file_name, entries)
        except ValueError as error:
            raise RpcProblem("format_unknown", grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        return pb.ExportEntriesResponse(data=data, entries=len(entries))

    async def ListChanges(self, request: pb.ListChangesRequest, context: Context) -> pb.ListChangesResponse:
        size = min(request.page_size or 50, MOST_ROWS)
        found: Sequence[Change] = await self._drafts.changes(
            _workspace(request.workspace), name=request.name, before_id=request.page_token, limit=size
        )
        following = found[-1].id if len(found) == size else ""
        return pb.ListChangesResponse(changes=list(map(_change, found)), next_page_token=following)


def _workspace(name: str) -> str:
    if not name:
        raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
    return name


def _validity(name: str) -> Validity:
    try:
        return Validity(name)
    except ValueError as error:
        raise RpcProblem("unknown_validity", grpc.StatusCode.INVALID_ARGUMENT) from error


def _row(entry: Entry, row: DraftRow) -> pb.DraftEntry:
    return pb.DraftEntry(
        entry=entry_to_proto(entry),
        revision=row.revision,
        changed_at=timestamp(row.changed_at),
        changed_by=row.changed_by,
    )


def _document(document: DraftDocument) -> pb.DraftDocument:
    return pb.DraftDocument(
        document=pb.Document(name=document.name, text=document.text),
        revision=document.revision,
        changed_at=timestamp(document.changed_at),
        changed_by=document.changed_by,
    )


def _invalid(wrong: Sequence[DocumentProblem]) -> RpcProblem:
    """As many problems as travel beside a status; ``count`` is of all."""
    told: list[Mapping[str, Any]] = []
    room = MOST_PROBLEM_BYTES
    for one in wrong:
        shown = {
            "line": one.line,
            "place": one.place[:100],
            "reason_zh": one.reason_zh[:200],
            "reason_en": one.reason_en[:200],
        }
        room -= len(json.dumps(shown, ensure_ascii=False).encode())
        if room < 0:
            break
        told.append(shown)
    extras = {"problems": told, "count": len(wrong)}
    return RpcProblem("document_invalid", grpc.StatusCode.INVALID_ARGUMENT, extras=extras)


def _change(change: Change) -> pb.Change:
    made = pb.Change(
        id=change.id,
        kind=change.kind,
        name=change.name,
        changed_at=timestamp(change.changed_at),
        changed_by=change.changed_by,
        note=change.note,
    )
    if change.kind == ENTRY:
        if change.before is not None:
            made.entry_before.CopyFrom(entry_to_proto(entry_from(change.before)))
        if change.after is not None:
            made.entry_after.CopyFrom(entry_to_proto(entry_from(change.after)))
    elif change.kind == DOCUMENT:
        made.text_before = (change.before or b"").decode()
        made.text_after = (change.after or b"").decode()
    return made
