"""Signing in and out, and changing one's own password."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn, check_origin, locked
from yizhan.console.api.models import PasswordChange, SignIn
from yizhan.console.peers import Peers
from yizhan.console.people import BadCredentials, LockedOut, People, PersonInvalid
from yizhan.console.views import user_json
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.http import Problem, rate_key, read_json, unauthorized
from yizhan.core.security.ratelimit import RateLimit
from yizhan.pb.v1 import routing_pb2


class SessionApi:
    def __init__(
        self, people: People, access: Access, peers: Peers, guesses: RateLimit, *, workspace: str, clock: Clock
    ) -> None:
        self._people = people
        self._access = access
        self._peers = peers
        self._guesses = guesses
        self._workspace = workspace
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        signed_in = self._access.signed_in
        return [
            web.post("/api/v1/session", self.sign_in),
            web.get("/api/v1/session", signed_in(self.show)),
            web.delete("/api/v1/session", signed_in(self.sign_out)),
            web.post("/api/v1/password", signed_in(self.change_password)),
        ]

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        check_origin(request)
        self._guesses.spend(rate_key(request))
        body = await read_json(request, SignIn)
        try:
            user = await self._people.sign_in(self._workspace, body.username.strip().lower(), body.password)
        except BadCredentials as error:
            raise unauthorized("bad_credentials", "Username or password is wrong") from error
        except LockedOut as error:
            raise locked((error.until - self._clock()).total_seconds()) from error
        session, response = await self._access.open(request, user)
        response.body = web.json_response({"user": user_json(user), "csrf": session.csrf}).body
        return response

    async def show(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        return web.json_response({"user": user_json(person.user), "csrf": person.session.csrf})

    async def sign_out(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        if "agent" in person.user.roles:
            offline = routing_pb2.SetPresenceRequest(
                workspace=person.user.workspace, agent_id=person.user.id, state="offline"
            )
            try:
                await self._peers.routing.SetPresence(offline)
            except RpcProblem:
                pass  # routing is away: it notices by itself that nobody is heard of any more
        return await self._access.close(person)

    async def change_password(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        self._guesses.spend(rate_key(request))
        body = await read_json(request, PasswordChange)
        try:
            await self._people.change_password(person.user, body.old, body.new, keep_session=person.session.key)
        except BadCredentials as error:
            raise Problem(422, "bad_credentials", "The old password is wrong") from error
        except PersonInvalid as error:
            raise Problem(422, error.code, error.reason) from error
        return web.Response(status=204)
