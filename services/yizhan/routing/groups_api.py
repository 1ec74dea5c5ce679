"""Calls on what agents can do, on groups, and on which case asks for which of them."""

from collections.abc import Sequence

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.groups import NORMAL_PRIORITY, URGENT_PRIORITY, Group, Route
from yizhan.routing.looked_up import Context, Status
from yizhan.routing.switchboard import Switchboard

MOST_SKILLS = 50
MOST_ROUTES = 200
MOST_GROUPS = 200
LONGEST_NAME = 100
HIGHEST_LEVEL = 5
HEAVIEST = 100


class GroupCalls:
    """A part of ``RoutingApi``."""

    _switchboard: Switchboard
    _database: Database
    _new_id: NewId

    async def PutGroup(self, request: pb.PutGroupRequest, context: Context) -> pb.PutGroupResponse:
        given = request.group
        name = given.name.strip()
        if not (given.workspace and name) or len(name) > LONGEST_NAME:
            raise RpcProblem("group_incomplete", Status.INVALID_ARGUMENT)
        async with self._switchboard.shift(given.workspace) as shift:
            others = await store.load_groups(shift.tx, given.workspace)
            known = {group.id for group in others}
            if given.id and given.id not in known:
                raise RpcProblem("unknown_group", Status.NOT_FOUND)
            if any(group.name == name and group.id != given.id for group in others):
                raise RpcProblem("group_name_taken", Status.ALREADY_EXISTS)
            if len(known) >= MOST_GROUPS and not given.id:
                raise RpcProblem("too_many_groups", Status.RESOURCE_EXHAUSTED)
            agents = {agent.id for agent in await store.load_agents(shift.tx, given.workspace)}
            if not agents.issuperset(given.agent_ids):
                raise RpcProblem("unknown_agent", Status.NOT_FOUND)
            if not known.issuperset(given.wider_ids) or given.id in given.wider_ids:
                raise RpcProblem("unknown_group", Status.NOT_FOUND)
            group = Group(
                given.id or self._new_id(),
                given.workspace,
                name,
                tuple(sorted(set(given.agent_ids))),
                tuple(dict.fromkeys(given.wider_ids)),
            )
            await store.put_group(shift.tx, group)
            before = next((other.agents for other in others if other.id == group.id), ())
            await shift.agents_changed({*before} ^ {*group.agents})
            await self._switchboard.dispatch(shift)
        return pb.PutGroupResponse(group=_group(group))

    async def ListGroups(self, request: pb.ListGroupsRequest, context: Context) -> pb.ListGroupsResponse:
        async with self._database.read() as tx:
            found = await store.load_groups(tx, request.workspace)
        return pb.ListGroupsResponse(groups=[_group(group) for group in found])

    async def RemoveGroup(self, request: pb.RemoveGroupRequest, context: Context) -> pb.RemoveGroupResponse:
        async with self._switchboard.shift(request.workspace) as shift:
            groups = await store.load_groups(shift.tx, request.workspace)
            if not await store.remove_group(shift.tx, request.workspace, request.group_id):
                raise RpcProblem("unknown_group", Status.NOT_FOUND)
            await shift.agents_changed(
                [agent for group in groups if group.id == request.group_id for agent in group.agents]
            )
            await store.release_cases(shift.tx, request.workspace, request.group_id)
            await self._switchboard.dispatch(shift)
        return pb.RemoveGroupResponse()

    async def PutRoutes(self, request: pb.PutRoutesRequest, context: Context) -> pb.PutRoutesResponse:
        if len(request.routes) > MOST_ROUTES:
            raise RpcProblem("too_many_routes", Status.INVALID_ARGUMENT)
        routes = [_route_of(route, number) for number, route in enumerate(request.routes, 1)]
        async with self._switchboard.shift(request.workspace) as shift:
            known = {"", *(group.id for group in await store.load_groups(shift.tx, request.workspace))}
            if any(route.group_id not in known for route in routes):
                raise RpcProblem("unknown_group", Status.NOT_FOUND)
            if not await store.save_routes(shift.tx, request.workspace, routes, request.revision):
                raise RpcProblem("routes_changed", Status.ABORTED)
        return pb.PutRoutesResponse(revision=request.revision + 1)

    async def ListRoutes(self, request: pb.ListRoutesRequest, context: Context) -> pb.ListRoutesResponse:
        async with self._database.read() as tx:
            routes = await store.load_routes(tx, request.workspace)
        return pb.ListRoutesResponse(routes=[_route(rule) for rule in routes.rules], revision=routes.revision)


def abilities(
    skills: Sequence[pb.Skill], languages: Sequence[str]
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """Skills and languages as an agent keeps them. Raises RpcProblem."""
    named = {skill.name.strip(): skill.level for skill in skills}
    if len(named) != len(skills) or len(skills) > MOST_SKILLS or not all(named):
        raise RpcProblem("skills_invalid", Status.INVALID_ARGUMENT, "each skill has a name, once")
    if not all(1 <= level <= HIGHEST_LEVEL for level in named.values()):
        raise RpcProblem("skills_invalid", Status.INVALID_ARGUMENT, "a level is from 1 to 5")
    if any(len(name) > LONGEST_NAME for name in (*named, *languages)):
        raise RpcProblem("skills_invalid", Status.INVALID_ARGUMENT, "a name has at most 100 characters")
    return tuple(sorted(named.items())), tuple(sorted({tag.strip() for tag in languages if tag.strip()}))


def _group(group: Group) -> pb.Group:
    return pb.Group(
        id=group.id, workspace=group.workspace, name=group.name, agent_ids=group.agents, wider_ids=group.wider
    )


def _route(route: Route) -> pb.Route:
    return pb.Route(
        channel=route.channel,
        reason=route.reason,
        rule=route.rule,
        topic=route.topic,
        language=route.language,
        least_urgency=route.least_urgency,
        group_id=route.group_id,
        skills=route.skills,
        priority=route.priority,
        weight=route.weight,
    )


def _route_of(route: pb.Route, number: int) -> Route:
    priority = route.priority if route.HasField("priority") else NORMAL_PRIORITY
    if not (0 <= priority <= URGENT_PRIORITY and 0 <= route.weight <= HEAVIEST):
        raise RpcProblem(
            "route_invalid", Status.INVALID_ARGUMENT, f"route {number}: priority is 0 to 3, weight 1 to 100"
        )
    texts = (route.channel, route.reason, route.rule, route.topic, route.language, *route.skills)
    if len(route.skills) > MOST_SKILLS or any(len(text) > LONGEST_NAME for text in texts):
        raise RpcProblem("route_invalid", Status.INVALID_ARGUMENT, f"route {number}: too long")
    return Route(
        route.channel,
        route.reason,
        route.rule,
        route.topic,
        route.language,
        route.least_urgency,
        route.group_id,
        tuple(route.skills),
        priority,
        route.weight or 1,
    )
