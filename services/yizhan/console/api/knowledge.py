"""Knowledge: what is published, importing a file, trying a question."""

from aiohttp import BodyPartReader, web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import Question
from yizhan.console.knowledge_views import asked_json, falls_json
from yizhan.console.peers import Peers
from yizhan.console.views import entry_json, problem_json, release_json
from yizhan.core.messages.json_form import MediaUrl
from yizhan.core.runtime.http import Problem, bad_request, read_json, too_large
from yizhan.pb.v1 import knowledge_pb2

MOST_BYTES = 30_000_000
"""As much as a knowledge file may have."""
IMPORT_SECONDS = 120.0
ASK_SECONDS = 60.0
"""A release that is not published may have to be opened first."""
PAGE = 50


class KnowledgeApi:
    def __init__(self, access: Access, peers: Peers, media_url: MediaUrl) -> None:
        self._access = access
        self._peers = peers
        self._media_url = media_url

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        readers = ("editor", "supervisor", "agent")
        return [
            web.get("/api/v1/knowledge/release", signed_in(self.release, *readers)),
            web.get("/api/v1/knowledge/entries", signed_in(self.entries, *readers)),
            web.post("/api/v1/knowledge/import", signed_in(self.load, "editor")),
            web.post("/api/v1/knowledge/ask", signed_in(self.ask, *readers)),
        ]

    async def release(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = knowledge_pb2.GetReleaseRequest(workspace=person.user.workspace)
        return web.json_response({"release": release_json(await self._peers.knowledge.GetRelease(asked))})

    async def entries(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = knowledge_pb2.ListEntriesRequest(
            workspace=person.user.workspace,
            search=request.query.get("search", "")[:200],
            category=request.query.get("category", "")[:200],
            page_token=request.query.get("cursor", ""),
            page_size=PAGE,
        )
        found = await self._peers.knowledge.ListEntries(asked)
        return web.json_response(
            {
                "items": [entry_json(entry) for entry in found.entries],
                "next": found.next_page_token or None,
                "total": found.total,
                "categories": list(found.categories),
            }
        )

    async def load(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Publish a file, or with ``?check=1`` only say whether it could be. All rows or none.

        ``?force=why`` publishes also what is worse than what is published.
        """
        name, data = await read_file(request, MOST_BYTES)
        asked = knowledge_pb2.ImportKnowledgeRequest(
            workspace=person.user.workspace,
            file_name=name,
            data=data,
            published_by=person.user.name,
            check_only=wanted(request, "check"),
            forced_reason=request.query.get("force", "")[:500],
        )
        answer = await self._peers.knowledge.ImportKnowledge(asked, timeout=IMPORT_SECONDS)
        if answer.problems:
            raise Problem(
                422,
                "import_rejected",
                "The file has problems; nothing was changed",
                problems=[problem_json(problem) for problem in answer.problems],
            )
        if answer.falls:
            raise Problem(
                409,
                "release_falls",
                "The release was built and is not published: it is worse than the published one",
                release_id=answer.release.id,
                falls=falls_json(answer.falls),
            )
        return web.json_response({"release": release_json(answer), "entries": answer.entries})

    async def ask(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, Question)
        asked = knowledge_pb2.AskRequest(
            workspace=person.user.workspace,
            question=body.question,
            channel=body.channel,
            release_id=body.release_id,
            day=body.day or "",
        )
        return web.json_response(
            asked_json(await self._peers.knowledge.Ask(asked, timeout=ASK_SECONDS), self._media_url)
        )


def wanted(request: web.Request, name: str) -> bool:
    """Whether a query parameter says yes."""
    return request.query.get(name, "") not in {"", "0", "false"}


async def read_file(request: web.Request, most_bytes: int) -> tuple[str, bytes]:
    """Name and bytes of the multipart field ``file``. Raises Problem 400, 413 or 415."""
    if request.content_type != "multipart/form-data":
        raise Problem(415, "unsupported_media_type", "Send the file as multipart/form-data")
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader) and part.name == "file":
                return part.filename or "", await _read(part, most_bytes)
    except ValueError as error:
        raise bad_request("malformed_multipart", "The body is not multipart/form-data") from error
    raise bad_request("file_missing", "There is no field named file")


async def _read(part: BodyPartReader, most_bytes: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        data += chunk
        if len(data) > most_bytes:
            raise too_large(most_bytes)
    return bytes(data)
