"""Canned replies: those of the workspace, which editors and supervisors change, and each agent's own."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import Body
from yizhan.console.api.query import number
from yizhan.console.peers import Peers
from yizhan.console.reply_views import found_json, language_of, reply_json, values_of, variable_json
from yizhan.core.runtime.http import read_json
from yizhan.pb.v1 import conversations_pb2, replies_pb2 as pb

PAGE = 100
FOUND = 10


class ReplyDraft(Body):
    """What a canned reply is to be. Its lengths and variables are checked where it is kept, with a hint."""

    title: Annotated[str, Field(max_length=400)]
    text: Annotated[str, Field(max_length=8000)]
    shared: bool = False
    shortcut: Annotated[str, Field(max_length=100)] = ""
    folder: Annotated[str, Field(max_length=300)] = ""
    language: Literal["", "zh", "en"] = ""


class ReplyChange(ReplyDraft):
    """``revision`` is the one that was read."""

    revision: Annotated[int, Field(ge=1)]


class WorkspaceName(Body):
    name: Annotated[str, Field(max_length=100)]


class RepliesApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in, people = self._access.signed_in, ("agent", "supervisor", "editor")
        base = "/api/v1/replies"
        return [
            web.get(base, signed_in(self.list, *people)),
            web.post(base, signed_in(self.create, *people)),
            web.get(f"{base}/search", signed_in(self.search, "agent", "supervisor")),
            web.put(f"{base}/workspace-name", signed_in(self.name, "editor", "supervisor")),
            web.put(f"{base}/{{id}}", signed_in(self.change, *people)),
            web.delete(f"{base}/{{id}}", signed_in(self.delete, *people)),
            web.post(f"{base}/{{id}}/use", signed_in(self.use, "agent", "supervisor")),
        ]

    async def list(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListRepliesRequest(
            workspace=person.user.workspace,
            viewer_id=person.user.id,
            page_token=request.query.get("cursor", ""),
            page_size=PAGE,
        )
        found = await self._peers.replies.ListReplies(asked)
        return web.json_response(
            {
                "items": [reply_json(reply) for reply in found.replies],
                "next": found.next_page_token or None,
                "variables": [variable_json(variable) for variable in found.variables],
                "workspace_name": found.workspace_name,
                "may_share": _may_share(person),
            }
        )

    async def create(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, ReplyDraft)
        kept = await self._put(person, body, pb.CannedReply())
        return web.json_response({"reply": reply_json(kept)}, status=201)

    async def change(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, ReplyChange)
        known = pb.CannedReply(id=request.match_info["id"], revision=body.revision)
        return web.json_response({"reply": reply_json(await self._put(person, body, known))})

    async def delete(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.DeleteReplyRequest(
            workspace=person.user.workspace,
            reply_id=request.match_info["id"],
            revision=number(request, "revision", 0),
            by=person.user.id,
            may_share=_may_share(person),
        )
        await self._peers.replies.DeleteReply(asked)
        return web.Response(status=204)

    async def search(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """With a conversation its facts are filled in, and replies in its customer's language come first."""
        asked = pb.SearchRepliesRequest(
            workspace=person.user.workspace,
            viewer_id=person.user.id,
            query=request.query.get("q", "")[:200],
            values=pb.ReplyValues(agent_name=person.user.name),
            limit=number(request, "limit", FOUND),
        )
        conversation_id = request.query.get("conversation", "")[:36]
        if conversation_id:
            wanted = conversations_pb2.GetConversationRequest(
                workspace=person.user.workspace, conversation_id=conversation_id
            )
            conversation = (await self._peers.conversations.GetConversation(wanted)).conversation
            asked.conversation_id = conversation.id
            asked.language = language_of(conversation)
            asked.values.CopyFrom(values_of(conversation, person.user.name))
        found = await self._peers.replies.SearchReplies(asked)
        return web.json_response({"items": [found_json(one) for one in found.found]})

    async def use(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.UseReplyRequest(
            workspace=person.user.workspace, reply_id=request.match_info["id"], viewer_id=person.user.id
        )
        await self._peers.replies.UseReply(asked)
        return web.Response(status=204)

    async def name(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, WorkspaceName)
        asked = pb.SetWorkspaceNameRequest(workspace=person.user.workspace, name=body.name, by=person.user.id)
        await self._peers.replies.SetWorkspaceName(asked)
        return web.Response(status=204)

    async def _put(self, person: SignedIn, body: ReplyDraft, known: pb.CannedReply) -> pb.CannedReply:
        reply = pb.CannedReply(
            id=known.id,
            revision=known.revision,
            workspace=person.user.workspace,
            owner_id="" if body.shared else person.user.id,
            title=body.title,
            text=body.text,
            shortcut=body.shortcut,
            folder=body.folder,
            language=body.language,
        )
        asked = pb.PutReplyRequest(reply=reply, by=person.user.id, may_share=_may_share(person))
        return (await self._peers.replies.PutReply(asked)).reply


def _may_share(person: SignedIn) -> bool:
    return person.user.may("editor", "supervisor")
