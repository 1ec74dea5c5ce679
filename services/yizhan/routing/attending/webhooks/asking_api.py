"""Requests of a system that is told by webhook: what it would ask for on a stream, one by one over HTTP."""

from http import HTTPStatus
from typing import Final

from aiohttp import web

from yizhan.core.messages.json_form import Json, MediaUrl
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http import Problem, bad_request, parsed_json, read_raw_json, unavailable
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.attending.carrying_out import LONGEST_ID, OUTCOME_UNKNOWN, TOO_LATE, Calls, CarryingOut
from yizhan.routing.attending.webhooks import asked
from yizhan.routing.attending.webhooks.couriers import Couriers
from yizhan.routing.attending.webhooks.door import Caller, HttpDoor
from yizhan.routing.attending.webhooks.shapes import assignment_json, stored_json
from yizhan.routing.attending.webhooks.transcripts import TranscriptAway, Transcripts
from yizhan.routing.matching.facts import Presence
from yizhan.routing.store import attending, systems, webhooks
from yizhan.routing.switchboard import Switchboard

KEY: Final = "Idempotency-Key"

CONFLICTS: Final = TOO_LATE | {OUTCOME_UNKNOWN, "agent_absent", "agent_full", "group_absent", "group_full"}
NOT_FOUND: Final = frozenset({"unknown_agent", "unknown_group", "unknown_conversation"})
LARGEST_SEQ: Final = 2**63 - 1


class AskingApi:
    """Of all systems that this process is asked by."""

    def __init__(
        self,
        *,
        door: HttpDoor,
        calls: Calls,
        couriers: Couriers,
        transcripts: Transcripts,
        switchboard: Switchboard,
        database: Database,
        clock: Clock,
        media_url: MediaUrl,
    ) -> None:
        self._door = door
        self._calls = calls
        self._couriers = couriers
        self._transcripts = transcripts
        self._switchboard = switchboard
        self._database = database
        self._clock = clock
        self._media_url = media_url
        self._under_way: set[tuple[str, str, str]] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/attend/v1/{system}", self.ask),
            web.get("/attend/v1/{system}/conversations/{id}/messages", self.messages),
        ]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Raises Problem, StoreUnavailable."""
        body = await read_raw_json(request)
        caller = await self._door.admit(request, body)
        wanted = parsed_json(body, asked.Request).root
        await self._heard_of(caller)
        if isinstance(wanted, asked.Heartbeat):
            await self._vouch(caller)
            return web.json_response({"present": await self._present(caller)})
        key = _key(request, caller, optional=isinstance(wanted, asked.Presence | asked.Typing))
        result = await self._result(caller, asked.to_proto(wanted, key))
        if isinstance(wanted, asked.Presence) and not result.code and wanted.state:
            await self._remember_presence(caller, wanted)
        return _answer(result)

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """Of a conversation that the system may read, after a seq. Raises Problem, StoreUnavailable."""
        caller = await self._door.admit_token(request)
        of, after = request.match_info["id"], _seq(request.query.get("after", "0"))
        workspace, name = caller.system.workspace, caller.system.name
        async with self._database.read() as tx:
            may = len(of) <= LONGEST_ID and await systems.may_read(tx, workspace, name, of, self._clock())
        if not may:
            raise Problem(HTTPStatus.FORBIDDEN, "foreign_conversation", "Not a conversation of this system's agents")
        try:
            found = await self._transcripts.messages(workspace, of, after)
        except TranscriptAway as away:
            raise unavailable() from away
        return web.json_response({"messages": [stored_json(one, self._media_url) for one in found]})

    async def _result(self, caller: Caller, request: pb.AttendRequest) -> pb.AttendResult:
        """Raises Problem where the same request is being carried out just now."""
        carrying_out = CarryingOut(self._calls, self._database, self._clock, caller.system)
        if not request.id or request.WhichOneof("kind") == "typing":
            return await carrying_out.answered(request)
        this = (caller.system.workspace, caller.system.name, request.id)
        if this in self._under_way:
            raise Problem(HTTPStatus.CONFLICT, "under_way", "The same request is being carried out", retry_after=1.0)
        self._under_way.add(this)
        try:
            return await carrying_out.once(request)
        finally:
            self._under_way.discard(this)

    async def _heard_of(self, caller: Caller) -> None:
        """Whoever asks is there: what waits for the end of a pause is posted now."""
        if caller.webhook.next_try_at is None:
            return
        async with self._database.begin() as tx:
            await webhooks.try_now(tx, caller.system.workspace, caller.system.name)
        self._couriers.wake(caller.system.workspace, caller.system.name)

    async def _vouch(self, caller: Caller) -> None:
        if not caller.webhook.present:
            return
        async with self._switchboard.shift(caller.system.workspace) as shift:
            await attending.hear_present(shift.tx, shift.workspace, sorted(caller.webhook.present), shift.now)
            await self._switchboard.dispatch(shift)

    async def _present(self, caller: Caller) -> list[str]:
        async with self._database.read() as tx:
            return list(await attending.counted_present(tx, caller.system.workspace, sorted(caller.webhook.present)))

    async def _remember_presence(self, caller: Caller, wanted: asked.Presence) -> None:
        there = wanted.state != Presence.OFFLINE.value
        async with self._database.begin() as tx:
            await webhooks.set_present(tx, caller.system.workspace, caller.system.name, wanted.agent_id, there=there)


def _key(request: web.Request, caller: Caller, *, optional: bool) -> str:
    """What a repetition is known by. Raises Problem."""
    key = caller.signed_id or request.headers.get(KEY, "")
    if not key and optional:
        return ""
    if not 0 < len(key) <= LONGEST_ID or not key.isascii() or not key.isprintable():
        raise bad_request("id_missing", f"{KEY} is needed: 1 to {LONGEST_ID} ASCII characters")
    return key


def _seq(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > LARGEST_SEQ:
        raise bad_request("after_invalid", "after must be a seq")
    return int(text)


def _answer(result: pb.AttendResult) -> web.Response:
    """Raises Problem for a refusal."""
    if result.code:
        raise _refusal(result)
    body: Json = {}
    if result.message_id:
        body["message_id"] = result.message_id
    if result.HasField("assignment"):
        body["assignment"] = assignment_json(result.assignment)
    return web.json_response(body)


def _refusal(result: pb.AttendResult) -> Problem:
    extras: Json = {"message_id": result.message_id} if result.message_id else {}
    title = result.detail or result.code
    if result.again:
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, result.code, title, retry_after=1.0, **extras)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if result.code in CONFLICTS:
        status = HTTPStatus.CONFLICT
    elif result.code in NOT_FOUND:
        status = HTTPStatus.NOT_FOUND
    elif result.code.startswith("foreign_"):
        status = HTTPStatus.FORBIDDEN
    return Problem(status, result.code, title, **extras)
