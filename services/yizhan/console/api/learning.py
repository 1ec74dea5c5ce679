"""Learning: groups of misses on their way to entries, and answers suggested to agents."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import Body
from yizhan.console.api.query import number
from yizhan.console.entry_input import EntryIn, Text, entry_of
from yizhan.console.learning_views import (
    STATES,
    drafted_json,
    group_details_json,
    group_json,
    suggested_json,
    uses_json,
)
from yizhan.console.peers import Peers
from yizhan.console.views import problem_json
from yizhan.core.messages.json_form import MediaUrl
from yizhan.core.runtime.http import Problem, bad_request, read_json
from yizhan.core.store.media import MediaStore
from yizhan.pb.v1 import learning_pb2 as pb

PAGE = 30
GROUPING_SECONDS = 30.0
MOST_DAYS = 366


class MissDraft(Body):
    """``entry_id``: add ``paraphrases`` to it (none given: all that are proposed). Else a new entry: ``entry``, or the
    proposal as it stands.
    """

    entry_id: Annotated[str, Field(max_length=200)] = ""
    paraphrases: Annotated[list[Text], Field(default_factory=list, max_length=50)]
    entry: EntryIn | None = None


class Dismissal(Body):
    reason: Annotated[str, Field(max_length=500)] = ""


class LearningApi:
    def __init__(self, access: Access, peers: Peers, media: MediaStore, media_url: MediaUrl) -> None:
        self._access = access
        self._peers = peers
        self._media = media
        self._media_url = media_url

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        readers = ("editor", "supervisor")
        one = "/api/v1/learning/groups/{id}"
        return [
            web.get("/api/v1/learning/groups", signed_in(self.groups, *readers)),
            web.get(one, signed_in(self.group, *readers)),
            web.post(f"{one}/draft", signed_in(self.draft, "editor")),
            web.post(f"{one}/dismiss", signed_in(self.dismiss, "editor")),
            web.post(f"{one}/reopen", signed_in(self.reopen, "editor")),
            web.get("/api/v1/learning/suggestions", signed_in(self.uses, *readers)),
            web.get("/api/v1/conversations/{id}/suggestions", signed_in(self.suggestions, "agent")),
            web.get("/api/v1/knowledge/search", signed_in(self.search, "agent", *readers)),
        ]

    async def groups(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        state = request.query.get("state", "open")
        if state not in STATES:
            raise bad_request("unknown_state", f"state is one of {', '.join(STATES)}")
        asked = pb.ListMissGroupsRequest(
            workspace=person.user.workspace,
            state=STATES[state],
            page_token=request.query.get("cursor", ""),
            page_size=PAGE,
        )
        found = await self._peers.learning.ListMissGroups(asked, timeout=GROUPING_SECONDS)
        return web.json_response(
            {
                "items": [group_json(group) for group in found.groups],
                "next": found.next_page_token or None,
                "behind": found.behind,
            }
        )

    async def group(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.GetMissGroupRequest(workspace=person.user.workspace, group_id=request.match_info["id"])
        return web.json_response(group_details_json(await self._peers.learning.GetMissGroup(asked), self._media_url))

    async def draft(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """A new entry of the draft, or more wordings for one; 422 with ``problems`` where it cannot be one."""
        body = await read_json(request, MissDraft)
        asked = pb.DraftMissGroupRequest(
            workspace=person.user.workspace,
            group_id=request.match_info["id"],
            entry_id=body.entry_id,
            entry=await entry_of(body.entry, self._media) if body.entry else None,
            paraphrases=body.paraphrases,
            drafted_by=person.user.name,
        )
        done = await self._peers.learning.DraftMissGroup(asked)
        if done.problems:
            problems = [problem_json(problem) for problem in done.problems]
            raise Problem(422, "entry_rejected", "The entry has problems; nothing was changed", problems=problems)
        return web.json_response(drafted_json(done, self._media_url))

    async def dismiss(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Say why it needs no entry; ``/reopen`` takes it back."""
        body = await read_json(request, Dismissal)
        asked = pb.DismissMissGroupRequest(
            workspace=person.user.workspace,
            group_id=request.match_info["id"],
            reason=body.reason,
            dismissed_by=person.user.name,
        )
        return web.json_response({"group": group_json(await self._peers.learning.DismissMissGroup(asked))})

    async def reopen(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ReopenMissGroupRequest(workspace=person.user.workspace, group_id=request.match_info["id"])
        return web.json_response({"group": group_json(await self._peers.learning.ReopenMissGroup(asked))})

    async def uses(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        days = min(number(request, "days", 30), MOST_DAYS)
        asked = pb.ListSuggestionUsesRequest(workspace=person.user.workspace, days=days)
        found = await self._peers.learning.ListSuggestionUses(asked)
        return web.json_response({"items": list(map(uses_json, found.entries)), "total": uses_json(found.total)})

    async def suggestions(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """At most three answers to the customer's last words; only the agent who has the conversation is given any."""
        asked = pb.SuggestAnswersRequest(
            workspace=person.user.workspace,
            conversation_id=request.match_info["id"],
            agent_id=person.user.id,
        )
        found = await self._peers.learning.SuggestAnswers(asked)
        return web.json_response(
            {
                "items": [suggested_json(one, self._media_url) for one in found.answers],
                "message_id": found.message_id or None,
                "draft": found.draft or None,
                "release_id": found.release_id or None,
            }
        )

    async def search(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        words = request.query.get("words", "").strip()[:500]
        if not words:
            raise bad_request("words_missing", "The parameter words is missing")
        asked = pb.SearchKnowledgeRequest(
            workspace=person.user.workspace, words=words, channel=request.query.get("channel", "")[:32]
        )
        found = await self._peers.learning.SearchKnowledge(asked)
        return web.json_response(
            {
                "items": [suggested_json(one, self._media_url) for one in found.answers],
                "release_id": found.release_id or None,
            }
        )
