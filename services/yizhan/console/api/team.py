"""The team for those who lead it: what agents can do, groups, and which case asks for whom."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import Body
from yizhan.console.handing_on_views import group_json
from yizhan.console.peers import Peers
from yizhan.console.team_views import member_json, route_json
from yizhan.core.runtime.http import read_json
from yizhan.pb.v1 import routing_pb2 as pb

Name = Annotated[str, Field(max_length=100)]
Id = Annotated[str, Field(max_length=36)]


class SkillBody(Body):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    level: Annotated[int, Field(ge=1, le=5)]


class AbilitiesBody(Body):
    """All of it replaces what there was. No ``languages``: any."""

    skills: Annotated[list[SkillBody], Field(max_length=50)]
    languages: Annotated[list[Annotated[str, Field(min_length=1, max_length=20)]], Field(max_length=20)]
    supervisor: bool


class GroupBody(Body):
    """``wider_ids``: groups that are asked as well when nobody here takes a case in time."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    agent_ids: Annotated[list[Id], Field(max_length=500)]
    wider_ids: Annotated[list[Id], Field(max_length=50)]


class RouteBody(Body):
    """Empty members fit everything. ``priority``: 0 low to 3 urgent."""

    channel: Name = ""
    reason: Name = ""
    rule: Name = ""
    topic: Name = ""
    language: Name = ""
    least_urgency: Annotated[int, Field(ge=0, le=10)] = 0
    group_id: Id = ""
    skills: Annotated[list[Name], Field(default_factory=list, max_length=50)]
    priority: Annotated[int, Field(ge=0, le=3)] = 1
    weight: Annotated[int, Field(ge=1, le=100)] = 1


class RoutesBody(Body):
    """``revision`` is the one that was read: 409 ``routes_changed`` where it is another now."""

    routes: Annotated[list[RouteBody], Field(max_length=200)]
    revision: Annotated[int, Field(ge=0)]


class TeamApi:
    def __init__(self, access: Access, peers: Peers) -> None:
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in, who, base = self._access.signed_in, "supervisor", "/api/v1/team"
        return [
            web.get(f"{base}/agents", signed_in(self.agents, who)),
            web.put(f"{base}/agents/{{id}}", signed_in(self.set_abilities, who)),
            web.post(f"{base}/groups", signed_in(self.create_group, who)),
            web.put(f"{base}/groups/{{id}}", signed_in(self.change_group, who)),
            web.delete(f"{base}/groups/{{id}}", signed_in(self.remove_group, who)),
            web.get(f"{base}/routes", signed_in(self.list_routes, who)),
            web.put(f"{base}/routes", signed_in(self.put_routes, who)),
        ]

    async def agents(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        found = await self._peers.routing.ListAgents(pb.ListAgentsRequest(workspace=person.user.workspace))
        return web.json_response({"items": [member_json(agent) for agent in found.agents]})

    async def set_abilities(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, AbilitiesBody)
        asked = pb.SetAbilitiesRequest(
            workspace=person.user.workspace,
            agent_id=request.match_info["id"],
            skills=[pb.Skill(name=skill.name, level=skill.level) for skill in body.skills],
            languages=body.languages,
            supervisor=body.supervisor,
        )
        agent = (await self._peers.routing.SetAbilities(asked)).agent
        return web.json_response({"agent": member_json(agent)})

    async def create_group(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        kept = await self._put_group(person, "", await read_json(request, GroupBody))
        return web.json_response({"group": group_json(kept)}, status=201)

    async def change_group(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        kept = await self._put_group(person, request.match_info["id"], await read_json(request, GroupBody))
        return web.json_response({"group": group_json(kept)})

    async def remove_group(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """Cases of the group that still wait are served by everyone from then on."""
        asked = pb.RemoveGroupRequest(workspace=person.user.workspace, group_id=request.match_info["id"])
        await self._peers.routing.RemoveGroup(asked)
        return web.Response(status=204)

    async def list_routes(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        """In the order in which they are tried; the first that fits counts."""
        found = await self._peers.routing.ListRoutes(pb.ListRoutesRequest(workspace=person.user.workspace))
        return web.json_response({"items": [route_json(route) for route in found.routes], "revision": found.revision})

    async def put_routes(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, RoutesBody)
        asked = pb.PutRoutesRequest(
            workspace=person.user.workspace,
            routes=[pb.Route(**route.model_dump()) for route in body.routes],
            revision=body.revision,
        )
        return web.json_response({"revision": (await self._peers.routing.PutRoutes(asked)).revision})

    async def _put_group(self, person: SignedIn, group_id: str, body: GroupBody) -> pb.Group:
        group = pb.Group(
            id=group_id,
            workspace=person.user.workspace,
            name=body.name,
            agent_ids=body.agent_ids,
            wider_ids=body.wider_ids,
        )
        return (await self._peers.routing.PutGroup(pb.PutGroupRequest(group=group))).group
