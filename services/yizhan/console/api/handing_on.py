"""A conversation goes on to somebody else, words among colleagues about it, and why it was offered to whom."""

from typing import Annotated, Self

from aiohttp import web
from pydantic import Field, model_validator

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import Body
from yizhan.console.api.users import put_agent
from yizhan.console.handing_on_views import decision_json, group_json
from yizhan.console.peers import Peers
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.http import forbidden, read_json
from yizhan.pb.v1 import conversations_pb2, routing_pb2 as pb

Id = Annotated[str, Field(max_length=36)]


class TransferOrder(Body):
    """To an agent or to a group; to neither: to whoever is free."""

    epoch: Annotated[int, Field(ge=0)]
    to_agent: Id = ""
    to_group: Id = ""
    note: Annotated[str, Field(max_length=4000)] = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.to_agent and self.to_group:
            raise ValueError("name either to_agent or to_group")
        return self


class TakeOverOrder(Body):
    epoch: Annotated[int, Field(ge=0)]


class InternalNote(Body):
    """Repeating a client id writes it once. ``whisper_to``: an agent's id."""

    text: Annotated[str, Field(min_length=1, max_length=8000)]
    client_id: Annotated[str, Field(min_length=1, max_length=64)]
    whisper_to: Id = ""


class HandingOnApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        people = ("agent", "supervisor")
        one = "/api/v1/conversations/{id}"
        signed_in = self._access.signed_in
        return [
            web.post(f"{one}/transfer", signed_in(self.transfer, "agent")),
            web.post(f"{one}/take-over", signed_in(self.take_over, "supervisor")),
            web.post(f"{one}/notes", signed_in(self.note, *people)),
            web.get(f"{one}/decisions", signed_in(self.decisions, *people)),
            web.get("/api/v1/groups", signed_in(self.groups, *people)),
        ]

    async def transfer(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Until the conversation has obeyed it stays whose it is."""
        body = await read_json(request, TransferOrder)
        asked = pb.TransferRequest(
            workspace=person.user.workspace,
            agent_id=person.user.id,
            conversation_id=request.match_info["id"],
            epoch=body.epoch,
            to_agent_id=body.to_agent,
            to_group_id=body.to_group,
            note=body.note,
        )
        await self._peers.routing.Transfer(asked)
        return web.Response(status=204)

    async def take_over(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """For supervisors who serve customers themselves: whoever may not speak would only silence the conversation."""
        if not person.user.may("agent"):
            raise forbidden("agent_role_missing", "Only who serves customers can take a conversation over")
        body = await read_json(request, TakeOverOrder)
        conversation = await self._conversation(request, person)
        asked = pb.TakeOverRequest(
            workspace=person.user.workspace,
            agent_id=person.user.id,
            conversation_id=conversation.id,
            epoch=body.epoch,
            address=conversation.address,
        )
        try:
            await self._peers.routing.TakeOver(asked)
        except RpcProblem as error:
            if error.code != "unknown_agent":
                raise
            await put_agent(self._peers, person.user)
            await self._peers.routing.TakeOver(asked)
        return web.Response(status=204)

    async def note(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, InternalNote)
        conversation = await self._conversation(request, person)
        asked = pb.AddNoteRequest(
            workspace=person.user.workspace,
            agent_id=person.user.id,
            conversation_id=conversation.id,
            address=conversation.address,
            text=body.text,
            client_id=body.client_id,
            whisper_to=body.whisper_to,
        )
        try:
            added = await self._peers.routing.AddNote(asked)
        except RpcProblem as error:
            if error.code != "unknown_agent":
                raise
            await put_agent(self._peers, person.user)  # a supervisor who serves no customers is not known there yet
            added = await self._peers.routing.AddNote(asked)
        return web.json_response({"note_id": added.message_id}, status=202)

    async def decisions(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Why these agents were asked and others not, the first decision first. Empty where there was none."""
        workspace = person.user.workspace
        asked = pb.ListDecisionsRequest(workspace=workspace, conversation_id=request.match_info["id"])
        found = await self._peers.routing.ListDecisions(asked)
        agents = (await self._peers.routing.ListAgents(pb.ListAgentsRequest(workspace=workspace))).agents
        groups = (await self._peers.routing.ListGroups(pb.ListGroupsRequest(workspace=workspace))).groups
        names, called = {one.id: one.name for one in agents}, {one.id: one.name for one in groups}
        return web.json_response({"items": [decision_json(one, names, called) for one in found.decisions]})

    async def groups(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = pb.ListGroupsRequest(workspace=person.user.workspace)
        found = await self._peers.routing.ListGroups(asked)
        return web.json_response({"items": [group_json(group) for group in found.groups]})

    async def _conversation(self, request: web.Request, person: SignedIn) -> conversations_pb2.Conversation:
        """The conversation that is named. Raises RpcProblem ``unknown_conversation``."""
        asked = conversations_pb2.GetConversationRequest(
            workspace=person.user.workspace, conversation_id=request.match_info["id"]
        )
        return (await self._peers.conversations.GetConversation(asked)).conversation
