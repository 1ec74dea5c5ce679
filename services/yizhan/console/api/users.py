"""Users, for administrators; and the agents that routing knows."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.models import NewUser, UserChange
from yizhan.console.peers import Peers
from yizhan.console.people import People, PersonInvalid, PersonUnknown, UsernameTaken, generated_password
from yizhan.console.store import User
from yizhan.console.views import agent_json, user_json
from yizhan.core.messages.json_form import Json
from yizhan.core.runtime.http import Problem, conflict, not_found, read_json
from yizhan.pb.v1 import routing_pb2


class UsersApi:
    def __init__(self, people: People, access: Access, peers: Peers) -> None:
        self._people = people
        self._access = access
        self._peers = peers

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        return [
            web.get("/api/v1/users", signed_in(self.list, "admin")),
            web.post("/api/v1/users", signed_in(self.create, "admin")),
            web.patch("/api/v1/users/{id}", signed_in(self.change, "admin")),
            web.post("/api/v1/users/{id}/password-reset", signed_in(self.reset_password, "admin")),
            web.get("/api/v1/agents", signed_in(self.agents)),
        ]

    async def list(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        found = await self._people.everyone(person.user.workspace)
        return web.json_response({"items": [user_json(user) for user in found]})

    async def create(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, NewUser)
        password = body.password or generated_password()
        try:
            user = await self._people.create(
                person.user.workspace,
                body.username.lower(),
                name=body.name,
                roles=body.roles,
                password=password,
                locale=body.locale,
                capacity=body.capacity,
                by=person.user.id,
            )
        except UsernameTaken as error:
            raise conflict("username_taken", "This username is taken") from error
        except PersonInvalid as error:
            raise Problem(422, error.code, error.reason) from error
        await put_agent(self._peers, user)
        shown: Json = {"user": user_json(user)}
        if not body.password:
            shown["password"] = password
        return web.json_response(shown, status=201)

    async def change(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        body = await read_json(request, UserChange)
        user_id = request.match_info["id"]
        own = user_id == person.user.id
        if own and (body.enabled is False or (body.roles is not None and "admin" not in body.roles)):
            raise conflict("own_account", "You cannot lock yourself out")
        try:
            user = await self._people.change(
                user_id,
                person.user.workspace,
                by=person.user.id,
                name=body.name,
                roles=body.roles,
                enabled=body.enabled,
                capacity=body.capacity,
            )
        except PersonUnknown as error:
            raise not_found("unknown_user") from error
        except PersonInvalid as error:
            raise Problem(422, error.code, error.reason) from error
        await put_agent(self._peers, user)
        return web.json_response({"user": user_json(user)})

    async def reset_password(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        try:
            password = await self._people.reset_password(
                request.match_info["id"], person.user.workspace, by=person.user.id
            )
        except PersonUnknown as error:
            raise not_found("unknown_user") from error
        return web.json_response({"password": password})

    async def agents(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        asked = routing_pb2.ListAgentsRequest(workspace=person.user.workspace)
        found = await self._peers.routing.ListAgents(asked)
        return web.json_response({"items": [agent_json(agent) for agent in found.agents]})


def agent_of(user: User) -> routing_pb2.Agent:
    """The person as routing knows them. Who is no agent, or disabled, gets no conversations."""
    return routing_pb2.Agent(
        id=user.id,
        workspace=user.workspace,
        name=user.name,
        capacity=user.capacity,
        enabled=user.enabled and "agent" in user.roles,
    )


async def put_agent(peers: Peers, user: User) -> None:
    """Tell routing about a person. Raises RpcProblem."""
    await peers.routing.PutAgent(routing_pb2.PutAgentRequest(agent=agent_of(user)))
