"""Who asks over HTTP: a system by its token, or by a signature with its webhook's secret. Each refusal has a name."""

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import hdrs, web

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.http import Problem, unauthorized
from yizhan.core.security.sealing import Sealer, Unsealable
from yizhan.core.security.webhook_signing import SIGNATURE, SignatureRefused, verify
from yizhan.core.store.database import Database
from yizhan.routing.attending.admission import Admission
from yizhan.routing.attending.webhooks.courier import keys_of
from yizhan.routing.looked_up import Status
from yizhan.routing.store import systems, webhooks
from yizhan.routing.store.attending import System
from yizhan.routing.store.systems import Registered
from yizhan.routing.store.webhooks import Webhook

BEARER = "Bearer "
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``signed_id``: the id of the request, where that is signed."""

    system: System
    webhook: Webhook
    signed_id: str = ""


class HttpDoor:
    """``workspace``: whose a signed request is that does not say so."""

    def __init__(self, admission: Admission, database: Database, sealer: Sealer, clock: Clock, workspace: str) -> None:
        self._admission = admission
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._workspace = workspace

    async def admit(self, request: web.Request, body: bytes) -> Caller:
        """Raises Problem (401, 403, 409), StoreUnavailable."""
        if hdrs.AUTHORIZATION in request.headers:
            return await self.admit_token(request)
        if SIGNATURE in request.headers:
            return await self._admit_signed(request, body)
        raise unauthorized("unauthenticated", "A token of the system, or a signature, is needed")

    async def admit_token(self, request: web.Request) -> Caller:
        """By a token alone: what is not in a body is not signed. Raises Problem, StoreUnavailable."""
        shown = request.headers.get(hdrs.AUTHORIZATION, "")
        token = shown.removeprefix(BEARER) if shown.startswith(BEARER) else ""
        try:
            registered = (await self._admission.door(token)).system
        except RpcProblem as refused:
            if refused.status is Status.UNAUTHENTICATED:
                raise unauthorized(refused.code, refused.detail or "No token of a system") from refused
            raise
        if registered.name != request.match_info["system"]:
            raise Problem(HTTPStatus.FORBIDDEN, "foreign_system", "The token is another system's")
        if request.query.get("workspace", registered.workspace) != registered.workspace:
            raise Problem(HTTPStatus.FORBIDDEN, "foreign_workspace", "The token is another workspace's")
        async with self._database.read() as tx:
            webhook = await webhooks.load_webhook(tx, registered.workspace, registered.name)
        if webhook is None:
            raise Problem(HTTPStatus.CONFLICT, "no_webhook", "The system attends by stream")
        return Caller(_system(registered), webhook)

    async def _admit_signed(self, request: web.Request, body: bytes) -> Caller:
        """A system that is not there is refused like a wrong signature: it is not told who is."""
        workspace, name = request.query.get("workspace", self._workspace), request.match_info["system"]
        webhook, registered = None, None
        if len(workspace) <= LONGEST_NAME and len(name) <= LONGEST_NAME:
            async with self._database.read() as tx:
                webhook = await webhooks.load_webhook(tx, workspace, name)
                registered = await systems.load_registered(tx, workspace, name)
        try:
            keys = keys_of(webhook, self._sealer, self._clock()) if webhook else []
            signed_id = verify(keys, request.headers, body, self._clock())
        except SignatureRefused as refused:
            raise unauthorized(refused.code, "The signature is not good") from refused
        except Unsealable as error:
            raise unauthorized("secret_unsealable", "The system needs a new webhook secret") from error
        if webhook is None or registered is None:
            raise unauthorized("signature_wrong", "The signature is not good")
        return Caller(_system(registered), webhook, signed_id)


def _system(registered: Registered) -> System:
    return System(registered.workspace, registered.name, "", registered.agents, registered.all_agents)
