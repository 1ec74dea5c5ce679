"""The draft of the knowledge: what editors change, import and look back at."""

from urllib.parse import quote

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.knowledge import IMPORT_SECONDS, MOST_BYTES, PAGE, read_file, wanted
from yizhan.console.entry_input import DocumentChange, EntryChange, entry_of
from yizhan.console.knowledge_views import change_json, document_json, draft_entry_json, draft_json
from yizhan.console.peers import Peers
from yizhan.console.views import problem_json
from yizhan.core.messages.json_form import MediaUrl
from yizhan.core.runtime.http import Problem, bad_request, read_json
from yizhan.core.store.media import MediaStore
from yizhan.pb.v1 import knowledge_pb2 as pb


class DraftsApi:
    def __init__(self, access: Access, peers: Peers, media: MediaStore, media_url: MediaUrl) -> None:
        self._access = access
        self._peers = peers
        self._media = media
        self._media_url = media_url

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        readers = ("editor", "supervisor")
        base = "/api/v1/knowledge"
        return [
            web.get(f"{base}/draft", signed_in(self.draft, *readers)),
            web.get(f"{base}/draft/entries", signed_in(self.entries, *readers)),
            web.post(f"{base}/draft/entries", signed_in(self.put, "editor")),
            web.delete(f"{base}/draft/entries", signed_in(self.delete, "editor")),
            web.get(f"{base}/draft/entry", signed_in(self.entry, *readers)),
            web.get(f"{base}/draft/document", signed_in(self.document, *readers)),
            web.post(f"{base}/draft/document", signed_in(self.put_document, "editor")),
            web.post(f"{base}/draft/import", signed_in(self.load, "editor")),
            web.get(f"{base}/export", signed_in(self.export, "editor")),
            web.get(f"{base}/changes", signed_in(self.changes, *readers)),
        ]

    async def draft(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        found = await self._peers.drafts.GetDraft(pb.GetDraftRequest(workspace=person.user.workspace))
        return web.json_response(draft_json(found))

    async def entries(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListDraftEntriesRequest(
            workspace=person.user.workspace,
            search=request.query.get("search", "")[:200],
            category=request.query.get("category", "")[:200],
            validity=request.query.get("validity", "")[:20],
            page_token=request.query.get("cursor", ""),
            page_size=PAGE,
        )
        found = await self._peers.drafts.ListDraftEntries(asked)
        return web.json_response(
            {
                "items": [draft_entry_json(row, self._media_url) for row in found.entries],
                "next": found.next_page_token or None,
                "total": found.total,
                "categories": list(found.categories),
                "revision": found.revision,
            }
        )

    async def entry(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.GetDraftEntryRequest(workspace=person.user.workspace, id=_named(request, "id"))
        found = await self._peers.drafts.GetDraftEntry(asked)
        return web.json_response(draft_entry_json(found, self._media_url))

    async def put(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Add an entry (``seen_revision`` 0) or change it; without an id it gets one."""
        body = await read_json(request, EntryChange)
        asked = pb.PutDraftEntryRequest(
            workspace=person.user.workspace,
            entry=await entry_of(body.entry, self._media),
            seen_revision=body.seen_revision,
            changed_by=person.user.name,
        )
        answer = await self._peers.drafts.PutDraftEntry(asked)
        if answer.problems:
            problems = [problem_json(problem) for problem in answer.problems]
            raise Problem(422, "entry_rejected", "The entry has problems; nothing was changed", problems=problems)
        return web.json_response(draft_entry_json(answer.entry, self._media_url))

    async def delete(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.DeleteDraftEntryRequest(
            workspace=person.user.workspace,
            id=_named(request, "id"),
            seen_revision=_number(request, "seen_revision"),
            changed_by=person.user.name,
        )
        await self._peers.drafts.DeleteDraftEntry(asked)
        return web.Response(status=204)

    async def document(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.GetDraftDocumentRequest(workspace=person.user.workspace, name=_named(request, "name"))
        return web.json_response(document_json(await self._peers.drafts.GetDraftDocument(asked)))

    async def put_document(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """One that cannot be read is refused: 422 ``document_invalid`` with the lines in ``problems``."""
        body = await read_json(request, DocumentChange)
        asked = pb.PutDraftDocumentRequest(
            workspace=person.user.workspace,
            document=pb.Document(name=body.name, text=body.text if body.text.strip() else ""),
            seen_revision=body.seen_revision,
            changed_by=person.user.name,
        )
        return web.json_response(document_json(await self._peers.drafts.PutDraftDocument(asked)))

    async def load(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Take a file into the draft; ``?merge=1`` adds to it, ``?check=1`` only checks. All rows or none."""
        name, data = await read_file(request, MOST_BYTES)
        asked = pb.ImportDraftRequest(
            workspace=person.user.workspace,
            file_name=name,
            data=data,
            merge=wanted(request, "merge"),
            check_only=wanted(request, "check"),
            changed_by=person.user.name,
        )
        answer = await self._peers.drafts.ImportDraft(asked, timeout=IMPORT_SECONDS)
        if answer.problems:
            problems = [problem_json(problem) for problem in answer.problems]
            raise Problem(422, "import_rejected", "The file has problems; nothing was changed", problems=problems)
        return web.json_response(
            {
                "entries": answer.entries,
                "added": answer.added,
                "changed": answer.changed,
                "removed": answer.removed,
                "revision": answer.revision,
            }
        )

    async def export(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """The entries of the draft, or of ``?release=``, as a file whose name (``?file=``) tells the format."""
        name = _named(request, "file")
        asked = pb.ExportEntriesRequest(
            workspace=person.user.workspace, file_name=name, release_id=request.query.get("release", "")
        )
        answer = await self._peers.drafts.ExportEntries(asked, timeout=IMPORT_SECONDS)
        disposition = f"attachment; filename*=UTF-8''{quote(name)}"
        return web.Response(
            body=answer.data,
            content_type="application/octet-stream",
            headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"},
        )

    async def changes(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListChangesRequest(
            workspace=person.user.workspace,
            name=request.query.get("name", ""),
            page_token=request.query.get("cursor", ""),
            page_size=PAGE,
        )
        found = await self._peers.drafts.ListChanges(asked)
        return web.json_response(
            {
                "items": [change_json(change, self._media_url) for change in found.changes],
                "next": found.next_page_token or None,
            }
        )


def _named(request: web.Request, name: str) -> str:
    """A query parameter that must be there. Raises Problem 400."""
    value = request.query.get(name, "")[:200]
    if not value:
        raise bad_request(f"{name}_missing", f"The parameter {name} is missing")
    return value


def _number(request: web.Request, name: str) -> int:
    value = _named(request, name)
    if not (value.isascii() and value.isdigit()) or len(value) > 15:
        raise bad_request(f"bad_{name}", f"The parameter {name} must be a number")
    return int(value)
